"""What every job needs of the cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from harness.pachd.pfs.destinations import Destinations
    from harness.pachd.pfs.version_store import VersionStore
    from harness.pachd.pps.datum_sets import DatumSets
    from harness.pachd.pps.logs import Logs
    from harness.pachd.pps.materials import Materials
    from harness.pachd.pps.surroundings import Access
    from harness.pachd.pps.vault import Vault


@dataclass(frozen=True)
class Tools:
    """The version store, and what is built on it for all jobs.

    ``scratch`` is a folder for files that nobody keeps. What fails outside of datums is tried again after
    ``seconds_to_retry``.
    """

    store: VersionStore
    sets: DatumSets
    materials: Materials
    logs: Logs
    vault: Vault
    access: Access
    scratch: Path
    seconds_to_retry: float
    destinations: Destinations
