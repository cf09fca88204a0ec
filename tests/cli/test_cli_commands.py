"""The ``harness`` command as a user meets it: what it prints, and its exit codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from harness.cli import main

if TYPE_CHECKING:
    from pathlib import Path


def harness(*words: str) -> Result:
    return CliRunner().invoke(main, words, prog_name="harness", catch_exceptions=False)


@pytest.mark.parametrize(
    "command", [[], ["up"], ["run"], ["doctor"], ["report"], ["data"], ["data", "fetch"], ["data", "path"]]
)
def test_every_command_explains_itself(command: list[str]) -> None:
    result = harness(*command, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith("Usage: harness")


@pytest.mark.parametrize("command", [[], ["up"], ["run"], ["report"], ["data", "fetch"]])
def test_help_teaches_by_examples(command: list[str]) -> None:
    page = harness(*command, "--help").stdout
    assert f"    harness {' '.join(command)}".rstrip() in page.partition("Examples:\n")[2]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["report", "nowhere"], "harness: nowhere/evidence.json: no evidence here"),
        (["data", "path", "--data", "nowhere"], "harness: there is no folder"),
        (["data", "fetch", "ftp://example.com/x"], "harness: cannot fetch 'ftp://example.com/x'"),
        (["run", "nowhere.json"], "harness: nowhere.json: cannot be read: No such file or directory; check the path"),
        (
            ["run", "x.json", "--repo", "a=nowhere"],
            "harness: --repo a=nowhere: there is no folder nowhere; name the one",
        ),
        (["up", "--root", "/proc/nowhere"], "harness: cannot use /proc/nowhere as data directory"),
    ],
)
def test_errors_are_one_line_with_exit_code_2(words: list[str], message: str) -> None:
    result = harness(*words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(message.replace("nowhere/evidence.json", "nowhere"))
    assert result.stderr.count("\n") == 1


def test_a_wrong_option_is_told_with_exit_code_2() -> None:
    result = harness("up", "--port", "99999")
    assert result.exit_code == 2
    assert "99999" in result.stderr


def test_a_folder_of_images_must_be_there(tmp_path: Path) -> None:
    result = harness("up", "--images", str(tmp_path / "nowhere"))
    assert result.exit_code == 2
    assert f"'{tmp_path / 'nowhere'}' does not exist" in " ".join(result.stderr.split())


def test_data_path_prints_the_folder_alone_on_standard_output(tmp_path: Path) -> None:
    rows = "".join(f'"{n}"\t{n % 2}\t"a review of number {n}"\n' for n in range(10))
    (tmp_path / "labeledTrainData.tsv").write_text("id\tsentiment\treview\n" + rows)
    result = harness("data", "path", "--data", str(tmp_path))
    assert result.exit_code == 0
    assert result.stdout == f"{tmp_path}\n"
    assert "10 labelled" in result.stderr
