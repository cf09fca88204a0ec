"""Everything that a client can see of a cluster, in a form that compares equal when two clusters hold the same."""

from __future__ import annotations

import hashlib
from typing import Any

from python_pachyderm.proto.v2.pfs import pfs_pb2, pfs_pb2_grpc

World = dict[str, Any]


class Ids:
    """Numbers instead of ids, which every run makes up anew: the first that is seen is 0, and so on."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def __getitem__(self, id_: str) -> int:
        return self._seen.setdefault(id_, len(self._seen))


def world(client: Any) -> World:
    """Repos, branches, commits, bytes of all files, pipelines, jobs, secrets; waits until no job runs any more."""
    ids = Ids()
    pipelines = {info.pipeline.name: _pipeline(client, info, ids) for info in client.list_pipeline(details=True)}
    repos = sorted(client.list_repo(type=""), key=lambda info: (info.repo.name, info.repo.type))
    secrets = {info.secret.name: info.type for info in client.list_secret()}
    return {"pipelines": pipelines, "secrets": secrets} | {
        f"{repo.repo.name}.{repo.repo.type}": _repo(client, repo, ids) for repo in repos
    }


def settle(client: Any) -> None:
    """Wait until no job runs any more."""
    for info in client.list_pipeline():
        _jobs(client, info.pipeline.name)


def digest(data: bytes) -> str:
    """What stands for a file's bytes."""
    return hashlib.sha256(data).hexdigest()


def digests(client: Any, repo: str, commit: str, below: str = "/") -> dict[str, str]:
    """Path and digest of the files of a commit whose paths begin with ``below``, each read to its last byte."""
    infos = client.walk_file((repo, commit), "/")
    paths = [info.file.path for info in infos if info.file_type == pfs_pb2.FILE and info.file.path.startswith(below)]
    return {path: digest(client.get_file((repo, commit), path).read()) for path in paths}


def complaints(client: Any) -> list[str]:
    """What the cluster itself finds wrong: with its structure, or with any stored byte."""
    found = [f"{found.fix}{found.error}" for found in client.fsck()]
    pfs_pb2_grpc.APIStub(client._channel).CheckStorage(pfs_pb2.CheckStorageRequest(read_chunk_data=True))
    return found


def _jobs(client: Any, pipeline: str) -> list[Any]:
    """A pipeline's jobs when they have ended."""
    return [next(iter(client.inspect_job(job.job.id, pipeline, wait=True))) for job in client.list_job(pipeline)]


def _pipeline(client: Any, info: Any, ids: Ids) -> dict[str, Any]:
    ended = _jobs(client, info.pipeline.name)
    return {
        "version": info.version,
        "stopped": info.stopped,
        "jobs": [(ids[job.job.id], job.state, job.data_processed, job.data_failed, job.reason) for job in ended],
    }


def _repo(client: Any, info: Any, ids: Ids) -> dict[str, Any]:
    stub = pfs_pb2_grpc.APIStub(client._channel)
    commits = list(stub.ListCommit(pfs_pb2.ListCommitRequest(repo=info.repo, all=True)))
    finished = {commit.commit.id for commit in commits if commit.HasField("finished")} | {""}
    branches = list(stub.ListBranch(pfs_pb2.ListBranchRequest(repo=info.repo)))
    return {
        "description": info.description,
        "commits": [_commit(client, commit, ids, commit.parent_commit.id in finished) for commit in commits],
        "branches": {
            branch.branch.name: (ids[branch.head.id], [f"{up.repo.name}@{up.name}" for up in branch.direct_provenance])
            for branch in branches
        },
    }


def _commit(client: Any, info: Any, ids: Ids, on_firm_ground: bool) -> dict[str, Any]:
    repo, id_ = info.commit.repo, info.commit.id
    # An open commit cannot be read before its parent is finished; the other repos' files hold times and salts.
    readable = repo.type == "user" and (on_firm_ground or info.HasField("finished"))
    return {
        "id": ids[id_],
        "branch": info.commit.branch.name,
        "origin": info.origin.kind,
        "parent": ids[info.parent_commit.id] if info.HasField("parent_commit") else None,
        "finished": info.HasField("finished"),
        "error": info.error,
        "provenance": sorted(f"{up.repo.name}.{up.repo.type}={ids[up.id]}" for up in info.direct_provenance),
        "files": digests(client, repo.name, id_) if readable else None,
    }
