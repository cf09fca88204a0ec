"""The names that outputs get in PFS, and what cannot be an output."""

from __future__ import annotations

import os
import re
import socket
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.pachd.workers.outputs import OutputError, collect

ALLOWED = "".join(sign for sign in map(chr, range(ord(" "), ord("~") + 1)) if sign not in "/*?[]{}!()@+^")


def write(folder: Path, path: str) -> None:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(os.fsencode(path))


def test_files_by_path_hidden_ones_too(tmp_path: Path) -> None:
    for path in ("b", "a/z", "a/.hidden", ".top", "a.b"):
        write(tmp_path, path)
    (tmp_path / "empty" / "folder").mkdir(parents=True)
    os.mkfifo(tmp_path / "pipe")
    assert [(path, Path(str(file)).read_text()) for path, file in collect(tmp_path)] == [
        ("/.top", ".top"),
        ("/a/.hidden", "a/.hidden"),
        ("/a/z", "a/z"),
        ("/a.b", "a.b"),
        ("/b", "b"),
    ]


@given(st.text(ALLOWED, min_size=1, max_size=20).filter(lambda name: name not in {".", ".."}))
def test_printable_names_are_kept(name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), f"d/{name}")
        assert [path for path, _ in collect(Path(folder))] == [f"/d/{name}"]


@pytest.mark.parametrize("sign", "*?[]{}!()@+^")
def test_globbing_characters_are_refused(tmp_path: Path, sign: str) -> None:
    write(tmp_path, f"d/a{sign}b")
    text = (
        "cannot upload file produced by the user code because its name cannot be represented in PFS: "
        f"path (/d/a{sign}b) invalid: globbing character ({sign}) not allowed in path"
    )
    with pytest.raises(OutputError, match=f"^{re.escape(text)}$"):
        list(collect(tmp_path))


@pytest.mark.parametrize("name", ["grün", "tab\tbed", "line\nfeed", "\udcff"])
def test_other_characters_are_refused(tmp_path: Path, name: str) -> None:
    try:
        write(tmp_path, name)
    except OSError:
        pytest.skip("this file system does not take such a name either")
    with pytest.raises(OutputError, match=r"invalid: only printable ASCII characters allowed$") as raised:
        list(collect(tmp_path))
    str(raised.value).encode("utf-8")


def test_sockets_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # names of sockets must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("listening")
    with pytest.raises(OutputError, match=r"^cannot upload listening: it is a socket or a device, not a file$"):
        list(collect(tmp_path))
