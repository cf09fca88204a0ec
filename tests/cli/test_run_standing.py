"""``harness run`` with a pipeline that goes on by itself: it stays until it is ended, or its cluster is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.clusters import EmbeddedCluster

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMMAND = (sys.executable, "-c", "from harness.cli import main; main()", "run", "spout.yaml")
SPOUT = "{pipeline: {name: ticker}, transform: {image: alpine, cmd: [sleep, '600']}, spout: {}}"
SECONDS = 60


@contextmanager
def standing(folder: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """The process, once it has said that it goes on."""
    (folder / "spout.yaml").write_text(SPOUT)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    pipe = subprocess.PIPE
    with subprocess.Popen([*COMMAND, *words], cwd=folder, env=env, text=True, stdout=pipe, stderr=pipe) as process:
        try:
            assert process.stdout is not None
            assert any(line.endswith("going on until Ctrl-C\n") for line in process.stdout)
            yield process
        finally:
            process.kill()


def test_ctrl_c_ends_it(tmp_path: Path) -> None:
    with standing(tmp_path) as process:
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, err) == (0, "ended\n")


def test_the_end_of_its_cluster_is_told(tmp_path: Path) -> None:
    with EmbeddedCluster() as cluster, standing(tmp_path, "--cluster", f"{cluster.address},{cluster.token}") as process:
        assert cluster.pid is not None
        os.kill(cluster.pid, signal.SIGKILL)
        _, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, err) == (2, f"harness: the cluster at {cluster.address} has gone\n")
