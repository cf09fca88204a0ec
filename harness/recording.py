"""From a run to its report: what the scenarios said and what the cluster holds, judged and written down."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.evidence import collect, environment, moments, seal, store, story
from harness.evidence.model import Omission, Record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from harness.clusters import Cluster
    from harness.data import DataSet
    from harness.evidence.ledger import Ledger
    from harness.verify.verdicts import Verdict


@dataclass(frozen=True)
class Result:
    """Where the report is, and what was judged."""

    page: Path
    verdicts: tuple[Verdict, ...]

    @property
    def failures(self) -> list[str]:
        """What is wrong, a line each."""
        return [
            f"{verdict.name}: {problem.where} {problem.what}"
            for verdict in self.verdicts
            if verdict.state == "failed"
            for problem in verdict.problems
        ]


class Recording:
    """A run on one cluster, from its start to its report. ``ledger`` is what the scenarios write into."""

    def __init__(self, cluster: Cluster, command: Sequence[str], ledger: Ledger) -> None:
        self._cluster, self._command, self._ledger = cluster, command, ledger
        self._started = moments.now()
        # Named after its start, with four digits against runs that start together.
        self._id = f"{self._started[:19].replace(':', '').replace('-', '').replace('T', '-')}-{secrets.token_hex(2)}"
        self._identity = collect.identify(cluster.client(), cluster.kind, cluster.address, cluster.isolation)

    def finish(self, reports: Path, data: DataSet | None) -> Result:
        """Collect, judge, write. A cluster that answers no more leaves a record of what was said and checked."""
        from harness import report, verify  # jinja2 and pandas take half a second, needed here for the first time

        record = self._collect(_data(data) if data else None)
        folder = store.write(record, reports).parent
        return Result(report.write(record, folder), verify.judge(record))

    def _collect(self, data: story.DataSet | None) -> Record:
        run = environment.describe(self._id, self._started, moments.now(), self._command, data)
        chapters = self._ledger.written()
        try:
            return collect.collect(self._cluster.client(), run, self._identity, chapters)
        except Exception as error:  # noqa: BLE001 -- whatever broke, the reader gets what there is, and the reason
            omission = Omission("cluster", 1, _reason(error))
            return seal.sealed(Record(run, self._identity, chapters, omissions=(omission,)))


def _reason(error: Exception) -> str:
    details = getattr(error, "details", None)  # gRPC's errors
    text = details() if callable(details) else str(error)
    return (str(text).splitlines() or [type(error).__name__])[0]


def _data(found: DataSet) -> story.DataSet:
    files = tuple(
        story.DataFile(file.name, file.sha256, file.size, found.rows if file.name == found.training.name else None)
        for file in found.files
    )
    return story.DataSet(found.kind, str(found.directory), files, found.describe())
