"""The diagnosis: honest about what is missing, and never an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.testing import CliRunner

from harness.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

TOPICS = ["Python", "Pythons", "Cluster", "Docker", "Images", "Cache", "Data"]


def diagnosis() -> dict[str, tuple[str, str]]:
    """Topic to (ok or missing, what)."""
    result = CliRunner().invoke(main, ["doctor"], catch_exceptions=False)
    assert result.exit_code == 0
    lines = [line.split(maxsplit=2) for line in result.stdout.splitlines()]
    assert [topic for _, topic, _ in lines] == TOPICS
    return {topic: (state, what) for state, topic, what in lines}


def test_every_topic_gets_a_line_that_says_what_was_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path))
    monkeypatch.delenv("HARNESS_DATA", raising=False)
    found = diagnosis()
    assert found["Python"][0] == "ok"
    assert found["Cluster"][1].startswith("starts")
    assert found["Images"] == ("ok", found["Images"][1])
    assert found["Images"][1].startswith("inference, training in ")
    assert found["Cache"] == ("ok", str(tmp_path))
    assert found["Data"][1].startswith("made-up reviews")


def test_what_is_missing_is_told_with_a_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path))
    monkeypatch.setenv("HARNESS_DATA", str(tmp_path / "nowhere"))
    monkeypatch.setenv("PATH", str(tmp_path))
    found = diagnosis()
    assert found["Pythons"][0] == "missing"
    assert found["Docker"] == ("missing", "no docker command; not needed for the embedded cluster")
    assert found["Data"][0] == "missing"
    assert f"there is no folder {tmp_path / 'nowhere'}: name one that holds" in found["Data"][1]
