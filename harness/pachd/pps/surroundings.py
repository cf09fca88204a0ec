"""What the workers of a pipeline find around them besides their image: its secrets, and the way to this cluster."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from harness.pachd.workers.contract import ImageError

if TYPE_CHECKING:
    from harness.pachd.pps.secret_documents import Secret
    from harness.pachd.pps.vault import Vault
    from harness.pachd.pps.versions import Version
    from harness.pachd.workers.contract import PreparedImage

# Where Pachyderm's clients look for their settings in a worker.
_SETTINGS = "/pachctl"


@dataclass(frozen=True)
class Access:
    """How user code reaches this server; ``token`` None: it asks for none."""

    host: str
    port: int
    token: str | None = field(repr=False)

    def env(self) -> dict[str, str]:
        """For ``Client.new_in_cluster()`` and whoever does without ``/pachctl/config.json``."""
        token = {"PACH_TOKEN": self.token, "PACH_PYTHON_AUTH_TOKEN": self.token} if self.token else {}
        port = str(self.port)
        return {
            "PACH_CONFIG": f"{_SETTINGS}/config.json",
            "PACHD_SERVICE_HOST": self.host,
            "PACHD_SERVICE_PORT": port,
            "PACHD_PEER_SERVICE_HOST": self.host,
            "PACHD_PEER_SERVICE_PORT": port,
            "PEER_PORT": port,
            **token,
        }

    def settings(self) -> bytes:
        """What ``pachctl`` and ``python_pachyderm.Client()`` read."""
        context = {"pachd_address": f"grpc://{self.host}:{self.port}", "session_token": self.token or ""}
        return json.dumps({"v2": {"active_context": "local", "contexts": {"local": context}}}).encode()


def furnish(image: PreparedImage, version: Version, vault: Vault, access: Access) -> PreparedImage:
    """``image`` with all that the version's workers see. Raises ImageError where a secret is not to be had.

    None of it becomes part of a task, whose variables are written to files.
    """
    env, mounts = {}, {_SETTINGS: {"config.json": access.settings()}}
    for wanted in version.info.details.transform.secrets:
        secret = vault.find(wanted.name)
        if secret is None:
            raise ImageError(f'secret "{wanted.name}" not found')
        if wanted.env_var:
            env[wanted.env_var] = _value(secret, wanted.key)
        if wanted.mount_path:
            mounts[_place(wanted.name, wanted.mount_path)] = dict(secret.data)
    return replace(image, env={**image.env, **access.env(), **env}, mounts=mounts)


def _value(secret: Secret, key: str) -> str:
    if key not in secret.data:
        raise ImageError(f"couldn't find key {key} in Secret default/{secret.name}")
    if b"\0" in secret.data[key]:
        raise ImageError(f"key {key} of secret {secret.name} cannot be a variable: it has a NUL in it")
    return secret.data[key].decode("utf-8", "surrogateescape")


def _place(name: str, path: str) -> str:
    if not path.startswith("/") or ".." in path.split("/") or "\0" in path:
        raise ImageError(f"secret {name}: mount_path {path} must be absolute, without .. and NUL")
    return path.rstrip("/") or "/"
