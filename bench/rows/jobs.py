"""Jobs that have little to do among very much, and how soon a small one is done."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from bench.cluster import running
from bench.pipelines import COPY, create, ended, fill, seconds, timed
from bench.table import Row

MANY, SKIPPED, WORKERS = 100_000, 10_000, 2


def one_of_many(runs: int) -> list[Row]:
    """One file of very many changes: from its commit to the finished job, and what of that is not enumerating."""
    wholes, rests, lists = [], [], []
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
        client = server.client
        fill(client, "numbers", MANY)
        timed(client, "true", ["true"], "numbers", WORKERS, MANY)
        server.settle()
        for run in range(runs):
            began = time.perf_counter()
            client.put_file_bytes(("numbers", "master"), "/000005", b"changed %d\n" % run)
            info = ended(client, "true", 1)
            wholes.append(time.perf_counter() - began)
            rests.append(wholes[-1] - seconds(info.created, info.started))
            lists.append(_listing(client))
    beside = f"listing the files {sorted(lists)[len(lists) // 2]:.3g} s"
    what = f"a job of {MANY:,} datums of which one changed"
    return [
        Row(f"{what}, from commit to finished job", "s", wholes, 10, beside),
        Row(f"{what}, without the enumeration", "s", rests, 1, beside),
    ]


def no_op(runs: int) -> list[Row]:
    """An update that reprocesses nothing."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
        client = server.client
        fill(client, "numbers", SKIPPED)
        timed(client, "true", ["true"], "numbers", WORKERS, SKIPPED)
        server.settle()
        samples, lists = [], []
        for _ in range(runs):
            began = time.perf_counter()
            create(client, "true", ["true"], "numbers", WORKERS, update=True)
            ended(client, "true", 0)
            samples.append(time.perf_counter() - began)
            lists.append(_listing(client))
    beside = f"listing the files {sorted(lists)[len(lists) // 2]:.3g} s"
    return [Row(f"an update that reprocesses nothing of {SKIPPED:,} datums", "s", samples, 2, beside)]


def two_stages(runs: int) -> list[Row]:
    """One file through two pipelines of `cp`: from the end of FinishCommit to the finished output commit."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
        client = server.client
        client.create_repo("first")
        create(client, "second", COPY, "first", 1)
        create(client, "third", COPY, "second", 1)
        samples, calls = [], []
        for run in range(runs * 10 + 1):
            commit = client.start_commit("first", "master")
            client.put_file_bytes(commit, f"/{run}", b"%d\n" % run)
            client.finish_commit(commit)
            began = time.perf_counter()
            client.wait_commit(("third", commit.id))
            done = time.perf_counter()
            client.inspect_repo("first")
            calls.append((time.perf_counter() - done) * 1000)
            samples.append((done - began) * 1000)
    beside = f"one call {sorted(calls)[len(calls) // 2]:.2g} ms"
    what = "one file through two pipelines of `cp`, from FinishCommit to the finished output"
    return [Row(what, "ms", samples[1:], 60, beside)]  # the first one started the workers


def _listing(client: Any) -> float:
    began = time.perf_counter()
    for _ in client.list_file(("numbers", "master"), "/"):
        pass
    return time.perf_counter() - began
