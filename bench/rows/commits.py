"""What a small commit costs where much has been committed before."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.cluster import running
from bench.table import Row

OLD_COMMITS, OLD_FILES = 1_000, 100_000
COMMITS = 20  # a run's figure is their median


def small_commits(runs: int) -> list[Row]:
    """Start, put a small file, finish: in a repo with many commits, in one with many files, and in a new one."""
    taken: dict[str, list[float]] = {"commits": [], "files": [], "empty": []}
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
        client = server.client
        client.create_repo("commits")
        client.create_repo("files")
        for number in range(OLD_COMMITS):
            _commit(client, "commits", f"/old/{number}")
        with client.modify_file_client(("files", "master")) as upload:
            for number in range(OLD_FILES):
                upload.put_file_from_bytes(f"/old/{number:06}", b"%d" % (number % 1000))
        server.settle()
        for run in range(runs + 1):
            client.delete_repo("empty", force=True) if run else None
            client.create_repo("empty")
            samples: dict[str, list[float]] = {repo: [] for repo in taken}
            for number in range(COMMITS):
                for repo, of_repo in samples.items():
                    of_repo.append(_commit(client, repo, f"/new/{run}/{number}"))
            for repo, of_repo in samples.items():
                taken[repo].append(statistics.median(of_repo))
    empty = taken.pop("empty")[1:]
    beside = f"{statistics.median(empty) * 1000:.3g} ms in an empty repo"
    names = {"commits": f"{OLD_COMMITS:,} commits", "files": f"{OLD_FILES:,} files"}
    return [
        Row(
            f"a small commit in a repo of {names[repo]}, of the time in an empty one",
            "",
            [ours / theirs for ours, theirs in zip(of_repo[1:], empty, strict=True)],
            1.3,
            beside,
        )
        for repo, of_repo in taken.items()
    ]


def _commit(client: Any, repo: str, path: str) -> float:
    began = time.perf_counter()
    with client.commit(repo, "master") as commit:
        client.put_file_bytes(commit, path, path.encode())
    return time.perf_counter() - began
