"""How the programs fail: one line that says what, where and what to do, and no traceback."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable


class Failure(Exception):  # noqa: N818 -- ends the program, as its users see it
    """Something about the input or the output that whoever called the program can mend."""


def run(main: Callable[[], None]) -> NoReturn:
    """Run a program: exit code 0, 1 with the failure on standard error, or 130 when interrupted."""
    try:
        main()
        sys.stdout.flush()
    except Failure as failure:
        print(f"{Path(sys.argv[0]).name}: {failure}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(0)


def read(path: Path) -> bytes:
    """The bytes of a file. Raises :class:`Failure` when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Failure(f"cannot read {path}: {error.strerror}") from error


def write(path: Path, data: bytes) -> None:
    """Make ``path`` hold ``data``, wholly or not at all. Raises :class:`Failure` when it cannot be written."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        raise Failure(f"cannot write {path}: {error.strerror}") from error
    finally:
        _discard(part)


def _discard(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return  # the same trouble that kept it from being written, which is reported already
