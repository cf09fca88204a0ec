"""Inputs of very many files are gone through without holding them as objects."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from google.protobuf import json_format
from python_pachyderm.proto.v2.pps import pps_pb2

from harness.pachd.pfs.keys import Commit, Repo
from harness.pachd.pps.datums import Source
from harness.pachd.pps.enumeration import enumerate_datums

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = 5_000


class Found(NamedTuple):
    path: str
    hash: bytes
    size: int = 0


def match(leaf: Any) -> tuple[Source, Iterator[Found]]:
    files = (Found(f"/{number:010}", number.to_bytes(32, "big")) for number in range(FILES))
    return Source(leaf, Commit(Repo("default", leaf.repo), ""), b""), files


def leaf(name: str) -> dict[str, Any]:
    return {"pfs": {"name": name, "repo": name, "glob": "/(*)", "join_on": "$1", "group_by": "$1"}}


@pytest.mark.parametrize(
    ("given", "most"),  # bytes for each file
    [
        (leaf("a"), 5),
        ({"cross": [leaf("a")]}, 300),
        ({"union": [leaf("a"), leaf("b")]}, 500),
        ({"join": [leaf("a"), leaf("b")]}, 600),
        ({"group": [leaf("a"), leaf("b")]}, 600),
    ],
    ids=["pfs", "cross", "union", "join", "group"],
)
def test_memory(given: dict[str, Any], most: int) -> None:
    tree = json_format.ParseDict(given, pps_pb2.Input())
    next(enumerate_datums(tree, match))  # and with it what is made once
    tracemalloc.start()
    try:
        count = sum(1 for _ in enumerate_datums(tree, match))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count >= FILES
    assert peak < most * FILES
