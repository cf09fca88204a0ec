"""The record's second half: what the cluster said. Repos, pipelines, commits with their files, jobs with their datums.

``None`` means that the cluster did not say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Branch:
    """A branch when the record was collected; ``direct_provenance`` names branches: ``project/repo@name``."""

    name: str
    head: str | None
    direct_provenance: tuple[str, ...] = ()


@dataclass(frozen=True)
class Repo:
    """A repo of any type: ``user``, ``spec`` or ``meta``."""

    project: str
    name: str
    type: str
    description: str
    created: str | None
    size: int
    branches: tuple[Branch, ...] = ()


@dataclass(frozen=True)
class PipelineVersion:
    """One version of a pipeline.

    ``image_digest`` is what its datums say they ran in (``DatumInfo.image_id``), "" where none ran or none said.
    """

    project: str
    name: str
    version: int
    spec_commit: str
    image: str
    image_digest: str
    state: str
    reason: str
    spec: dict[str, Any]

    @property
    def ref(self) -> str:
        """The pipeline's name as jobs use it, which is also the name of its output repo."""
        return f"{self.project}/{self.name}"


@dataclass(frozen=True)
class File:
    """A file of a commit. ``hash`` is the cluster's own (hex), ``sha256`` is of the bytes that were fetched.

    ``sha256`` is None where the file was larger than the collector's limit; ``text`` is the whole content of a small
    UTF-8 file (:data:`harness.evidence.contents.TEXT_LIMIT`) and None for every other.
    """

    path: str
    datum: str
    size: int
    hash: str
    sha256: str | None = None
    text: str | None = None


@dataclass(frozen=True)
class Commit:
    """A commit. ``files`` are listed for finished commits of user repos alone."""

    repo: str
    id: str
    branch: str
    origin: str
    description: str
    parent: str | None
    started: str | None
    finishing: str | None
    finished: str | None
    error: str
    size: int
    direct_provenance: tuple[str, ...] = ()
    files: tuple[File, ...] = ()

    @property
    def ref(self) -> str:
        """The name other parts of the record use for this commit."""
        return f"{self.repo}@{self.id}"


@dataclass(frozen=True)
class Stats:
    """What workers measured: seconds and bytes, summed over the datums that ran."""

    download_seconds: float = 0.0
    process_seconds: float = 0.0
    upload_seconds: float = 0.0
    download_bytes: int = 0
    upload_bytes: int = 0


@dataclass(frozen=True)
class DatumInput:
    """A file or directory that a datum read; ``hash`` is the cluster's own (hex)."""

    commit: str
    path: str
    hash: str
    size: int


@dataclass(frozen=True)
class Datum:
    """A datum of a job. ``processed_by`` is the id of the job that really ran it: an earlier one if SKIPPED."""

    id: str
    state: str
    processed_by: str
    image_id: str
    inputs: tuple[DatumInput, ...] = ()
    stats: Stats = Stats()


@dataclass(frozen=True)
class Job:
    """A job. ``datum_count`` counts all datums the cluster listed, also those beyond the collector's cap."""

    pipeline: str
    id: str
    version: int
    state: str
    reason: str
    created: str | None
    started: str | None
    finished: str | None
    restarts: int
    total: int
    processed: int
    skipped: int
    failed: int
    recovered: int
    output_commit: str
    stats: Stats = Stats()
    datum_count: int = 0
    datums: tuple[Datum, ...] = ()
