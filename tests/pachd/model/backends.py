"""The store under test, in this process or behind gRPC, with the same face: calls, restarts, crashes."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, Protocol

import grpc
from python_pachyderm.proto.v2.pfs import pfs_pb2, pfs_pb2_grpc
from python_pachyderm.proto.v2.transaction import transaction_pb2_grpc

from harness.pachd.errors import PachError
from harness.pachd.pfs.version_store import VersionStore
from harness.pachd.server import Server, Settings
from harness.pachd.services.joining import METADATA
from harness.pachd.services.pfs import PFS
from harness.pachd.services.transactions import Transactions
from harness.pachd.store.database import Database
from harness.pachd.store.events import Events
from harness.pachd.store.objects import Objects
from tests.pachd.model.names import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

MEMORY = Path("/dev/shm")  # noqa: S108 -- where there is such a place, a sync to it costs nothing


class Backend(Protocol):
    """One store. Replies of streaming RPCs come as lists; errors as ``Refused``."""

    def call(self, rpc: str, request: Any, transaction: str = "") -> Any: ...

    def restart(self, *, crash: bool) -> None:
        """Begin again with what is on disk, after an orderly end or none."""

    def collect(self) -> None:
        """Remove garbage, where that is not left to the store."""

    def close(self) -> None: ...


class _OnDisk:
    """A folder that is copied as it is, to begin again from what a process would leave that was killed."""

    def __init__(self) -> None:
        self._place = Path(mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        self._lives = 0
        self._open(self._folder())

    def restart(self, *, crash: bool) -> None:
        if crash:
            left = self._folder()
            self._lives += 1
            shutil.copytree(left, self._folder())
        self._shut()
        self._open(self._folder())

    def close(self) -> None:
        self._shut()
        shutil.rmtree(self._place)

    def _folder(self) -> Path:
        return self._place / str(self._lives)

    def _open(self, folder: Path) -> None:
        raise NotImplementedError

    def _shut(self) -> None:
        raise NotImplementedError


class InProcess(_OnDisk):
    """The service's object itself: fast."""

    def _open(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._database = Database(folder / "metadata.db")
        self._objects = Objects(folder, self._database)
        self._store = VersionStore(self._database, self._objects, Events())
        self._store.fire_triggers()
        self._pfs, self._transactions = PFS(self._store), Transactions(self._store)

    def collect(self) -> None:
        self._store.collector.collect()

    def _shut(self) -> None:
        self._objects.close()
        self._database.close()

    def call(self, rpc: str, request: Any, transaction: str = "") -> Any:
        service = self._transactions if rpc.endswith("Transaction") else self._pfs
        method: Callable[[Any, Any], Any] = getattr(service, rpc)
        read = PFS.parsers.get(rpc)
        sent = (read(message.SerializeToString()) for message in request) if read is not None else request
        try:
            reply = method(sent, _Context(transaction))
            return [_read(rpc, message) for message in reply] if hasattr(reply, "__next__") else reply
        except PachError as error:
            raise Refused(error.message, error.code.name) from None


class OverWire(_OnDisk):
    """A server on loopback and a client: slow, and all that users have."""

    def _open(self, folder: Path) -> None:
        self._server = Server(Settings(folder, self._place / "cache"))
        self._server.start()
        self._channel = grpc.insecure_channel(self._server.address)
        self._pfs = pfs_pb2_grpc.APIStub(self._channel)
        self._transactions = transaction_pb2_grpc.APIStub(self._channel)

    def collect(self) -> None:
        """A server does so by itself."""

    def _shut(self) -> None:
        self._channel.close()
        self._server.close()

    def call(self, rpc: str, request: Any, transaction: str = "") -> Any:
        method = getattr(self._transactions if rpc.endswith("Transaction") else self._pfs, rpc)
        sent = iter(request) if isinstance(request, list) else request
        try:
            reply = method(sent, timeout=60, metadata=_Context(transaction).invocation_metadata())
            return list(reply) if hasattr(reply, "__next__") else reply
        except grpc.RpcError as error:
            raise Refused(error.details(), error.code().name) from None


def _read(rpc: str, message: Any) -> Any:
    """What streams as bytes, because that is faster, as a message."""
    reply = pfs_pb2.DiffFileResponse if rpc == "DiffFile" else pfs_pb2.FileInfo
    return reply.FromString(message) if isinstance(message, bytes) else message


class _Context:
    """What a call may ask of its client, who never waits: what would have to wait is refused."""

    def __init__(self, transaction: str) -> None:
        self._metadata = ((METADATA, transaction),) if transaction else ()

    def add_callback(self, _call: Callable[[], None]) -> bool:
        return False

    def is_active(self) -> bool:
        return True

    def invocation_metadata(self) -> tuple[tuple[str, str], ...]:
        return self._metadata
