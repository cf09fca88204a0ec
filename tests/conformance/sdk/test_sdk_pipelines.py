"""A pipeline and what leads from its results to their origin, through pachyderm_sdk; and the small services."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

pfs = pytest.importorskip("pachyderm_sdk.api.pfs", reason="pachyderm_sdk is installed by `tox -e sdk` only")
pps = pytest.importorskip("pachyderm_sdk.api.pps", reason="pachyderm_sdk is installed by `tox -e sdk` only")


@pytest.fixture
def pipeline(sdk: Any, repo: Any, master: Any) -> Iterator[Any]:
    """A pipeline that makes its input upper case, after its first job."""
    with sdk.pfs.commit(branch=master) as commit:
        commit.put_file_from_bytes(path="/a", data=b"one\n")
    made = pps.Pipeline(name=f"upper-{uuid.uuid4().hex[:8]}", project=pfs.Project(name="default"))
    sdk.pps.create_pipeline(
        pipeline=made,
        input=pps.Input(pfs=pps.PfsInput(repo=repo.name, branch="master", glob="/*", name="data")),
        transform=pps.Transform(
            cmd=["sh"], stdin=["for f in /pfs/data/*; do tr a-z A-Z <$f >/pfs/out/${f##*/}; done"], image="ubuntu:20.04"
        ),
    )
    [job] = sdk.pps.list_job(pipeline=made)
    sdk.pps.inspect_job(job=job.job, wait=True)
    yield made
    sdk.pps.delete_pipeline(pipeline=made)


def test_a_change_runs_through_the_pipeline(sdk: Any, master: Any, pipeline: Any) -> None:
    with sdk.pfs.commit(branch=master) as commit:
        commit.put_file_from_bytes(path="/b", data=b"two\n")
    own = {info.commit.repo.type for info in commit.wait_all() if info.commit.id == commit.id}
    assert own == {"user", "meta"}
    with sdk.pfs.pfs_file(file=pfs.File.from_uri(f"{pipeline.name}@{commit.id}:/b")) as file:
        assert file.read() == b"TWO\n"
    job = sdk.pps.inspect_job(job=pps.Job(pipeline=pipeline, id=commit.id), details=True)
    assert (job.state, job.data_processed, job.data_skipped) == (pps.JobState.JOB_SUCCESS, 1, 1)
    datums = sdk.pps.list_datum(job=job.job)
    assert sorted(pps.DatumState(datum.state).name for datum in datums) == ["SKIPPED", "SUCCESS"]


def test_the_input_of_a_run_is_found_by_the_runs_id(sdk: Any, repo: Any, master: Any, pipeline: Any) -> None:
    read = sdk.pfs.inspect_branch(branch=master).head
    job = next(sdk.pps.list_job(pipeline=pipeline)).job
    used = sdk.pfs.inspect_commit(commit=pfs.Commit(repo=repo, id=job.id, branch=pfs.Branch(repo=repo)))
    assert (used.commit.repo.name, used.commit.id) == (repo.name, read.id)


def test_existence_of_pipelines_and_jobs(sdk: Any, pipeline: Any) -> None:
    missing = pps.Pipeline(name="missing", project=pipeline.project)
    job = next(sdk.pps.list_job(pipeline=pipeline)).job
    assert (sdk.pps.pipeline_exists(pipeline), sdk.pps.pipeline_exists(missing)) == (True, False)
    assert sdk.pps.job_exists(job)
    assert not sdk.pps.job_exists(pps.Job(pipeline=pipeline, id="0" * 32))


def test_the_cluster_says_what_it_is(sdk: Any) -> None:
    version = sdk.get_version()
    assert (version.major, version.minor) == (2, 7)
    first, second = sdk.admin.inspect_cluster(), sdk.admin.inspect_cluster()
    assert first.id
    assert (first.id, first.deployment_id) == (second.id, second.deployment_id)


def test_lists_are_filtered_by_jq(sdk: Any, pipeline: Any) -> None:
    good = list(sdk.pps.list_job(pipeline=pipeline, jq_filter='select(.state == "JOB_SUCCESS")'))
    assert [info.job.pipeline.name for info in good] == [pipeline.name]
    assert list(sdk.pps.list_job(pipeline=pipeline, jq_filter='.state == "JOB_FAILURE"')) == []
    named = sdk.pps.list_pipeline(jq_filter=f'.pipeline.name == "{pipeline.name}"')
    assert [info.pipeline.name for info in named] == [pipeline.name]


def test_logs_of_a_job_and_its_datums(sdk: Any, pipeline: Any) -> None:
    job = next(sdk.pps.list_job(pipeline=pipeline)).job
    lines = list(sdk.pps.get_logs(job=job))
    assert any(line.message == "beginning to run user code" for line in lines)
    assert {line.job_id for line in lines} == {job.id}
    [listed] = sdk.pps.list_datum(job=job)
    datum = sdk.pps.inspect_datum(datum=listed.datum)
    assert datum.pfs_state.path == f"/pfs/{listed.datum.id}"
    assert all(line.datum_id in ("", datum.datum.id) for line in lines)


def test_a_template_is_rendered(sdk: Any) -> None:
    template = 'function(name) { pipeline: { name: name }, transform: { cmd: ["true"] } }'
    rendered = sdk.pps.render_template(template=template, args={"name": "made"})
    assert [spec.pipeline.name for spec in rendered.specs] == ["made"]


def test_pipelines_stop_and_start(sdk: Any, pipeline: Any) -> None:
    sdk.pps.stop_pipeline(pipeline=pipeline)
    assert sdk.pps.inspect_pipeline(pipeline=pipeline).stopped
    sdk.pps.start_pipeline(pipeline=pipeline)
    info = sdk.pps.inspect_pipeline(pipeline=pipeline, details=True)
    assert not info.stopped
    newest = next(sdk.pps.list_job(pipeline=pipeline)).job
    assert sdk.pps.inspect_job(job=newest, wait=True).data_skipped == 1
