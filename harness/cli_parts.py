"""What all commands of ``harness`` have in common: how they tell a problem, show examples and take folders."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

import click

FOLDER = click.Path(path_type=Path, file_okay=False)
PRESENT_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)
PRESENT_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


class Problem(click.ClickException):
    """What went wrong, told on standard error; exit code 2."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        """In the way of all our messages."""
        click.echo(f"harness: {self.message}", err=True, file=file)


def examples(commands: dict[str, str]) -> str:
    """The foot of a help page. The leading backspace tells click to leave the lines as they are."""
    width = max(map(len, commands))
    lines = [f"  {command:<{width}}   {meaning}".rstrip() for command, meaning in commands.items()]
    return "\n".join(["\b", "Examples:", *lines])
