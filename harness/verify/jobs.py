"""Questions about every job: its counters, its datums, and which datum read and wrote which file."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from harness.verify.verdicts import Kind, Problem, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.evidence.facts import Commit, Datum, Job
    from harness.evidence.model import Record
    from harness.verify.graph import Graph

TERMINAL = frozenset({"SUCCESS", "FAILURE", "KILLED", "UNRUNNABLE"})


class Work:
    """The jobs of a record beside its commits, indexed for the questions below."""

    def __init__(self, record: Record, graph: Graph) -> None:
        self.graph = graph
        self.jobs = {(job.pipeline, job.id): job for job in record.jobs}
        self.code = {(item.ref, item.version): item.spec.get("transform") for item in record.pipelines}
        self.partial = {omission.where for omission in record.omissions}
        self._files: dict[str, tuple[list[str], dict[str, str]]] = {}

    def files(self, commit: Commit) -> tuple[list[str], dict[str, str]]:
        """The paths of a commit in order, and the cluster's hash of each."""
        if commit.ref not in self._files:
            hashes = {file.path: file.hash for file in commit.files}
            self._files[commit.ref] = (sorted(hashes), hashes)
        return self._files[commit.ref]

    def input(self, job: Job, repo: str) -> Commit | None:
        """The commit of ``repo`` that ``job`` read."""
        output = self.graph.commits.get(job.output_commit)
        entries = output.direct_provenance if output else ()
        return next((self.graph.commits.get(ref) for ref in entries if ref.startswith(f"{repo}@")), None)


def verdicts(record: Record, graph: Graph) -> tuple[Verdict, ...]:
    """Every question about work, answered for every job of the record."""
    work = Work(record, graph)
    return tuple(
        Verdict(
            name,
            question,
            len(record.jobs),
            tuple(Problem(kind, f"{job.pipeline}@{job.id}", what) for job in record.jobs for what in ask(work, job)),
        )
        for name, question, kind, ask in _QUESTIONS
    )


def _uncounted(_work: Work, job: Job) -> Iterator[str]:
    if job.state not in TERMINAL:
        yield f"is still {job.state}: the run was recorded before the cluster was at rest"
    if job.state != "SUCCESS":
        return
    if job.processed + job.skipped + job.recovered != job.total:
        parts = f"{job.processed} processed + {job.skipped} skipped + {job.recovered} recovered"
        yield f"{parts} is not {job.total}, the number of its datums"
    if job.datum_count != job.total:
        yield f"lists {job.datum_count} datums and counts {job.total}"
    skipped = sum(datum.state == "SKIPPED" for datum in job.datums)
    if len(job.datums) == job.datum_count and skipped != job.skipped:
        yield f"lists {skipped} skipped datums and counts {job.skipped}"


def _unattributed(work: Work, job: Job) -> Iterator[str]:
    output = work.graph.commits.get(job.output_commit)
    if output is None:
        yield f"its output commit {job.output_commit} is not there"
    if output is None or output.error or len(job.datums) < job.datum_count:
        return
    known = {datum.id for datum in job.datums}
    for file in output.files:
        if file.datum not in known:
            yield f"{file.path} comes from datum {file.datum or '(none)'}, which is no datum of this job"


def _misread(work: Work, job: Job) -> Iterator[str]:
    if job.state != "SUCCESS":
        return
    for datum in job.datums:
        for used in datum.inputs:
            repo = used.commit.rpartition("@")[0]
            commit = work.input(job, repo)
            if commit is None:
                yield f"datum {datum.id} read {used.commit}, but {repo} is no input of this job"
            elif not _holds(work, commit, used.path, used.hash):
                yield f"datum {datum.id} read {used.path} with hash {used.hash[:12]}…, which {commit.ref} does not hold"
            elif datum.state != "SKIPPED" and used.commit != commit.ref:
                yield f"datum {datum.id} ran in this job on {used.commit} instead of {commit.ref}"


def _holds(work: Work, commit: Commit, path: str, hash_: str) -> bool:
    if commit.ref in work.partial:
        return True
    paths, hashes = work.files(commit)
    if not path.endswith("/"):
        return hashes.get(path) == hash_
    below = bisect_left(paths, path)
    return path == "/" or (below < len(paths) and paths[below].startswith(path))


def _stale(work: Work, job: Job) -> Iterator[str]:
    present = work.code.get((job.pipeline, job.version))
    old: dict[int, list[Datum]] = {}
    for datum in job.datums:
        made = work.jobs.get((job.pipeline, datum.processed_by))
        if datum.state == "SKIPPED" and made and work.code.get((job.pipeline, made.version)) != present:
            old.setdefault(made.version, []).append(datum)
    for version, datums in sorted(old.items()):
        yield (
            f"{len(datums)} of {job.datum_count} results were made by the code of version {version} and are served "
            f"under version {job.version}: the update did not reprocess"
        )


_QUESTIONS: tuple[tuple[str, str, Kind, Callable[[Work, Job], Iterator[str]]], ...] = (
    ("work-adds-up", "Do the counters of every job agree with its datums?", "broken-provenance", _uncounted),
    ("attributed", "Does every output file come from a datum of its job?", "broken-provenance", _unattributed),
    ("inputs-match", "Did every datum read what its input commits hold?", "broken-provenance", _misread),
    ("fresh", "Was every result made by the code it is served under?", "stale", _stale),
)
