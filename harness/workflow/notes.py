"""What a cluster has to say about a pipeline besides running it."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from typing import Any

import grpc

MARK = "note: "
_LINES = 200


def notes(client: Any, pipeline: str, project: str) -> list[str]:
    """The notes among the first lines of a pipeline's log, such as that some field of its spec is without effect.

    The embedded cluster writes them as a version starts; others write none.
    """
    with suppress(grpc.RpcError):  # who has no log has no notes
        lines = islice(client.get_pipeline_logs(pipeline, project_name=project), _LINES)
        told = [line.message.removeprefix(MARK) for line in lines if not line.user and line.message.startswith(MARK)]
        return list(dict.fromkeys(told))
    return []
