"""Which cluster a run works on."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.clusters import external
from harness.clusters.embedded import EmbeddedCluster, Options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.clusters.cluster import Cluster

EMBEDDED = "embedded"


@contextmanager
def start(where: str, options: Options | None = None) -> Iterator[Cluster]:
    """The cluster that ``--cluster`` names: ``embedded`` (started with ``options``), or an address."""
    if where == EMBEDDED:
        with EmbeddedCluster(options) as cluster:
            yield cluster
    else:
        yield external.connect(where)
