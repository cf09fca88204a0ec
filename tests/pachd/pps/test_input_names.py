"""Inputs whose files would lie somewhere else than in a directory of their own under ``/pfs``."""

from __future__ import annotations

import pytest
from python_pachyderm.proto.v2.pps import pps_pb2

from harness.pachd.errors import PachError
from harness.pachd.pps import input_rules
from harness.pachd.pps.keys import Pipeline


def named(name: str) -> pps_pb2.Input:
    return pps_pb2.Input(pfs=pps_pb2.PFSInput(name=name, repo="r", branch="master", glob="/"))


@pytest.mark.parametrize("name", ["..", ".", "../x", "/abs", "a/b", "a=b", "a\nb", "a\0", "é" * 128, ".scratch"])
def test_refused(name: str) -> None:
    with pytest.raises(PachError, match=r"^input cannot be named "):
        input_rules.check(named(name), Pipeline("default", "p"))


@pytest.mark.parametrize("name", ["a", "a b", "..a", "a-b_c.d", "é" * 127])
def test_taken(name: str) -> None:
    input_rules.check(named(name), Pipeline("default", "p"))
