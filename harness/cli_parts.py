"""What all commands of ``harness`` have in common: how they tell a problem, show examples and take folders."""

from __future__ import annotations

from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

Command = TypeVar("Command", bound="Callable[..., None]")

FOLDER = click.Path(path_type=Path, file_okay=False)
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


def cluster_options(command: Command) -> Command:
    """The options of an embedded cluster that a command hands on as they are, under the names of ``Options``."""
    present = click.Path(path_type=Path, file_okay=False, exists=True)
    for option in (
        click.option(
            "--egress-folder",
            "egress_folders",
            type=FOLDER,
            multiple=True,
            help="Folder that pipelines may send output to; repeatable.",
        ),
        click.option(
            "--allow-host-images", is_flag=True, help="Run images that are found nowhere with this machine's programs."
        ),
        click.option(
            "--images", type=present, multiple=True, help="Folder of image folders; repeatable (default: ours)."
        ),
    ):
        command = option(command)
    return command
