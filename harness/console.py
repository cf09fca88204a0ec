"""Progress lines of a test run, seen while it runs and without ``-s``, and readable in a log afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


class Console:
    """Writes whole lines past pytest's capturing, each below what pytest itself has written."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def tell(self, line: str) -> None:
        """One indented line, at once."""
        plugins = self._config.pluginmanager
        reporter = plugins.get_plugin("terminalreporter")
        if reporter is None:  # -p no:terminal
            return
        capturing = plugins.get_plugin("capturemanager")
        if capturing is None:  # -p no:capture
            self._write(reporter, line)
            return
        with capturing.global_and_fixture_disabled():
            self._write(reporter, line)

    def _write(self, reporter: pytest.TerminalReporter, line: str) -> None:
        reporter.ensure_newline()  # knows of the file name that a line begins with, and not of a lonely dot
        if self._config.get_terminal_writer().width_of_current_line:
            reporter.line("")
        reporter.write_line(f"  {line}")
        reporter.flush()
