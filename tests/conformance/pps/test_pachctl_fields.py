"""What pachctl's printers read without asking whether it is there (section 17): requests as it sends them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf import empty_pb2
from python_pachyderm.proto.v2.pfs import pfs_pb2
from python_pachyderm.proto.v2.pps import pps_pb2

if TYPE_CHECKING:
    from tests.conformance.pps.conftest import Lab

PROJECTS = [pfs_pb2.Project(name="default")]
STATS = ("download_time", "process_time", "upload_time")


@pytest.fixture
def chain(lab: Lab) -> tuple[Lab, str]:
    """A good pipeline, one below it whose code has failed, and one that waits for an open commit."""
    lab.put("data", {"/dir/a": "a"})
    lab.create("first", "cp -r /pfs/data/* /pfs/out/", ("data", "/*"))
    id_ = lab.create("second", "false", ("first", "/"), datum_tries=1)
    lab.wait("second", id_)
    lab.client.create_repo("open")
    lab.client.start_commit("open", "master")
    lab.create("third", "true", ("open", "/"))
    return lab, id_


def missing(message: Any, *paths: str) -> list[str]:
    """Those of the dotted paths that are not set in a message, or empty."""

    def value(path: str) -> Any:
        found = message
        for name in path.split("."):
            nested = found.DESCRIPTOR.fields_by_name[name].message_type is not None
            if nested and not found.HasField(name):
                return None
            found = getattr(found, name)
        return found

    return [path for path in paths if value(path) in (None, "", 0)]


def stats(prefix: str) -> list[str]:
    return [f"{prefix}.{name}" for name in STATS]


def names(prefix: str) -> list[str]:
    """A commit by both of its ways to a repo."""
    parts = ("repo.name", "repo.type", "repo.project.name", "branch.name", "branch.repo.name", "branch.repo.type")
    return [f"{prefix}.{part}" for part in (*parts, "branch.repo.project.name", "id")]


def test_list_and_inspect_pipeline(chain: tuple[Lab, str], pps: Any) -> None:
    request = pps_pb2.ListPipelineRequest(details=True, projects=PROJECTS, commit_set=pfs_pb2.CommitSet())
    infos = list(pps.ListPipeline(request))
    assert [info.pipeline.name for info in infos] == ["third", "second", "first"]
    for info in infos:
        fields = ("pipeline.project.name", "version", "details.created_at", "details.transform", "details.input")
        assert missing(info, *fields, *names("spec_commit"), "state", "last_job_state", "type", "parallelism") == []
        assert missing(info.details.input, "pfs.project", "pfs.repo", "pfs.glob", "pfs.name", "pfs.branch") == []
        assert info.auth_token == ""
    request = pps_pb2.InspectPipelineRequest(pipeline=pps_pb2.Pipeline(name="first"), details=True)
    info = pps.InspectPipeline(request)
    assert missing(info.details, "created_at", "output_branch", "salt", "datum_tries", "workers_requested") == []
    assert missing(info.details, "transform.image", "reprocess_spec", "input.pfs.project") == []


def test_list_and_inspect_job(chain: tuple[Lab, str], pps: Any) -> None:
    _, id_ = chain
    sets = list(pps.ListJobSet(pps_pb2.ListJobSetRequest(projects=PROJECTS)))
    infos = [info for found in sets for info in found.jobs]
    infos += pps.ListJob(pps_pb2.ListJobRequest(projects=PROJECTS, details=True, history=-1))
    assert len(infos) == 6
    for info in infos:
        assert missing(info, "job.pipeline.project.name", "job.id", "created", "state", "pipeline_version") == []
        assert missing(info, "stats", *stats("stats"), *names("output_commit")) == []
        assert info.auth_token == ""
    job = pps_pb2.Job(pipeline=pps_pb2.Pipeline(name="second"), id=id_)
    info = pps.InspectJob(pps_pb2.InspectJobRequest(job=job, details=True))
    fields = ("details.transform.image", "details.input.pfs.commit", "details.salt", "started", "finished", "reason")
    assert missing(info, *fields, "details.datum_tries", *stats("stats")) == []


def test_list_and_inspect_datum(chain: tuple[Lab, str], pps: Any) -> None:
    _, id_ = chain
    job = pps_pb2.Job(pipeline=pps_pb2.Pipeline(name="second"), id=id_)
    [listed] = pps.ListDatum(pps_pb2.ListDatumRequest(job=job))
    datum = pps_pb2.Datum(job=job, id=listed.datum.id)
    found = pps.InspectDatum(pps_pb2.InspectDatumRequest(datum=datum))
    for info in (listed, found):
        assert missing(info, "datum.job.pipeline.project.name", "datum.job.id", *stats("stats"), "image_id") == []
        for part in info.data:
            assert missing(part, *names("file.commit"), "file.path", "file_type", "hash") == []
    assert missing(found, *names("pfs_state.commit"), "pfs_state.path") == []


def test_what_was_made_around_them(chain: tuple[Lab, str], pfs: Any) -> None:
    _, id_ = chain
    for repo in pfs.ListRepo(pfs_pb2.ListRepoRequest(projects=PROJECTS)):
        assert missing(repo, "repo.project.name", "created") == []
    members = list(pfs.InspectCommitSet(pfs_pb2.InspectCommitSetRequest(commit_set=pfs_pb2.CommitSet(id=id_))))
    assert len(members) > 3
    for commit in members:
        assert missing(commit, *names("commit"), "origin.kind", "started") == []
    for found in pfs.ListCommitSet(pfs_pb2.ListCommitSetRequest(project=PROJECTS[0])):
        assert found.commits
    assert [info.project.name for info in pfs.ListProject(pfs_pb2.ListProjectRequest())] == ["default"]


def test_nothing_is_an_empty_stream(lab: Lab, pps: Any) -> None:
    assert list(pps.ListPipeline(pps_pb2.ListPipelineRequest(details=True, projects=PROJECTS))) == []
    assert list(pps.ListJobSet(pps_pb2.ListJobSetRequest(projects=PROJECTS))) == []
    assert list(pps.ListJob(pps_pb2.ListJobRequest(projects=PROJECTS))) == []
    assert list(pps.InspectJobSet(pps_pb2.InspectJobSetRequest(job_set=pps_pb2.JobSet(id="0" * 32)))) == []
    assert list(pps.ListSecret(empty_pb2.Empty()).secret_info) == []
