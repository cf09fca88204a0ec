"""Writing files into commits: which commit that is, and what the operations do."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
from grpc import StatusCode
from python_pachyderm.proto.v2.pfs import pfs_pb2

from tests.conformance.pfs.messages import add, get, head, into, paths

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ID = "0123456789ab4def0123456789abcdef"


class TestCommitOfAWrite:
    def test_a_write_to_a_branch_is_a_commit_of_its_own(self, client: Any, repo: str) -> None:
        client.put_file_bytes((repo, "master"), "/a", b"1")
        first = head(client, repo)
        client.put_file_bytes((repo, "master"), "/b", b"2")
        info = next(client.inspect_commit(head(client, repo)))
        assert (info.parent_commit.id, info.origin.kind) == (first.id, pfs_pb2.USER)
        assert info.HasField("finished")

    def test_writes_go_into_the_open_commit(self, client: Any, repo: str) -> None:
        with client.commit(repo, "master") as commit:
            client.put_file_bytes((repo, "master"), "/a", b"1")
            client.put_file_bytes(commit, "/b", b"2")
            assert head(client, repo).id == commit.id
            assert paths(client.list_file(commit, "/")) == ["/a", "/b"]
        assert len(list(client.list_commit(repo, all=True))) == 1

    def test_a_finished_commit_cannot_be_written_by_id(self, client: Any, repo: str, refused: Any) -> None:
        client.put_file_bytes((repo, "master"), "/a", b"1")
        id_ = head(client, repo).id
        with refused(StatusCode.UNKNOWN, f"commit default/{repo}@{id_} has already finished"):
            client.put_file_bytes((repo, id_), "/a", b"2")

    def test_targets_that_are_not_there(self, client: Any, repo: str, refused: Any) -> None:
        with refused(StatusCode.NOT_FOUND, f"commit default/{repo}@{ID} not found"):
            client.put_file_bytes((repo, ID), "/a", b"1")
        with refused(StatusCode.NOT_FOUND, "repo default/nobody not found"):
            client.put_file_bytes(("nobody", "master"), "/a", b"1")

    def test_finished_output_branches_take_no_writes(self, client: Any, new_repo: Any, refused: Any) -> None:
        source, output = new_repo("source"), new_repo("output")
        provenance = [pfs_pb2.Branch(repo=pfs_pb2.Repo(name=source, type="user"), name="master")]
        client.create_branch(output, "master", provenance=provenance)
        client.put_file_bytes((output, "master"), "/into-the-open-head", b"1")
        client.finish_commit((output, "master"))
        assert paths(client.list_file((output, "master"), "/")) == ["/into-the-open-head"]
        with refused(StatusCode.UNKNOWN, f"cannot start a commit on an output branch: default/{output}@master"):
            client.put_file_bytes((output, "master"), "/a", b"1")

    def test_a_stream_without_operations_is_an_empty_commit(self, client: Any, pfs: Any, repo: str) -> None:
        pfs.ModifyFile(iter([into(repo)]))
        pfs.ModifyFile(iter([into(repo)]))
        assert len(list(client.list_commit(repo))) == 2

    def test_a_stream_that_fails_leaves_nothing(self, client: Any, pfs: Any, repo: str, refused: Any) -> None:
        def stream() -> Iterator[Any]:
            yield from (into(repo), add("/a", b"1"), into(repo))

        with refused(StatusCode.UNKNOWN, "cannot set commit"):
            pfs.ModifyFile(stream())
        assert list(client.list_branch(repo)) == []

    def test_a_stream_begins_with_the_commit(self, pfs: Any, repo: str, refused: Any) -> None:
        for stream in ([], [add("/a")]):
            with refused(StatusCode.UNKNOWN, "first message must be a commit"):
                pfs.ModifyFile(iter(stream))
        with refused(StatusCode.UNKNOWN, "unrecognized message type"):
            pfs.ModifyFile(iter([into(repo), pfs_pb2.ModifyFileRequest()]))


class TestOperations:
    def test_put_replaces_and_append_extends(self, client: Any, repo: str) -> None:
        where = (repo, "master")
        client.put_file_bytes(where, "/a", b"one")
        client.put_file_bytes(where, "/a", b"two")
        assert client.get_file(where, "/a").read() == b"two"
        client.put_file_bytes(where, "/a", b"three", append=True)
        assert client.get_file(where, "/a").read() == b"twothree"

    def test_messages_for_several_paths_may_be_interleaved(self, client: Any, pfs: Any, repo: str) -> None:
        pieces = [add(path, f"{number},".encode()) for number in range(100) for path in ("/a", "/b")]
        pfs.ModifyFile(iter([into(repo), *pieces]))
        expected = "".join(f"{number}," for number in range(100)).encode()
        assert client.get_file((repo, "master"), "/a").read() == expected
        assert client.get_file((repo, "master"), "/b").read() == expected

    def test_a_file_of_many_lines(self, client: Any, repo: str, tmp_path: Path) -> None:
        lines = b"".join(b"%d\n" % number for number in range(5000))
        (tmp_path / "lines").write_bytes(lines)
        with client.modify_file_client((repo, "master")) as changes:
            changes.put_file_from_filepath("/lines", str(tmp_path / "lines"))
        client.put_file_bytes((repo, "master"), "/whole", lines)
        line_by_line, whole = client.list_file((repo, "master"), "/")
        assert line_by_line.hash == whole.hash
        assert line_by_line.size_bytes == len(lines)

    def test_a_large_file(self, client: Any, repo: str) -> None:
        data = random.Random(1).randbytes(40 * 2**20)  # several messages  # noqa: S311 -- not a secret
        client.put_file_bytes((repo, "master"), "/large", data)
        assert client.get_file((repo, "master"), "/large").read() == data

    def test_deleting_a_file_leaves_a_directory_alone(self, client: Any, tree: Any) -> None:
        client.delete_file(tree, "/a")
        assert paths(client.list_file(tree, "/")) == ["/a.txt", "/a/", "/z"]
        client.delete_file(tree, "/a/y")
        client.delete_file(tree, "/missing")
        assert paths(client.walk_file(tree, "/a")) == ["/a/", "/a/b/", "/a/b/x"]

    def test_a_trailing_slash_deletes_what_is_below(self, client: Any, tree: Any) -> None:
        client.delete_file(tree, "/a/b/")
        assert paths(client.list_file(tree, "/a")) == ["/a/y"]
        client.delete_file(tree, "/")
        assert list(client.list_file(tree, "/")) == []

    def test_datums_are_files_of_their_own(self, client: Any, pfs: Any, repo: str, refused: Any) -> None:
        with client.commit(repo, "master") as commit:
            client.put_file_bytes(commit, "/a", b"1", datum="x")
            client.delete_file(commit, "/a")
            assert client.inspect_file(commit, "/a").file.datum == "x"
            client.put_file_bytes(commit, "/a", b"2")
        info = next(client.inspect_commit(commit))
        assert info.error == "duplicate path output by different datums (/a from default and /a from x)"
        with refused(StatusCode.UNKNOWN, "matched multiple files. Use GetFileTAR instead"):
            get(pfs, commit, "/a")

    def test_a_file_cannot_be_a_directory_too(self, client: Any, repo: str) -> None:
        with client.commit(repo, "master") as commit:
            client.put_file_bytes(commit, "/foo", b"1")
            client.put_file_bytes(commit, "/foo.txt", b"1")
            client.put_file_bytes(commit, "/foo/bar", b"2")
        assert next(client.inspect_commit(commit)).error == "file / directory path collision (/foo/bar)"

    @pytest.mark.parametrize(
        ("path", "text"),
        [
            ("", "path () invalid: only printable ASCII characters allowed"),
            ("/ä", "path (/ä) invalid: only printable ASCII characters allowed"),
            ("/a*", "path (/a*) invalid: globbing character (*) not allowed in path"),
            ("/a/../b", "path (/a/../b) invalid: relative file paths are not allowed"),
        ],
    )
    def test_bad_paths(self, client: Any, repo: str, refused: Any, path: str, text: str) -> None:
        with refused(StatusCode.UNKNOWN, text):
            client.put_file_bytes((repo, "master"), path, b"")
