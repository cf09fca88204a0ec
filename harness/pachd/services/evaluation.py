"""Evaluating what clients wrote, in processes of its own that cannot do harm; see :mod:`.evaluator`."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.pachd.errors import server as errors
from harness.pachd.services import evaluator
from harness.pachd.services.rooms import Room
from harness.pachd.services.wire import ensure_active

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST = 16
SECONDS = 10
BYTES = 512 * 1024 * 1024

_MODULES = {"jq": "jq", "jsonnet": "_jsonnet"}
_PIPES: dict[str, Any] = {
    "stdin": subprocess.PIPE,
    "stdout": subprocess.PIPE,
    "stderr": subprocess.DEVNULL,
    "env": {},
    "cwd": "/",
}
# A program that computes for ever gets the first; the second where it held that one back.
_OUT_OF_TIME = (-signal.SIGXCPU, -signal.SIGKILL)


class Wrong(Exception):  # noqa: N818 -- what the interpreter says of the program
    """The program cannot be read, or fails; the text is the interpreter's."""


class Evaluation:
    """One program, and the process that evaluates it."""

    def __init__(self, process: subprocess.Popen[bytes], context: Any, seconds: int) -> None:
        self._process = process
        self._context = context
        self._seconds = seconds

    def ask(self, values: Sequence[object]) -> list[Any]:
        """What the program gives for each value. Answers must be short where there is more than one value.

        Raises Wrong, EVALUATION_TOO_LONG, EVALUATION_TOO_LARGE, ClientGone.
        """
        assert self._process.stdin is not None  # noqa: S101 -- it is a pipe
        with suppress(BrokenPipeError):  # why it ended is found below
            self._process.stdin.write(b"".join(json.dumps(value).encode() + b"\n" for value in values))
            self._process.stdin.flush()
        return [self._answer() for _ in values]

    def _answer(self) -> Any:
        assert self._process.stdout is not None  # noqa: S101 -- it is a pipe
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            ensure_active(self._context)
            too_long = self._process.wait() in _OUT_OF_TIME
            raise errors.EVALUATION_TOO_LONG(seconds=self._seconds) if too_long else errors.EVALUATION_TOO_LARGE()
        told = json.loads(line)
        if "error" in told:
            raise Wrong(told["error"])
        return told["value"]


class Evaluators:
    """Room for ``MOST`` programs at once, each of which may compute for ``seconds``."""

    def __init__(self, seconds: int = SECONDS) -> None:
        self._room = Room(MOST, errors.TOO_MANY_EVALUATIONS)
        self._seconds = seconds

    @contextmanager
    def started(self, language: str, program: str, context: Any) -> Iterator[Evaluation]:
        """A program in ``jq`` or ``jsonnet`` for a client's call, which ends with it. Raises as :meth:`Evaluation.ask`.

        And TOO_MANY_EVALUATIONS.
        """
        with self._room.taken(), subprocess.Popen(self._command(language), **_PIPES) as process:
            try:
                if not context.add_callback(process.kill):
                    process.kill()
                evaluation = Evaluation(process, context, self._seconds)
                evaluation.ask([program])
                yield evaluation
            finally:
                process.kill()
                with suppress(BrokenPipeError):  # of what was not read any more
                    process.stdin.close()  # type: ignore[union-attr]  # it is a pipe

    def _command(self, language: str) -> list[str]:
        found = find_spec(_MODULES[language])
        assert found is not None  # noqa: S101 -- the project depends on it
        assert found.origin is not None  # noqa: S101
        limits = [str(self._seconds), str(BYTES)]
        return [sys.executable, "-I", "-S", evaluator.__file__, *limits, str(Path(found.origin).parent), language]
