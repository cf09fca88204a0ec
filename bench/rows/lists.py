"""Long lists of files, beside a server that has the same messages ready."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from python_pachyderm.pfs import commit_from
from python_pachyderm.proto.v2.pfs import pfs_pb2

from bench.calls import Calls, file
from bench.cluster import running, yardstick
from bench.paired import pairs
from bench.table import Row
from bench.yardsticks.bare import make_ready

if TYPE_CHECKING:
    from bench.cluster import Running

FILES = 100_000
FIRST_MS = 50


def long_lists(runs: int) -> list[Row]:
    """The whole and the first of what a server answers about many files, also where that is a directory of them all."""
    requests = {
        "ListFile": pfs_pb2.ListFileRequest(file=file("many", "/dir")),
        "GlobFile": pfs_pb2.GlobFileRequest(commit=commit_from(("many", "master")), pattern="/**"),
        "DiffFile": pfs_pb2.DiffFileRequest(new_file=file("many", "/"), old_file=file("many", "/")),
    }
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "bare").mkdir()
        with running(Path(folder) / "cluster") as server, yardstick(Path(folder) / "bare") as bare:
            first = _fill(server)
            server.settle()
            ours, theirs = Calls(server), Calls(bare)
            requests["DiffFile"].old_file.commit.CopyFrom(first)
            rows = []
            for method, request in requests.items():
                cold = _take(ours, method, request, whole=False)
                make_ready(Path(folder) / "bare", method, ours.stream(method, request))
                rows += _rows(runs, ours, theirs, method, request, cold)
            top = pfs_pb2.ListFileRequest(file=file("many", "/"))
            firsts = [_take(ours, "ListFile", top, whole=False) * 1000 for _ in range(runs)]
            rows.append(Row("ListFile of the directory above, first result", "ms", firsts, FIRST_MS))
            return rows


def _fill(server: Running) -> Any:
    """Two commits that differ in every file; the first one is given."""
    client = server.client
    client.create_repo("many")
    for version in (b"old %d", b"new %d"):
        with client.modify_file_client(("many", "master")) as upload:
            for number in range(FILES):
                upload.put_file_from_bytes(f"/dir/{number:06}", version % (number % 1000))
    (head,) = client.inspect_commit(("many", "master"))
    return head.parent_commit


def _rows(runs: int, ours: Calls, theirs: Calls, method: str, request: Any, cold: float) -> list[Row]:
    firsts = [_take(ours, method, request, whole=False) * 1000 for _ in range(runs)]
    whole = pairs(
        runs,
        lambda _run: _take(ours, method, request, whole=True),
        lambda _run: _take(theirs, method, request, whole=True),
    )
    return [
        Row(f"{method}, {FILES:,} files, first result", "ms", firsts, FIRST_MS, f"{cold * 1000:.3g} ms the first time"),
        Row(
            f"{method}, {FILES:,} files, of the yardstick's time",
            "",
            whole.of_time,
            1.4,
            whole.told("a bare server", FILES, "messages"),
        ),
    ]


def _take(server: Calls, method: str, request: Any, *, whole: bool) -> float:
    """Seconds to the first or to the last answer."""
    began = time.perf_counter()
    answers = server.stream(method, request)
    got = sum(1 for _ in answers) if whole else len([next(answers)])
    taken = time.perf_counter() - began
    if whole and got < FILES:
        raise RuntimeError(f"{method} gave {got} answers")
    return taken
