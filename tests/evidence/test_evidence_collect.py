"""Collecting from the embedded cluster: what the record says is what was done."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest
from python_pachyderm.service import pps_proto

from harness import verify
from harness.clusters.embedded import EmbeddedCluster, Options
from harness.evidence import collect, environment, moments, seal
from harness.evidence.collect import Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.evidence.model import Record

PREDICT = """
for review in /pfs/reviews/*; do
  percent=$(cat /pfs/model/model "$review" | cksum | cut -c1-2)
  printf 'Pred - [[ 0.%02d  0.%02d]]\\n' $((99 - percent)) "$percent" > "/pfs/out/$(basename "$review")"
done
"""
REVIEWS = {f"/{number}.txt": f"review {number}".encode() for number in range(3)} | {"/empty.txt": b""}


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """A cluster on which a model was made, used, updated without reprocessing and fed one other review."""
    with EmbeddedCluster(Options(allow_host_images=True)) as cluster:
        client = cluster.client()
        client.create_repo("training")
        client.create_repo("reviews")
        client.put_file_bytes(("training", "master"), "/data.tsv", b"good\tbad\n")
        with client.modify_file_client(("reviews", "master")) as commit:
            for path, content in REVIEWS.items():
                commit.put_file_from_bytes(path, content)
        training = pps_proto.Input(pfs=pps_proto.PFSInput(repo="training", glob="/"))
        reviews = pps_proto.Input(pfs=pps_proto.PFSInput(repo="reviews", glob="/*"))
        model = pps_proto.Input(pfs=pps_proto.PFSInput(repo="model", glob="/"))
        _create(client, "model", "cp /pfs/training/data.tsv /pfs/out/model", training)
        _create(client, "inference", PREDICT, pps_proto.Input(cross=[reviews, model]))
        _create(client, "model", "cp /pfs/training/data.tsv /pfs/out/model; true", training, update=True)
        client.put_file_bytes(("reviews", "master"), "/1.txt", b"another review")
        _wait(client)
        yield client


def _create(client: Any, name: str, script: str, source: Any, *, update: bool = False) -> None:
    transform = pps_proto.Transform(image="host", cmd=["sh", "-c", script])
    client.create_pipeline(name, transform, input=source, update=update)
    _wait(client)


def _wait(client: Any) -> None:
    for info in list(client.list_commit()):
        list(client.wait_commit(info.commit_set.id))


def _collected(client: Any, limits: Limits = collect.DEFAULT_LIMITS) -> Record:
    cluster = collect.identify(client, "embedded", "somewhere", "namespaces")
    return collect.collect(
        client, environment.describe("run", moments.now(), moments.now(), ["tox"]), cluster, (), limits
    )


@pytest.fixture(scope="module")
def record(client: Any) -> Record:
    return _collected(client)


def test_the_cluster_says_what_it_is(record: Record) -> None:
    assert record.cluster.version.startswith("2.")
    assert record.cluster.id


def test_every_repo_is_there_with_its_branches(record: Record) -> None:
    names = {(repo.name, repo.type) for repo in record.repos}
    pipelines = {(name, type_) for name in ("model", "inference") for type_ in ("user", "spec", "meta")}
    assert names == {("training", "user"), ("reviews", "user"), *pipelines}
    (branch,) = next(repo.branches for repo in record.repos if repo.name == "inference" and repo.type == "user")
    assert branch.direct_provenance == (
        "default/inference.spec@master",
        "default/model@master",
        "default/reviews@master",
    )


def test_files_have_the_sha256_of_their_bytes(record: Record) -> None:
    first = next(commit for commit in record.commits if commit.repo == "default/reviews")
    assert {file.path: file.sha256 for file in first.files} == {
        path: hashlib.sha256(content).hexdigest() for path, content in REVIEWS.items()
    }
    assert {file.path: file.text for file in first.files} == {
        path: content.decode() for path, content in REVIEWS.items()
    }


def test_jobs_and_their_datums_say_what_ran(record: Record) -> None:
    counted = [(job.pipeline, job.version, job.processed, job.skipped, job.total) for job in record.jobs]
    assert counted == [
        ("default/model", 1, 1, 0, 1),
        ("default/inference", 1, 4, 0, 4),
        ("default/model", 2, 0, 1, 1),
        ("default/inference", 1, 0, 4, 4),
        ("default/inference", 1, 1, 3, 4),
    ]
    last = record.jobs[-1]
    ran = [datum for datum in last.datums if datum.processed_by == last.id]
    assert [used.path for datum in ran for used in datum.inputs] == ["/1.txt", "/"]


def test_versions_of_pipelines_keep_their_specifications(record: Record) -> None:
    model = [version for version in record.pipelines if version.name == "model"]
    assert [version.version for version in model] == [1, 2]
    assert model[0].spec["transform"]["cmd"][2] != model[1].spec["transform"]["cmd"][2]
    assert model[0].image_digest.startswith("host")
    assert not model[1].image_digest, "no datum ran under version 2"


def test_predictions_are_read_from_the_output_files(record: Record) -> None:
    (table,) = record.predictions
    assert [row.review for row in table.rows if row.before != row.after] == ["1.txt"]


def test_the_evidence_holds_but_for_the_stale_model(record: Record) -> None:
    assert seal.is_intact(record)
    findings = {verdict.name: verdict.state for verdict in verify.judge(record) if verdict.problems}
    assert findings == {"fresh": "warned"}
    assert not record.omissions


def test_what_lies_beyond_the_limits_is_counted(client: Any) -> None:
    record = _collected(client, Limits(file_bytes=5, files=2, datums=3))
    counts = {
        (omission.where.partition("@")[0], omission.reason.partition(" ")[0], omission.count)
        for omission in record.omissions
    }
    assert ("default/reviews", "files", 2) in counts
    assert ("job default/inference", "datums", 1) in counts
    large = next(commit for commit in record.commits if commit.repo == "default/reviews").files
    assert [file.sha256 for file in large] == [None, None]
    assert max(len(job.datums) for job in record.jobs) == 3
    assert {job.datum_count for job in record.jobs if job.pipeline == "default/inference"} == {4}
    failed = [verdict.name for verdict in verify.judge(record) if verdict.state == "failed"]
    assert not failed, "what was not collected is not held against the cluster"
