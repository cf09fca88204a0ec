# ruff: noqa: N802 -- methods are named as their RPCs
"""File sets, the cache, and the remaining calls of ``pfs_v2.API`` that Pachyderm's own workers and tests make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import any_pb2, empty_pb2
from python_pachyderm.proto.v2.pfs import pfs_pb2

from harness.pachd.errors import pfs as errors
from harness.pachd.pfs import cache, contents, modify, temporary
from harness.pachd.pfs.filesets import EMPTY
from harness.pachd.services import pfs_requests
from harness.pachd.services.pfs_files import FileCalls, Opened

if TYPE_CHECKING:
    from collections.abc import Iterator


class FileSetCalls(FileCalls):
    """Operations without a commit; they are gathered as those of ModifyFile are."""

    def CreateFileSet(self, requests: Iterator[Any], context: Any) -> Any:
        """Keep a stream of operations as a file set."""
        edit = self.store.files.edit(EMPTY)
        for request in requests:
            self.gather(edit, request, context)
            del request  # as in ModifyFile
        edit.settle()
        with self.store.transaction() as txn:
            return pfs_pb2.CreateFileSetResponse(file_set_id=temporary.create(txn, edit))

    def GetFileSet(self, request: Any, context: Any) -> Any:
        """A file set with the files that a commit has now."""
        row, _ = contents.readable(self.store, pfs_requests.required_commit(request), context.add_callback)
        with self.store.transaction() as txn:
            return pfs_pb2.CreateFileSetResponse(file_set_id=contents.keep(txn, row))

    def AddFileSet(self, request: Any, _context: Any) -> Any:
        """Apply a file set's operations to an open commit."""
        reference = pfs_requests.required_commit(request)
        with self.store.transaction() as txn:
            modify.add_file_set(txn, reference, request.file_set_id)
        return empty_pb2.Empty()

    def RenewFileSet(self, request: Any, _context: Any) -> Any:
        """Let a file set live for some more seconds."""
        life = temporary.life(request.ttl_seconds)
        with self.store.transaction() as txn:
            temporary.renew(txn, request.file_set_id, life)
        return empty_pb2.Empty()

    def ComposeFileSet(self, request: Any, _context: Any) -> Any:
        """A file set that does what several do, in their order; without ``ttl_seconds`` it lives as long as others."""
        life = temporary.life(request.ttl_seconds) if request.ttl_seconds else temporary.LIFE
        with self.store.transaction() as txn:
            composed = temporary.compose(txn, list(request.file_set_ids), life)
        return pfs_pb2.CreateFileSetResponse(file_set_id=composed)

    def ShardFileSet(self, request: Any, _context: Any) -> Any:
        """Path ranges that share out a file set's files."""
        with self.store.snapshot() as conn:
            file_set = temporary.get(conn, request.file_set_id, self.store.now())
            self.store.files.hold(file_set, file_set.content)
        shards = temporary.shards(self.store.files, file_set.content)
        return pfs_pb2.ShardFileSetResponse(
            shards=[pfs_pb2.PathRange(lower=lower, upper=upper) for lower, upper in shards]
        )

    def Egress(self, request: Any, context: Any) -> Any:
        """Write all files of a commit to an object store."""
        target = request.WhichOneof("target")
        if target != "object_storage":
            raise errors.EGRESS_TO_SQL() if target else errors.EGRESS_WITHOUT_TARGET()
        everything = Opened(self.store, pfs_pb2.File(commit=request.commit, path="/**"), context)
        written = self.send(everything, request.object_storage.url)
        return pfs_pb2.EgressResponse(object_storage={"bytes_written": written})

    def PutCache(self, request: Any, _context: Any) -> Any:
        """Keep a value by its key."""
        value = request.value.SerializeToString()
        with self.store.transaction() as txn:
            cache.put(txn, request.key, value, request.tag, list(request.file_set_ids))
        return empty_pb2.Empty()

    def GetCache(self, request: Any, _context: Any) -> Any:
        """The value of a key."""
        with self.store.snapshot() as conn:
            value = cache.get(conn, request.key)
        return pfs_pb2.GetCacheResponse(value=any_pb2.Any.FromString(value))

    def ClearCache(self, request: Any, _context: Any) -> Any:
        """Forget the values with a tag, or all."""
        with self.store.transaction() as txn:
            cache.clear(txn, request.tag_prefix)
        return empty_pb2.Empty()

    def CheckStorage(self, request: Any, _context: Any) -> Any:
        """How many chunks there are, with ``read_chunk_data`` after reading and checking each."""
        bounds = request.chunk_begin, request.chunk_end
        count = self.store.objects.count_chunks(*bounds, verify=request.read_chunk_data)
        return pfs_pb2.CheckStorageResponse(chunk_object_count=count)
