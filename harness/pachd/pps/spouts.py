"""Spouts: pipelines without jobs, whose code writes its output as any client does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pachd.pps.enduring import Endeavour, Enduring

if TYPE_CHECKING:
    from harness.pachd.pps.tools import Tools
    from harness.pachd.pps.versions import Version
    from harness.pachd.workers.contract import PreparedImage, Runtime


class Spout:
    """The code of one version of a spout, from its start to :meth:`close`; a good end of its own is the last."""

    def __init__(self, tools: Tools, runtime: Runtime, image: PreparedImage, version: Version, name: str) -> None:
        self._said = tools.logs.of_spout(version)
        what = Endeavour(version, name, tools.seconds_to_retry)
        self._enduring = Enduring(runtime, image, what, self._said)

    def close(self) -> None:
        """End the code with all its children."""
        self._enduring.close()
        self._said.close()
