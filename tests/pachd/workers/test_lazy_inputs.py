"""Lazy inputs: named pipes that are filled when a command opens them."""

from __future__ import annotations

import sys
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from harness.pachd.workers.giving import MOST_PIPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.pachd.workers.contract import Input
    from tests.pachd.workers.worker_lab import Lab

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="lazy inputs are plain files here")

LARGE = b"0123456789abcdef" * 100_000


def lazy(lab: Lab, files: Mapping[str, bytes]) -> Input:
    return replace(lab.input("in", files), lazy=True)


def pipes() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "pipe"]


def test_each_file_is_a_pipe_with_the_files_content(lab: Lab) -> None:
    wanted = lazy(lab, {"a": b"A", "d/large": LARGE, "empty": b"", "unread": b"x" * 1000})
    outcome = lab.run(
        "cd /pfs/in; for f in a d/large empty unread; do test -p $f || exit 1; done; "
        "cat a d/large empty > /pfs/out/all; cat a > /pfs/out/again",
        wanted,
    )
    assert lab.outputs(outcome) == {"/all": b"A" + LARGE, "/again": b"A"}
    assert outcome.download_bytes == len(LARGE) + 2
    assert pipes() == []


def test_several_files_are_read_at_once(lab: Lab) -> None:
    wanted = lazy(lab, {"a": b"a\n" * 100_000, "b": b"b\n" * 100_000})
    outcome = lab.run("paste -d '' /pfs/in/a /pfs/in/b > /pfs/out/ab", wanted)
    assert lab.outputs(outcome) == {"/ab": b"ab\n" * 100_000}


def test_a_reader_that_stops_early_does_no_harm(lab: Lab) -> None:
    worker = lab.worker()
    wanted = lazy(lab, {"large": LARGE})
    outcome = lab.run("head -c 5 /pfs/in/large; echo; tail -c 5 /pfs/in/large > /pfs/out/end", wanted, worker=worker)
    assert lab.outputs(outcome) == {"/end": LARGE[-5:]}
    killed = lab.run("exec 3< /pfs/in/large; read -r x <&3 & sleep 1000", wanted, worker=worker, timeout=0.5)
    assert killed.error == "context deadline exceeded"
    assert pipes() == []
    assert lab.run("cat /pfs/in/large | wc -c", wanted, worker=worker).error == ""
    assert (lab.lines[0], lab.lines[-1].strip()) == ("01234", str(len(LARGE)))


def test_pipes_in_the_output_are_left_out_and_links_to_them_are_the_files(lab: Lab) -> None:
    wanted = lazy(lab, {"d/a": b"A", "b": b"B"})
    outcome = lab.run("cp -r /pfs/in/d /pfs/out/copied; ln -s /pfs/in /pfs/out/in; ln -s in/b /pfs/out/b", wanted)
    assert lab.outputs(outcome, wanted) == {"/in/d/a": b"A", "/in/b": b"B", "/b": b"B"}
    assert outcome.download_bytes == 0


def test_too_many_files_are_plain_files(lab: Lab) -> None:
    wanted = lazy(lab, {f"{number}": b"x" for number in range(MOST_PIPES + 1)})
    outcome = lab.run("test -f /pfs/in/0 && cat /pfs/in/* | wc -c", wanted)
    assert (outcome.error, lab.lines[0].strip()) == ("", str(MOST_PIPES + 1))


def test_what_cannot_be_read_fails_the_attempt(lab: Lab) -> None:
    wanted = lab.input("in", {"a": LARGE})
    broken = replace(wanted, lazy=True, files=lambda: [("a", b"\0" * 32)])
    outcome = lab.run("cat /pfs/in/a | wc -c", broken)
    assert outcome.error.startswith("cannot read in/a: ")


def test_links_to_empty_files_are_the_files(lab: Lab) -> None:
    wanted = lab.input("in", {"a": b"A", "b": b"B"})
    empty = lab.objects.put(b"").hash
    names = replace(wanted, empty=True, files=lambda: [("a", empty), ("b", empty)])
    outcome = lab.run("cat /pfs/in/a; echo new > /pfs/in/b; ln -s /pfs/in/a /pfs/in/b /pfs/out", names)
    assert (lab.outputs(outcome, names), lab.lines) == ({"/a": b"A", "/b": b"new\n"}, [])
