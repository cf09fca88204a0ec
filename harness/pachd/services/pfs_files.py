# ruff: noqa: N802 -- methods are named as their RPCs
"""Writing and reading files through ``pfs_v2.API``."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from google.protobuf import empty_pb2, wrappers_pb2
from python_pachyderm.proto.v2.pfs import pfs_pb2

from harness.pachd.errors import pfs as errors
from harness.pachd.pfs import contents, diffs, globs, modify, paths, reading, tars, urls
from harness.pachd.pfs.filesets import EMPTY, File
from harness.pachd.pfs.resolve import Reference
from harness.pachd.services import pfs_requests
from harness.pachd.services import pfs_wire as wire
from harness.pachd.services.ahead import ahead
from harness.pachd.services.file_infos import FileInfos, difference
from harness.pachd.services.modifications import Added, Deleted
from harness.pachd.services.wire import ensure_active

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.pachd.errors import PachError
    from harness.pachd.pfs.edits import Edit
    from harness.pachd.pfs.filesets import FileSets
    from harness.pachd.pfs.folders import Node
    from harness.pachd.pfs.version_store import VersionStore


class FileCalls:
    """What is inside commits."""

    def __init__(self, store: VersionStore) -> None:
        self.store = store

    def ModifyFile(self, requests: Iterator[Any], context: Any) -> Any:
        """Apply a stream of operations to a commit, all or none."""
        first = next(requests, None)
        if not isinstance(first, pfs_pb2.ModifyFileRequest) or not first.HasField("set_commit"):
            raise errors.FIRST_NOT_COMMIT()
        reference = pfs_requests.required_commit(first, "set_commit")
        with self.store.snapshot() as conn:
            modify.target(conn, reference)  # tell what cannot succeed before the client sends everything
        edit = self.store.files.edit(EMPTY)
        for request in requests:
            self.gather(edit, request, context)
            del request  # before the next one comes: each may be large
        edit.settle()
        with self.store.transaction() as txn:
            modify.apply(txn, reference, edit)
        return empty_pb2.Empty()

    def GetFile(self, request: Any, context: Any) -> Iterator[Any]:
        """The bytes of the one file that a glob matches."""
        opened = Opened(self.store, request.file, context)
        if request.URL:
            self.send(opened, request.URL, _path_range(request))
            return
        node = reading.get(opened.files, opened.root, opened.path, opened.datum, _path_range(request))
        if node is None:
            raise opened.not_found()
        empty = True
        for piece in ahead(self.store.objects.read(node.hash, request.offset)):
            empty = False
            yield wrappers_pb2.BytesValue(value=piece)
        if empty:  # python_pachyderm fails on a stream without a message
            yield wrappers_pb2.BytesValue()

    def GetFileTAR(self, request: Any, context: Any) -> Iterator[Any]:
        """What a glob matches, as a tar stream."""
        opened = Opened(self.store, request.file, context)
        if request.URL:
            self.send(opened, request.URL, _path_range(request))
            return
        pieces = tars.tar(opened.files, opened.root, opened.path, opened.datum, _path_range(request))
        if pieces is None:
            raise opened.not_found()
        for piece in pieces:
            yield wrappers_pb2.BytesValue(value=piece)

    def InspectFile(self, request: Any, context: Any) -> Any:
        """A file or directory."""
        opened = Opened(self.store, request.file, context)
        node = reading.inspect(opened.files, opened.root, opened.path, opened.datum)
        if node is None:
            raise opened.not_found()
        return wire.file_info(opened.row, node)

    def ListFile(self, request: Any, context: Any) -> Iterator[Any]:
        """What a directory holds."""
        opened = Opened(self.store, request.file, context)
        page = (request.paginationMarker.path, request.number, request.reverse, opened.datum)
        yield from opened.infos(reading.list_(opened.files, opened.root, opened.path, *page))

    def WalkFile(self, request: Any, context: Any) -> Iterator[Any]:
        """A file or directory and everything below it."""
        opened = Opened(self.store, request.file, context)
        place = opened.files, opened.root, opened.path
        page = (request.paginationMarker.path, request.number, request.reverse, opened.datum)
        empty = True
        for info in opened.infos(reading.walk(*place, *page)):
            empty = False
            yield info
        if empty and paths.to_read(opened.path) != "/" and reading.inspect(*place) is None:
            raise errors.WALK_NOT_FOUND(id=opened.row.key.id, path=opened.path)

    def GlobFile(self, request: Any, context: Any) -> Iterator[Any]:
        """What a glob matches."""
        reference = pfs_requests.required_commit(request)
        row, root = contents.readable(self.store, reference, context.add_callback)
        nodes = reading.glob(_files(self.store, context), root, request.pattern, _path_range(request))
        yield from map(FileInfos(row).encode, nodes)

    def DiffFile(self, request: Any, context: Any) -> Iterator[Any]:
        """What differs between two directories or files, by default between a commit and its parent."""
        new = Opened(self.store, request.new_file, context)
        if request.HasField("old_file"):
            old = Opened(self.store, request.old_file, context)
            old_row, old_root, old_path = old.row, old.root, old.path
        elif new.row.parent is not None:
            parent = Reference(new.row.parent.repo, "", new.row.parent.id)
            old_row, old_root = contents.readable(self.store, parent, context.add_callback)
            old_path = new.path
        else:
            old_row, old_root, old_path = new.row, EMPTY, new.path
        news, olds = FileInfos(new.row), FileInfos(old_row)
        for new_node, old_node in diffs.diff(new.files, new.root, new.path, old_root, old_path):
            yield difference(new_node and news.encode(new_node), old_node and olds.encode(old_node))

    def send(self, opened: Opened, url: str, path_range: tuple[str, str] = ("", "")) -> int:
        """Write the matched files, and those in matched directories, below ``url``; how many bytes that were."""
        urls.check_target(url)
        found = tars.members(opened.files, opened.root, globs.compile(opened.path), opened.datum, path_range)
        files = [member for member in found if isinstance(member, File)]
        if not files:
            raise opened.not_found()
        return urls.send(url, ((file.path, self.store.objects.read(file.content.hash)) for file in files))

    def gather(self, edit: Edit, request: Any, context: Any) -> None:
        """Add one message of a ModifyFile stream, as ``modifications`` reads it, to ``edit``."""
        if isinstance(request, Added):
            edit.append(paths.to_write(request.path), request.datum, request.data)
        elif isinstance(request, Deleted):
            modify.delete(edit, request.path, request.datum)
        else:
            self._gather_other(edit, request, context)

    def _gather_other(self, edit: Edit, request: Any, context: Any) -> None:
        kind = request.WhichOneof("body")
        if kind == "add_file":
            _append_from_url(edit, request.add_file)
        elif kind == "copy_file":
            self._copy(edit, request.copy_file, context)
        else:
            raise errors.SECOND_SET_COMMIT() if kind == "set_commit" else errors.UNKNOWN_MODIFICATION()

    def _copy(self, edit: Edit, request: Any, context: Any) -> None:
        source = Opened(self.store, request.src, context)
        for path, file in modify.copied(source.files, source.root, source.path, source.datum, request.dst):
            if request.append:
                edit.append(path, request.datum, file.content)
            else:
                edit.put(path, request.datum, file.content)


class Opened:
    """A client's File message with its commit resolved to the content of the moment."""

    def __init__(self, store: VersionStore, file: Any, context: Any) -> None:
        self.files = _files(store, context)
        self.path, self.datum = file.path, file.datum
        self.reference = pfs_requests.required_commit(file)
        self.row, self.root = contents.readable(store, self.reference, context.add_callback)

    def infos(self, nodes: Iterable[Node]) -> Iterator[bytes]:
        """FileInfos of this commit."""
        return map(FileInfos(self.row).encode, nodes)

    def not_found(self) -> PachError:
        """Where the client gave a branch alone, the id is named that it stood for: clients look for one."""
        id_ = self.reference.id or self.row.key.id
        return errors.FILE_NOT_FOUND(path=self.path, repo=self.row.key.repo, id=id_)


def _files(store: VersionStore, context: Any) -> FileSets:
    """The file sets, to be walked for as long as the client of this call is there."""
    return store.files.checked(partial(ensure_active, context))


def _path_range(request: Any) -> tuple[str, str]:
    return request.path_range.lower, request.path_range.upper


def _append_from_url(edit: Edit, add: Any) -> None:
    """Append what a URL gives: to the file, or to one below it for each object where the URL is recursive."""
    for relative, pieces in urls.fetch(add.url.URL, add.url.recursive):
        edit.append(paths.to_write(f"{add.path}/{relative}" if relative else add.path), add.datum, pieces)
