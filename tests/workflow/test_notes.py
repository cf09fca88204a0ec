"""Whoever creates a pipeline is told what of its spec is without effect."""

from __future__ import annotations

import json

from harness.clusters import EmbeddedCluster, Options
from harness.specs import parse
from harness.workflow import Workflow

SPEC = {
    "pipeline": {"name": "p"},
    "transform": {"image": "ubuntu:20.04", "cmd": ["sh", "-c", "cp /pfs/in/* /pfs/out"], "memory_volume": True},
    "input": {"pfs": {"repo": "in", "glob": "/*"}},
    "resource_limits": {"cpu": 1, "memory": "64Mi"},
    "tolerations": [{"key": "k", "operator": "EXISTS"}],
}


class Listener:
    """A witness that remembers."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def tell(self, line: str) -> None:
        self.lines.append(line)

    def put(self, repo: str, commit: str, path: str, sha256: str, project: str) -> None:
        """What is put is of no interest."""


def test_a_field_that_nothing_enforces_is_told_once() -> None:
    witness = Listener()
    with EmbeddedCluster(Options(allow_host_images=True)) as cluster:
        workflow = Workflow(cluster, witness)
        workflow.create_repo("in")
        (spec,) = parse(json.dumps(SPEC))
        workflow.start(spec)
        workflow.wait(workflow.update_pipeline(spec))
    (told,) = [line for line in witness.lines if "not enforced" in line]
    assert told.endswith("embedded cluster: tolerations, resource_limits.cpu, transform.memory_volume")
    assert told.startswith("p  note: ")
