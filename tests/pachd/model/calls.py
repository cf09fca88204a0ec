"""Calls as plain values, and the messages that they are on the wire."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

from google.protobuf import empty_pb2, wrappers_pb2
from python_pachyderm.proto.v2.pfs import pfs_pb2
from python_pachyderm.proto.v2.transaction import transaction_pb2

from tests.pachd.model.files import Add, Copy, Delete
from tests.pachd.model.names import Branch, Commit, Ref, Repo, Trigger


class Call(NamedTuple):
    """An RPC by name, with the fields of its request; ``transaction`` is the one that it is to join."""

    rpc: str
    fields: dict[str, Any]
    transaction: str = ""

    def __str__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self.fields.items())
        return f"{self.rpc}({fields})" + (f" in {self.transaction}" if self.transaction else "")

    @property
    def snake(self) -> str:
        """The name of the RPC in the manner of fields and functions."""
        return re.sub(r"(?<!^)([A-Z])", r"_\1", self.rpc).lower()

    def request(self) -> Any:
        """The request, or for ModifyFile the list of requests."""
        if self.rpc == "ModifyFile":
            return [_modify(change) for change in (self.fields["commit"], *self.fields["changes"])]
        if self.rpc == "DeleteAll":
            return empty_pb2.Empty()
        request = getattr(transaction_pb2 if self.rpc.endswith("Transaction") else pfs_pb2, f"{self.rpc}Request")
        special = {
            "project": _project,
            "commit_set": lambda id_: pfs_pb2.CommitSet(id=id_),
            "transaction": lambda id_: transaction_pb2.Transaction(id=id_),
            "requests": lambda calls: [_part(call) for call in calls],
        }
        return request(**{name: special.get(name, message)(value) for name, value in self.fields.items()})


@cache
def message(value: Any) -> Any:
    """What stands for ``value`` in a request; not to be changed."""
    if isinstance(value, Repo):
        return pfs_pb2.Repo(name=value.name, type=value.type, project=_project(value.project))
    if isinstance(value, Branch):
        return pfs_pb2.Branch(repo=message(value.repo), name=value.name)
    if isinstance(value, Commit):
        return message(Ref(value.repo, "", value.id))
    if isinstance(value, Ref):
        return pfs_pb2.Commit(branch=message(Branch(value.repo, value.branch)), id=value.id)
    if isinstance(value, Trigger):
        return pfs_pb2.Trigger(**value._asdict())
    return tuple(map(message, value)) if isinstance(value, tuple) else value


def file(commit: Ref | Commit, path: str, datum: str = "") -> Any:
    return pfs_pb2.File(commit=message(commit), path=path, datum=datum)


def _part(call: Call) -> Any:
    return transaction_pb2.TransactionRequest(**{call.snake: call.request()})


def _project(name: str) -> Any:
    return pfs_pb2.Project(name=name)


def _modify(change: Any) -> Any:
    request = pfs_pb2.ModifyFileRequest
    if isinstance(change, Ref):
        return request(set_commit=message(change))
    if isinstance(change, Add):
        raw = wrappers_pb2.BytesValue(value=change.data)
        return request(add_file=pfs_pb2.AddFile(path=change.path, datum=change.datum, raw=raw))
    if isinstance(change, Delete):
        return request(delete_file=pfs_pb2.DeleteFile(path=change.path, datum=change.datum))
    assert isinstance(change, Copy)
    source = file(change.source, change.path, change.source_datum)
    copy = pfs_pb2.CopyFile(src=source, dst=change.destination, append=change.append, datum=change.datum)
    return request(copy_file=copy)
