"""Where a run happened: the Python, the platform and the packages that could have changed its outcome."""

from __future__ import annotations

import importlib.metadata
import platform
import re
import sys
from typing import TYPE_CHECKING

from harness.evidence.story import DataSet, Run

if TYPE_CHECKING:
    from collections.abc import Sequence

DISTRIBUTION = "pachyderm-harness"
HIDDEN = "…"
_SECRET = re.compile(r"(?i)^(--?[\w-]*(?:token|password|secret)[\w-]*)(=.*)?$")


def describe(run_id: str, started: str, finished: str, command: Sequence[str], data: DataSet | None = None) -> Run:
    """The run as this process knows it. Values of options that look like secrets are left out of the command line."""
    packages = {
        item.metadata["Name"]: item.version for item in importlib.metadata.distributions() if item.metadata["Name"]
    }
    return Run(
        run_id,
        started,
        finished,
        packages.get(DISTRIBUTION, "not installed"),
        tuple(_redacted(command)),
        f"{platform.python_implementation()} {platform.python_version()}",
        f"{sys.platform} {platform.machine()}",
        dict(sorted(packages.items(), key=lambda item: item[0].lower())),
        data,
    )


def _redacted(command: Sequence[str]) -> list[str]:
    words: list[str] = []
    hide = False
    for word in command:
        option = _SECRET.match(word)
        if hide and not word.startswith("-"):
            words.append(HIDDEN)
        elif option and option[2]:
            words.append(f"{option[1]}={HIDDEN}")
        else:
            words.append(word)
        hide = bool(option and not option[2])
    return words
