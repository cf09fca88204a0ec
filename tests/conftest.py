"""What holds for all tests."""

from __future__ import annotations

import signal


def pytest_configure() -> None:
    """Undo what scripts do to programs in the background: there SIGINT is ignored, and all children inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
