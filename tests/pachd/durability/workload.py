"""What clients do while the disk fails: a fixed list of calls, each of which is kept wholly or not at all.

A step is one call that changes something, but for one that waits for the garbage to be gone. It finds what it needs on
the cluster, not in memory, so that the list can be taken up at any step after a restart.
"""

from __future__ import annotations

import random
import threading
import time
from typing import TYPE_CHECKING, Any

import grpc
from python_pachyderm.proto.v2.pfs import pfs_pb2, pfs_pb2_grpc
from python_pachyderm.proto.v2.pps import pps_pb2
from python_pachyderm.proto.v2.transaction import transaction_pb2

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = ("data", "master")
SECONDS = 30
FEW_CHUNKS = 15  # of the 400 KB that are kept


def noise(seed: int, size: int) -> bytes:
    """Bytes that no store can make smaller."""
    return random.Random(seed).randbytes(size)  # noqa: S311 -- the same in every run


def put(repo: str, branch: str, path: str, value: bytes) -> Callable[[Any], None]:
    return lambda client: client.put_file_bytes((repo, branch), path, value)


def attempt(step: Callable[[Any], object], client: Any) -> grpc.StatusCode | None:
    """The status with which a call was refused, None where it succeeded."""
    try:
        step(client)
    except grpc.RpcError as error:
        code: grpc.StatusCode = error.code()
        return code
    return None


def several(client: Any) -> None:
    with client.modify_file_client(DATA) as modify:
        modify.put_file_from_bytes("/large", noise(2, 1_200_000))
        modify.put_file_from_bytes("/few/words", b"append", append=True)
        modify.delete_file("/small")


def derive(client: Any) -> None:
    source = pfs_pb2.Branch(repo=pfs_pb2.Repo(name="data", type="user"), name="master")
    client.create_branch("derived", "master", provenance=[source])


def pipeline(client: Any, glob: str = "/") -> None:
    """A pipeline that copies its input."""
    client.create_pipeline(
        "copy",
        transform=pps_pb2.Transform(cmd=["sh", "-c", "cp -r /pfs/data/* /pfs/out/"], image="host"),
        input=pps_pb2.Input(pfs=pps_pb2.PFSInput(repo="data", glob=glob)),
    )


def oldest(client: Any) -> str:
    ids: list[str] = [info.commit.id for info in client.list_commit("data")]
    return ids[-1]


def batch(client: Any) -> None:
    repo = pfs_pb2.Repo(name="batch", type="user")
    branch = pfs_pb2.Branch(repo=repo, name="master")
    start = pfs_pb2.StartCommitRequest(branch=branch)
    client.batch_transaction(
        [
            transaction_pb2.TransactionRequest(create_repo=pfs_pb2.CreateRepoRequest(repo=repo)),
            transaction_pb2.TransactionRequest(start_commit=start),
        ]
    )


def until_collected(client: Any) -> None:
    """Nothing polls in the server, but what it removes in the background nobody is told."""
    stub = pfs_pb2_grpc.APIStub(client._channel)
    deadline = time.monotonic() + SECONDS
    while (left := stub.CheckStorage(pfs_pb2.CheckStorageRequest()).chunk_object_count) > FEW_CHUNKS:
        assert time.monotonic() < deadline, f"{left} chunks are still there after {SECONDS} s"
        threading.Event().wait(0.02)


Steps = list[tuple[str, "Callable[[Any], object]"]]

CALLS: Steps = [
    ("make a repo", lambda client: client.create_repo("data", "what it holds")),
    ("put a small file", put("data", "master", "/small", b"small")),
    ("put a large file", put("data", "master", "/large", noise(1, 2_500_000))),
    ("start a commit", lambda client: client.start_commit("data", "master")),
    ("put into the open commit", put("data", "master", "/few/words", b"few words ")),
    ("change several files of the open commit", several),
    ("finish the commit", lambda client: client.finish_commit(DATA)),
    ("make a second repo", lambda client: client.create_repo("derived")),
    ("derive a branch from another", derive),
    ("write into the derived branch", put("derived", "other", "/result", noise(3, 100_000))),
    ("make a secret", lambda client: client.create_secret("key", {"value": "x" * 5000})),
    ("make another secret", lambda client: client.create_secret("other", {"value": "y"})),
    ("copy a file", lambda client: client.copy_file(DATA, "/large", DATA, "/again/large")),
    ("create a pipeline and let it run", pipeline),
    ("let it run again", put("data", "master", "/more", noise(4, 300_000))),
    ("delete a file", lambda client: client.delete_file(DATA, "/large")),
    ("squash the oldest commits", lambda client: client.squash_commit(oldest(client))),
    ("drop the newest commits", lambda client: client.drop_commit(client.inspect_branch(*DATA).head.id)),
    ("delete a branch", lambda client: client.delete_branch("derived", "other")),
    ("delete a secret", lambda client: client.delete_secret("key")),
    ("delete a repo", lambda client: client.delete_repo("derived")),
    ("put in what was deleted", put("data", "master", "/back", noise(1, 2_500_000))),
    ("stop the pipeline", lambda client: client.stop_pipeline("copy")),
    ("delete the pipeline", lambda client: client.delete_pipeline("copy")),
    ("several things in a transaction", batch),
    ("delete everything", lambda client: client.delete_all_repos()),
    ("begin again", lambda client: client.create_repo("data")),
    ("put into what began again", put("data", "master", "/large", noise(2, 1_200_000))),
]

# Most of what a pack holds becomes garbage, so that the rest is copied and the pack removed.
COLLECTION: Steps = [
    ("make a repo", lambda client: client.create_repo("data")),
    ("make another", lambda client: client.create_repo("kept")),
    ("put what will be garbage", put("data", "master", "/large", noise(1, 2_500_000))),
    ("put what will be kept", put("kept", "master", "/kept", noise(2, 400_000))),
    ("delete a repo", lambda client: client.delete_repo("data")),
    ("wait for garbage to be collected", until_collected),
    ("put in what was deleted", put("kept", "other", "/large", noise(1, 2_500_000))),
]
