"""Inputs in a few words, and what they come to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import json_format
from python_pachyderm.proto.v2.pps import pps_pb2

if TYPE_CHECKING:
    from tests.conformance.pps.conftest import Lab

Spec = dict[str, Any]


def pfs(repo: str, glob: str = "/*", **fields: Any) -> Spec:
    """A pfs input as in a spec file."""
    return {"pfs": {"repo": repo, "glob": glob, **fields}}


def message(spec: Spec) -> Any:
    """The ``pps_v2.Input`` of a spec."""
    return json_format.ParseDict(spec, pps_pb2.Input())


def request(given: Spec, shell: str = "true", name: str = "p", **fields: Any) -> Any:
    """A CreatePipelineRequest for a shell script over an input."""
    spec = {
        "pipeline": {"name": name},
        "transform": {"cmd": ["sh"], "stdin": [shell], "image": "ubuntu:20.04"},
        "input": given,
        **fields,
    }
    return json_format.ParseDict(spec, pps_pb2.CreatePipelineRequest())


def create(lab: Lab, given: Spec, shell: str = "true", **fields: Any) -> str:
    """Make pipeline ``p``; returns the id of its job."""
    lab.client.create_pipeline_from_request(request(given, shell, **fields))
    return lab.newest("p")


def parts(info: Any) -> str:
    """``repo/path repo/path`` of a datum's inputs, in order."""
    return " ".join(f"{file.file.commit.branch.repo.name}{file.file.path}" for file in info.data)


def listed(pps: Any, given: Spec, **fields: Any) -> list[Any]:
    """What ListDatum says of an input without a job."""
    return list(pps.ListDatum(pps_pb2.ListDatumRequest(input=message(given), **fields)))


def datums(pps: Any, given: Spec) -> list[str]:
    """The :func:`parts` of all datums of an input, sorted."""
    return sorted(map(parts, listed(pps, given)))
