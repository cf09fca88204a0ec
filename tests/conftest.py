"""What holds for all tests."""

from __future__ import annotations

import signal

from hypothesis import settings

# Tests assert no times: a slow machine, or one that is shared, is no failure.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


def pytest_configure() -> None:
    """Undo what scripts do to programs in the background: there SIGINT is ignored, and all children inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
