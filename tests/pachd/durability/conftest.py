"""A disk that fails on demand, below real servers."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from tests.pachd.durability import failing

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What makes the disk fail, compiled."""
    if sys.platform != "linux" or sys.maxsize < 2**32:
        pytest.skip("calls of the C library are intercepted on Linux with 64 bits only")
    if shutil.which("cc") is None:
        pytest.skip("there is no C compiler (cc) to build tests/pachd/durability/faults with")
    return failing.build(tmp_path_factory.mktemp("faults"))


@pytest.fixture
def disk(library: Path, tmp_path: Path) -> failing.FailingDisk:
    """A fresh data directory on a disk that fails on demand."""
    return failing.FailingDisk(library, tmp_path)
