"""What pipelines need before they run: files in repos, and secrets."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from harness.workflow import CallError, Workflow, WorkflowError
from harness.workflow.errors import explained

if TYPE_CHECKING:
    from pathlib import Path


def fill(workflow: Workflow, repo: str, folder: Path) -> int:
    """Create a repo if it is missing, and put the files of a folder into it in one commit; how many there were."""
    try:
        workflow.create_repo(repo)
    except CallError as error:
        if error.code != "ALREADY_EXISTS":
            raise
    files = {f"/{file.relative_to(folder).as_posix()}": file for file in folder.rglob("*") if file.is_file()}
    workflow.put(repo, dict(sorted(files.items())))
    return len(files)


def keep_secret(workflow: Workflow, file: Path) -> None:
    """Create the secret of a Kubernetes document in JSON, as ``pachctl create secret`` does, or replace it."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        name, data = document["metadata"]["name"], document["data"]
        values = {key: base64.b64decode(value, validate=True) for key, value in data.items()}
    except (ValueError, LookupError, TypeError, AttributeError):
        form = '{"metadata": {"name": "..."}, "data": {"KEY": "<value in base64>"}}'
        raise WorkflowError(f"{file}: it is no Kubernetes secret; write {form}") from None
    with explained(workflow.cluster, f"creating the secret {name!r}"):
        if name in {info.secret.name for info in workflow.client.list_secret()}:
            workflow.client.delete_secret(name)
        workflow.client.create_secret(name, values)
