"""The record's first half: what the harness knows by itself. The run, its data, its cluster, its scenarios."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Outcome = Literal["passed", "failed", "skipped"]
DataKind = Literal["given", "fetched", "synthetic"]


@dataclass(frozen=True)
class DataFile:
    """A file of the data set on the user's side; ``rows`` is None where rows mean nothing."""

    path: str
    sha256: str
    size: int
    rows: int | None = None


@dataclass(frozen=True)
class DataSet:
    """The data a run used: given by the user, fetched from its publisher, or synthetic (made by the harness)."""

    kind: DataKind
    directory: str
    files: tuple[DataFile, ...] = ()
    description: str = ""


@dataclass(frozen=True)
class Run:
    """The run itself: when, by which harness and command line, on which Python and packages, over which data."""

    id: str
    started: str
    finished: str
    harness: str
    command: tuple[str, ...]
    python: str
    platform: str
    packages: dict[str, str]
    data: DataSet | None = None


@dataclass(frozen=True)
class Cluster:
    """The cluster that was asked: where it came from, what it says it is, how its workers were isolated."""

    kind: str
    address: str
    version: str
    id: str
    isolation: str


@dataclass(frozen=True)
class Check:
    """One comparison a scenario made. ``expected`` and ``actual`` are JSON values; what JSON cannot say is a text."""

    name: str
    passed: bool
    expected: Any
    actual: Any
    explanation: str = ""


@dataclass(frozen=True)
class Put:
    """A file that a scenario says it put: the commit must hold exactly these bytes at this path."""

    commit: str
    path: str
    sha256: str


@dataclass(frozen=True)
class Comparison:
    """Two commits of predictions that a scenario wants to see side by side."""

    title: str
    before: str
    after: str


@dataclass(frozen=True)
class Chapter:
    """One scenario test: its story, its outcome and every check in it.

    ``error`` is the failure's text, ``part`` the docstring of the file that the test stands in.
    """

    nodeid: str
    title: str
    docstring: str
    outcome: Outcome
    duration: float
    checks: tuple[Check, ...] = ()
    notes: tuple[str, ...] = ()
    puts: tuple[Put, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    error: str = ""
    part: str = ""
