"""Folders that output goes to: whoever else writes there, a file is wholly of one sender."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.pachd.errors import PachError
from harness.pachd.pfs.destinations import Destinations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def test_two_senders_can_write_one_file_at_once(tmp_path: Path) -> None:
    places, url = Destinations([tmp_path]), f"file://{tmp_path}"

    def first() -> Iterator[bytes]:
        yield b"first, "
        assert places.send(url, [("/file", [b"second"])], "second") == 6
        assert (tmp_path / "file").read_bytes() == b"second"
        yield b"to the end"

    assert places.send(url, [("/file", first())], "first") == 17
    assert (tmp_path / "file").read_bytes() == b"first, to the end"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_other_folders_are_refused_also_for_no_files(tmp_path: Path) -> None:
    with pytest.raises(PachError, match="needs the leave"):
        Destinations([tmp_path / "given"]).send(f"file://{tmp_path}", [], "job")


def test_what_is_broken_off_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"some"
        raise KeyError

    with pytest.raises(KeyError):
        Destinations([tmp_path]).send(f"file://{tmp_path}", [("/file", broken())], "job")
    assert not list(tmp_path.iterdir())
