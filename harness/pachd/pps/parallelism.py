"""How many workers a pipeline has."""

from __future__ import annotations

import os
from typing import Any

# Each is a process, with threads and descriptors in the server; more of them make no pipeline faster on one machine.
MOST_WORKERS = max(64, 8 * (os.cpu_count() or 1))


def workers(info: Any) -> int:
    """As many as the spec of a ``pps_v2.PipelineInfo`` asks for, up to ``MOST_WORKERS``."""
    return min(int(info.parallelism), MOST_WORKERS)
