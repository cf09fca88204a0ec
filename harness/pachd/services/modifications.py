"""The messages of ModifyFile streams, of which python_pachyderm sends three for each file.

Nearly all of them delete a file or add bytes to it, and are written as every protobuf library writes them. Those are
read here: pure-Python protobuf takes five times as long. It reads all others, and says what is wrong with the wrong
ones. A test compares the two.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from google.protobuf import wrappers_pb2
from python_pachyderm.proto.v2.pfs import pfs_pb2

from harness.pachd.services.encoding import fields, tag

_ADD = tag(pfs_pb2.ModifyFileRequest, "add_file")[0]
_DELETE = tag(pfs_pb2.ModifyFileRequest, "delete_file")[0]
_PATH, _DATUM, _RAW = (tag(pfs_pb2.AddFile, name)[0] for name in ("path", "datum", "raw"))
_DELETED_PATH, _DELETED_DATUM = (tag(pfs_pb2.DeleteFile, name)[0] for name in ("path", "datum"))
_VALUE = tag(wrappers_pb2.BytesValue, "value")[0]
_ABSENT = slice(0, 0)


class Added(NamedTuple):
    """Bytes for the end of a file; they may be a view of the message, which may be long."""

    path: str
    datum: str
    data: bytes | memoryview


class Deleted(NamedTuple):
    """A file, or with a slash at its end what is below a directory, that is to go."""

    path: str
    datum: str


def read(data: bytes) -> Any:
    """An :class:`Added`, a :class:`Deleted`, or for what else there is the message itself.

    Raises what protobuf raises.
    """
    try:
        return _read(data)
    except (ValueError, IndexError, KeyError):
        return _short(pfs_pb2.ModifyFileRequest.FromString(data))


def _short(message: Any) -> Any:
    kind = message.WhichOneof("body")
    if kind == "add_file" and not message.add_file.HasField("url"):
        return Added(message.add_file.path, message.add_file.datum, message.add_file.raw.value)
    if kind == "delete_file":
        return Deleted(message.delete_file.path, message.delete_file.datum)
    return message


def _read(data: bytes) -> Added | Deleted:
    """Raises ValueError, IndexError or KeyError for what is left to protobuf."""
    ((kind, body),) = fields(data, 0, len(data)).items()
    parts = fields(data, body.start, body.stop)
    if kind == _ADD:
        raw = parts.pop(_RAW)
        values = fields(data, raw.start, raw.stop)
        value = memoryview(data)[values.pop(_VALUE, _ABSENT)]
        added = Added(_text(data, parts, _PATH), _text(data, parts, _DATUM), value)
        _check_empty(parts, values)
        return added
    if kind == _DELETE:
        deleted = Deleted(_text(data, parts, _DELETED_PATH), _text(data, parts, _DELETED_DATUM))
        _check_empty(parts)
        return deleted
    raise ValueError("another kind of message")


def _text(data: bytes, parts: dict[int, slice], tag_: int) -> str:
    return data[parts.pop(tag_, _ABSENT)].decode()


def _check_empty(*rests: dict[int, slice]) -> None:
    if any(rests):
        raise ValueError("unknown fields")
