"""A server that is killed at random moments while clients upload, over and over on the same data, loses nothing."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from harness.clusters import EmbeddedCluster, Options
from tests.pachd.durability.clients import PipelineUser, Uploader
from tests.pachd.durability.crash import FAILURES
from tests.pachd.durability.world import complaints

if TYPE_CHECKING:
    from pathlib import Path

    from harness.clusters import Cluster

ROUNDS = 6
MANY_ROUNDS = int(os.environ.get("HARNESS_KILLS", "200"))
SEED = int(os.environ.get("HARNESS_SEED", "1"))
LONGEST_LIFE = 1.0  # seconds from the first call to the kill
DEADLINE = 30.0


class Crowd:
    """Several clients with their threads, and the figures of all rounds."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 -- the same moments in every run
        self._feeder = PipelineUser(0, seed)
        self.clients = [self._feeder, *(Uploader(number, seed + number) for number in range(1, 4))]

    def prepare(self, client: Any) -> None:
        client.create_repo("shared")
        client.put_file_bytes(("shared", "master"), "/first", b"so that there is a commit")
        self._feeder.prepare(client)

    def live(self, cluster: Cluster) -> None:
        """Work until the server is killed. Raises what a call raises before that."""
        killed = threading.Event()

        def work(worker: Uploader) -> None:
            client = cluster.client()
            try:
                while True:
                    worker.act(client)
            except FAILURES:
                if not killed.is_set():
                    raise
            finally:
                client._channel.close()

        with ThreadPoolExecutor(len(self.clients)) as pool:
            working = [pool.submit(work, worker) for worker in self.clients]
            killed.wait(self._chance.uniform(0, LONGEST_LIFE))  # not for an event: the moment is what is random
            assert cluster.pid is not None
            killed.set()
            os.kill(cluster.pid, signal.SIGKILL)
            for worker in working:
                worker.result(DEADLINE)

    def losses(self, client: Any) -> list[str]:
        """What is not as it should be after a restart."""
        return [loss for worker in self.clients for loss in worker.losses(client)] + complaints(client)

    def figures(self) -> str:
        acknowledged = sum((worker.journal.acknowledged for worker in self.clients), Counter())
        interrupted = sum((worker.journal.interrupted for worker in self.clients), Counter())
        brought = sum(worker.journal.bytes for worker in self.clients) / 1e6
        lines = [f"{name}: {times} acknowledged, {interrupted[name]} cut off" for name, times in acknowledged.items()]
        return "\n".join([f"{acknowledged.total()} calls acknowledged, {brought:.0f} MB", *sorted(lines)])


def kill_over_and_over(root: Path, rounds: int) -> None:
    crowd = Crowd(SEED)
    options = Options(root=root, allow_host_images=True)
    losses: list[str] = []
    for round_ in range(rounds + 1):  # the last one only looks
        with EmbeddedCluster(options) as cluster:
            client = cluster.client()
            if round_:
                losses += [f"round {round_}: {loss}" for loss in crowd.losses(client)]
            else:
                crowd.prepare(client)
            client._channel.close()
            if losses or round_ == rounds:
                break
            crowd.live(cluster)
        print(f"killed {round_ + 1} times", flush=True)
    print(f"seed {SEED}, {len(losses)} losses; {crowd.figures()}")
    assert losses == []


def test_a_few_random_kills(tmp_path: Path) -> None:
    kill_over_and_over(tmp_path / "root", ROUNDS)


@pytest.mark.soak
def test_many_random_kills(tmp_path: Path) -> None:
    kill_over_and_over(tmp_path / "root", MANY_ROUNDS)
