"""Pachyderm's newer Python client, ``pachyderm_sdk``, on the same cluster. Runs in ``tox -e sdk``, skips elsewhere."""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import grpc
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.clusters import Cluster


@pytest.fixture(scope="session")
def sdk(tested: Cluster) -> Any:
    """An unmodified pachyderm_sdk client of the cluster under test."""
    import pachyderm_sdk  # the modules of tests are skipped where it is missing

    host, _, port = tested.address.rpartition(":")
    return pachyderm_sdk.Client(host=host, port=int(port), auth_token=tested.token)


@pytest.fixture
def new_repo(sdk: Any) -> Iterator[Callable[[str], Any]]:
    """Makes repos with names of their own; they are deleted after the test, last made first."""
    from pachyderm_sdk.api import pfs

    made: list[Any] = []

    def make(name: str) -> Any:
        repo = pfs.Repo.from_uri(f"{name}-{uuid.uuid4().hex[:8]}")
        sdk.pfs.create_repo(repo=repo)
        made.append(repo)
        return repo

    yield make
    for repo in reversed(made):
        with suppress(grpc.RpcError):
            sdk.pfs.delete_repo(repo=repo, force=True)


@pytest.fixture
def repo(new_repo: Callable[[str], Any]) -> Any:
    """An empty repo."""
    return new_repo("repo")


@pytest.fixture
def master(repo: Any) -> Any:
    """A branch of it that does not exist yet."""
    from pachyderm_sdk.api import pfs

    return pfs.Branch(repo=repo, name="master")
