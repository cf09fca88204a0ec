"""A datum's ``datum.Meta`` as JSON, in the form that Pachyderm keeps at ``/meta/<datum id>/meta``."""

from __future__ import annotations

import base64
import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from harness.pachd.pps.states import DatumState

if TYPE_CHECKING:
    from harness.pachd.pps.datums import Datum, DatumInput, Source
    from harness.pachd.pps.keys import Job
    from harness.pachd.pps.results import Stats

_STATES = {DatumState.SUCCESS: "PROCESSED", DatumState.FAILED: "FAILED", DatumState.RECOVERED: "RECOVERED"}


def as_json(
    job: Job, datum: Datum, hash_: str, *, state: DatumState, reason: str, stats: Stats, image_digest: str
) -> str:
    """How ``job`` executed ``datum``. Names and forms are those of protobuf's JSON."""
    meta = {
        "job": {"pipeline": {"project": {"name": job.pipeline.project}, "name": job.pipeline.name}, "id": job.id},
        "inputs": [_input(part) for part in datum.inputs],
        "hash": hash_,
        "state": _STATES[state],
        "reason": reason,
        "stats": {
            "downloadTime": _duration(stats.download_time),
            "processTime": _duration(stats.process_time),
            "uploadTime": _duration(stats.upload_time),
            "downloadBytes": str(stats.download_bytes),
            "uploadBytes": str(stats.upload_bytes),
        },
        "index": str(datum.index),
        "imageId": image_digest,
    }
    return json.dumps(meta, separators=(",", ":"))


def _input(part: DatumInput) -> dict[str, Any]:
    commit, leaf = _source(part.source)
    return {
        "fileInfo": {
            "file": {"commit": commit, "path": part.path},
            "fileType": "DIR" if part.is_directory else "FILE",
            "sizeBytes": str(part.size),
            "hash": base64.b64encode(part.hash).decode(),
        },
        "joinOn": part.join_on,
        "groupBy": part.group_by,
        **leaf,
    }


@lru_cache(100)  # one for many datums
def _source(source: Source) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is the same for all paths: of their commit, and of the leaf."""
    leaf, commit = source.leaf, source.commit
    repo = {"name": commit.repo.name, "type": commit.repo.type, "project": {"name": commit.repo.project}}
    return {"repo": repo, "id": commit.id, "branch": {"repo": repo, "name": leaf.branch}}, {
        "name": leaf.name,
        "branch": leaf.branch,
        "outerJoin": leaf.outer_join,
        "lazy": leaf.lazy,
        "emptyFiles": leaf.empty_files,
    }


def _duration(nanoseconds: int) -> str:
    return f"{nanoseconds // 10**9}.{nanoseconds % 10**9:09d}s"
