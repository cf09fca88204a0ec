"""The verbs against a real server: what they give back, and how they fail."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.clusters import Cluster, ClusterDiedError, EmbeddedCluster, Options
from harness.specs import Spec, parse
from harness.workflow import (
    CallError,
    DeadlineError,
    JobFailedError,
    PipelineCrashedError,
    Workflow,
    WorkflowError,
)
from tests.workflow.listeners import Killer, Listener

if TYPE_CHECKING:
    from collections.abc import Iterator


def spec(name: str, *cmd: str, repo: str = "in", image: str = "host") -> Spec:
    document = {"pipeline": {"name": name}, "input": {"pfs": {"repo": repo, "glob": "/*"}}}
    (found,) = parse(json.dumps(document))
    return found.with_(image=image, cmd=list(cmd))


def shell(name: str, script: str, repo: str = "in") -> Spec:
    return spec(name, "sh", "-c", script, repo=repo)


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    with EmbeddedCluster(Options(allow_host_images=True)) as cluster:
        yield cluster


@pytest.fixture
def workflow(server: Cluster, request: pytest.FixtureRequest) -> Workflow:
    """A project of the test's own."""
    name = request.node.name.removeprefix("test_")[:40].strip("_")
    project = Workflow(server, Listener()).in_new_project(name)
    project.create_repo("in")
    return project


def test_a_commit_holds_its_changes_and_tells_what_was_put(workflow: Workflow, tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"B")
    first = workflow.put("in", {"/a": b"A", "/dir/b": tmp_path / "b"})
    with workflow.commit("in") as changes:
        changes.delete("/a")
        changes.put("/dir/b", b"BB")
    assert workflow.files("in", first) == {"/a": b"A", "/dir/b": b"B"}
    assert workflow.files("in", changes.id) == {"/dir/b": b"BB"}
    assert workflow.history("in") == [changes.id, first]
    assert isinstance(workflow.witness, Listener)
    assert [(repo, commit, path) for repo, commit, path, *_ in workflow.witness.puts] == [
        ("in", first, "/a"),
        ("in", first, "/dir/b"),
        ("in", changes.id, "/dir/b"),
    ]


def test_an_abandoned_commit_changes_nothing(workflow: Workflow) -> None:
    before = workflow.put("in", {"/a": b"A"})
    with pytest.raises(FileNotFoundError), workflow.commit("in") as changes:
        changes.put("/b", Path("nowhere"))
    assert workflow.history("in") == [before]


def test_a_run_tells_its_counts_progress_and_origins(workflow: Workflow) -> None:
    data = workflow.put("in", {"/a": b"A", "/b": b"B"})
    upper = workflow.start(shell("upper", "cp /pfs/in/* /pfs/out"))
    assert upper.counts == {"upper": "2+0/2"}
    assert upper.states == {"upper": "success"}
    assert workflow.files("upper", upper.id) == {"/a": b"A", "/b": b"B"}
    assert workflow.origins("upper", upper.id) == {"in": data, "upper.spec": upper.id}
    assert workflow.resolve("in", upper.id) == data
    assert workflow.resolve("upper", data) is None
    assert workflow.commit_set(upper.id) == {
        "in": data, "upper": upper.id, "upper.spec": upper.id, "upper.meta": upper.id
    }  # fmt: skip
    assert isinstance(workflow.witness, Listener)
    assert workflow.witness.lines[-1] == f"{workflow.project}/upper@{upper.id[:8]}  success  2/2 datums"


def test_updates_skip_what_is_done_unless_told_otherwise(workflow: Workflow) -> None:
    workflow.put("in", {"/a": b"A"})
    one, two = (shell("p", f"echo {word} > /pfs/out/said") for word in ("one", "two"))
    first = workflow.start(one)
    kept = workflow.wait(workflow.update_pipeline(two))
    anew = workflow.wait(workflow.update_pipeline(two, reprocess=True))
    assert [run.counts["p"] for run in (first, kept, anew)] == ["1+0/1", "0+1/1", "1+0/1"]
    assert [workflow.read("p", run.id, "/said") for run in (first, kept, anew)] == [b"one\n", b"one\n", b"two\n"]
    assert workflow.command("p", kept.id) == ["sh", "-c", "echo two > /pfs/out/said"]
    assert workflow.command("p", first.id) == ["sh", "-c", "echo one > /pfs/out/said"]


def test_a_failed_job_is_told_with_its_reason_and_log(workflow: Workflow) -> None:
    workflow.put("in", {"/a": b"A"})
    run_id = workflow.create_pipeline(shell("p", "echo the disk is on fire >&2; exit 3"))
    with pytest.raises(
        JobFailedError, match=r"ended in failure: datum [0-9a-f]{64} failed; its command said\n"
    ) as told:
        workflow.wait(run_id)
    assert "  the disk is on fire" in str(told.value)
    run = workflow.wait(run_id, check=False)
    assert run.states == {"p": "failure"}


def test_the_cause_is_told_and_not_its_consequences(workflow: Workflow) -> None:
    workflow.put("in", {"/a": b"A"})
    workflow.start(shell("up", "cp /pfs/in/* /pfs/out"))
    workflow.start(shell("down", "cp /pfs/up/* /pfs/out", repo="up"))
    run_id = workflow.update_pipeline(shell("up", "exit 1"), reprocess=True)
    with pytest.raises(JobFailedError) as told:
        workflow.wait(run_id)
    assert told.value.job.pipeline == "up"
    assert workflow.wait(run_id, check=False).states == {"up": "failure", "down": "unrunnable"}


def test_a_missing_image_ends_the_wait_with_what_to_do() -> None:
    with EmbeddedCluster() as cluster:
        workflow = Workflow(cluster)
        workflow.create_repo("in")
        workflow.put("in", {"/a": b"A"})
        run_id = workflow.create_pipeline(spec("p", "true", image="nobody/nothing"))
        with pytest.raises(PipelineCrashedError, match=r"pipeline p cannot run: .*nobody/nothing"):
            workflow.wait(run_id)


def test_a_deadline_says_how_far_it_came(workflow: Workflow) -> None:
    workflow.put("in", {"/a": b"A"})
    run_id = workflow.create_pipeline(shell("p", "sleep 1000"))
    with pytest.raises(DeadlineError, match=f"run {run_id} has not finished in 2 s: .*p@{run_id[:8]} is .* 0/1 datums"):
        workflow.wait(run_id, seconds=2)
    workflow.client.stop_job(run_id, "p", project_name=workflow.project)
    with pytest.raises(JobFailedError, match="ended in killed: job stopped"):
        workflow.wait(run_id)


def test_a_missing_repo_is_told_with_the_specs_name(workflow: Workflow) -> None:
    with pytest.raises(CallError, match=r"creating pipeline 'p' from <text>: repo .*/nowhere not found") as told:
        workflow.create_pipeline(spec("p", "true", repo="nowhere"))
    assert told.value.code == "NOT_FOUND"
    with pytest.raises(CallError, match="committing to repo 'nowhere'"):
        workflow.put("nowhere", {"/a": b"A"})
    with pytest.raises(CallError, match=r"reading in@.*:/b: .*not found"):
        workflow.read("in", workflow.put("in", {"/a": b"A"}), "/b")


def test_two_versions_of_one_repo_are_no_single_origin(workflow: Workflow) -> None:
    """A pipeline that is stopped while its input moves on holds an old version; its neighbour reads the new one."""
    workflow.put("in", {"/a": b"A"})
    workflow.start(shell("old", "cp /pfs/in/* /pfs/out"))
    workflow.client.stop_pipeline("old", project_name=workflow.project)
    workflow.put("in", {"/a": b"AA"})
    (both,) = parse(
        '{"pipeline": {"name": "both"}, "input": {"cross": ['
        '{"pfs": {"repo": "in", "glob": "/"}}, {"pfs": {"repo": "old", "glob": "/"}}]}}'
    )
    run = workflow.start(both.with_(image="host", cmd=["true"]))
    with pytest.raises(WorkflowError, match=rf"both@{run.id} was made from in@[0-9a-f]+ and in@[0-9a-f]+ both"):
        workflow.origins("both", run.id)


def test_a_dying_cluster_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    with EmbeddedCluster(Options(root=tmp_path / "data", allow_host_images=True)) as cluster:
        workflow = Workflow(cluster, Killer(cluster))
        workflow.create_repo("in")
        workflow.put("in", {"/a": b"A"})
        run_id = workflow.create_pipeline(shell("p", "sleep 1000"))
        with pytest.raises(ClusterDiedError, match=r"was ended by SIGKILL; its data directory is kept") as told:
            workflow.wait(run_id)
    assert f"its log, {tmp_path / 'data' / 'server.log'}, ends with" in str(told.value)
