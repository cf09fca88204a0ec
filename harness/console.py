"""Progress lines of a test run, seen while it runs and without ``-s``, and readable in a log afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


class Console:
    """Writes whole lines past pytest's capturing, each below what pytest itself has written."""

    def __init__(self, config: pytest.Config) -> None:
        self._plugins = config.pluginmanager

    def tell(self, line: str) -> None:
        """One indented line, at once."""
        reporter = self._plugins.get_plugin("terminalreporter")
        if reporter is None:  # -p no:terminal
            return
        capturing = self._plugins.get_plugin("capturemanager")
        if capturing is None:  # -p no:capture
            self._write(reporter, line)
            return
        with capturing.global_and_fixture_disabled():
            self._write(reporter, line)

    @staticmethod
    def _write(reporter: pytest.TerminalReporter, line: str) -> None:
        reporter.ensure_newline()
        reporter.write_line(f"  {line}")
        reporter.flush()
