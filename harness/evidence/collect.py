"""Collecting the evidence: one walk over a cluster through the public ``python_pachyderm`` client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.evidence import predictions, versions, work
from harness.evidence.contents import Contents
from harness.evidence.model import Record
from harness.evidence.seal import sealed
from harness.evidence.story import Chapter, Cluster, Run

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Limits:
    """How much is collected: bytes of one file that are fetched, files of one commit, datums of one job.

    What lies beyond is counted in the record's ``omissions``.
    """

    file_bytes: int = 64 << 20
    files: int = 100_000
    datums: int = 100_000


DEFAULT_LIMITS = Limits()


def identify(client: Any, kind: str, address: str, isolation: str) -> Cluster:
    """The cluster behind ``client``, with the version and the id that it gives itself."""
    version = client.get_remote_version()
    number = f"{version.major}.{version.minor}.{version.micro}{version.additional}"
    return Cluster(kind, address, number, client.inspect_cluster().id, isolation)


def collect(
    client: Any, run: Run, cluster: Cluster, chapters: Sequence[Chapter] = (), limits: Limits = DEFAULT_LIMITS
) -> Record:
    """The sealed record of ``run``: everything the cluster holds now, beside what the scenarios said.

    The cluster should be at rest. Raises ``grpc.RpcError`` where it does not answer, and
    :class:`harness.evidence.contents.FetchError` where it gives other bytes than it lists.
    """
    commits = versions.Commits(client, Contents(client, limits.file_bytes), limits.files)
    jobs = work.Jobs(client, limits.datums)
    found_pipelines = work.pipelines(client)
    found_jobs = jobs.collect(found_pipelines)
    found_commits = commits.collect()
    return sealed(
        Record(
            run,
            cluster,
            tuple(chapters),
            tuple(sorted(versions.repos(client), key=lambda repo: (repo.project, repo.name, repo.type))),
            work.with_digests(found_pipelines, found_jobs),
            found_commits,
            found_jobs,
            predictions.tables(found_commits, chapters),
            (*commits.omissions, *jobs.omissions),
        )
    )
