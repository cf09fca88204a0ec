"""What a runtime is asked and what it answers. Process and Docker runtimes fulfil the same contract."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from harness.pachd.store.contents import Content


def _nothing(_path: str) -> Iterable[tuple[str, Content]]:
    return ()


@dataclass(frozen=True)
class Input:
    """One directory under ``/pfs``.

    ``files`` gives (path relative to ``/pfs/<name>``, content hash) of everything in it; it is called only when no
    materialised copy exists under ``key``, which must name exactly these paths and contents. ``originals`` finds what
    PFS has at such a path, or below it, whatever the copy has: (what follows the path, content).

    The files of a ``lazy`` input are named pipes that are filled when they are opened, where the system can do that and
    they are not too many. Those of an ``empty`` one have names only; ``files`` gives it so.
    """

    name: str
    key: str
    files: Callable[[], Iterable[tuple[str, bytes]]]
    originals: Callable[[str], Iterable[tuple[str, Content]]] = _nothing
    lazy: bool = False
    empty: bool = False


@dataclass(frozen=True)
class Command:
    """An argv (no shell), and what is fed to its standard input."""

    argv: tuple[str, ...]
    stdin: bytes = b""


@dataclass(frozen=True)
class Task:
    """One attempt at one datum. Each attempt sees fresh inputs and an empty ``/pfs/out``.

    ``env`` is added to the image's environment. ``error_command`` runs after a failed command, in the same place.
    ``timeout`` (seconds) bounds both together. Exit codes in ``accept`` count as success, as 0 does. ``memory`` is what
    the command and its children may hold together: bytes, and how the user wrote them; enforced where the system can.

    With a ``batch``, which is any name, the command stays alive for the next task of the same name, and asks for it by
    Pachyderm's NextDatum.
    """

    datum_id: str
    inputs: tuple[Input, ...]
    command: Command
    env: Mapping[str, str] = field(default_factory=dict)
    error_command: Command | None = None
    timeout: float | None = None
    accept: frozenset[int] = frozenset()
    working_dir: str = ""
    user: str = ""
    memory: tuple[int, str] | None = None
    batch: str = ""


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended.

    ``error`` is empty on success, else Go's words, as Pachyderm logs them: ``exit status 1``, ``signal: killed``,
    ``context deadline exceeded``. ``output`` is a host directory that holds ``/pfs/out`` until the worker's next task.
    Times are seconds. ``download_bytes`` counts the input files' bytes whether or not they were copied;
    of lazy inputs those that were read.
    """

    error: str
    output: Path
    recovered: bool = False
    cancelled: bool = False
    download_seconds: float = 0.0
    process_seconds: float = 0.0
    download_bytes: int = 0


class Worker(Protocol):
    """One worker: a real OS process that runs one task at a time."""

    name: str

    def run(self, task: Task, on_line: Callable[[str], None]) -> Outcome:
        """Run ``task`` and wait. ``on_line`` gets each line of standard output and error, without its line feed.

        Raises :class:`WorkerLost` when the worker itself died; the datum may be run again on another one.
        """

    def end_batch(self) -> None:
        """Kill the command that waits for another task of its batch, if there is one; return when it is gone."""

    def cancel(self) -> None:
        """Kill the running task with all its children; its ``run`` returns with ``cancelled``. Safe at any time.

        Between two tasks it does nothing: the next one may be another's. Who wants to be sure repeats it.
        """

    def close(self) -> None:
        """End the worker, its children, its mounts and its scratch space. Idempotent."""


@dataclass(frozen=True)
class PreparedImage:
    """An image that is ready to run commands.

    ``digest`` is ``sha256:<hex>`` over everything that the image is made of. ``env`` is its whole environment but for
    the datum's; ``files`` the folder that appears, writable and private, at ``workdir``. ``mounts`` are further folders
    by their absolute paths, each with its files by name, which a worker shows instead of what the image has there.
    ``links`` are paths outside of ``workdir`` that stand for others in it. ``note`` is what users of the image should
    know, empty if there is nothing.
    """

    name: str
    digest: str
    files: Path | None
    workdir: str
    env: Mapping[str, str] = field(repr=False)
    mounts: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict, repr=False)
    links: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


class Runtime(Protocol):
    """Makes images ready and starts workers in them."""

    isolation: str  # "namespaces" or "rewritten paths": how /pfs is made; told to users and recorded

    def prepare(self, image: str, progress: Callable[[str], None]) -> PreparedImage:
        """Resolve and build ``image`` (idempotent, cached). Raises :class:`ImageError` with what to do about it."""

    def start(self, image: PreparedImage, name: str) -> Worker:
        """A new worker called ``name``."""

    def close(self) -> None:
        """End every worker; leave no process, mount or scratch file."""


class ImageError(Exception):
    """An image cannot be had; the message says which, where it was looked for and what to do."""


class WorkerLost(Exception):  # noqa: N818 -- an event, named as such
    """The worker process died under a task."""
