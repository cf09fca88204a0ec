"""FileInfo messages by the hundred thousand, written as bytes.

Most of a FileInfo is its commit, the same in all of an answer: that is serialised once. Filling and serialising each
whole message takes pure-Python protobuf thirty times as long. The bytes are those that protobuf would give; a test
compares them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from python_pachyderm.proto.v2.pfs import pfs_pb2

from harness.pachd.services.pfs_wire import fill_commit, fill_time

if TYPE_CHECKING:
    from harness.pachd.pfs.folders import Node
    from harness.pachd.pfs.records import CommitRow


def _tag(message: type, field: str, wire_type: int) -> bytes:
    """What stands before a field's value; all fields here have numbers below 16."""
    number = message.DESCRIPTOR.fields_by_name[field].number  # type: ignore[attr-defined]  # a message class
    return bytes([number << 3 | wire_type])


_SMALL = [bytes([number]) for number in range(0x80)]
_NUMBER, _BYTES = 0, 2  # protobuf's wire types
_PATH = _tag(pfs_pb2.File, "path", _BYTES)
_DATUM = _tag(pfs_pb2.File, "datum", _BYTES)
_FILE = _tag(pfs_pb2.FileInfo, "file", _BYTES)
_TYPE = _tag(pfs_pb2.FileInfo, "file_type", _NUMBER)
_SIZE = _tag(pfs_pb2.FileInfo, "size_bytes", _NUMBER)
_HASH = _tag(pfs_pb2.FileInfo, "hash", _BYTES)
_NEW = _tag(pfs_pb2.DiffFileResponse, "new_file", _BYTES)
_OLD = _tag(pfs_pb2.DiffFileResponse, "old_file", _BYTES)


class FileInfos:
    """The FileInfos of one commit."""

    def __init__(self, row: CommitRow) -> None:
        file, info = pfs_pb2.File(), pfs_pb2.FileInfo()
        fill_commit(file.commit, row.key, row.branch)
        if row.finishing is not None:
            fill_time(info.committed, row.finishing)
        self._commit: bytes = file.SerializeToString()
        committed: bytes = info.SerializeToString()
        self._dir = _TYPE + _varint(pfs_pb2.DIR) + committed
        self._file = _TYPE + _varint(pfs_pb2.FILE) + committed

    def encode(self, node: Node) -> bytes:
        """The FileInfo of a file or directory."""
        file = self._commit + _field(_PATH, node.path.encode()) + _field(_DATUM, node.datum.encode())
        type_and_time = self._dir if node.is_dir else self._file
        size = _SIZE + _varint(node.size) if node.size else b""
        return _field(_FILE, file) + type_and_time + size + _field(_HASH, node.hash)


def difference(new: bytes | None, old: bytes | None) -> bytes:
    """A DiffFileResponse of two FileInfos."""
    return _field(_NEW, new or b"") + _field(_OLD, old or b"")


def _field(tag: bytes, value: bytes) -> bytes:
    return tag + _varint(len(value)) + value if value else b""


def _varint(number: int) -> bytes:
    """A number as protobuf writes it: seven bits a byte, the lowest first, all but the last byte marked."""
    if number < 0x80:
        return _SMALL[number]
    septets = bytearray()
    while number >= 0x80:
        septets.append(number & 0x7F | 0x80)
        number >>= 7
    septets.append(number)
    return bytes(septets)
