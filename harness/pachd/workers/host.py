"""Images that this machine stands in for: its own programs run in their place, and a note says so."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from harness.pachd.workers.contract import PreparedImage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Docker's official images of a bare system, a shell or Python. Any Linux machine has what pipelines use of them.
PLAIN = frozenset(
    {
        *("alpine", "busybox", "debian", "ubuntu", "buildpack-deps", "archlinux", "opensuse"),
        *("almalinux", "amazonlinux", "centos", "fedora", "oraclelinux", "photon", "rockylinux"),
        *("bash", "python"),
    }
)
_INTERPRETERS = ("bash", "dash", "python", "sh")


def is_plain(name: str) -> bool:
    """Whether a reference without host and tag, such as ``python`` or ``library/ubuntu``, is of such an image."""
    return name.removeprefix("library/") in PLAIN


def plain(name: str) -> PreparedImage:
    """A plain image, for which this machine stands in.

    The environment is made anew, so that no variable of whoever started the cluster gets into results. ``python`` and
    ``python3`` are the ones that run the cluster, with its packages.
    """
    path = f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}"
    return _standing_in(name, {"PATH": path, "HOME": os.environ.get("HOME", "/"), "LANG": "C.UTF-8"})


def as_it_is(name: str) -> PreparedImage:
    """Any image, for which this machine with its environment stands in."""
    return _standing_in(name, dict(os.environ))


def lacking(image: PreparedImage, argv: Sequence[str], env: Mapping[str, str]) -> str:
    """What a command needs of an image that this machine stands in for and does not have, with a remedy; else empty.

    ``env`` is the command's own. Files below ``/pfs`` come with the datums.
    """
    program, script = argv[0], (argv[1] if len(argv) > 1 else "")
    path = env.get("PATH", image.env.get("PATH", os.defpath))
    if image.files is not None or program.startswith(("/pfs/", "./", "../")):
        return ""
    if shutil.which(program, path=path) is None:
        missing = f"no program {program}"
    elif Path(program).name.startswith(_INTERPRETERS) and _is_missing(script):
        missing = f"no file {script}"
    else:
        return ""
    return (
        f"this machine, which stands in for image {image.name}, has {missing}; install it, "
        "or give the cluster a folder with the image's files and requirements.txt (--images)"
    )


def _is_missing(script: str) -> bool:
    return script.startswith("/") and not script.startswith("/pfs/") and not Path(script).exists()


def _standing_in(name: str, env: dict[str, str]) -> PreparedImage:
    version = platform.python_version()
    digest = f"host:{sys.platform}-{platform.machine()}-python{version}"
    python = shutil.which("python3", path=env.get("PATH", os.defpath)) or "none"
    note = f"image {name}: this machine's own programs run in its place (python3 is {python})"
    return PreparedImage(name, digest, None, "/", env, note=note)
