"""Showing evidence: one self-contained HTML page and its JSON twin, both pure functions of a record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.evidence.store import replace_text
from harness.report import page, twin
from harness.report.summary import summarise

if TYPE_CHECKING:
    from pathlib import Path

    from harness.evidence.model import Record

PAGE = "index.html"
TWIN = "report.json"


def render(record: Record) -> str:
    """The HTML page of a record."""
    return page.html(summarise(record))


def write(record: Record, directory: Path) -> Path:
    """Write page and twin into ``directory``, made if missing, and return the page's path."""
    summary = summarise(record)
    directory.mkdir(parents=True, exist_ok=True)
    replace_text(directory / TWIN, twin.text(summary))
    replace_text(directory / PAGE, page.html(summary))
    return directory / PAGE
