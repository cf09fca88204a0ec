"""What holds for all tests."""

from __future__ import annotations

import signal

import pytest
from hypothesis import settings

# Seconds. What hangs is to fail, and the tests behind it are to run; soak tests last as long as they are told to.
LONGEST = 300

# Tests assert no times: a slow machine, or one that is shared, is no failure.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


def pytest_configure() -> None:
    """Undo what scripts do to programs in the background: there SIGINT is ignored, and all children inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bound every test that does not bound itself."""
    for item in items:
        if not (item.get_closest_marker("timeout") or item.get_closest_marker("soak")):
            item.add_marker(pytest.mark.timeout(LONGEST))
