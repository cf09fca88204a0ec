"""The environment variables that user code sees."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.pachd.pps.datums import Datum
    from harness.pachd.pps.keys import Job
    from harness.pachd.pps.versions import Version


def of_worker(version: Version, worker: str) -> dict[str, str]:
    """What every datum of a pipeline's version sees on that worker."""
    return {
        **version.info.details.transform.env,
        "PPS_PIPELINE_NAME": version.pipeline.name,
        "PPS_PROJECT_NAME": version.pipeline.project,
        "PPS_SPEC_COMMIT": version.spec,
        "PPS_POD_NAME": worker,
        "PPS_WORKER_IP": "127.0.0.1",
        "PPS_ETCD_PREFIX": "",
        "PACH_NAMESPACE": "default",
        "PACH_ROOT": "/pach",
        "PACH_IN_WORKER": "true",
        "STORAGE_BACKEND": "LOCAL",
    }


def of_datum(job: Job, datum: Datum) -> dict[str, str]:
    """What one datum sees in addition; also the content of its ``/pfs/.env``.

    Of several files of an input the last one counts.
    """
    env = {}
    for part in datum.inputs:
        name = part.source.name
        env[name] = posixpath.normpath(f"/pfs/{name}{part.path}")
        env[f"{name}_COMMIT"] = part.source.commit.id
        for what, key in (("JOIN_ON", part.join_on), ("GROUP_BY", part.group_by)):
            if key:
                env[f"PACH_DATUM_{name}_{what}"] = key
    return {**env, "PACH_DATUM_ID": datum.id, "PACH_JOB_ID": job.id, "PACH_OUTPUT_COMMIT_ID": job.id}


def as_file(env: Mapping[str, str]) -> bytes:
    """``KEY=VALUE`` lines."""
    return "".join(f"{name}={value}\n" for name, value in env.items()).encode()
