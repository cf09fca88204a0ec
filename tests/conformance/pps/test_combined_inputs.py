"""Section 9: what the datums of pfs, cross, union, join and group inputs are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.pps.input_specs import create, datums, parts, pfs

if TYPE_CHECKING:
    from tests.conformance.pps.conftest import Lab


@pytest.fixture
def files(lab: Lab) -> Lab:
    """Two repos of readings by month and station."""
    lab.put("a", {"/1-x": "a1x", "/2-x": "a2x", "/2-y": "a2y", "/dir/deep/f": "f"})
    lab.put("b", {"/2-z": "b2z", "/3-z": "b3z"})
    return lab


@pytest.mark.parametrize(
    ("glob", "expected"),
    [
        ("/", ["a/"]),
        ("/*", ["a/1-x", "a/2-x", "a/2-y", "a/dir/"]),
        ("/*/*", ["a/dir/deep/"]),
        ("/**", ["a/1-x", "a/2-x", "a/2-y", "a/dir/", "a/dir/deep/", "a/dir/deep/f"]),
        ("/dir/*", ["a/dir/deep/"]),
        ("/2-y", ["a/2-y"]),
        ("/nothing", []),
    ],
)
def test_9_1_globs(files: Lab, pps: Any, glob: str, expected: list[str]) -> None:
    assert datums(pps, pfs("a", glob)) == expected


def test_9_1_an_empty_commit_has_no_datums(lab: Lab, pps: Any) -> None:
    lab.put("a", {})
    assert datums(pps, pfs("a", "/")) == []


def test_9_3_cross(files: Lab, pps: Any) -> None:
    months = pfs("a", "/2*")
    assert datums(pps, {"cross": [months, pfs("b")]}) == ["a/2-x b/2-z", "a/2-x b/3-z", "a/2-y b/2-z", "a/2-y b/3-z"]
    assert datums(pps, {"cross": [months, pfs("b", "/nothing")]}) == []


def test_9_4_union(files: Lab, pps: Any) -> None:
    assert datums(pps, {"union": [pfs("a", "/2*"), pfs("b", "/3*")]}) == ["a/2-x", "a/2-y", "b/3-z"]
    assert datums(pps, {"union": [pfs("a", "/2*"), pfs("a", "/*-x")]}) == ["a/1-x", "a/2-x", "a/2-y"]


def joined(repo: str, glob: str = "/(*)-*", **fields: Any) -> dict[str, Any]:
    return pfs(repo, glob, join_on="$1", **fields)


def test_9_5_inner_join(files: Lab, pps: Any) -> None:
    assert datums(pps, {"join": [joined("a"), joined("b")]}) == ["a/2-x b/2-z", "a/2-y b/2-z"]


def test_9_5_outer_join(files: Lab, pps: Any) -> None:
    left, right = joined("a", outer_join=True), joined("b", outer_join=True)
    assert datums(pps, {"join": [left, joined("b")]}) == ["a/1-x", "a/2-x b/2-z", "a/2-y b/2-z"]
    assert datums(pps, {"join": [left, right]}) == ["a/1-x", "a/2-x b/2-z", "a/2-y b/2-z", "b/3-z"]


def test_9_5_without_a_key_everything_joins_everything(files: Lab, pps: Any) -> None:
    given = {"join": [pfs("a", "/2*"), pfs("b")]}
    assert datums(pps, given) == ["a/2-x b/2-z", "a/2-x b/3-z", "a/2-y b/2-z", "a/2-y b/3-z"]


def test_9_5_a_joined_cross_comes_apart(files: Lab, pps: Any) -> None:
    lab, crossed = files, {"cross": [joined("a", "/(2)-*"), pfs("b", "/(3)-*", join_on="$1")]}
    lab.put("c", {"/2": "", "/3": ""})
    assert datums(pps, {"join": [crossed, pfs("c", "/(*)", join_on="$1")]}) == [
        "a/2-x c/2",
        "a/2-y c/2",
        "b/3-z c/3",
    ]


def test_9_6_group(files: Lab, pps: Any) -> None:
    by_month = [pfs("a", "/(*)-*", group_by="$1"), pfs("b", "/(*)-*", group_by="$1")]
    assert datums(pps, {"group": by_month}) == ["a/1-x", "a/2-x a/2-y b/2-z", "b/3-z"]
    assert datums(pps, {"group": [pfs("a", "/*-*"), pfs("b")]}) == ["a/1-x a/2-x a/2-y b/2-z b/3-z"]


def test_9_6_grouping_a_join_repeats_files(files: Lab, pps: Any) -> None:
    a, b = joined("a", group_by="all"), joined("b", group_by="all")
    (found,) = datums(pps, {"group": [{"join": [a, b]}]})
    assert sorted(found.split()) == ["a/2-x", "a/2-y", "b/2-z", "b/2-z"]


def test_user_code_sees_the_keys_and_the_files_of_a_group(files: Lab) -> None:
    given = {"group": [pfs("a", "/(*)-*", group_by="$1"), pfs("b", "/(*)-(*)", group_by="${1}", join_on="$2$1")]}
    script = (
        'cat $(find /pfs/a /pfs/b -type f 2>/dev/null | sort) > "/pfs/out/$PACH_DATUM_a_GROUP_BY$PACH_DATUM_b_JOIN_ON";'
        'echo ":$a" | sed "s/:$//" >> "/pfs/out/$PACH_DATUM_a_GROUP_BY$PACH_DATUM_b_JOIN_ON"'
    )
    create(files, given, script)
    assert files.progress("p") == "SUCCESS 3+0/3"
    assert files.files("p") == {
        "/1": "a1x:/pfs/a/1-x\n",
        "/2z2": "a2xa2yb2z:/pfs/a/2-y\n",
        "/z3": "b3z\n",
    }


def test_only_the_groups_that_changed_run_again(files: Lab) -> None:
    create(files, {"group": [pfs("a", "/(*)-*", group_by="$1"), pfs("b", "/(*)-*", group_by="$1")]})
    assert files.progress("p") == "SUCCESS 3+0/3"
    files.put("b", {"/2-z": "changed"})
    assert files.progress("p") == "SUCCESS 1+2/3"
    files.put("b", {"/1-z": "more"})
    assert files.progress("p") == "SUCCESS 1+2/3"
    seen = {parts(info) for info in files.client.list_datum("p", files.newest("p"))}
    assert seen == {"a/1-x b/1-z", "a/2-x a/2-y b/2-z", "b/3-z"}


def test_a_branch_of_a_union_is_all_that_its_datums_see(files: Lab) -> None:
    given = {"union": [pfs("a", "/2-x", name="in"), pfs("b", "/3*", name="in"), pfs("b", "/2*", name="other")]}
    create(files, given, 'ls -d /pfs/in /pfs/other 2>/dev/null > /pfs/out/$(basename "$in$other"); true')
    assert files.progress("p") == "SUCCESS 3+0/3"
    assert files.files("p") == {"/2-x": "/pfs/in\n", "/2-z": "/pfs/other\n", "/3-z": "/pfs/in\n"}


def test_a_meta_commit_keeps_every_file_of_a_group(files: Lab) -> None:
    job = create(files, {"group": [pfs("a", "/2-*"), pfs("b", "/2-*")]})
    assert files.progress("p", job) == "SUCCESS 1+0/1"
    (info,) = files.client.list_datum("p", job)
    detailed = files.client.inspect_datum("p", job, info.datum.id)
    commit, folder = detailed.pfs_state.commit, detailed.pfs_state.path
    found = {file.file.path.removeprefix(folder) for file in files.client.walk_file(commit, folder)}
    assert {"/a/2-x", "/a/2-y", "/b/2-z", "/.env"} <= found


def test_a_repo_may_be_read_twice(files: Lab) -> None:
    given = {"cross": [pfs("a", "/1-x", name="one"), pfs("a", "/2-*", name="two")]}
    create(files, given, 'echo "$one $two $one_COMMIT" > "/pfs/out/$(basename "$two")"')
    assert files.progress("p") == "SUCCESS 2+0/2"
    head = files.client.inspect_branch("a", "master").head.id
    assert files.files("p") == {f"/2-{end}": f"/pfs/one/1-x /pfs/two/2-{end} {head}\n" for end in "xy"}
