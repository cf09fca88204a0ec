"""Datums of inputs against a direct reading of Pachyderm's recipes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from python_pachyderm.proto.v2.pps import pps_pb2

from harness.pachd.pfs.keys import Commit, Repo, new_id
from harness.pachd.pps import inputs
from harness.pachd.pps.datums import Source
from harness.pachd.pps.enumeration import enumerate_datums
from harness.pachd.pps.keys import Pipeline

ID = new_id()


@dataclass(frozen=True)
class Found:
    path: str
    hash: bytes
    size: int = 0


names = st.text("abc", min_size=1, max_size=3)
paths = st.lists(names.map("/{}".format), max_size=4, unique=True).map(sorted)


@st.composite
def trees(draw: Any) -> tuple[Any, dict[str, list[str]]]:
    """An input of pfs leaves and crosses with distinct names, and the paths that each leaf matches."""
    matched: dict[str, list[str]] = {}

    def leaf() -> Any:
        name = f"{draw(names)}{len(matched)}"
        matched[name] = draw(paths)
        return pps_pb2.Input(pfs=pps_pb2.PFSInput(name=name, repo=draw(names), branch=draw(names), glob="/*"))

    def node(depth: int) -> Any:
        if depth == 0 or draw(st.booleans()):
            return leaf()
        return pps_pb2.Input(cross=[node(depth - 1) for _ in range(draw(st.integers(1, 3)))])

    return node(2), matched


def reference_id(parts: list[tuple[Any, str]]) -> str:
    data = b""
    for leaf, path in parts:
        for text in (leaf.name, leaf.repo, leaf.branch, path):
            data += text.encode() + len(text).to_bytes(8, "big")
    return hashlib.blake2b(data, digest_size=32).hexdigest()


def reference(tree: Any, matched: dict[str, list[str]]) -> list[list[tuple[Any, str]]]:
    if tree.HasField("pfs"):
        return [[(tree.pfs, path)] for path in matched[tree.pfs.name]]
    factors = [sorted(reference(child, matched), key=reference_id) for child in tree.cross]
    return [[part for parts in chosen for part in parts] for chosen in product(*factors)]


@given(trees())
def test_order_and_ids(case: tuple[Any, dict[str, list[str]]]) -> None:
    tree, matched = case

    def match(leaf: Any) -> tuple[Source, list[Found]]:
        return Source(leaf, Commit(Repo("default", leaf.repo), ID), b""), [
            Found(path, path.encode()) for path in matched[leaf.name]
        ]

    datums = list(enumerate_datums(tree, match))
    expected = reference(tree, matched)
    assert [datum.id for datum in datums] == [reference_id(parts) for parts in expected]
    assert [[part.path for part in datum.inputs] for datum in datums] == [[path for _, path in e] for e in expected]
    assert [datum.index for datum in datums] == list(range(len(expected)))
    for datum in datums:
        data = datum.id.encode() + b"".join(part.hash for part in datum.inputs) + b"salt"
        assert datum.hash("salt") == hashlib.blake2b(data, digest_size=32).hexdigest()


@given(st.lists(st.sampled_from(["", "a", "b"]), min_size=2, max_size=6))
def test_sorting_is_stable_and_by_explicit_names(given_names: list[str]) -> None:
    leaves = [
        pps_pb2.Input(pfs=pps_pb2.PFSInput(name=name, repo=f"r{number}", glob="/"))
        for number, name in enumerate(given_names)
    ]
    tree = pps_pb2.Input(cross=leaves)
    inputs.sort(tree)
    inputs.set_defaults(tree, Pipeline("default", "p"), 0)
    order = sorted(range(len(given_names)), key=lambda number: given_names[number])
    assert [child.pfs.repo for child in tree.cross] == [f"r{number}" for number in order]


def test_what_comes_out_the_same_is_one_datum() -> None:
    leaves = [pps_pb2.Input(pfs=pps_pb2.PFSInput(name="n", repo="r", glob="/*", group_by=key)) for key in "kl"]

    def match(leaf: Any) -> tuple[Source, list[Found]]:
        return Source(leaf, Commit(Repo("default", leaf.repo), ID), b""), [Found("/a", b"")]

    for kind in ("union", "group"):
        assert len(list(enumerate_datums(pps_pb2.Input(**{kind: leaves}), match))) == 1
