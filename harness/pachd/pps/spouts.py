"""Spouts: pipelines without jobs, whose code writes its output as any client does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pachd.pps import commands, environment
from harness.pachd.pps.enduring import Endeavour, Enduring
from harness.pachd.workers.contract import Task

if TYPE_CHECKING:
    from harness.pachd.pps.tools import Tools
    from harness.pachd.pps.versions import Version
    from harness.pachd.workers.contract import PreparedImage, Runtime


class Spout:
    """The code of one version of a spout, from its start to :meth:`close`; a good end of its own is the last."""

    def __init__(self, tools: Tools, runtime: Runtime, image: PreparedImage, version: Version, name: str) -> None:
        self._version = version
        self._said = tools.logs.of_spout(version)
        what = Endeavour(name, self._task, tools.seconds_to_retry)
        self._enduring = Enduring(runtime, image, what, self._said)

    def close(self) -> None:
        """End the code with all its children."""
        self._enduring.close()
        self._said.close()

    def _task(self, worker: str) -> Task:
        transform = self._version.info.details.transform
        return Task(
            datum_id="",
            inputs=(),
            command=commands.command(transform),
            env=environment.of_worker(self._version, worker),
            accept=frozenset(transform.accept_return_code),
            working_dir=transform.working_dir,
            user=transform.user,
        )
