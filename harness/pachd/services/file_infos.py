"""FileInfo messages by the hundred thousand, written as bytes.

Most of a FileInfo is its commit, the same in all of an answer: that is serialised once. Filling and serialising each
whole message takes pure-Python protobuf thirty times as long. The bytes are those that protobuf would give; a test
compares them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from python_pachyderm.proto.v2.pfs import pfs_pb2

from harness.pachd.services.encoding import NUMBER, field, tag, varint
from harness.pachd.services.pfs_wire import fill_commit, fill_time

if TYPE_CHECKING:
    from harness.pachd.pfs.folders import Node
    from harness.pachd.pfs.records import CommitRow

_PATH = tag(pfs_pb2.File, "path")
_DATUM = tag(pfs_pb2.File, "datum")
_FILE = tag(pfs_pb2.FileInfo, "file")
_TYPE = tag(pfs_pb2.FileInfo, "file_type", NUMBER)
_SIZE = tag(pfs_pb2.FileInfo, "size_bytes", NUMBER)
_HASH = tag(pfs_pb2.FileInfo, "hash") + varint(32)
_NEW = tag(pfs_pb2.DiffFileResponse, "new_file")
_OLD = tag(pfs_pb2.DiffFileResponse, "old_file")


class FileInfos:
    """The FileInfos of one commit."""

    def __init__(self, row: CommitRow) -> None:
        file, info = pfs_pb2.File(), pfs_pb2.FileInfo()
        fill_commit(file.commit, row.key, row.branch)
        if row.finishing is not None:
            fill_time(info.committed, row.finishing)
        self._commit: bytes = file.SerializeToString()
        committed: bytes = info.SerializeToString()
        self._dir = _TYPE + varint(pfs_pb2.DIR) + committed
        self._file = _TYPE + varint(pfs_pb2.FILE) + committed

    def encode(self, node: Node) -> bytes:
        """The FileInfo of a file or directory."""
        path, datum, is_dir, size, hash_ = node
        file = self._commit + field(_PATH, path.encode()) + _datum(datum)
        type_and_time = self._dir if is_dir else self._file
        told_size = _SIZE + varint(size) if size else b""
        return _FILE + varint(len(file)) + file + type_and_time + told_size + _HASH + hash_


@lru_cache(1024)  # most are the default one
def _datum(datum: str) -> bytes:
    return field(_DATUM, datum.encode())


def difference(new: bytes | None, old: bytes | None) -> bytes:
    """A DiffFileResponse of two FileInfos."""
    return field(_NEW, new or b"") + field(_OLD, old or b"")
