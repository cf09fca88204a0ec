"""Reading the files of commits in every way there is, and comparing them with the model's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from python_pachyderm.proto.v2.pfs import pfs_pb2

from tests.pachd.model import views
from tests.pachd.model.calls import file, message
from tests.pachd.model.comparing import outcome, same
from tests.pachd.model.files import Files, Node, clean, matches, nodes
from tests.pachd.model.names import NOT_FOUND, Commit, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.pachd.model.backends import Backend
    from tests.pachd.model.state import State

GLOBS = ("/", "*", "/*", "**", "/*/*", "/a*", "/?", "/d/*", "**.txt", "/d**", "/nothing")


class Reader:
    """Reads one store, and remembers hashes: each must stand for the same content whenever it is seen."""

    def __init__(self, backend: Backend) -> None:
        self._call = backend.call
        self._content_of: dict[bytes, object] = {}
        self._hash_of: dict[object, bytes] = {}

    def files(self, state: State, commit: Commit, *, closely: bool = False) -> None:
        """Compare all files of a commit; ``closely`` in every way in which they can be read."""
        if commit not in state.commits or (state.commits[commit].finishing and not state.commits[commit].finished):
            return  # reading would wait
        walk = pfs_pb2.WalkFileRequest(file=file(commit, "/"))
        try:
            files = state.content(commit)
        except Refused as refusal:
            same(f"WalkFile {commit}", outcome(lambda: self._call("WalkFile", walk)), refusal)
            return
        found = nodes(files)
        self._nodes(f"WalkFile {commit}", state, commit, self._call("WalkFile", walk), found)
        if not closely:
            return
        directories = {node.path for node in found}
        for (path, datum), data in files.items():
            twice = f"{path}/" in directories
            wanted = Refused("cannot get directory or non-regular file. Use GetFileTAR instead") if twice else data
            self._get(commit, path, datum, wanted)
        for pattern in GLOBS:
            request = pfs_pb2.GlobFileRequest(commit=message(commit), pattern=pattern)
            hits = [node for node in found if matches(pattern, node)]
            self._nodes(f"GlobFile {pattern} {commit}", state, commit, self._call("GlobFile", request), hits)
        for path in {clean(node.path) for node in found} | {"/nothing"}:
            self._inside(state, commit, path, found)

    def _inside(self, state: State, commit: Commit, path: str, found: list[Node]) -> None:
        """ListFile and InspectFile of one path."""
        here = [node for node in found if clean(node.path) == path]
        if len(here) > 1:
            return  # a file under two datums, or a file that is a directory too: the commit cannot be finished well
        directory = path.rstrip("/") + "/"
        inside = [node for node in found if node.path != "/" and clean(node.path).rpartition("/")[0] + "/" == directory]
        listed = inside if here and here[0].path.endswith("/") else here
        request = pfs_pb2.ListFileRequest(file=file(commit, path))
        self._nodes(f"ListFile {path} {commit}", state, commit, self._call("ListFile", request), listed)
        inspect = pfs_pb2.InspectFileRequest(file=file(commit, path))
        if here:
            self._nodes(f"InspectFile {path} {commit}", state, commit, [self._call("InspectFile", inspect)], here)
        else:
            gone = Refused(f"file {path} not found in repo {commit.repo} at commit {commit.id}", NOT_FOUND)
            same(f"InspectFile {path} {commit}", outcome(lambda: self._call("InspectFile", inspect)), gone)

    def _nodes(self, what: str, state: State, commit: Commit, infos: Iterable[Any], wanted: list[Node]) -> None:
        infos = list(infos)
        store = [(info.file.path, info.file.datum, info.size_bytes, info.file_type) for info in infos]
        same(what, store, [(*node[:3], pfs_pb2.DIR if node.path.endswith("/") else pfs_pb2.FILE) for node in wanted])
        for info, node in zip(infos, wanted, strict=True):
            same(f"{what}: commit", views.seen_key(info.file.commit), commit)
            same(f"{what}: committed", info.HasField("committed"), state.commits[commit].finishing)
            kind = node.path.endswith("/"), node.content
            same(f"{what}: hash of {node.path}", self._hash_of.setdefault(kind, info.hash), info.hash)
            same(f"{what}: what has the hash", self._content_of.setdefault(info.hash, kind), kind)

    def _get(self, commit: Commit, path: str, datum: str, wanted: bytes | Refused) -> None:
        request = pfs_pb2.GetFileRequest(file=file(commit, path, datum))
        store = outcome(lambda: b"".join(piece.value for piece in self._call("GetFile", request)))
        same(f"GetFile {path} {commit}", store, wanted)

    def differences(self, state: State, commit: Commit) -> None:
        """DiffFile against the parent."""
        try:
            new = state.content(commit)
            parent = state.commits[commit].parent
            old: Files = state.content(parent) if parent else {}
        except Refused:
            return
        ends = [commit, *([parent] if parent else [])]
        if any(state.commits[end].finishing and not state.commits[end].finished for end in ends):
            return
        sides = [{node.path: node for node in nodes(side)} for side in (old, new)]
        if any(len(nodes(side)) > len(by_path) for side, by_path in zip((old, new), sides, strict=True)):
            return  # a file under two datums
        paths = sorted(path for path in {*sides[0], *sides[1]} if _content(sides[0], path) != _content(sides[1], path))
        wanted = [tuple(path if path in side else "" for side in sides) for path in paths]
        replies = self._call("DiffFile", pfs_pb2.DiffFileRequest(new_file=file(commit, "/")))
        same(f"DiffFile {commit}", [(r.old_file.file.path, r.new_file.file.path) for r in replies], wanted)


def _content(side: dict[str, Node], path: str) -> object:
    return side[path].content if path in side else None
