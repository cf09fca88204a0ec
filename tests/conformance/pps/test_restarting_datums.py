"""RestartDatum: a datum that hangs is tried again."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from python_pachyderm.proto.v2.pps import pps_pb2

from tests.conformance.pps.conftest import SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conformance.pps.conftest import Lab

HANGING = "sleep 600 > /dev/null"


def begin(lab: Lab, script: str, tries: int) -> tuple[str, Any]:
    """A job whose datum /a runs; its id, and the lines of its log."""
    lab.put("data", {"/a": "text"})
    id_ = lab.create("p", script, ("data", "/*"), datum_tries=tries, datum_timeout={"seconds": SECONDS})
    lines = lab.client.get_job_logs("p", id_, follow=True)
    next(line for line in lines if line.user and line.message == "hangs")
    return id_, lines


def by_path(_hash: bytes) -> list[str]:
    return ["/a"]


def by_hash(hash_: bytes) -> list[str]:
    return ["/a", hash_.hex()]


def by_base64(hash_: bytes) -> list[str]:
    return [base64.b64encode(hash_).decode()]


@pytest.mark.parametrize("filters", [by_path, by_hash, by_base64])
def test_the_next_try_may_succeed(lab: Lab, tmp_path: Any, filters: Callable[[bytes], list[str]]) -> None:
    once = f"mkdir -p {tmp_path}; if mkdir {tmp_path}/once; then echo hangs; {HANGING}; fi; cp $data /pfs/out/"
    id_, _ = begin(lab, once, tries=2)
    file = lab.client.inspect_file(("data", "master"), "/a")
    lab.client.restart_datum("p", id_, filters(file.hash))
    assert lab.progress("p", id_) == "SUCCESS 1+0/1"
    assert lab.wait("p", id_).restart == 0
    assert lab.files("p") == {"/a": "text"}


def test_it_costs_a_try(lab: Lab) -> None:
    id_, lines = begin(lab, f"echo hangs; {HANGING}", tries=2)
    lab.client.restart_datum("p", id_)
    next(line for line in lines if line.user and line.message == "hangs")
    lab.client.restart_datum("p", id_)
    assert lab.progress("p", id_) == "FAILURE 0+0/1"
    [datum] = lab.client.list_datum("p", id_)
    assert datum.state == pps_pb2.FAILED


def test_a_datum_that_does_not_run(lab: Lab) -> None:
    id_, _ = begin(lab, f"echo hangs; {HANGING}", tries=1)
    with pytest.raises(grpc.RpcError) as caught:
        lab.client.restart_datum("p", id_, ["/a", "/b"])
    assert caught.value.details() == f"datum matching filter [/a /b] could not be found for job ID {id_}"
    lab.client.stop_job(id_, "p")
    with pytest.raises(grpc.RpcError, match=rf"datum matching filter \[\] could not be found for job ID {id_}"):
        lab.client.restart_datum("p", id_)
    with pytest.raises(grpc.RpcError, match=r"jobs default/q@.* not found"):
        lab.client.restart_datum("q", id_)
