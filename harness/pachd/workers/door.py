"""Where user code with datum batching asks for its next datum: Pachyderm's gRPC service, and lines for our pachctl."""

from __future__ import annotations

import json
import queue
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import grpc
from python_pachyderm.proto.v2.pps import pps_pb2
from python_pachyderm.proto.v2.worker import worker_pb2, worker_pb2_grpc

from harness.pachd.workers.child.pachctl import OVER, PORT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.pachd.workers.contract import Task

_LOOPBACK = "127.0.0.1"
_CALLS = 4  # at once: one asks, the others look


class Door:
    """Two ports on loopback, for one program, the ``number``-th of its worker.

    ``ask`` is called with the error that the program tells of its last datum (empty: none); what :meth:`give` gets is
    the answer. As a program has a door of its own, no call of one that was killed can be taken for its successor's.
    """

    def __init__(self, batch: str, number: int, worker: str, ask: Callable[[str], None]) -> None:
        self.batch = batch
        self.number = number
        self._worker = worker
        self._ask = ask
        self._task: Task | None = None
        self._asking = threading.Lock()
        self._answers: queue.SimpleQueue[Sequence[str] | None] = queue.SimpleQueue()
        self._closed = False
        self._server = grpc.server(ThreadPoolExecutor(_CALLS, thread_name_prefix=f"door of {worker}"))
        worker_pb2_grpc.add_WorkerServicer_to_server(_Service(self), self._server)
        grpc_port = self._server.add_insecure_port(f"{_LOOPBACK}:0")
        self._server.start()
        self._lines = socket.create_server((_LOOPBACK, 0))
        self.env = {"PPS_WORKER_GRPC_PORT": str(grpc_port), PORT: str(self._lines.getsockname()[1])}
        self._listening = threading.Thread(target=self._listen, name=f"door of {worker}", daemon=True)
        self._listening.start()

    def next(self, error: str) -> Sequence[str] | None:
        """Wait for the next datum's variables (``NAME=value``); None when there is none any more."""
        with self._asking:
            if self._closed:
                return None
            self._ask(error)
            return self._answers.get()

    def give(self, variables: Sequence[str]) -> None:
        """The datum that was asked for is in ``/pfs``."""
        self._answers.put(variables)

    def work_on(self, task: Task) -> None:
        """What ``Status`` is to tell from now on."""
        self._task = task

    def status(self) -> Any:
        """The ``pps_v2.WorkerStatus``."""
        job = self._task.env.get("PACH_JOB_ID", "") if self._task is not None else ""
        return pps_pb2.WorkerStatus(worker_id=self._worker, job_id=job)

    def close(self) -> None:
        """Answer nobody any more."""
        self._closed = True
        self._answers.put(None)
        with suppress(OSError):
            self._lines.shutdown(socket.SHUT_RDWR)
        self._lines.close()
        self._listening.join()
        self._server.stop(0).wait()

    def _listen(self) -> None:
        with suppress(OSError):  # closed
            while True:
                connection, _ = self._lines.accept()
                # Whatever comes there must not end the listening.
                with suppress(OSError, ValueError, LookupError, TypeError, RecursionError), connection:
                    self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        with connection.makefile("rw") as lines:
            given = self.next(str(json.loads(lines.readline())["error"]))
            lines.write(json.dumps({"error": "" if given is not None else OVER}) + "\n")


class _Service:
    """``pachyderm.worker.Worker``; methods carry the names of the RPCs."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def Status(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """What the worker does."""
        return self._door.status()

    def Cancel(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """Nothing: RestartDatum is there for clients, and the program that can come here is the datum's own."""
        return worker_pb2.CancelResponse(success=False)

    def NextDatum(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Report on a datum and wait for the next one."""
        given = self._door.next(request.error)
        if given is None:
            context.abort(grpc.StatusCode.UNAVAILABLE, OVER)
        return worker_pb2.NextDatumResponse(env=given)
