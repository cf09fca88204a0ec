"""File sets in a folder of their own, and short ways to make some."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from harness.pachd.pfs.filesets import EMPTY, Edit, FileSets
from harness.pachd.store.database import Database
from harness.pachd.store.objects import Objects

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Model = dict[tuple[str, str], bytes]  # bytes by path and datum


class FileStore:
    """What is in it never changes, so that tests may share one."""

    def __init__(self, folder: Path) -> None:
        self.db = Database(folder / "metadata.db")
        self.objects = Objects(folder, self.db)
        self.files = FileSets(self.db, self.objects)

    @classmethod
    @contextmanager
    def temporary(cls) -> Iterator[FileStore]:
        with TemporaryDirectory() as folder:
            store = cls(Path(folder))
            yield store
            store.objects.close()
            store.db.close()

    def save(self, edit: Edit, onto: bytes | None = None) -> bytes:
        with self.db.write() as conn:
            root = edit.save(conn, onto)
            self.objects.flush(conn)
        return root

    def of(self, model: Mapping[tuple[str, str], bytes]) -> bytes:
        """The root of these files."""
        edit = self.files.edit(EMPTY)
        for (path, datum), data in model.items():
            edit.put(path, datum, self.objects.put(data))
        return self.save(edit)

    def at_paths(self, paths: Iterable[str]) -> bytes:
        """The root of files that hold their own paths."""
        return self.of({(path, "default"): path.encode() for path in paths})

    def bytes_of(self, hash_: bytes) -> bytes:
        return b"".join(self.objects.read(hash_))

    def model(self, root: bytes) -> Model:
        """Everything that is in a file set."""
        return {(file.path, file.datum): self.bytes_of(file.content.hash) for file in self.files.walk(root)}
