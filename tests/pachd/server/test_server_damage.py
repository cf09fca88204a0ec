"""Fsck reads every stored byte and names what is damaged; readers get an error, never a wrong byte."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import grpc
import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2_grpc

from tests.conformance.pfs.messages import get, head

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.pachd.server.conftest import Process

BYTES = random.Random(1).randbytes(400_000)  # noqa: S311 -- data
DAMAGED_BYTE = 300_000


@pytest.fixture
def filled(start: Callable[..., Process], tmp_path: Path) -> Path:
    """The data directory of a stopped server. Two commits share a file of several chunks."""
    server = start()
    client = server.client()
    client.create_repo("data")
    with client.commit("data", "master") as commit:
        client.put_file_bytes(commit, "/dir/big", BYTES)
        client.put_file_bytes(commit, "/small", b"small")
    with client.commit("data", "master") as commit:
        client.put_file_bytes(commit, "/more", b"more")
    assert list(client.fsck()) == []
    assert server.stop() == 0
    return tmp_path / "root"


def told(server: Process) -> list[str]:
    return [response.error for response in server.client().fsck()]


def commits(server: Process) -> list[str]:
    return [info.commit.id for info in server.client().list_commit("data")]


def read(server: Process, path: str) -> bytes:
    client = server.client()
    return get(pfs_pb2_grpc.APIStub(client._channel), head(client, "data"), path)


def pack(root: Path) -> Path:
    (only,) = (root / "packs").iterdir()
    return only


def place(root: Path, offset: int) -> tuple[int, int]:
    """Offset and length of the chunk around byte ``offset`` of the pack."""
    with closing(sqlite3.connect(root / "metadata.db")) as conn:
        query = 'SELECT "offset", length FROM chunks WHERE "offset" <= ? ORDER BY "offset" DESC LIMIT 1'
        found: tuple[int, int] = conn.execute(query, (offset,)).fetchone()
    return found


def change(root: Path, statement: str, *values: object) -> None:
    """Change the database of a stopped server."""
    with closing(sqlite3.connect(root / "metadata.db")) as conn:
        conn.execute(statement, values)
        conn.commit()


def test_a_wrong_byte(start: Callable[..., Process], filled: Path) -> None:
    offset, length = place(filled, DAMAGED_BYTE)
    with pack(filled).open("r+b") as file:
        file.seek(DAMAGED_BYTE)
        byte = file.read(1)[0]
        file.seek(DAMAGED_BYTE)
        file.write(bytes([byte ^ 1]))
    server = start()
    (text,) = told(server)
    damage = f"00000000.pack of the data directory is damaged: the {length} bytes at offset {offset} are not those that"
    assert text.startswith(f"{damage} were stored; needed by ")
    assert all(f"default/data@{commit}:/dir/big" in text for commit in commits(server))
    assert "/small" not in text
    with pytest.raises(grpc.RpcError, match="are not those that were stored") as error:
        read(server, "/dir/big")
    assert error.value.code() is grpc.StatusCode.INTERNAL
    assert read(server, "/small") == b"small"


def test_a_pack_that_is_cut_off(start: Callable[..., Process], filled: Path) -> None:
    offset, length = place(filled, DAMAGED_BYTE)
    with pack(filled).open("r+b") as file:
        file.truncate(DAMAGED_BYTE)
    texts = told(start())
    first = f"{length} bytes should lie at offset {offset}, there are {DAMAGED_BYTE - offset}"
    assert any(first in text and ":/dir/big" in text for text in texts)
    assert any(":/small" in text for text in texts)
    assert all("00000000.pack" in text for text in texts)


def test_a_pack_that_is_gone(start: Callable[..., Process], filled: Path) -> None:
    pack(filled).unlink()
    texts = told(start())
    assert all("00000000.pack" in text for text in texts)
    for path in ("/dir/big", "/small", "/more"):
        assert any(path in text for text in texts)


@pytest.mark.parametrize("damage", ["UPDATE nodes SET body = zeroblob(length(body))", "DELETE FROM nodes"])
def test_a_node_that_is_wrong_or_gone(start: Callable[..., Process], filled: Path, damage: str) -> None:
    with closing(sqlite3.connect(filled / "metadata.db")) as conn:
        id_, root = conn.execute("SELECT id, root FROM commits ORDER BY pk DESC LIMIT 1").fetchone()
    change(filled, f"{damage} WHERE hash = ?", root)
    (text,) = told(start())
    assert root.hex() in text
    assert text.endswith(f"needed by default/data@{id_}:/")


def test_a_content_whose_chunk_is_not_indexed(start: Callable[..., Process], filled: Path) -> None:
    change(filled, "DELETE FROM chunks WHERE length = 5")
    texts = told(start())
    assert len(texts) == 1
    assert "is not in the store" in texts[0]
    assert ":/small" in texts[0]


def test_a_list_of_chunks_that_is_wrong(start: Callable[..., Process], filled: Path) -> None:
    change(filled, "UPDATE contents SET chunks = (SELECT chunks FROM contents WHERE size = 5) WHERE size = 4")
    texts = told(start())
    assert len(texts) == 1
    assert "its list of chunks has another hash or length" in texts[0]
    assert ":/more" in texts[0]


def test_a_database_page_that_is_wrong(start: Callable[..., Process], filled: Path) -> None:
    with closing(sqlite3.connect(filled / "metadata.db")) as conn:
        (size,) = conn.execute("PRAGMA page_size").fetchone()
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_contents_1'"
        (page,) = conn.execute(query).fetchone()
    with (filled / "metadata.db").open("r+b") as file:
        file.seek(page * size - 100)
        file.write(bytes(100))
    texts = told(start())
    assert texts[0].startswith("metadata.db of the data directory is damaged: ")


def test_copies_of_a_data_directory_are_whole(start: Callable[..., Process], filled: Path, tmp_path: Path) -> None:
    shutil.copytree(filled, tmp_path / "copy")
    server = start(root=tmp_path / "copy")
    assert told(server) == []
    assert read(server, "/dir/big") == BYTES
