"""Images are folders: finding the one that ``transform.image`` names and making it ready to run commands."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from harness.pachd.workers import dockerfile, host, placing
from harness.pachd.workers.contract import ImageError, PreparedImage
from harness.pachd.workers.environments import Environments, base_python

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

DEFAULT_IMAGE = "ubuntu:20.04"  # Pachyderm 2.7's, for a transform that names none
DEFAULT_WORKDIR = "/app"
ALIASES = "aliases.json"

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*", re.IGNORECASE)


class ImageLibrary:
    """Finds and prepares images.

    A reference ``[host/]name[:tag][@digest]`` means the folder ``name`` in the first of ``folders`` that has one: a
    tag cannot choose among several, the recorded digest tells what ran. A reference with a user or organisation in it
    (``me/training``) is somebody's image, not ours, unless an ``aliases.json`` beside the image folders says which
    folder stands for it; there, references stand without host, and with their tag only if it matters. For plain images
    that no folder stands for, such as ``ubuntu:22.04`` or ``python:3.12``, this machine does.
    """

    def __init__(self, folders: Sequence[Path], cache: Path, allow_host: bool) -> None:
        """``cache`` keeps built environments. With ``allow_host``, this machine stands in for all unknown images."""
        self._folders = [folder.resolve() for folder in folders]
        self._allow_host = allow_host
        self._environments = Environments(cache.resolve() / "environments")

    def prepare(self, image: str, progress: Callable[[str], None], copies: Path) -> PreparedImage:
        """Make ``image`` ready; its files are copied below ``copies``, so that what runs is what the digest names.

        Raises :class:`ImageError`.
        """
        name = image or DEFAULT_IMAGE
        folder = self._find(name)
        if folder is None:
            return self._stand_in(name)
        files, digest = _copy(folder, copies)
        env = {"PATH": f"{base_python().parent}:{_PATH}", "LANG": "C.UTF-8"}
        text = files / "Dockerfile"
        try:
            recipe = dockerfile.read(text.read_text("utf-8") if text.exists() else "", env)
        except ValueError as error:
            raise ImageError(f"image {name}: {folder / 'Dockerfile'}: {error}") from error
        env, workdir, note = recipe.env, recipe.workdir, ""
        if workdir in ("", "/"):
            workdir = DEFAULT_WORKDIR
        env.setdefault("HOME", workdir)
        if (files / "requirements.txt").exists():
            python = self._environments.get(name, files, digest, progress)
            env["PATH"] = f"{python.parent}:{env['PATH']}"
            env["VIRTUAL_ENV"] = str(python.parent.parent)
        elif recipe.installs:
            note = (
                f"image {name}: RUN lines are for Docker; what they install comes from this machine or requirements.txt"
            )
        links = placing.place(recipe.copied, files, workdir)
        return PreparedImage(name, digest, files, workdir, env, links=links, note=note)

    def close(self) -> None:
        """Stop builds that are under way."""
        self._environments.close()

    def _find(self, name: str) -> Path | None:
        plain = _without_host(name.partition("@")[0])
        untagged = _untagged(plain)
        for root in self._folders:
            aliases = _aliases(root)
            target = aliases.get(plain, aliases.get(untagged, untagged))
            if _NAME.fullmatch(target) and (root / target).is_dir():
                return root / target
        return None

    def _stand_in(self, name: str) -> PreparedImage:
        if self._allow_host:
            return host.as_it_is(name)
        if host.is_plain(_untagged(_without_host(name.partition("@")[0]))):
            return host.plain(name)
        raise ImageError(self._unknown(name))

    def _unknown(self, name: str) -> str:
        places = ", ".join(str(folder) for folder in self._folders) or "no folder at all"
        found = sorted(
            {image.name for root in self._folders if root.is_dir() for image in root.iterdir() if image.is_dir()}
        )
        return (
            f"image {name} not found: looked in {places}; images there: {', '.join(found) or 'none'}. "
            f"Add a folder with the image's files (and a requirements.txt), name a folder for it in {ALIASES}, "
            "or start the cluster with --allow-host-images to run it in the host's own environment"
        )


def _without_host(reference: str) -> str:
    """Docker's rule: the first part is a host if it has a dot or a port in it, or is localhost."""
    host, slash, rest = reference.partition("/")
    return rest if slash and ("." in host or ":" in host or host == "localhost") else reference


def _untagged(reference: str) -> str:
    return re.sub(r":[^/:]*$", "", reference)


def _aliases(root: Path) -> dict[str, str]:
    file = root / ALIASES
    if not file.exists():
        return {}
    try:
        aliases = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise ImageError(f"{file} is not JSON: {error}") from error
    if not isinstance(aliases, dict) or not all(isinstance(target, str) for target in aliases.values()):
        raise ImageError(f"{file} must be an object of image references and folder names")
    return aliases


def _copy(folder: Path, copies: Path) -> tuple[Path, str]:
    """Copy an image's files to a folder named by their digest. Byte code is nobody's source and is left out."""
    copies.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=copies))
    fresh.chmod(0o755)
    shutil.copytree(folder, fresh, symlinks=True, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    digest = _digest(fresh)
    target = copies / digest
    try:
        fresh.rename(target)
    except OSError:  # there already, from an earlier time or another thread
        shutil.rmtree(fresh)
    return target, f"sha256:{digest}"


def _digest(folder: Path) -> str:
    """Over the version of Python and, for every file in path order: path, kind, length and bytes."""
    total = hashlib.sha256(f"python {platform.python_version()}\n".encode())
    for path, file in sorted(_files(folder)):
        mode = file.lstat().st_mode
        pieces: Iterable[bytes]
        if stat.S_ISLNK(mode):
            kind, pieces = "link", [os.fsencode(file.readlink())]
        else:
            kind, pieces = "program" if mode & stat.S_IXUSR else "file", _pieces(file)
        total.update(f"{kind} {file.lstat().st_size} {path}\n".encode("utf-8", "surrogateescape"))
        for piece in pieces:
            total.update(piece)
    return total.hexdigest()


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        yield from iter(lambda: opened.read(1 << 20), b"")


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for file in folder.rglob("*"):
        if file.is_symlink() or not file.is_dir():
            yield file.relative_to(folder).as_posix(), file
