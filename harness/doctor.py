"""What this machine can do for the harness, found by trying."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.bundled import bundled
from harness.clusters import ClusterError, EmbeddedCluster
from harness.data import DataError, locate
from harness.data.cache import data_cache

if TYPE_CHECKING:
    from collections.abc import Iterator

SUPPORTED = ("3.10", "3.11", "3.12", "3.13")
SECONDS_FOR_DOCKER = 10


@dataclass(frozen=True)
class Finding:
    """One line of the diagnosis. Where not ``fine``, ``what`` says what to do, or that nothing needs to be done."""

    topic: str
    fine: bool
    what: str


def examine() -> Iterator[Finding]:
    """Every finding, as soon as it is made; the whole takes some seconds."""
    yield _python()
    yield _other_pythons()
    yield _cluster()
    yield _docker()
    yield _images()
    yield _cache()
    yield _data()


def _python() -> Finding:
    version = platform.python_version()
    if version.rpartition(".")[0] in SUPPORTED:
        return Finding("Python", True, f"{version} at {sys.executable}")
    return Finding("Python", False, f"{version} is not supported; use one of {', '.join(SUPPORTED)}")


def _other_pythons() -> Finding:
    found = [version for version in SUPPORTED if shutil.which(f"python{version}")]
    if found:
        return Finding("Pythons", True, f"on the path: {', '.join(found)}")
    return Finding("Pythons", False, "none on the path under a name like python3.12; only needed to test on several")


def _cluster() -> Finding:
    try:
        with EmbeddedCluster() as cluster:
            how = cluster.isolation
    except ClusterError as error:
        return Finding("Cluster", False, f"cannot start: {error}")
    if how == "namespaces":
        return Finding("Cluster", True, "starts; every datum gets a /pfs of its own, by mount namespaces")
    what = (
        f"starts, without mount namespaces ({how}): /pfs is replaced in commands, and code that names /pfs itself "
        "will not find it; allow user namespaces, or run as root"
    )
    return Finding("Cluster", False, what)


def _docker() -> Finding:
    needless = "not needed for the embedded cluster"
    if shutil.which("docker") is None:
        return Finding("Docker", False, f"no docker command; {needless}")
    try:
        asked = subprocess.run(
            ["docker", "version", "--format", "{{.Server.Version}}"],
            capture_output=True,
            text=True,
            timeout=SECONDS_FOR_DOCKER,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return Finding("Docker", False, f"the docker command does not answer; {needless}")
    if asked.returncode:
        return Finding("Docker", False, f"its engine is not running; {needless}")
    return Finding("Docker", True, f"engine {asked.stdout.strip()}")


def _images() -> Finding:
    folder = bundled("images")
    names = sorted(path.parent.name for path in folder.glob("*/Dockerfile"))
    if names:
        return Finding("Images", True, f"{', '.join(names)} in {folder}")
    return Finding("Images", False, f"none in {folder}; install the package anew, or name a folder with --images")


def _cache() -> Finding:
    folder = data_cache().parent
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    if os.access(nearest, os.W_OK):
        return Finding("Cache", True, str(folder))
    return Finding("Cache", False, f"{folder} cannot be written; set HARNESS_CACHE to a folder that can")


def _data() -> Finding:
    try:
        found = locate()
    except DataError as error:
        return Finding("Data", False, str(error))
    return Finding("Data", True, found.describe())
