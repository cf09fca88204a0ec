"""``python -m bench.yardsticks.bare FOLDER``: a gRPC server that does the least for the calls that are measured.

It has the transport options and the thread pool of the embedded cluster, but no store: uploads are hashed and appended
to one file, downloads are that file, and other answers are bytes that
:func:`make_ready` left in ``FOLDER`` before.
Prints its address as the cluster does and ends on SIGTERM.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf import empty_pb2, wrappers_pb2
from python_pachyderm.proto.v2.pfs import pfs_pb2
from python_pachyderm.proto.v2.version.versionpb import version_pb2

from harness.pachd.server import LOOPBACK, TRANSPORT
from harness.pachd.services.rooms import CALLS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PIECE_BYTES = 2**20


def make_ready(folder: Path, method: str, messages: Iterable[bytes]) -> None:
    """Have ``method`` answer with these messages from now on."""
    messages = list(messages)
    lengths = json.dumps([len(message) for message in messages])
    (folder / method).write_bytes(lengths.encode() + b"\n" + b"".join(messages))


class Bare:
    """The calls."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ready: dict[str, list[bytes]] = {}

    def modify_file(self, requests: Iterator[Any], _context: Any) -> Any:
        """Append everything to one file and hash each entry."""
        digests = {}
        path, hasher = "", hashlib.sha256()
        with (self._folder / "pack").open("wb", buffering=2**20) as pack:
            for request in requests:
                if not request.HasField("add_file"):
                    continue
                if request.add_file.path != path:
                    digests[path] = hasher.digest()
                    path, hasher = request.add_file.path, hashlib.sha256()
                hasher.update(request.add_file.raw.value)
                pack.write(request.add_file.raw.value)
        digests[path] = hasher.digest()
        return empty_pb2.Empty()

    def get_file(self, _request: Any, _context: Any) -> Iterator[Any]:
        """What was uploaded last."""
        with (self._folder / "pack").open("rb", buffering=0) as pack:
            while piece := pack.read(PIECE_BYTES):
                yield wrappers_pb2.BytesValue(value=piece)

    def ready(self, method: str) -> list[bytes]:
        """The messages of ``method``."""
        if method not in self._ready:
            head, _, body = (self._folder / method).read_bytes().partition(b"\n")
            ends = list(accumulate(json.loads(head), initial=0))
            self._ready[method] = [body[start:end] for start, end in pairwise(ends)]
        return self._ready[method]


def _handlers(bare: Bare) -> Any:
    methods = {
        "ModifyFile": grpc.stream_unary_rpc_method_handler(
            bare.modify_file, pfs_pb2.ModifyFileRequest.FromString, empty_pb2.Empty.SerializeToString
        ),
        "GetFile": grpc.unary_stream_rpc_method_handler(
            bare.get_file, pfs_pb2.GetFileRequest.FromString, wrappers_pb2.BytesValue.SerializeToString
        ),
    }
    for name in ("ListFile", "GlobFile", "DiffFile"):
        methods[name] = grpc.unary_stream_rpc_method_handler(
            lambda _request, _context, name=name: iter(bare.ready(name)), _parser(name)
        )
    for name in ("InspectRepo", "InspectCommit", "InspectFile"):
        methods[name] = grpc.unary_unary_rpc_method_handler(
            lambda _request, _context, name=name: bare.ready(name)[0], _parser(name)
        )
    return grpc.method_handlers_generic_handler("pfs_v2.API", methods)


def _parser(method: str) -> Any:
    return getattr(pfs_pb2, f"{method}Request").FromString


def _version() -> Any:
    answer = grpc.unary_unary_rpc_method_handler(
        lambda _request, _context: version_pb2.Version(major=2, minor=7),
        empty_pb2.Empty.FromString,
        version_pb2.Version.SerializeToString,
    )
    return grpc.method_handlers_generic_handler("versionpb_v2.API", {"GetVersion": answer})


def main() -> None:
    """Serve until killed."""
    server = grpc.server(ThreadPoolExecutor(CALLS), options=TRANSPORT)
    server.add_generic_rpc_handlers((_handlers(Bare(Path(sys.argv[1]))), _version()))
    port = server.add_insecure_port(f"{LOOPBACK}:0")
    server.start()
    print(json.dumps({"address": f"{LOOPBACK}:{port}", "token": "", "pid": os.getpid()}), flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
