"""Sending what a job has made to where its pipeline says, as often as it takes."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.pachd.errors import PachError
from harness.pachd.pps import job_changes
from harness.pachd.pps.pauses import growing
from harness.pachd.pps.progress import Stopped
from harness.pachd.pps.states import JobState

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator

    from harness.pachd.pps.log_writing import Log
    from harness.pachd.pps.progress import Progress
    from harness.pachd.pps.tools import Tools

log = logging.getLogger(__name__)


def target(spec: Any) -> str:
    """The URL that a ``pps_v2.Egress`` names in either of its fields."""
    return str(spec.object_storage.url or spec.URL)


@dataclass(frozen=True)
class Egress:
    """Sends the output of one job to ``url``. ``cancelled`` ends it in the middle."""

    tools: Tools
    url: str
    progress: Progress
    said: Log
    cancelled: threading.Event

    def send(self, root: bytes) -> None:
        """Send the files of ``root``, again and again until all are there. Raises Stopped.

        What is wrong shows as the reason of the job, which is EGRESSING all the time.
        """
        pauses = growing(self.tools.seconds_to_retry)
        self._tell("")
        while reason := self._attempt(root):
            self._tell(reason)
            self.said.master(f"errored egress: {reason}")
            if self.cancelled.wait(next(pauses)):
                raise Stopped

    def _tell(self, reason: str) -> None:
        with self.progress.transaction() as txn:
            job_changes.move(txn, self.progress.job, JobState.EGRESSING, reason)

    def _attempt(self, root: bytes) -> str:
        """What went wrong, empty if all is there. Raises Stopped."""
        self.said.master(f"started egress to {self.url}")
        try:
            sent = self.tools.destinations.send(self.url, self._files(root), str(self.progress.job))
        except PachError as error:
            return error.message
        except Exception as error:  # whatever a library finds, the job must not hang without a word
            if self.cancelled.is_set():
                raise Stopped from error
            log.exception("egress of %s", self.progress.job)
            return f"{type(error).__name__}: {error}"
        self.said.master(f"finished egress: {sent} bytes")
        return ""

    def _files(self, root: bytes) -> Iterator[tuple[str, Iterator[bytes]]]:
        for file in self.tools.store.files.walk(root):
            yield file.path, self._pieces(file.content.hash)

    def _pieces(self, hash_: bytes) -> Iterator[bytes]:
        for piece in self.tools.store.objects.read(hash_):
            if self.cancelled.is_set():
                raise Stopped
            yield piece
