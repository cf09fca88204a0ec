"""``harness run``: from spec files and folders to results, on a cluster that is there or is started for it."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from harness.cli import main
from harness.clusters import Cluster, EmbeddedCluster

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from click.testing import Result

    Runs = Callable[..., Result]

SPECS = """\
pipeline: {name: doubled}
transform:
  image: ubuntu:22.04
  cmd: [sh]
  stdin: ['for f in /pfs/numbers/*; do echo $((2 * $(cat $f))) > /pfs/out/$(basename $f); done']
input: {pfs: {repo: numbers, glob: /*}}
---
pipeline: {name: sum}
transform: {image: "ubuntu:22.04", cmd: [sh], stdin: ["cat /pfs/doubled/* | paste -sd+ > /pfs/out/sum"]}
input: {pfs: {repo: doubled, glob: /}}
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with EmbeddedCluster() as cluster:
        yield cluster


@pytest.fixture
def runs(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runs]:
    """``harness run WORDS...`` on an empty cluster, in a folder with ``specs.yaml`` and ``numbers/``."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "specs.yaml").write_text(SPECS)
    (tmp_path / "numbers" / "deep").mkdir(parents=True)
    (tmp_path / "numbers" / "one").write_text("1")
    (tmp_path / "numbers" / "two").write_text("2")
    yield lambda *words: CliRunner().invoke(main, ["run", "--cluster", f"{cluster.address},{cluster.token}", *words])
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # of a process of its own there would be nothing left to undo
    cluster.client().delete_all_pipelines()
    cluster.client().delete_all_repos()


def test_results_are_shown_and_written(runs: Runs, tmp_path: Path) -> None:
    result = runs("specs.yaml", "--repo", "numbers", "--output", "out")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert "numbers: 2 files from numbers" in lines
    assert lines[-5:] == [
        "doubled: 2 files; datums: 2 processed",
        "  /one  2",
        "  /two  4",
        "sum: 1 files; datums: 1 processed",
        "  /sum  2+4",
    ]
    assert (tmp_path / "out" / "doubled" / "two").read_text() == "4\n"
    assert (tmp_path / "out" / "sum" / "sum").read_text() == "2+4\n"


def test_what_runs_otherwise_than_in_containers_is_told_once(runs: Runs) -> None:
    result = runs("specs.yaml", "--repo", "numbers")
    note = "doubled  note: image ubuntu:22.04: this machine's own programs run in its place"
    assert sum(line.startswith(note) for line in result.stdout.splitlines()) == 1


def test_running_again_does_only_what_is_new(runs: Runs, tmp_path: Path) -> None:
    runs("specs.yaml", "--repo", "numbers")
    (tmp_path / "numbers" / "three").write_text("3")
    result = runs("specs.yaml", "--repo", "other=numbers", "--repo", "numbers")
    assert result.exit_code == 0, result.output
    assert "  /sum  2+6+4" in result.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["specs.yaml"], "repo default/numbers not found (NOT_FOUND); --repo NAME=DIR makes a repo and fills it"),
        (["bad.yaml", "--repo", "numbers"], "bad.yaml: pipeline.nam: there is no such field; did you mean name?"),
        (["two.yaml"], "two.yaml: the specs are of several projects: p, q; run those of each project by themselves"),
        (["fails.yaml", "--repo", "numbers"], "ended in failure: datum "),
        (["specs.yaml", "--secret", "bad.yaml"], "bad.yaml: it is no Kubernetes secret; write "),
    ],
)
def test_problems_are_told_with_exit_code_2(runs: Runs, tmp_path: Path, words: list[str], message: str) -> None:
    (tmp_path / "bad.yaml").write_text("pipeline: {nam: p}")
    projects = [f"pipeline: {{name: a, project: {{name: {name}}}}}" for name in "pq"]
    (tmp_path / "two.yaml").write_text("\n---\n".join(projects))
    (tmp_path / "fails.yaml").write_text(SPECS.replace("echo", "montage"))
    result = runs(*words)
    assert result.exit_code == 2
    assert message in result.stderr


def test_what_a_failing_pipeline_lacks_is_told_before_its_failure(runs: Runs, tmp_path: Path) -> None:
    (tmp_path / "edges.json").write_text(
        '{"pipeline": {"name": "edges"}, "transform": {"image": "python:3.9", "cmd": ["python3", "/edges.py"]},'
        ' "input": {"pfs": {"repo": "numbers", "glob": "/*"}}}'
    )
    result = runs("edges.json", "--repo", "numbers")
    assert result.exit_code == 2
    assert (
        "edges  note: this machine, which stands in for image python:3.9, has no file /edges.py; install it"
        in result.stdout
    )
