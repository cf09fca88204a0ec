"""Cutting what a command prints into lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.pachd.workers.child.lines import LONGEST, Lines


@given(st.lists(st.binary(max_size=8) | st.sampled_from([b"\n", b"\r\n", b"a\nb\n", "ü".encode()])))
def test_lines_do_not_depend_on_how_the_bytes_arrive(pieces: list[bytes]) -> None:
    cutter, at_once = Lines(), Lines()
    arrived = [line for piece in pieces for line in cutter.add(piece)] + cutter.rest()
    data = b"".join(pieces)
    assert arrived == at_once.add(data) + at_once.rest()
    assert len(arrived) == data.count(b"\n") + (not data.endswith(b"\n") and data != b"")


def test_a_line_without_end_is_passed_on_in_pieces() -> None:
    cutter = Lines()
    lines = cutter.add(b"x" * (2 * LONGEST + 5)) + cutter.rest()
    assert [len(line) for line in lines] == [LONGEST, LONGEST, 5]
