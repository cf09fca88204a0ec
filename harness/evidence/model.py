"""The evidence record: everything one run said, did and found, as plain immutable data.

The record is collected once; verdicts and reports are pure functions of it and work years later without a cluster.

Conventions: a commit is named ``project/repo@id`` or ``project/repo.type@id`` (:mod:`harness.evidence.refs`). Times are
UTC texts with nine digits behind the second (:mod:`harness.evidence.moments`), so that their order is the order of the
texts. Durations are seconds, sizes bytes. States and origins are Pachyderm's own words without their prefix, such as
``SUCCESS`` for ``JOB_SUCCESS``.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.evidence.facts import Commit, Job, PipelineVersion, Repo  # noqa: TC001 -- forms.py reads the types
from harness.evidence.story import Chapter, Cluster, Run  # noqa: TC001 -- as above

SCHEMA = "pachyderm-harness/evidence"
VERSION = 1

# ``Omission.where`` of a record for which the cluster could not be asked.
CLUSTER = "cluster"


@dataclass(frozen=True)
class Prediction:
    """What the model said about one review: (P(negative), P(positive)), or None where it said nothing."""

    review: str
    before: tuple[float, ...] | None
    after: tuple[float, ...] | None


@dataclass(frozen=True)
class PredictionTable:
    """Predictions of two commits side by side; ``chapter`` is the node id of the scenario that asked, or ""."""

    chapter: str
    title: str
    before: str
    after: str
    rows: tuple[Prediction, ...] = ()


@dataclass(frozen=True)
class Omission:
    """Something the cluster has that the record does not: where, how many, and why. Nothing is left out silently."""

    where: str
    count: int
    reason: str


@dataclass(frozen=True)
class Record:
    """The whole evidence of one run. ``hash`` is the sha256 over everything else (:mod:`harness.evidence.seal`)."""

    run: Run
    cluster: Cluster
    chapters: tuple[Chapter, ...] = ()
    repos: tuple[Repo, ...] = ()
    pipelines: tuple[PipelineVersion, ...] = ()
    commits: tuple[Commit, ...] = ()
    jobs: tuple[Job, ...] = ()
    predictions: tuple[PredictionTable, ...] = ()
    omissions: tuple[Omission, ...] = ()
    schema: str = SCHEMA
    version: int = VERSION
    hash: str = ""
