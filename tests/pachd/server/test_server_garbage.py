"""What clients delete leaves the disk of a running server, without being asked for."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any

import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2, pfs_pb2_grpc

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.pachd.server.conftest import Process

DEADLINE = 30.0
BYTES = random.Random(1).randbytes(3_000_000)  # noqa: S311 -- data


def pack_bytes(root: Path) -> int:
    """Packs may go while they are counted."""
    return sum(path.stat().st_size for path in (root / "packs").iterdir() if path.exists())


def shrinks(root: Path, below: int) -> None:
    """Wait until the packs take less than ``below`` bytes. The server tells nobody when it has collected."""
    ends = time.monotonic() + DEADLINE
    while pack_bytes(root) >= below:
        assert time.monotonic() < ends, f"waited {DEADLINE:.0f} s for packs below {below} bytes: {pack_bytes(root)}"
        time.sleep(0.05)


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
    client = start().client()
    fill(client)
    assert pack_bytes(tmp_path / "root") >= len(BYTES)
    delete(client)
    shrinks(tmp_path / "root", len(BYTES) // 2)
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
    first.popen.wait(DEADLINE)
    assert list(start().client().fsck()) == []
    shrinks(tmp_path / "root", len(BYTES) // 2)
