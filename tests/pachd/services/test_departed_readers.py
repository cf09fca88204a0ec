"""Who went away while a call looks for something to tell is noticed, however long there is nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2

from harness.pachd.pfs import commits, repos
from harness.pachd.pfs.filesets import EMPTY
from harness.pachd.pfs.keys import Branch, Repo
from harness.pachd.services import pfs_wire as wire
from harness.pachd.services.pfs import PFS
from harness.pachd.services.wire import ClientGone
from tests.pachd.pfs.stores import opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FILES = 3000
MASTER = Branch(Repo("default", "repo"), "master")


class Leaving:
    """The context of a call whose client leaves after it was asked for a few times."""

    def __init__(self) -> None:
        self.asked = 0

    def is_active(self) -> bool:
        self.asked += 1
        return self.asked < 4

    def add_callback(self, _call: Callable[[], None]) -> bool:
        return True


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PFS, Any]]:
    """The service, and a commit with many files."""
    folder: Path = tmp_path_factory.mktemp("store")
    with opened(folder) as store:
        edit = store.files.edit(EMPTY)
        for number in range(FILES):
            edit.append(f"/d{number % 3}/{number:05}", "", b"x")
        with store.transaction() as txn:
            repos.create(txn, MASTER.repo)
            key = commits.start(txn, MASTER)
            commits.write(txn, key, edit.save(txn.conn))
            commits.finish(txn, key)
        yield PFS(store), wire.commit(key, MASTER)


def _file(commit: Any, path: str) -> Any:
    return pfs_pb2.File(commit=commit, path=path)


CALLS: dict[str, Callable[[Any], tuple[str, Any]]] = {
    "a glob that matches nothing": lambda commit: (
        "GlobFile",
        pfs_pb2.GlobFileRequest(commit=commit, pattern="/**/none"),
    ),
    "a file that no glob finds": lambda commit: (
        "GetFile",
        pfs_pb2.GetFileRequest(file=_file(commit, "/**/none")),
    ),
    "a tar of nothing": lambda commit: ("GetFileTAR", pfs_pb2.GetFileRequest(file=_file(commit, "/**/none"))),
    "the last of all files": lambda commit: (
        "WalkFile",
        pfs_pb2.WalkFileRequest(file=_file(commit, "/"), number=1, reverse=True),
    ),
    "the sizes of directories": lambda commit: ("ListFile", pfs_pb2.ListFileRequest(file=_file(commit, "/"))),
    "what is new": lambda commit: ("DiffFile", pfs_pb2.DiffFileRequest(new_file=_file(commit, "/"))),
    "a large directory": lambda commit: ("InspectFile", pfs_pb2.InspectFileRequest(file=_file(commit, "/"))),
}


@pytest.mark.parametrize("what", CALLS)
def test_the_search_ends(served: tuple[PFS, Any], what: str) -> None:
    service, commit = served
    method, request = CALLS[what](commit)
    context = Leaving()
    with pytest.raises(ClientGone):
        list(getattr(service, method)(request, context))
    assert context.asked == 4


def test_whoever_stays_is_asked_for_seldom(served: tuple[PFS, Any]) -> None:
    service, commit = served
    context = Leaving()
    context.asked = -FILES
    found = list(service.GlobFile(pfs_pb2.GlobFileRequest(commit=commit, pattern="/**/0*"), context))
    assert len(found) == FILES
    assert context.asked + FILES < FILES / 10
