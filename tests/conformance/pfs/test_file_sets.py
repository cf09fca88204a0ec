"""File sets: operations that are kept for a while and can be read, combined and applied to commits."""

from __future__ import annotations

import io
import tarfile
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf import any_pb2, wrappers_pb2
from grpc import StatusCode
from python_pachyderm.proto.v2.pfs import pfs_pb2
from python_pachyderm.proto.v2.task import task_pb2

from tests.conformance.pfs.messages import add, delete, file_set, get, head, into, paths

if TYPE_CHECKING:
    from collections.abc import Callable

UNKNOWN_ID = "0123456789ab4def0123456789abcdef"
SECOND = 1_000_000_000


def create(pfs: Any, *operations: Any) -> str:
    return str(pfs.CreateFileSet(iter(operations)).file_set_id)


def listing(pfs: Any, commit: Any) -> list[str]:
    return paths(pfs.WalkFile(pfs_pb2.WalkFileRequest(file=pfs_pb2.File(commit=commit, path="/"))))


def apply(pfs: Any, commit: Any, id_: str) -> None:
    pfs.AddFileSet(pfs_pb2.AddFileSetRequest(commit=commit, file_set_id=id_))


def compose(pfs: Any, *ids: str, ttl: int = 60) -> str:
    request = pfs_pb2.ComposeFileSetRequest(file_set_ids=ids, ttl_seconds=ttl)
    return str(pfs.ComposeFileSet(request).file_set_id)


class TestReading:
    def test_files_read_as_those_of_a_commit(self, pfs: Any) -> None:
        id_ = create(pfs, add("/a", b"1"), add("/dir/b", b"22"), add("/a", b"+"))
        assert len(id_) == 32
        commit = file_set(id_)
        assert listing(pfs, commit) == ["/", "/a", "/dir/", "/dir/b"]
        assert get(pfs, commit, "/a") == b"1+"
        info = pfs.InspectFile(pfs_pb2.InspectFileRequest(file=pfs_pb2.File(commit=commit, path="/dir/b")))
        assert (info.size_bytes, info.file.commit.id, info.file.commit.repo.name) == (2, id_, "__filesets__")
        found = pfs.GlobFile(pfs_pb2.GlobFileRequest(commit=commit, pattern="/*"))
        assert paths(found) == ["/a", "/dir/"]

    def test_every_call_that_reads_takes_it(self, pfs: Any) -> None:
        commit, other = file_set(create(pfs, add("/a", b"1"))), file_set(create(pfs, add("/a", b"2")))
        file = pfs_pb2.File(commit=commit, path="/")
        [info] = pfs.ListFile(pfs_pb2.ListFileRequest(file=file))
        assert (info.file.path, info.committed.ToNanoseconds()) == ("/a", 0)
        tar = b"".join(piece.value for piece in pfs.GetFileTAR(pfs_pb2.GetFileRequest(file=file)))
        with tarfile.open(fileobj=io.BytesIO(tar)) as opened:
            assert opened.getnames() == ["", "/a"]  # tarfile drops the slash of directories
        old = pfs_pb2.File(commit=other, path="/")
        changes = list(pfs.DiffFile(pfs_pb2.DiffFileRequest(new_file=file, old_file=old)))
        assert paths(change.new_file for change in changes) == ["/", "/a"]
        assert {change.old_file.file.commit.id for change in changes} == {other.id}

    def test_the_commit_that_it_looks_like(self, pfs: Any) -> None:
        id_ = create(pfs)
        info = pfs.InspectCommit(pfs_pb2.InspectCommitRequest(commit=file_set(id_), wait=pfs_pb2.FINISHED))
        assert (info.commit.id, info.description) == (id_, "FileSet - Virtual Commit")
        assert info.HasField("finished")
        assert info.finished.ToNanoseconds() == 0

    def test_a_copy_out_of_one(self, client: Any, pfs: Any, repo: str) -> None:
        source = pfs_pb2.File(commit=file_set(create(pfs, add("/x", b"data"))), path="/x")
        copy = pfs_pb2.ModifyFileRequest(copy_file=pfs_pb2.CopyFile(dst="/y", src=source))
        pfs.ModifyFile(iter([into(repo), copy]))
        assert client.get_file((repo, "master"), "/y").read() == b"data"

    def test_the_operations_are_those_of_modify_file(self, pfs: Any, refused: Any) -> None:
        with refused(StatusCode.UNKNOWN, "cannot set commit"):
            create(pfs, into("repo"))
        with refused(StatusCode.UNKNOWN, "path (/../a) invalid: relative file paths are not allowed"):
            create(pfs, add("/../a"))


class TestApplying:
    def test_operations_meet_what_is_there(self, client: Any, pfs: Any, tree: Any) -> None:
        id_ = create(
            pfs,
            add("/a.txt", b"+more"),  # appends
            delete("/z"),
            add("/z", b"new"),  # replaces
            delete("/a/y"),
            delete("/a/b/"),
            add("/a/b/fresh", b""),
        )
        repo, _ = tree
        with client.commit(*tree) as commit:
            target = pfs_pb2.Commit(branch=into(repo).set_commit.branch, id=commit.id)
            apply(pfs, target, id_)
        assert listing(pfs, target) == ["/", "/a.txt", "/a/", "/a/b/", "/a/b/fresh", "/z"]
        assert get(pfs, target, "/a.txt") == b"/a.txt+more"
        assert get(pfs, target, "/z") == b"new"

    def test_it_may_be_applied_twice(self, client: Any, pfs: Any, repo: str) -> None:
        id_ = create(pfs, add("/a", b"x"))
        with client.commit(repo, "master"):
            apply(pfs, into(repo).set_commit, id_)
            apply(pfs, into(repo).set_commit, id_)
        assert client.get_file((repo, "master"), "/a").read() == b"xx"

    def test_only_to_open_commits(self, client: Any, pfs: Any, tree: Any, refused: Any) -> None:
        repo, _ = tree
        with refused(StatusCode.UNKNOWN, f"commit default/{repo}@{head(client, repo).id} has already finished"):
            apply(pfs, into(repo).set_commit, create(pfs))

    def test_the_files_of_a_commit(self, client: Any, pfs: Any, tree: Any, new_repo: Any) -> None:
        source, target = tree[0], new_repo("target")
        request = pfs_pb2.GetFileSetRequest(commit=into(source).set_commit)
        id_ = pfs.GetFileSet(request).file_set_id
        client.delete_file(tree, "/")
        assert get(pfs, file_set(id_), "/z") == b"/z"
        with client.commit(target, "master"):
            apply(pfs, into(target).set_commit, id_)
        assert listing(pfs, into(target).set_commit) == ["/", "/a.txt", "/a/", "/a/b/", "/a/b/x", "/a/y", "/z"]


class TestComposing:
    def test_layers_act_one_after_the_other(self, pfs: Any) -> None:
        below = create(pfs, add("/a", b"1"), add("/b", b"2"), add("/dir/c", b"3"))
        above = create(pfs, delete("/a"), add("/b", b"+"), delete("/dir/"), add("/dir/d", b"4"))
        both = compose(pfs, below, above)
        assert listing(pfs, file_set(both)) == ["/", "/b", "/dir/", "/dir/d"]
        assert get(pfs, file_set(both), "/b") == b"2+"

    def test_deletions_are_kept(self, client: Any, pfs: Any, tree: Any) -> None:
        both = compose(pfs, create(pfs, delete("/z")), create(pfs, delete("/a/")))
        with client.commit(*tree):
            apply(pfs, into(tree[0]).set_commit, both)
        assert listing(pfs, into(tree[0]).set_commit) == ["/", "/a.txt"]

    def test_shards_hold_everything(self, pfs: Any) -> None:
        id_ = create(pfs, add("/a"), add("/b"))
        shards = list(pfs.ShardFileSet(pfs_pb2.ShardFileSetRequest(file_set_id=id_)).shards)
        assert (shards[0].lower, shards[-1].upper) == ("", "")
        assert all(before.upper == after.lower for before, after in pairwise(shards))


class TestLife:
    @pytest.mark.parametrize(
        ("seconds", "text"),
        [
            (0, "ttl (0) must be at least one second"),
            (-1, f"ttl (-{SECOND}) must be at least one second"),
            (1801, f"ttl ({1801 * SECOND}) exceeds max ttl ({1800 * SECOND})"),
        ],
    )
    def test_bounds(self, pfs: Any, refused: Any, seconds: int, text: str) -> None:
        id_ = create(pfs)
        with refused(StatusCode.UNKNOWN, text):
            pfs.RenewFileSet(pfs_pb2.RenewFileSetRequest(file_set_id=id_, ttl_seconds=seconds))
        pfs.RenewFileSet(pfs_pb2.RenewFileSetRequest(file_set_id=id_, ttl_seconds=1800))

    def test_what_is_not_there(self, pfs: Any) -> None:
        calls: list[Callable[[], object]] = [
            lambda: pfs.RenewFileSet(pfs_pb2.RenewFileSetRequest(file_set_id=UNKNOWN_ID, ttl_seconds=5)),
            lambda: pfs.ShardFileSet(pfs_pb2.ShardFileSetRequest(file_set_id=UNKNOWN_ID)),
            lambda: compose(pfs, create(pfs), UNKNOWN_ID),
            lambda: listing(pfs, file_set(UNKNOWN_ID)),
        ]
        for call in calls:
            with pytest.raises(Exception, match=f"file set {UNKNOWN_ID} not found"):
                call()


class TestCache:
    def test_values_by_key_until_their_tag_is_cleared(self, pfs: Any, refused: Any) -> None:
        def put(key: str, text: str, tag: str = "") -> None:
            value = any_pb2.Any()
            value.Pack(wrappers_pb2.StringValue(value=text))
            pfs.PutCache(pfs_pb2.PutCacheRequest(key=key, value=value, tag=tag, file_set_ids=[create(pfs)]))

        def read(key: str) -> str:
            found = wrappers_pb2.StringValue()
            assert pfs.GetCache(pfs_pb2.GetCacheRequest(key=key)).value.Unpack(found)
            return str(found.value)

        put("one", "first", "job-1")
        put("two", "second", "job-2")
        put("one", "changed", "job-1")
        assert (read("one"), read("two")) == ("changed", "second")
        pfs.ClearCache(pfs_pb2.ClearCacheRequest(tag_prefix="job-1"))
        with refused(StatusCode.NOT_FOUND, "cache key one not found"):
            read("one")
        assert read("two") == "second"
        pfs.ClearCache(pfs_pb2.ClearCacheRequest())
        with refused(StatusCode.NOT_FOUND, "cache key two not found"):
            read("two")


class TestOtherCalls:
    def test_chunks_are_counted_and_checked(self, client: Any, pfs: Any, repo: str) -> None:
        client.put_file_bytes((repo, "master"), "/a", repo.encode())
        everything = pfs.CheckStorage(pfs_pb2.CheckStorageRequest(read_chunk_data=True)).chunk_object_count
        low = pfs.CheckStorage(pfs_pb2.CheckStorageRequest(chunk_end=b"\x80")).chunk_object_count
        high = pfs.CheckStorage(pfs_pb2.CheckStorageRequest(chunk_begin=b"\x80")).chunk_object_count
        assert everything > 0
        assert low + high == everything

    def test_no_tasks(self, pfs: Any) -> None:
        assert list(pfs.ListTask(task_pb2.ListTaskRequest())) == []

    def test_auth_is_not_activated(self, pfs: Any, refused: Any) -> None:
        with refused(StatusCode.UNIMPLEMENTED, "the auth service is not activated"):
            pfs.ActivateAuth(pfs_pb2.ActivateAuthRequest())
