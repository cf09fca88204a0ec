"""One cluster for all conformance tests, and names that no other test uses.

Tests see an unmodified client and nothing else, so they say the same of any Pachyderm 2.7.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import grpc
import pytest
import python_pachyderm
from python_pachyderm.proto.v2.pfs import pfs_pb2, pfs_pb2_grpc

from harness.pachd.pfs.keys import new_id
from harness.pachd.pfs.version_store import VersionStore
from harness.pachd.services import wire
from harness.pachd.services.pfs import PFS
from harness.pachd.store.database import Database
from harness.pachd.store.events import Events
from harness.pachd.store.objects import Objects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    Refused = Callable[[grpc.StatusCode, str], AbstractContextManager[None]]

THREADS = 64
LARGEST_MESSAGE = 20 * 2**20


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """HOST:PORT of the cluster under test."""
    root = tmp_path_factory.mktemp("pachd")
    database, events = Database(root / "metadata.db"), Events()
    objects = Objects(root, database)
    server = grpc.server(
        ThreadPoolExecutor(THREADS),
        handlers=[wire.handlers(pfs_pb2, "API", PFS(VersionStore(database, objects, events)))],
        options=[("grpc.max_receive_message_length", LARGEST_MESSAGE)],
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{port}"
    events.close()
    server.stop(None).wait()
    objects.close()
    database.close()


@pytest.fixture(scope="session")
def client(address: str) -> Any:
    """An unmodified python_pachyderm client."""
    host, port = address.split(":")
    return python_pachyderm.Client(host=host, port=int(port))


@pytest.fixture(scope="session")
def pfs(client: Any) -> Any:
    """The same connection for requests that python_pachyderm cannot make."""
    return pfs_pb2_grpc.APIStub(client._channel)


@pytest.fixture(scope="session")
def refused() -> Refused:
    """A block in which a call must fail with exactly this status and text."""

    @contextmanager
    def expect(code: grpc.StatusCode, text: str) -> Iterator[None]:
        with pytest.raises(grpc.RpcError) as error:
            yield
        assert (error.value.code(), error.value.details()) == (code, text)

    return expect


@pytest.fixture
def new_repo(client: Any) -> Iterator[Callable[[str], str]]:
    """Makes repos with names of their own; they are deleted after the test, last made first."""
    made: list[str] = []

    def make(name: str) -> str:
        made.append(f"{name}-{new_id()[:8]}")
        client.create_repo(made[-1])
        return made[-1]

    yield make
    for name in reversed(made):
        with suppress(grpc.RpcError):
            client.delete_repo(name, force=True)


@pytest.fixture
def repo(new_repo: Callable[[str], str]) -> str:
    """An empty repo."""
    return new_repo("repo")
