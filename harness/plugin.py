"""The pytest plug-in: a cluster for scenarios, their checks as evidence, a report at the end.

It does nothing, and imports nothing heavy, in runs that use none of its fixtures.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import pytest

from harness.scenario_run import ScenarioRun

if TYPE_CHECKING:
    from collections.abc import Generator

    from harness.clusters import Cluster
    from harness.data import DataSet
    from harness.evidence.ledger import ChapterLedger
    from harness.workflow import Workflow

RUN = pytest.StashKey[ScenarioRun]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options; each has a twin in the environment, which counts where the option is not given."""
    group = parser.getgroup("harness", "pachyderm harness")

    def option(name: str, text: str, default: str | None = None, **more: Any) -> None:
        twin = "HARNESS_" + name.strip("-").upper().replace("-", "_")
        group.addoption(name, default=os.environ.get(twin) or default, help=f"{text} [${twin}]", **more)

    option(
        "--cluster", "embedded (default), or HOST:PORT[,TOKEN] of a Pachyderm that runs", "embedded", metavar="WHERE"
    )
    option("--data", "folder with labeledTrainData.tsv, reviews/ and moreReviews.tsv", metavar="DIR")
    option("--report-dir", "where reports go (default: reports)", "reports", metavar="DIR")
    option("--images", "folder of image folders (default: the ones that come with the harness)", metavar="DIR")
    option("--keep-cluster", "keep the embedded cluster's data directory", action="store_true")


def pytest_configure(config: pytest.Config) -> None:
    """A run may come to need a cluster; whatever it starts is ended, however pytest ends."""
    run = ScenarioRun(config)
    config.stash[RUN] = run
    config.add_cleanup(run.close)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Whatever happens during a test that uses the cluster belongs to its chapter."""
    run = item.config.stash[RUN]
    if {"cluster", "checks"} & set(getattr(item, "fixturenames", ())):
        texts = [getattr(getattr(item, name, None), "__doc__", None) or "" for name in ("obj", "module")]
        run.enter(item.nodeid, item.name, *texts)
    try:
        return (yield)
    finally:
        run.leave()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """How a test ended, into its chapter. Failures that explain themselves are shown without our own frames."""
    if call.excinfo is not None and _explains_itself(call.excinfo.value):
        error = call.excinfo.value
        call.excinfo = pytest.ExceptionInfo.from_exception(error.with_traceback(_outside(error.__traceback__)))
        if type(error).__name__ == "ClusterDiedError":
            item.session.shouldstop = "the cluster is gone"
    report = yield
    item.config.stash[RUN].note_outcome(report)
    return report


def _explains_itself(error: BaseException) -> bool:
    """Whether it is an error of ours: raised to be read, by scenarios' code or on its behalf."""
    return type(error).__module__.startswith(__name__.partition(".")[0] + ".")


def _outside(traceback: TracebackType | None) -> TracebackType | None:
    """The traceback as far as it leads to this package: what is left is the scenario's own code."""
    if traceback is None or Path(traceback.tb_frame.f_code.co_filename).is_relative_to(Path(__file__).parent):
        return None
    rest = _outside(traceback.tb_next)
    return TracebackType(rest, traceback.tb_frame, traceback.tb_lasti, traceback.tb_lineno)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """All tests are over, or were interrupted: the report, while the cluster still answers."""
    run = session.config.stash[RUN]
    if run.finish() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Where the report is, and what is wrong in it."""
    lines = config.stash[RUN].summary
    if lines:
        terminalreporter.section("pachyderm harness")
    for line in lines:
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest) -> Cluster:
    """The cluster that ``--cluster`` names; an embedded one is started here, for the whole run."""
    return request.config.stash[RUN].cluster()


@pytest.fixture(scope="session")
def client(cluster: Cluster) -> Any:
    """A ``python_pachyderm.Client`` for the cluster."""
    return cluster.client()


@pytest.fixture(scope="session")
def workflow(request: pytest.FixtureRequest, cluster: Cluster) -> Workflow:
    """The scenario's verbs in the cluster's default project; shows progress, and records what it puts."""
    from harness.workflow import Workflow

    return Workflow(cluster, request.config.stash[RUN])


@pytest.fixture
def checks(request: pytest.FixtureRequest) -> ChapterLedger:
    """Checks that assert and that the report shows: ``checks.equal("jobs", actual, expected)``."""
    return request.config.stash[RUN].chapter()


@pytest.fixture(scope="session")
def dataset(request: pytest.FixtureRequest) -> DataSet:
    """The reviews to work on: from ``--data``, else fetched before, else made up."""
    return request.config.stash[RUN].data()
