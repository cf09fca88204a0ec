"""The gallery as a newcomer meets it: each example by the command that its README shows, in a copy of its folder."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, STDOUT, Popen
from sys import executable
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from harness.cli import main
from harness.clusters import Cluster, start

if TYPE_CHECKING:
    from collections.abc import Iterator

GALLERY = Path(__file__).resolve().parents[2] / "examples"
COMMAND = re.compile(r"^```sh\n(\w+) (.*)\n```$", re.MULTILINE)
PROGRAMS = {
    "harness": ["-c", "from harness.cli import main; main()"],
    "pytest": ["-m", "pytest", "-p", "harness.plugin", "-p", "no:cacheprovider"],
}


def command(folder: Path) -> tuple[str, list[str]]:
    """The only command of an example's README: the program and its words."""
    ((program, words),) = COMMAND.findall((folder / "README.md").read_text(encoding="utf-8"))
    return program, shlex.split(words)


@contextmanager
def ended_as_before() -> Iterator[None]:
    """The command changes what ends its process; here that is pytest's."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@dataclass
class Example:
    """A copy of an example's folder; what it runs on is the tests' cluster."""

    folder: Path
    cluster: Cluster

    @property
    def name(self) -> str:
        return self.folder.name

    def command(self) -> tuple[str, list[str]]:
        """Its README's, with the cluster to run on."""
        program, words = command(self.folder)
        where = ",".join(filter(None, (self.cluster.address, self.cluster.token)))
        return program, [*words, "--cluster", where]

    def run(self) -> str:
        """Run it to its end, in this process, for speed; what it printed."""
        program, words = self.command()
        assert program == "harness"
        result = CliRunner().invoke(main, words, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.stdout

    @contextmanager
    def running(self) -> Iterator[Popen[str]]:
        """Run it in a process of its own, which is ended with the block."""
        program, words = self.command()
        argv, env = [executable, *PROGRAMS[program], *words], {**os.environ, "PYTHONPATH": str(GALLERY.parent)}
        with Popen(argv, cwd=self.folder, env=env, stdout=PIPE, stderr=STDOUT, text=True) as process:
            try:
                yield process
            finally:
                process.kill()

    def results(self, pipeline: str) -> dict[str, str]:
        """The files on the pipeline's output branch."""
        client, at = self.cluster.client(), (pipeline, "master")
        files = [info.file.path for info in client.walk_file(at, "/") if not info.file.path.endswith("/")]
        return {path: client.get_file(at, path).read().decode().rstrip("\n") for path in files}


@pytest.fixture(scope="session")
def shared(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """The cluster that ``--cluster`` names, else one for all examples."""
    with start(request.config.getoption("--cluster")) as cluster:
        yield cluster


@pytest.fixture
def example(
    request: pytest.FixtureRequest, shared: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Example]:
    """The example that the test names, on an empty cluster."""
    client = shared.client()
    if list(client.list_repo()):
        pytest.skip("the cluster is in use: the examples need an empty one")
    folder = Path(shutil.copytree(GALLERY / request.param, tmp_path / request.param))
    monkeypatch.chdir(folder)
    with ended_as_before():
        yield Example(folder, shared)
    client.delete_all_pipelines()
    client.delete_all_repos()
