"""Where the folders that come with the harness are: beside the package in a checkout, inside it when installed."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def bundled(folder: str) -> Path:
    """The folder ``images`` or ``specs``."""
    installed = _PACKAGE / "share" / folder
    return installed if installed.is_dir() else _PACKAGE.parent / folder
