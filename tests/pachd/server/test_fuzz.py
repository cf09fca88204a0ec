"""No request, however malformed, stops the server, hangs in it, makes it fail or swells it."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import grpc
import pytest

from tests.pachd.server import fuzz

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 4
SOAK_ROUNDS = int(os.environ.get("HARNESS_FUZZ_ROUNDS", "2000"))
SEED = int(os.environ.get("HARNESS_FUZZ_SEED", "0"))
MOST_GROWTH = 100 * 2**20  # bytes


def memory(pid: int) -> int:
    """Bytes that a process holds in memory."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))


def attack(server: Any, rounds: int) -> None:
    """Make calls of all sorts; then do what a proper client does."""
    random = Random(SEED)  # noqa: S311 -- chance that can be repeated
    client = server.client()
    client.create_repo("images")
    client.put_file_bytes(("images", "master"), "/a", b"x")
    sizes = []
    with grpc.insecure_channel(server.said["address"]) as channel:
        for _ in range(2):  # after the first half everything is loaded and every cache filled
            for method in fuzz.rounds(random, rounds // 2):
                fuzz.call(random, channel, method)
            sizes.append(memory(server.popen.pid))
    assert sizes[1] < sizes[0] + MOST_GROWTH
    client.create_project("default", update=True)
    client.create_repo("plain")
    client.put_file_bytes(("plain", "master"), "/a", b"as ever")
    assert client.get_file(("plain", "master"), "/a").read() == b"as ever"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory of processes is read from /proc")
def test_no_request_harms_the_server(start: Callable[..., Any]) -> None:
    attack(start("--no-token"), ROUNDS)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_no_request_harms_the_server_for_long(start: Callable[..., Any]) -> None:
    attack(start("--no-token"), SOAK_ROUNDS)


def test_strangers_get_no_further_than_the_door(start: Callable[..., Any]) -> None:
    random = Random(SEED)  # noqa: S311 -- as above
    server = start()
    told = {grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.CANCELLED, grpc.StatusCode.RESOURCE_EXHAUSTED}
    with grpc.insecure_channel(server.said["address"]) as channel:
        for method in fuzz.rounds(random, 1):
            if "Health" not in method.path and "GetVersion" not in method.path:
                assert fuzz.call(random, channel, method) in told, method.path
