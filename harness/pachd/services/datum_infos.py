"""DatumInfo messages of datums that no job has run, written as bytes around FileInfos that are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from python_pachyderm.proto.v2.pps import pps_pb2

from harness.pachd.pfs.folders import Node
from harness.pachd.services.encoding import field, tag, varint
from harness.pachd.services.file_infos import FileInfos

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.pachd.pfs.records import CommitRow
    from harness.pachd.pps.datums import Datum, DatumInput, Source

_ID = tag(pps_pb2.Datum, "id")
_DATUM = tag(pps_pb2.DatumInfo, "datum")
_STATS = tag(pps_pb2.DatumInfo, "stats")
_DATA = tag(pps_pb2.DatumInfo, "data")


class DatumInfos:
    """The DatumInfos of an input; ``head`` gives the commit that a leaf of it reads."""

    def __init__(self, head: Callable[[Source], CommitRow]) -> None:
        self._head = head
        self._files: dict[Source, FileInfos] = {}

    def encode(self, datum: Datum) -> bytes:
        """The DatumInfo: id, statistics without any number, and the files."""
        named = field(_DATUM, field(_ID, datum.id.encode()))
        return named + _STATS + varint(0) + b"".join(field(_DATA, self._file(part)) for part in datum.inputs)

    def _file(self, part: DatumInput) -> bytes:
        infos = self._files.get(part.source)
        if infos is None:
            infos = self._files[part.source] = FileInfos(self._head(part.source))
        return infos.encode(Node(part.path, "", part.is_directory, part.size, part.hash))
