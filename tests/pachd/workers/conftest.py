"""A runtime on real objects, in every kind of isolation that this system and user have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.pachd.store.database import Database
from harness.pachd.store.objects import Objects
from harness.pachd.workers.images import ImageLibrary
from harness.pachd.workers.process import NAMESPACES, REWRITTEN, ProcessRuntime
from tests.pachd.workers.worker_lab import Lab

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


ODD = "odd: name, here"  # signs that have a meaning in mount options and to a shell


@pytest.fixture(params=[(NAMESPACES, ODD), (REWRITTEN, ODD)], ids=["namespaces", "rewritten"])
def lab(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """A runtime; a test can ask for another (isolation, name of its data folder) by indirect parameters."""
    isolation, name = request.param
    monkeypatch.setenv("HARNESS_ISOLATION", "rewrite" if isolation == REWRITTEN else "")
    folder = tmp_path / name
    folder.mkdir()
    database = Database(folder / "metadata.db")
    objects = Objects(folder, database)
    library = ImageLibrary([], folder / "cache", allow_host=False)
    runtime = ProcessRuntime(folder / "scratch", folder / "cache", library, objects)
    try:
        if runtime.isolation != isolation:
            pytest.skip(runtime.isolation_reason)
        yield Lab(runtime, objects, folder)
    finally:
        runtime.close()
        objects.close()
        database.close()
