"""A disk that is really full: uploads are refused, nothing is lost, and the same server goes on when there is room."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

import grpc
import pytest

from harness.clusters import EmbeddedCluster, Options
from tests.pachd.durability.workload import attempt, noise, put, until_collected
from tests.pachd.durability.world import complaints, digest, digests

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DISK_BYTES = 40_000_000
FILE_BYTES = 1_000_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """The root of a file system of its own."""
    if os.geteuid() or shutil.which("mount") is None:
        pytest.skip("only root can mount a small disk")
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "harness-small", str(folder)]
    mounted = subprocess.run(command, check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


def fill(client: Any) -> dict[str, str]:
    """Put files until one is refused for lack of room; those that were taken."""
    client.create_repo("data")
    taken: dict[str, str] = {}
    for number in range(DISK_BYTES // FILE_BYTES):
        data = noise(number, FILE_BYTES)
        code = attempt(put("data", "master", f"/{number}", data), client)
        if code is not None:
            assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
            return taken
        taken[f"/{number}"] = digest(data)
    pytest.fail("more was taken than the disk can hold")


def test_uploads_go_on_once_there_is_room(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(noise(1000, 10_000_000))
    with EmbeddedCluster(Options(root=small_disk)) as cluster:
        client = cluster.client()
        taken = fill(client)
        assert len(taken) > 5
        assert digests(client, "data", "master") == taken
        ballast.unlink()
        client.put_file_bytes(("data", "master"), "/more", noise(1000, FILE_BYTES))
        assert digests(client, "data", "master") == {**taken, "/more": digest(noise(1000, FILE_BYTES))}
        assert complaints(client) == []


def test_deleting_makes_room(small_disk: Path) -> None:
    """Uploads leave a little of it, so that the call that helps is never refused."""
    with EmbeddedCluster(Options(root=small_disk)) as cluster:
        client = cluster.client()
        taken = fill(client)
        client.delete_repo("data")
        client.create_repo("data")
        until_collected(client)
        data = noise(1000, len(taken) * FILE_BYTES // 2)
        refused = iter(partial(attempt, put("data", "master", "/new", data), client), None)
        for code in islice(refused, 100):
            assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
            threading.Event().wait(0.1)  # packs go a moment after what is in them
        assert digests(client, "data", "master") == {"/new": digest(data)}
