"""The datums that an input would have now, without any pipeline or job."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Any

from harness.pachd.errors import pps as errors
from harness.pachd.pfs import contents
from harness.pachd.pfs.keys import DEFAULT_PROJECT, Branch
from harness.pachd.pfs.resolve import Reference
from harness.pachd.pps import inputs
from harness.pachd.pps.datums import Datum
from harness.pachd.pps.enumeration import enumerate_datums, matching
from harness.pachd.pps.keys import Pipeline
from harness.pachd.pps.packing import Packing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.pachd.pfs.filesets import FileSets
    from harness.pachd.pfs.keys import Commit
    from harness.pachd.pfs.records import CommitRow
    from harness.pachd.pfs.version_store import VersionStore
    from harness.pachd.pfs.waits import OnEnd
    from harness.pachd.pps.datums import Source

    _Record = tuple[str, int, bytes]


class InputDatums:
    """The datums of an input (``pps_v2.Input``) in the heads of its branches, which are read at this moment.

    Defaults are filled in as for a pipeline, but combined inputs keep the order that they were sent in (Pachyderm 2.7).
    """

    def __init__(self, store: VersionStore, given: Any, on_end: OnEnd) -> None:
        """``on_end`` as in ``contents.readable``.

        Raises CRON_LISTING, NO_INPUT, SEVERAL_INPUT_KINDS, and what resolving a branch raises.
        """
        if inputs.cron_leaves(given):
            raise errors.CRON_LISTING()
        inputs.set_defaults(given, Pipeline(DEFAULT_PROJECT, ""), store.now())
        self._given = given
        self._heads: dict[Branch, tuple[CommitRow, bytes]] = {}
        for leaf in inputs.leaves(given):
            if _branch(leaf) not in self._heads:
                reference = Reference(inputs.repo(leaf), leaf.branch, "")
                self._heads[_branch(leaf)] = contents.readable(store, reference, on_end)

    def page(self, files: FileSets, marker: str, number: int, *, reverse: bool) -> Iterator[Datum]:
        """By id: of the datums behind ``marker`` the first ``number``; 0 means all.

        With ``reverse`` the last ones before ``marker``, from behind. All are gone through, and only those kept.
        """
        packing = Packing()
        datums = enumerate_datums(self._given, matching(files, self._read))
        wanted = (datum for datum in datums if not marker or (datum.id < marker if reverse else datum.id > marker))
        records = ((datum.id, datum.index, packing.pack(datum.inputs)) for datum in wanted)
        for id_, index, packed in _ordered(records, number, reverse=reverse):
            yield Datum(id_, index, packing.unpack(packed))

    def head(self, source: Source) -> CommitRow:
        """The commit that a leaf of the input reads."""
        return self._heads[_branch(source.leaf)][0]

    def _read(self, leaf: Any) -> tuple[Commit, bytes]:
        row, root = self._heads[_branch(leaf)]
        return row.key, root


def _branch(leaf: Any) -> Branch:
    return Branch(inputs.repo(leaf), leaf.branch)


def _ordered(records: Iterable[_Record], number: int, *, reverse: bool) -> list[_Record]:
    if not number:
        return sorted(records, reverse=reverse)
    return heapq.nlargest(number, records) if reverse else heapq.nsmallest(number, records)
