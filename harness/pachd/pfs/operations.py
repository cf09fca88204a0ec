"""What a stream of operations does to any set of files, kept so that it can be done later."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.pachd.store.trees import EMPTY

if TYPE_CHECKING:
    from harness.pachd.pfs.edits import Edit
    from harness.pachd.pfs.filesets import FileSets


@dataclass(frozen=True)
class Operations:
    """In this order: ``directories`` are emptied, ``deleted`` files (path, datum) removed, then files are written.

    ``replaced`` and ``appended`` are roots: of the files that take the place of what is there, and of those whose
    bytes come behind it. Any order of operations comes down to this one.
    """

    directories: tuple[str, ...] = ()
    deleted: tuple[tuple[str, str], ...] = ()
    replaced: bytes = EMPTY
    appended: bytes = EMPTY

    def apply(self, files: FileSets, edit: Edit) -> None:
        """Add these operations behind those that ``edit`` holds."""
        for directory in self.directories:
            edit.delete_below(directory)
        for path, datum in self.deleted:
            edit.delete(path, datum)
        edit.insert_all(files.walk(self.replaced))
        for file in files.walk(self.appended):
            edit.append(file.path, file.datum, file.content)

    def deletions(self) -> str:
        """``directories`` and ``deleted`` as JSON."""
        return json.dumps([self.directories, self.deleted])

    @classmethod
    def load(cls, deletions: str, replaced: bytes, appended: bytes) -> Operations:
        """The operations whose parts were stored."""
        directories, deleted = json.loads(deletions)
        return cls(tuple(directories), tuple((path, datum) for path, datum in deleted), replaced, appended)
