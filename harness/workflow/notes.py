"""What a cluster has to say about a pipeline besides running it."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

import grpc

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.workflow.results import Job

MARK = "note: "
_LINES = 200


class Notes:
    """Tells of pipelines what their clusters note, each thing once."""

    def __init__(self, client: Any, tell: Callable[[str], None]) -> None:
        self._client = client
        self._tell = tell
        self._told: set[tuple[str, str]] = set()

    def tell_of(self, job: Job) -> None:
        """Tell what is new of a job's pipeline."""
        for note in _notes(self._client, job.pipeline, job.project):
            if (job.pipeline, note) not in self._told:
                self._told.add((job.pipeline, note))
                self._tell(f"{job.pipeline}  {MARK}{note}")


def _notes(client: Any, pipeline: str, project: str) -> list[str]:
    """The notes among the first lines of a pipeline's log, such as that some field of its spec is without effect.

    The embedded cluster writes them as a version starts; others write none.
    """
    with suppress(grpc.RpcError):  # who has no log has no notes
        lines = islice(client.get_pipeline_logs(pipeline, project_name=project), _LINES)
        told = [line.message.removeprefix(MARK) for line in lines if not line.user and line.message.startswith(MARK)]
        return list(dict.fromkeys(told))
    return []
