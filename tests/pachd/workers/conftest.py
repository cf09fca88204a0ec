"""A runtime on real objects, in every kind of isolation that this system and user have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from worker_lab import Lab

from harness.pachd.store.database import Database
from harness.pachd.store.objects import Objects
from harness.pachd.workers.images import ImageLibrary
from harness.pachd.workers.process import NAMESPACES, REWRITTEN, ProcessRuntime

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=[NAMESPACES, REWRITTEN])
def lab(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    monkeypatch.setenv("HARNESS_ISOLATION", "rewrite" if request.param == REWRITTEN else "")
    database = Database(tmp_path / "metadata.db")
    objects = Objects(tmp_path, database)
    library = ImageLibrary([], tmp_path / "cache", allow_host=False)
    runtime = ProcessRuntime(tmp_path / "scratch", tmp_path / "cache", library, objects)
    try:
        if runtime.isolation != request.param:
            pytest.skip(runtime.isolation_reason)
        yield Lab(runtime, objects, tmp_path)
    finally:
        runtime.close()
        objects.close()
        database.close()
