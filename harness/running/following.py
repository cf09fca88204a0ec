"""Pipelines that go on by themselves: their further jobs, and what their code prints, as it happens."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from harness.clusters import ClusterError
from harness.running import results
from harness.specs import input_nodes
from harness.workflow import Workflow, WorkflowError
from harness.workflow.errors import explained
from harness.workflow.notes import MARK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from harness.specs import Spec


def stands(spec: Spec) -> bool:
    """Whether a pipeline goes on by itself: spouts, services, and those that a clock starts."""
    return _is_endless(spec) or any(node.HasField("cron") for node in input_nodes(spec.request().input))


class Follower:
    """Tells of the pipelines of ``specs`` for as long as the cluster is there; runs in ``known`` have been told."""

    def __init__(
        self, workflow: Workflow, specs: Sequence[Spec], tell: Callable[[str], None], known: Iterable[str]
    ) -> None:
        self._workflow, self._specs, self._tell = workflow, specs, tell
        self._known = set(known)
        self._lock = threading.Lock()

    def follow(self) -> None:
        """Return when the cluster is gone."""
        followed = [(self._tell_lines if _is_endless(spec) else self._tell_jobs, spec) for spec in self._specs]
        threads = [threading.Thread(target=_until_the_end, args=each, daemon=True) for each in followed]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _tell_jobs(self, spec: Spec) -> None:
        for id_ in self._outputs(spec):
            if self._is_new(id_):
                for job in self._workflow.wait(id_, check=False).jobs:
                    for line in results.lines(self._workflow, job):
                        self._tell(line)

    def _tell_lines(self, spec: Spec) -> None:
        with explained(self._workflow.cluster, f"following the log of {spec.name}"):
            for line in self._workflow.client.get_pipeline_logs(
                spec.name, project_name=self._workflow.project, follow=True
            ):
                if line.user or line.message.startswith(MARK):
                    self._tell(f"{spec.name} | {line.message.rstrip()}")

    def _outputs(self, spec: Spec) -> Iterator[str]:
        from python_pachyderm.service import pfs_proto

        branch, done = spec.request().output_branch or "master", pfs_proto.CommitState.FINISHED
        with explained(self._workflow.cluster, f"following {spec.name}"):
            for info in self._workflow.client.subscribe_commit(
                spec.name, branch, state=done, all=True, project_name=self._workflow.project
            ):
                yield info.commit.id

    def _is_new(self, run_id: str) -> bool:
        """Whether nobody has told of this run, in which several of the pipelines may have jobs."""
        with self._lock:
            new = run_id not in self._known
            self._known.add(run_id)
        return new


def _until_the_end(tell: Callable[[Spec], None], spec: Spec) -> None:
    with suppress(WorkflowError, ClusterError):  # the cluster has ended
        tell(spec)


def _is_endless(spec: Spec) -> bool:
    request = spec.request()
    return bool(request.HasField("spout") or request.HasField("service"))
