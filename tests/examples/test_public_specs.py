"""Specs as they are published run as they are; where that cannot be, one line says why and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from harness.cli import main
from harness.clusters import Cluster, EmbeddedCluster, Options
from tests.examples import public_specs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

IMAGES = Path(__file__).parent / "public" / "images"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with EmbeddedCluster(Options(images=(IMAGES,))) as cluster:
        yield cluster


@pytest.fixture(autouse=True)
def _emptied(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    yield
    cluster.client().delete_all_pipelines()
    cluster.client().delete_all_repos()


def run(cluster: Cluster, spec: str, repos: dict[str, dict[str, str]]) -> Result:
    Path("spec").write_text(spec)
    for repo, files in repos.items():
        Path(repo).mkdir()
        for name, text in files.items():
            Path(repo, name).write_text(text)
    options = [word for repo in repos for word in ("--repo", repo)]
    where = f"{cluster.address},{cluster.token}"
    return CliRunner().invoke(main, ["run", "spec", *options, "--cluster", where, "--output", "out"])


@pytest.mark.parametrize(
    ("spec", "repos", "expected"),
    [
        (
            public_specs.EDGES,
            {"images": {"liberty.jpg": "aab"}},
            {"edges/liberty.png": " |", "montage/montage.png": " |aab"},
        ),
        (
            public_specs.COUNT,
            {"books": {"one": "a rose is a rose", "two": "is a"}},
            {"reduce/a": "3\n", "reduce/is": "2\n", "reduce/rose": "2\n"},
        ),
        (
            public_specs.SHUFFLE,
            {"fruits": {"apple1": "A", "pear1": "P"}},
            {"lazy_shuffle/apple/apple1": "A", "lazy_shuffle/pear/pear1": "P"},
        ),
        (public_specs.ERR_CMD, {"words": {"good": "g", "fail": "f"}}, {"error_test/good": "g"}),
        (public_specs.OLD, {"a": {"x": "1", "y": "2"}}, {"join/x": "1", "join/y": "2"}),
    ],
    ids=["opencv", "word count", "lazy shuffle", "err_cmd", "1.x"],
)
def test_a_published_spec_runs_unchanged(
    cluster: Cluster, spec: str, repos: dict[str, dict[str, str]], expected: dict[str, str]
) -> None:
    result = run(cluster, spec, repos)
    assert result.exit_code == 0, result.output
    assert "note: image " in result.stdout
    written = {
        file.relative_to("out").as_posix(): file.read_text() for file in Path("out").rglob("*") if file.is_file()
    }
    pipelines = {path.partition("/")[0] for path in expected}
    assert {path: text for path, text in written.items() if path.partition("/")[0] in pipelines} == expected


def test_an_image_that_cannot_be_guessed_is_told_with_what_to_do(cluster: Cluster) -> None:
    result = run(cluster, public_specs.MISSING, {"a": {"x": "1"}})
    assert result.exit_code == 2
    assert "pipeline montage cannot run: image v4tech/imagemagick not found: looked in" in result.stderr
    assert "Add a folder with the image's files" in result.stderr


def test_a_program_that_a_plain_image_has_not_either_is_told_before_it_fails(cluster: Cluster) -> None:
    spec = public_specs.MISSING.replace("v4tech/imagemagick", "alpine").replace('["sh"]', '["montage", "/pfs/a"]')
    result = run(cluster, spec, {"a": {"x": "1"}})
    assert result.exit_code == 2
    assert (
        "this machine, which stands in for image alpine, has no program montage; install it, or give" in result.stdout
    )
