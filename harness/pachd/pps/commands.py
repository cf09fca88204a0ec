"""What a transform has its workers run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.pachd.workers.contract import Command

if TYPE_CHECKING:
    from collections.abc import Sequence


def command(transform: Any) -> Command:
    """The user's command."""
    return Command(tuple(transform.cmd), _stdin(transform.stdin))


def error_command(transform: Any) -> Command | None:
    """What runs after the command failed, if anything."""
    return Command(tuple(transform.err_cmd), _stdin(transform.err_stdin)) if transform.err_cmd else None


def _stdin(lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
