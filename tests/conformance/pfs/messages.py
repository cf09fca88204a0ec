"""Requests in few words."""

from __future__ import annotations

from typing import Any

from google.protobuf import wrappers_pb2
from python_pachyderm.proto.v2.pfs import pfs_pb2


def branch(repo: str, name: str = "master") -> Any:
    return pfs_pb2.Branch(repo=pfs_pb2.Repo(name=repo, type="user"), name=name)


def head(client: Any, repo: str, name: str = "master") -> Any:
    """The Commit at the head of a branch."""
    return client.inspect_branch(repo, name).head


def into(repo: str, name: str = "master", id_: str = "") -> Any:
    """The first message of a ModifyFile stream."""
    return pfs_pb2.ModifyFileRequest(set_commit=pfs_pb2.Commit(branch=branch(repo, name), id=id_))


def add(path: str, data: bytes = b"", datum: str = "") -> Any:
    """Bytes for a file, in a ModifyFile stream."""
    raw = wrappers_pb2.BytesValue(value=data)
    return pfs_pb2.ModifyFileRequest(add_file=pfs_pb2.AddFile(path=path, datum=datum, raw=raw))


def delete(path: str, datum: str = "") -> Any:
    """A deletion, in a ModifyFile stream."""
    return pfs_pb2.ModifyFileRequest(delete_file=pfs_pb2.DeleteFile(path=path, datum=datum))


def file_set(id_: str) -> Any:
    """The Commit by which the files of a file set are read."""
    repo = pfs_pb2.Repo(name="__filesets__", type="user")
    return pfs_pb2.Commit(repo=repo, branch=pfs_pb2.Branch(repo=repo), id=id_)


def get(pfs: Any, commit: Any, path: str, **options: Any) -> bytes:
    """What GetFile streams."""
    request = pfs_pb2.GetFileRequest(file=pfs_pb2.File(commit=commit, path=path), **options)
    return b"".join(piece.value for piece in pfs.GetFile(request))


def paths(infos: Any) -> list[str]:
    return [info.file.path for info in infos]
