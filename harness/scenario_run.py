"""One run of pytest that may come to need a cluster: starts it once, follows the tests, leaves the report."""

from __future__ import annotations

import signal
import tempfile
import threading
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.console import Console

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.clusters import Cluster
    from harness.data import DataSet
    from harness.evidence.ledger import ChapterLedger
    from harness.recording import Recording, Result

CANNOT_START = 2
MOST_LINES = 10


class ScenarioRun:
    """The state behind the plug-in. It is also the workflow's witness: it shows progress and records what was put."""

    def __init__(self, config: pytest.Config) -> None:
        self.summary: list[str] = []
        self._config = config
        self._console = Console(config)
        self._cleanups = ExitStack()
        self._cluster: Cluster | None = None
        self._recording: Recording | None = None
        self._data: DataSet | None = None
        self._ledger: Any = None
        self._chapter: ChapterLedger | None = None
        self._seconds = 0.0

    def cluster(self) -> Cluster:
        """The run's cluster, started at the first call. Where there can be none the whole run ends, with the reason."""
        if self._cluster is None:
            from harness.clusters import ClusterError

            try:
                self._cluster = self._start()
            except ClusterError as error:
                pytest.exit(str(error), CANNOT_START)
        return self._cluster

    def data(self) -> DataSet:
        """The reviews to run on, located at the first call. Where there can be none the whole run ends."""
        if self._data is None:
            from harness.data import DataError, locate

            try:
                self._data = locate(self._config.getoption("--data"))
            except DataError as error:
                pytest.exit(str(error), CANNOT_START)
            self.tell(self._data.describe())
        return self._data

    def _start(self) -> Cluster:
        from harness.clusters import EMBEDDED, Options, start
        from harness.recording import Recording

        self._check_reports()
        where = self._config.getoption("--cluster")
        if where == EMBEDDED:
            self.tell("starting the embedded cluster")
        images = self._config.getoption("--images")
        options = Options(
            keep=bool(self._config.getoption("--keep-cluster")), images=(Path(images).resolve(),) if images else ()
        )
        self._cleanups.enter_context(_ended_by_sigterm())
        cluster = self._cleanups.enter_context(start(where, options))
        self._recording = Recording(cluster, ("pytest", *self._config.invocation_params.args), self._chapters())
        self.tell(f"{cluster.kind} cluster at {cluster.address}" + (f", {cluster.isolation}" * bool(cluster.isolation)))
        return cluster

    def tell(self, line: str) -> None:
        """Show a line of progress."""
        if self._config.get_verbosity() >= 0:
            self._console.tell(line)

    def put(self, repo: str, commit: str, path: str, sha256: str, project: str) -> None:
        """Record in the present test's chapter what was put where."""
        if self._chapter is not None:
            self._chapter.put(repo, commit, path, sha256, project)

    def enter(self, nodeid: str, name: str, doc: str, part: str) -> None:
        """A test that uses the cluster begins; ``doc`` is its docstring and ``part`` that of its file."""
        title = doc.strip().splitlines()[0].rstrip(".") if doc.strip() else name.removeprefix("test_").replace("_", " ")
        self._chapter = self._chapters().chapter(nodeid, title, doc.strip(), part.strip())
        self._seconds = 0.0

    def chapter(self) -> ChapterLedger:
        """The present test's chapter."""
        assert self._chapter is not None, "only tests that were entered ask"  # noqa: S101
        return self._chapter

    def note_outcome(self, report: pytest.TestReport) -> None:
        """Keep how the present test ended; a failure in its teardown counts as well.

        Its duration begins with its fixtures: they do the story's work.
        """
        if self._chapter is None:
            return
        self._seconds += report.duration
        if report.when != "call" and report.passed:
            return
        self._chapter.close(report.outcome, self._seconds, report.longreprtext if report.failed else "")

    def leave(self) -> None:
        """The present test is over."""
        self._chapter = None

    def finish(self) -> list[str]:
        """Write the report if there was a cluster, end the cluster; what is wrong beyond failed tests, a line each."""
        try:
            return self._report() if self._recording is not None else []
        finally:
            self.close()

    def close(self) -> None:
        """End whatever was started. Idempotent."""
        self._cleanups.close()

    def _chapters(self) -> Any:
        if self._ledger is None:
            from harness.evidence.ledger import Ledger

            self._ledger = Ledger()
        return self._ledger

    def _reports(self) -> Path:
        return Path(self._config.rootpath, self._config.getoption("--report-dir"))

    def _check_reports(self) -> None:
        """End the run now, not after the work, if its report could not be written."""
        reports = self._reports()
        try:
            reports.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=reports):
                return
        except OSError as error:
            problem = f"cannot write reports to {reports}: {error.strerror}; name another folder with --report-dir"
            pytest.exit(problem, CANNOT_START)

    def _report(self) -> list[str]:
        assert self._recording is not None  # noqa: S101 -- asked before
        self.tell("collecting evidence")
        reports = self._reports()
        try:
            result = self._recording.finish(reports, self._data)
        except OSError as error:
            problem = f"no report: cannot write to {reports}: {error.strerror}"
            self.summary.append(problem)
            return [problem]
        self._summarise(result)
        return result.failures

    def _summarise(self, result: Result) -> None:
        self.summary += result.failures[:MOST_LINES]
        if len(result.failures) > MOST_LINES:
            self.summary.append(f"... and {len(result.failures) - MOST_LINES} more; the report has all")
        page = result.page
        with suppress(ValueError):
            page = page.relative_to(self._config.invocation_params.dir)
        self.summary.append(f"report: {page}")
        if self._cluster is not None and self._cluster.kept:
            self.summary.append(f"data directory of the cluster: {self._cluster.root}")


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """While the cluster runs, SIGTERM ends the run as Ctrl-C does; by default it would leave temporary folders."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
