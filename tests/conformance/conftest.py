"""One cluster for all conformance tests: the one that ``--cluster`` names, else an embedded one.

Tests see an unmodified client and nothing else, and use names of their own, so they say the same of any Pachyderm 2.7.
"""

from __future__ import annotations

import uuid
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2_grpc

from harness.clusters import Options, start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from harness.clusters import Cluster

    Refused = Callable[[grpc.StatusCode, str], AbstractContextManager[None]]


@pytest.fixture(scope="session")
def tested(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """The cluster under test."""
    with start(request.config.getoption("--cluster"), Options(allow_host_images=True)) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def client(tested: Cluster) -> Any:
    """An unmodified python_pachyderm client of it."""
    return tested.client()


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
        made.append(f"{name}-{uuid.uuid4().hex[:8]}")
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
