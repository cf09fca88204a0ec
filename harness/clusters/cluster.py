"""What the verifier knows about the cluster that it works on, wherever that came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LAST_LINES = 15


class ClusterError(Exception):
    """There is no cluster to work on; the message says why and what to do."""


class ClusterDiedError(ClusterError):
    """The cluster's process ended while it was needed; the message ends with the last lines of its log."""


@dataclass(frozen=True)
class Cluster:
    """A cluster that answers.

    ``address`` is ``host:port``; ``token`` None means that it asks for none. ``isolation`` tells how ``/pfs`` is made
    in workers, where that is known. ``log`` and ``root`` (the data directory, removed at the end unless ``kept`` or the
    cluster died) exist for embedded clusters only, as does its process ``pid``. ``ended(seconds)`` says how that ended,
    waiting as long for it; nothing while it runs.
    """

    kind: Literal["embedded", "external"]
    address: str
    token: str | None = field(default=None, repr=False)
    tls: bool = False
    isolation: str = ""
    log: Path | None = None
    root: Path | None = None
    kept: bool = False
    pid: int | None = None
    ended: Callable[[float], str] = field(default=lambda _patience: "", repr=False)

    def client(self) -> Any:
        """A new ``python_pachyderm.Client`` for this cluster."""
        from python_pachyderm import Client  # takes 0.4 s to import, which not every run of pytest should pay

        host, _, port = self.address.rpartition(":")
        return Client(host=host, port=int(port), auth_token=self.token, tls=self.tls or None)

    def death(self, patience: float = 0.0) -> ClusterDiedError | None:
        """The error to raise if the cluster's process has ended, or does within ``patience`` seconds.

        A connection breaks a moment before the process behind it has ended.
        """
        how = self.ended(patience)
        if not how:
            return None
        place = f"\nits log, {self.log}, ends with\n{tail(self.log)}" if self.log else ""
        kept = f"; its data directory is kept, `harness up --root {self.root}` goes on from there" if self.root else ""
        return ClusterDiedError(f"the embedded cluster {how}{kept}{place}")


def tail(log: Path, lines: int = LAST_LINES) -> str:
    """The last lines of a log file, indented for a message."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        return f"  (cannot be read: {error.strerror})"
    return "\n".join(f"  {line}" for line in text.splitlines()[-lines:]) or "  (empty)"
