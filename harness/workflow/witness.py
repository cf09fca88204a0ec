"""Who is told what a workflow does, while it does it."""

from __future__ import annotations

from typing import Protocol


class Witness(Protocol):
    """Hears of progress and of what was put where; the pytest plug-in shows the one and records the other."""

    def tell(self, line: str) -> None:
        """One line for whoever watches, such as ``model@1f2e3d4c  running  0/1 datums``."""

    def put(self, repo: str, commit: str, path: str, sha256: str, project: str) -> None:
        """Commit ``commit`` (an id) of ``repo`` got bytes of this sha256 (hex) at ``path``."""


class _Silent:
    def tell(self, line: str) -> None:
        """Nobody watches."""

    def put(self, repo: str, commit: str, path: str, sha256: str, project: str) -> None:
        """Nobody records."""


SILENT: Witness = _Silent()
