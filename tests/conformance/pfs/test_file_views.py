"""What each call that reads shows of directories, empty commits, pages, datums, and commits that are not finished."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from grpc import StatusCode
from python_pachyderm.proto.v2.pfs import pfs_pb2

from tests.conformance.pfs.messages import add, branch, get, head, into, paths


def tar(pfs: Any, commit: Any, path: str) -> list[Any]:
    return list(pfs.GetFileTAR(pfs_pb2.GetFileRequest(file=pfs_pb2.File(commit=commit, path=path))))


class TestPages:
    """A marker is left out, as is what comes before it; ``reverse`` gives the last ones, from behind."""

    ALL = ("/", "/a.txt", "/a/", "/a/b/", "/a/b/x", "/a/y", "/z")

    @pytest.mark.parametrize(
        ("marker", "number", "reverse", "expected"),
        [
            ("", 0, False, ALL),
            ("", 3, False, ALL[:3]),
            ("/a.txt", 0, False, ALL[2:]),
            ("/a/", 2, False, ALL[3:5]),
            ("/z", 0, False, ()),
            ("", 2, True, ALL[:-3:-1]),
            ("/a/y", 2, True, ("/a/b/x", "/a/b/")),
            ("/a.txt", 9, True, ("/",)),
        ],
    )
    def test_a_walk(self, client: Any, tree: Any, marker: str, number: int, reverse: bool, expected: Any) -> None:
        file = pfs_pb2.File(path=marker) if marker else None
        found = client.walk_file(tree, "/", pagination_marker=file, number=number, reverse=reverse)
        assert tuple(paths(found)) == expected

    @pytest.mark.parametrize(
        ("marker", "number", "reverse", "expected"),
        [
            ("/a.txt", 0, False, ["/a/", "/z"]),
            ("/a/", 0, False, ["/z"]),
            ("/z", 1, True, ["/a/"]),
            ("/a/", 5, True, ["/a.txt"]),
        ],
    )
    def test_a_list(self, client: Any, tree: Any, marker: str, number: int, reverse: bool, expected: Any) -> None:
        file = pfs_pb2.File(path=marker)
        found = client.list_file(tree, "/", pagination_marker=file, number=number, reverse=reverse)
        assert paths(found) == expected

    def test_limits_are_those_of_both_calls(self, client: Any, tree: Any, refused: Any) -> None:
        for call in (client.list_file, client.walk_file):
            with refused(StatusCode.UNKNOWN, "number must be > 0 when reverse is true"):
                list(call(tree, "/", reverse=True))
            with refused(StatusCode.UNKNOWN, "cannot return more than 100000 files at a time"):
                list(call(tree, "/", number=100_001))
            assert list(call(tree, "/", number=100_000)) == list(call(tree, "/"))


class TestDatums:
    def test_files_of_one_datum(self, client: Any, pfs: Any, repo: str) -> None:
        commit = client.start_commit(repo, "master")
        files = [add("/a", b"1", "x"), add("/a", b"22", "y"), add("/b", b"3", "x"), add("/c", b"4", "y")]
        pfs.ModifyFile(iter([into(repo), *files]))
        assert get(pfs, commit, "/c") == b"4"
        request = pfs_pb2.GetFileRequest(file=pfs_pb2.File(commit=commit, path="/a", datum="y"))
        assert b"".join(piece.value for piece in pfs.GetFile(request)) == b"22"
        assert client.inspect_file(commit, "/a", datum="y").size_bytes == 2
        assert paths(client.list_file(commit, "/", datum="y", number=2)) == ["/a", "/c"]
        assert paths(client.walk_file(commit, "/a", datum="x")) == ["/a"]

    def test_the_tag_may_be_any_text(self, client: Any, pfs: Any, repo: str) -> None:
        tags = sorted(["", "a/b*", "\n", "é", "nul\0nul"])
        pfs.ModifyFile(iter([into(repo), *(add(f"/{number}", b"1", tag) for number, tag in enumerate(tags))]))
        found = [info.file.datum for info in client.list_file((repo, "master"), "/")]
        assert found == [tag or "default" for tag in tags]

    def test_a_deletion_is_of_one_datum_and_of_a_directory_of_all(self, client: Any, pfs: Any, repo: str) -> None:
        commit = client.start_commit(repo, "master")
        pfs.ModifyFile(iter([into(repo), add("/d/a", b"1", "x"), add("/d/a", b"2")]))
        client.delete_file(commit, "/d/a")
        assert [info.file.datum for info in client.list_file(commit, "/d")] == ["x"]
        client.delete_file(commit, "/d/")
        assert list(client.walk_file(commit, "/")) == []

    def test_a_path_of_two_datums_is_no_one_file(self, client: Any, pfs: Any, repo: str, refused: Any) -> None:
        commit = client.start_commit(repo, "master")
        pfs.ModifyFile(iter([into(repo), add("/a", b"1", "x"), add("/a", b"2", "y")]))
        with refused(StatusCode.UNKNOWN, "matched multiple files. Use GetFileTAR instead"):
            get(pfs, commit, "/a")


class TestOneFile:
    def test_a_directory_among_the_matches(self, pfs: Any, tree: Any, refused: Any) -> None:
        commit = into(tree[0]).set_commit
        for pattern in ("/", "/a", "/a/", "/a*", "/**"):
            with refused(StatusCode.UNKNOWN, "cannot get directory or non-regular file. Use GetFileTAR instead"):
                get(pfs, commit, pattern)
        with refused(StatusCode.UNKNOWN, "matched multiple files. Use GetFileTAR instead"):
            get(pfs, commit, "/{a.txt,z}")

    def test_slashes_do_not_matter_where_one_path_is_named(self, client: Any, tree: Any) -> None:
        for path in ("z", "/z", "/z/", "//z"):
            assert client.inspect_file(tree, path).file.path == "/z"
        for path in ("a", "/a", "/a/", "//a//"):
            assert client.inspect_file(tree, path).file.path == "/a/"
            assert paths(client.list_file(tree, path)) == ["/a/b/", "/a/y"]
        for path in ("", "/"):
            assert client.inspect_file(tree, path).file.path == "/"

    def test_what_inspect_is_told_is_no_glob(self, client: Any, tree: Any) -> None:
        assert not client.path_exists(tree, "/*")

    def test_the_reference_is_named_as_it_was_given(self, client: Any, tree: Any, refused: Any) -> None:
        repo, _ = tree
        commit = pfs_pb2.Commit(branch=branch(repo, ""), id="master.1")
        with refused(StatusCode.NOT_FOUND, f"file no not found in repo default/{repo} at commit master.1"):
            client.inspect_file(commit, "no")
        found = client.inspect_file(commit, "z").file.commit
        assert (found.id, found.branch.name) == (head(client, repo).id, "master")


class TestUnfinished:
    def test_an_empty_commit_has_no_root(self, client: Any, pfs: Any, repo: str, refused: Any) -> None:
        commit = client.start_commit(repo, "master")
        missing = f"file / not found in repo default/{repo} at commit {commit.id}"
        for call in (lambda: client.inspect_file(commit, "/"), lambda: get(pfs, commit, "/")):
            with refused(StatusCode.NOT_FOUND, missing):
                call()
        with refused(StatusCode.NOT_FOUND, missing):
            tar(pfs, commit, "/")
        for nothing in (
            client.list_file(commit, "/"),
            client.walk_file(commit, "/"),
            client.glob_file(commit, "/"),
            client.diff_file(commit, "/"),
        ):
            assert list(nothing) == []

    def test_below_an_open_commit_nothing_can_be_read(self, client: Any, pfs: Any, new_repo: Any, refused: Any) -> None:
        source, output = new_repo("source"), new_repo("output")
        client.create_branch(output, "master", provenance=[branch(source)])
        older = head(client, output)
        client.put_file_bytes((source, "master"), "/a", b"1")
        younger = head(client, output)
        text = f"base commit default/{output}@{older.id} for commit default/{output}@{younger.id} unfinished"
        for call in (
            lambda: client.inspect_file(younger, "/"),
            lambda: list(client.list_file(younger, "/")),
            lambda: list(client.walk_file(younger, "/")),
            lambda: list(client.glob_file(younger, "/")),
            lambda: list(client.diff_file(younger, "/")),
            lambda: get(pfs, younger, "/"),
            lambda: tar(pfs, younger, "/"),
            lambda: client.copy_file(younger, "/", (source, "other"), "/"),
        ):
            with refused(StatusCode.UNKNOWN, text):
                call()

    def test_a_finishing_commit_is_read_when_it_is_finished(self, client: Any, new_repo: Any) -> None:
        source, output = new_repo("source"), new_repo("output")
        client.create_branch(output, "master", provenance=[branch(source)])
        older = head(client, output)
        client.put_file_bytes((source, "master"), "/a", b"1")
        younger = head(client, output)
        client.finish_commit(younger)
        with ThreadPoolExecutor(1) as pool:
            reading = pool.submit(lambda: paths(client.list_file(younger, "/")))
            client.put_file_bytes(older, "/from-below", b"1")
            client.finish_commit(older)
            assert reading.result() == ["/from-below"]
