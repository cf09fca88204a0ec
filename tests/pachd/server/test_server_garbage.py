"""What clients delete leaves the disk of a running server, without being asked for."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2, pfs_pb2_grpc

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.pachd.server.conftest import Process

BYTES = random.Random(1).randbytes(3_000_000)  # noqa: S311 -- data


def pack_bytes(root: Path) -> int:
    return sum(path.stat().st_size for path in (root / "packs").iterdir())


def shrinks(process: Process, root: Path, below: int) -> None:
    """Wait until a collection leaves less than ``below`` bytes in the packs."""
    sizes = (pack_bytes(root) for _ in process.logged("garbage collection removed"))
    assert any(size < below for size in sizes)


def fill(client: Any) -> None:
    client.create_repo("data")
    client.put_file_bytes(("data", "master"), "/big", BYTES)


def drop(client: Any) -> None:
    id_ = client.inspect_branch("data", "master").head.id
    request = pfs_pb2.DropCommitSetRequest(commit_set=pfs_pb2.CommitSet(id=id_))
    pfs_pb2_grpc.APIStub(client._channel).DropCommitSet(request)


DELETIONS = {
    "delete_all": lambda client: client.delete_all(),
    "delete_repo": lambda client: client.delete_repo("data"),
    "drop_commit_set": drop,
}


@pytest.mark.parametrize("delete", DELETIONS.values(), ids=DELETIONS.keys())
def test_what_is_deleted_leaves_the_disk(
    start: Callable[..., Process], tmp_path: Path, delete: Callable[[Any], None]
) -> None:
    process = start()
    client = process.client()
    fill(client)
    assert pack_bytes(tmp_path / "root") >= len(BYTES)
    delete(client)
    shrinks(process, tmp_path / "root", len(BYTES) // 2)
    client.create_repo("again")
    client.put_file_bytes(("again", "master"), "/big", BYTES)
    assert client.get_file(("again", "master"), "/big").read() == BYTES
    assert list(client.fsck()) == []


def test_what_a_killed_server_left_is_collected_at_the_next_start(
    start: Callable[..., Process], tmp_path: Path
) -> None:
    first = start()
    fill(first.client())
    first.client().delete_repo("data")
    first.popen.kill()
    first.popen.wait()
    second = start()
    assert list(second.client().fsck()) == []
    shrinks(second, tmp_path / "root", len(BYTES) // 2)
