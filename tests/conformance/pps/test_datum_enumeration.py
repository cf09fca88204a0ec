"""Datums of inputs nested at will in small repos: what ListDatum says against a model of the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from tests.conformance.pps import datum_model
from tests.conformance.pps.input_specs import create, listed, pfs

if TYPE_CHECKING:
    from tests.conformance.pps.conftest import Lab

REPOS = ("a", "b")

elements = st.sampled_from(["a", "b", "ab", "a-b", "b-a", "c-c"])
files = st.lists(elements, min_size=1, max_size=2).map(lambda names: "/" + "/".join(names))


def _consistent(paths: list[str]) -> list[str]:
    """Without the files below which there are others."""
    return [path for path in paths if not any(other.startswith(f"{path}/") for other in paths)]


contents = st.lists(files, max_size=5, unique=True).map(_consistent)


@st.composite
def inputs(draw: Any, depth: int = 2, kinds: tuple[str, ...] = ("cross", "union", "join", "group")) -> dict[str, Any]:
    """An input of leaves and combinations. Below a group there are no joins and groups: their order is nobody's."""
    if depth == 0 or draw(st.booleans()):
        return dict(draw(leaves))
    kind = draw(st.sampled_from(kinds))
    below = ("cross", "union") if kind == "group" else kinds
    return {kind: draw(st.lists(inputs(depth=depth - 1, kinds=below), min_size=1, max_size=3))}


keys = st.sampled_from(["", "$1", "${1}", "$2", "$2-$1", "k"])
leaves = st.builds(
    pfs,
    st.sampled_from(REPOS),
    st.sampled_from(sorted(datum_model.GLOBS)),
    name=st.sampled_from(["x", "y"]),
    join_on=keys,
    group_by=keys,
    outer_join=st.booleans(),
)


@pytest.fixture
def two_repos(lab: Lab) -> Lab:
    for repo in REPOS:
        lab.client.create_repo(repo)
    return lab


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(
    repos={"a": ["/a", "/ab", "/b"], "b": ["/a", "/b"]},  # of a union's children, one after the other comes
    tree={"group": [{"union": [pfs("a"), pfs("b", "/(*)"), pfs("a", "/")]}]},
)
@given(repos=st.fixed_dictionaries(dict.fromkeys(REPOS, contents)), tree=inputs())
def test_inputs_come_to_the_datums_that_the_rules_give(
    two_repos: Lab, pps: Any, repos: dict[str, list[str]], tree: dict[str, Any]
) -> None:
    try:
        expected = datum_model.datums(tree, repos)
    except datum_model.AmbiguousError:
        assume(False)
    for repo, paths in repos.items():
        with two_repos.client.commit(repo, "master") as commit:
            two_repos.client.delete_file(commit, "/")
            for path in paths:
                two_repos.client.put_file_bytes(commit, path, b"")
    found = [
        (info.datum.id, [(file.file.commit.branch.repo.name, file.file.path) for file in info.data])
        for info in listed(pps, tree)
    ]
    assert found == list(expected.items())


def test_a_job_has_the_datums_that_its_input_lists(lab: Lab, pps: Any) -> None:
    repos = {"a": ["/1-x", "/1-y", "/2-x"], "b": ["/1-z", "/3-z"]}
    for repo, paths in repos.items():
        lab.put(repo, dict.fromkeys(paths, ""))
    joined = [pfs(repo, "/(*)-(*)", name=f"j{repo}", join_on="$1", outer_join=True) for repo in "ab"]
    grouped = [pfs(repo, "/(*)-(*)", name=f"g{repo}", group_by="$2") for repo in "ab"]
    given = {"cross": [{"group": grouped}, {"union": [{"join": joined}, pfs("a", "/", name="ja")]}]}
    job = create(lab, given)
    expected = datum_model.datums(given, repos)
    assert lab.progress("p", job) == f"SUCCESS {len(expected)}+0/{len(expected)}"
    assert [info.datum.id for info in lab.client.list_datum("p", job)] == list(expected)
    assert [info.datum.id for info in listed(pps, given)] == list(expected)
