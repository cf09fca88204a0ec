"""Where secrets are kept: a file of mode 0600 for each, and nowhere else."""

from __future__ import annotations

import base64
import json
import os
import threading
from typing import TYPE_CHECKING, Any

from harness.pachd.errors import pps as errors
from harness.pachd.pps.secret_documents import Secret, is_name
from harness.pachd.store.disk import make_folder, sync_folder, telling_full

if TYPE_CHECKING:
    from pathlib import Path

    from harness.pachd.store.events import Events

# Published when a secret comes: what waits for it may try again.
TOPIC = ("secrets",)

_UNFINISHED = ".new"  # no secret can have this name


class Vault:
    """The cluster's secrets, in a folder of their own. Safe to use from several threads."""

    def __init__(self, folder: Path, events: Events) -> None:
        self._folder = folder
        self._events = events
        self._lock = threading.Lock()
        make_folder(folder)
        folder.chmod(0o700)
        (folder / _UNFINISHED).unlink(missing_ok=True)

    def create(self, secret: Secret) -> None:
        """Keep a new secret. Raises SECRET_EXISTS, DISK_FULL."""
        path = self._folder / secret.name
        with self._lock:
            if path.exists():
                raise errors.SECRET_EXISTS(name=secret.name)
            with telling_full():
                _write(self._folder / _UNFINISHED, _as_json(secret))
                (self._folder / _UNFINISHED).rename(path)
                sync_folder(self._folder)
        self._events.publish([TOPIC])

    def find(self, name: str) -> Secret | None:
        """The secret of that name, if there is one."""
        if not is_name(name):
            return None
        try:
            return _from_json(name, (self._folder / name).read_bytes())
        except FileNotFoundError:
            return None

    def get(self, name: str) -> Secret:
        """The secret of that name; raises SECRET_NOT_FOUND."""
        found = self.find(name)
        if found is None:
            raise errors.SECRET_NOT_FOUND(what="get", name=name)
        return found

    def listing(self) -> list[Secret]:
        """All secrets by name."""
        names = sorted(path.name for path in self._folder.iterdir())
        return [found for name in names if (found := self.find(name)) is not None]

    def delete(self, name: str) -> None:
        """Forget a secret; workers that run keep what they know. Raises SECRET_NOT_FOUND."""
        with self._lock:
            if self.find(name) is None:
                raise errors.SECRET_NOT_FOUND(what="delete", name=name)
            (self._folder / name).unlink()
            sync_folder(self._folder)

    def clear(self) -> None:
        """Forget all secrets."""
        with self._lock:
            for secret in self.listing():
                (self._folder / secret.name).unlink()
            sync_folder(self._folder)

    def check(self, transform: Any) -> None:
        """Raise for the first of a transform's secrets that is not to be had."""
        for wanted in transform.secrets:
            if wanted.env_var and not wanted.key:
                raise errors.SECRET_WITHOUT_KEY(name=wanted.name)
            found = self.find(wanted.name)
            if found is None:
                raise errors.SECRET_MISSING(name=wanted.name)
            if wanted.env_var and wanted.key not in found.data:
                raise errors.SECRET_KEY_MISSING(name=wanted.name, key=wanted.key)


def _write(path: Path, data: bytes) -> None:
    path.unlink(missing_ok=True)  # of an attempt that failed
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(handle)


def _as_json(secret: Secret) -> bytes:
    data = {key: base64.b64encode(value).decode() for key, value in secret.data.items()}
    told = {"type": secret.type, "labels": dict(secret.labels), "created": secret.created, "data": data}
    return json.dumps(told).encode()


def _from_json(name: str, document: bytes) -> Secret:
    told = json.loads(document)
    data = {key: base64.b64decode(value) for key, value in told["data"].items()}
    return Secret(name, told["type"], told["labels"], told["created"], data)
