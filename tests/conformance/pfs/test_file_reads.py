"""Reading files: infos, orders, pages, globs, bytes, tars and differences."""

from __future__ import annotations

import io
import tarfile
from typing import Any

import grpc
import pytest
from grpc import StatusCode
from python_pachyderm.proto.v2.pfs import pfs_pb2

from tests.conformance.pfs.messages import get, head, into, paths


class TestReading:
    def test_file_infos(self, client: Any, tree: Any) -> None:
        repo, _ = tree
        info = client.inspect_file(tree, "a/b/x")
        commit = next(client.inspect_commit(head(client, repo)))
        assert (info.file.path, info.file.datum, info.file_type) == ("/a/b/x", "default", pfs_pb2.FILE)
        assert (info.size_bytes, len(info.hash)) == (6, 32)
        assert info.committed == commit.finishing
        assert (info.file.commit.id, info.file.commit.repo.name) == (commit.commit.id, repo)
        directory = client.inspect_file(tree, "/a/")
        assert (directory.file.path, directory.file.datum, directory.file_type) == ("/a/", "", pfs_pb2.DIR)
        assert directory.size_bytes == 6 + 4

    def test_infos_of_open_commits_have_no_time(self, client: Any, repo: str) -> None:
        commit = client.start_commit(repo, "master")
        client.put_file_bytes(commit, "/a", b"1")
        assert not client.inspect_file(commit, "/a").HasField("committed")

    def test_the_order_of_paths(self, client: Any, tree: Any) -> None:
        assert paths(client.list_file(tree, "/")) == ["/a.txt", "/a/", "/z"]
        assert paths(client.walk_file(tree, "/")) == ["/", "/a.txt", "/a/", "/a/b/", "/a/b/x", "/a/y", "/z"]
        assert paths(client.list_file(tree, "/z")) == ["/z"]

    def test_pages(self, client: Any, tree: Any, refused: Any) -> None:
        marker = pfs_pb2.File(path="/a.txt")
        assert paths(client.list_file(tree, "/", number=1, pagination_marker=marker)) == ["/a/"]
        assert paths(client.list_file(tree, "/", number=2, reverse=True)) == ["/z", "/a/"]
        assert paths(client.walk_file(tree, "/", number=2)) == ["/", "/a.txt"]
        with refused(StatusCode.UNKNOWN, "number must be > 0 when reverse is true"):
            list(client.list_file(tree, "/", reverse=True))
        with refused(StatusCode.UNKNOWN, "cannot return more than 100000 files at a time"):
            list(client.walk_file(tree, "/", number=100_001))

    def test_globs(self, client: Any, tree: Any) -> None:
        assert paths(client.glob_file(tree, "/*")) == ["/a.txt", "/a/", "/z"]
        assert paths(client.glob_file(tree, "**/{x,y}")) == ["/a/b/x", "/a/y"]
        assert paths(client.glob_file(tree, "/")) == ["/"]
        assert paths(client.glob_file(tree, "/none*")) == []
        for every in ("*/*", "a/*", "/a/*/"):
            assert paths(client.glob_file(tree, every)) == ["/a/b/", "/a/y"]
        assert paths(client.glob_file(tree, "**")) == ["/a.txt", "/a/", "/a/b/", "/a/b/x", "/a/y", "/z"]
        assert paths(client.glob_file(tree, "**.txt")) == paths(client.glob_file(tree, "/a[.]*")) == ["/a.txt"]
        assert paths(client.glob_file(tree, "/!(a*)")) == paths(client.glob_file(tree, r"/\z")) == ["/z"]

    def test_what_is_no_glob(self, client: Any, tree: Any) -> None:
        for pattern in ("[", "{a", "(a", "[z-a]"):
            with pytest.raises(grpc.RpcError) as error:
                list(client.glob_file(tree, pattern))
            assert error.value.code() is StatusCode.UNKNOWN

    def test_what_is_missing(self, client: Any, tree: Any, refused: Any) -> None:
        repo, _ = tree
        id_ = head(client, repo).id
        with refused(StatusCode.NOT_FOUND, f"file /no not found in repo default/{repo} at commit {id_}"):
            client.inspect_file(tree, "/no")
        with refused(StatusCode.NOT_FOUND, f"commit/{id_} does not contain item: (/no)"):
            list(client.walk_file(tree, "/no"))
        assert list(client.list_file(tree, "/no")) == []
        with pytest.raises(ConnectionError):
            client.get_file(tree, "/no")
        assert client.path_exists(tree, "/a")
        assert not client.path_exists(tree, "/no")
        with pytest.raises(ValueError, match="nonexistent commit"):
            client.path_exists((repo, "nobranch"), "/a")

    def test_get_file(self, client: Any, pfs: Any, tree: Any, refused: Any) -> None:
        repo, _ = tree
        commit = into(repo).set_commit
        assert client.get_file(tree, "/a.t?t").read() == b"/a.txt"
        for offset in (0, 2, 6, 7):
            assert get(pfs, commit, "/a.txt", offset=offset) == b"/a.txt"[offset:]
        with refused(StatusCode.UNKNOWN, "cannot get directory or non-regular file. Use GetFileTAR instead"):
            get(pfs, commit, "/a")
        text = f"file a/no not found in repo default/{repo} at commit {head(client, repo).id}"
        with refused(StatusCode.NOT_FOUND, text):
            get(pfs, commit, "a/no")

    def test_an_empty_file(self, client: Any, repo: str) -> None:
        client.put_file_bytes((repo, "master"), "/empty", b"")
        assert client.get_file((repo, "master"), "/empty").read() == b""
        assert client.inspect_file((repo, "master"), "/empty").size_bytes == 0

    def test_a_tar(self, client: Any, tree: Any) -> None:
        with client.get_file_tar(tree, "/a") as tar:
            found = {member.name: member for member in tar}
        assert sorted(found) == ["a", "a/b", "a/b/x", "a/y"]
        assert found["a/b"].isdir()

    def test_a_tar_holds_the_bytes(self, pfs: Any, tree: Any) -> None:
        repo, _ = tree
        file = pfs_pb2.File(commit=into(repo).set_commit, path="/**")
        pieces = pfs.GetFileTAR(pfs_pb2.GetFileRequest(file=file))
        with tarfile.open(fileobj=io.BytesIO(b"".join(piece.value for piece in pieces))) as tar:
            contents = {member.name: tar.extractfile(member).read() for member in tar if member.isfile()}  # type: ignore[union-attr]
        assert contents == {path: path.encode() for path in ("/a.txt", "/a/b/x", "/a/y", "/z")}

    def test_a_range_of_paths_bounds_what_a_glob_finds(self, pfs: Any, tree: Any) -> None:
        commit = into(tree[0]).set_commit
        path_range = pfs_pb2.PathRange(lower="/a/b/", upper="/a/y")
        found = pfs.GlobFile(pfs_pb2.GlobFileRequest(commit=commit, pattern="/**", path_range=path_range))
        assert paths(found) == ["/a/b/", "/a/b/x"]
        assert get(pfs, commit, "/a/**", path_range=pfs_pb2.PathRange(lower="/a/y")) == b"/a/y"

    def test_a_missing_tar(self, pfs: Any, client: Any, tree: Any, refused: Any) -> None:
        repo, _ = tree
        id_ = head(client, repo).id
        file = pfs_pb2.File(commit=into(repo).set_commit, path="/no")
        with refused(StatusCode.NOT_FOUND, f"file /no not found in repo default/{repo} at commit {id_}"):
            list(pfs.GetFileTAR(pfs_pb2.GetFileRequest(file=file)))

    def test_equal_bytes_have_equal_hashes_anywhere(self, client: Any, new_repo: Any) -> None:
        one, two = (new_repo("one"), "master"), (new_repo("two"), "master")
        client.put_file_bytes(one, "/a", b"same")
        client.put_file_bytes(two, "/b", b"sa")
        client.put_file_bytes(two, "/b", b"me", append=True)
        assert client.inspect_file(one, "/a").hash == client.inspect_file(two, "/b").hash

    def test_the_hash_of_a_directory_follows_from_those_in_it(self, client: Any, new_repo: Any) -> None:
        one, two = (new_repo("one"), "master"), (new_repo("two"), "master")
        for where, name in ((one, "/d"), (two, "/other")):
            with client.modify_file_client(where) as changes:
                changes.put_file_from_bytes(f"{name}/x/a", b"1")
                changes.put_file_from_bytes(f"{name}/y", b"2")
        first, second = client.inspect_file(one, "/d"), client.inspect_file(two, "/other")
        assert first.hash == second.hash
        client.put_file_bytes(two, "/other/x/a", b"3")
        assert client.inspect_file(two, "/other").hash != second.hash


class TestDiff:
    def changes(self, replies: Any) -> list[tuple[str, str]]:
        return [(reply.new_file.file.path, reply.old_file.file.path) for reply in replies]

    def test_with_the_parent(self, client: Any, tree: Any) -> None:
        with client.modify_file_client(tree) as changes:
            changes.put_file_from_bytes("/a/y", b"other")
            changes.delete_file("/z")
            changes.put_file_from_bytes("/new", b"")
        assert self.changes(client.diff_file(tree, "/")) == [
            ("/", "/"),
            ("/a/", "/a/"),
            ("/a/y", "/a/y"),
            ("/new", ""),
            ("", "/z"),
        ]

    def test_without_a_parent_everything_is_new(self, client: Any, tree: Any) -> None:
        assert ("/z", "") in self.changes(client.diff_file(tree, "/"))

    def test_two_commits(self, client: Any, tree: Any) -> None:
        repo, _ = tree
        old = (repo, head(client, repo).id)
        client.put_file_bytes(tree, "/z", b"other")
        client.put_file_bytes(tree, "/z", b"/z")
        assert self.changes(client.diff_file(tree, "/", old, "/")) == []
        assert self.changes(client.diff_file(tree, "/z")) == [("/z", "/z")]

    def test_different_paths_are_not_aligned(self, client: Any, tree: Any) -> None:
        assert self.changes(client.diff_file(tree, "/z", tree, "/a")) == [
            *[("", "/a/"), ("", "/a/b/"), ("", "/a/b/x"), ("", "/a/y"), ("/z", "")]
        ]
        assert self.changes(client.diff_file(tree, "/no", tree, "/nowhere")) == []

    def test_a_file_in_place_of_a_directory(self, client: Any, tree: Any) -> None:
        with client.modify_file_client(tree) as changes:
            changes.delete_file("/a/")
            changes.put_file_from_bytes("/a", b"1")
        assert self.changes(client.diff_file(tree, "/a")) == [
            *[("/a", ""), ("", "/a/"), ("", "/a/b/"), ("", "/a/b/x"), ("", "/a/y")]
        ]
        assert self.changes(client.diff_file(tree, "/a/y")) == [("", "/a/y")]
