"""What the workers of a pipeline are to run, whatever its kind, and the log lines that Pachyderm writes around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.pachd.pps import environment, quantities
from harness.pachd.workers.contract import Command, Task

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.pachd.pps.datums import Datum
    from harness.pachd.pps.log_writing import Log
    from harness.pachd.pps.versions import Version
    from harness.pachd.workers.contract import Outcome


def task(version: Version, worker: str, memory: tuple[int, str] | None) -> Task:
    """The user's command on the worker of that name, without any datum; ``memory`` as :func:`memory_limit` gives it."""
    transform = version.info.details.transform
    return Task(
        datum_id="",
        inputs=(),
        command=Command(tuple(transform.cmd), _stdin(transform.stdin)),
        env=environment.of_worker(version, worker),
        accept=frozenset(transform.accept_return_code),
        working_dir=transform.working_dir,
        user=transform.user,
        memory=memory,
    )


def error_command(transform: Any) -> Command | None:
    """What runs after the command failed, if anything."""
    return Command(tuple(transform.err_cmd), _stdin(transform.err_stdin)) if transform.err_cmd else None


def memory_limit(details: Any, said: Log) -> tuple[int, str] | None:
    """Bytes, and the user's words for them; as in Pachyderm, what cannot be read is logged and ignored."""
    words = details.resource_limits.memory
    try:
        return (quantities.parse(words), words) if words else None
    except ValueError as error:
        said.worker("", f"resource_limits.memory is ignored: {error}")
        return None


def attempt(said: Log, worker: str, datum: Datum | None, run: Callable[[], Outcome]) -> Outcome:
    """What ``run`` gives, with a line before and one after."""
    said.worker(worker, "beginning to run user code", datum)
    outcome = run()
    took = f"{outcome.process_seconds:.6f}s"
    if outcome.error:
        said.worker(worker, f"errored running user code after {took}: {outcome.error}", datum)
    elif not outcome.cancelled:
        said.worker(worker, f"finished running user code after {took}", datum)
    return outcome


def _stdin(lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
