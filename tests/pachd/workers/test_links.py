"""Symbolic links in ``/pfs/out``: what an input has is taken from there, unread."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest

from harness.pachd.workers.process import NAMESPACES

if TYPE_CHECKING:
    from tests.pachd.workers.worker_lab import Lab

FILES = {"sub/a": b"A", "sub/deep/b": b"B", "c": b"C"}
LINKS = "cd /pfs/out; ln -s /pfs/in/c file; ln -s /pfs/in/sub folder; ln -s /pfs/in all; ln -s folder/a chain; "


def test_links_in_the_output_become_what_they_lead_to(lab: Lab) -> None:
    wanted = lab.input("in", {"sub/file": b"content"})
    outcome = lab.run(
        "cd /pfs/out; ln -s /pfs/in/sub/file a; ln -s /pfs/in tree; echo real > file; ln -s file b; "
        "mkdir d; ln -s ../file d/c; ln -s d again; mkfifo pipe; ln -s pipe piped",
        wanted,
    )
    assert lab.outputs(outcome, wanted) == {
        "/a": b"content",
        "/tree/sub/file": b"content",
        "/file": b"real\n",
        "/b": b"real\n",
        "/d/c": b"real\n",
        "/again/c": b"real\n",
    }


@pytest.mark.parametrize("script", ["ln -s nowhere x", "ln -s . x", "mkdir d; ln -s ../d d/x", "ln -s x x"])
def test_links_that_lead_nowhere_or_in_circles(lab: Lab, script: str) -> None:
    assert re.match(r"cannot upload (d/)?x: a symbolic link to ", lab.run(f"cd /pfs/out; {script}").error)


def test_a_link_to_what_the_command_removed_leads_nowhere(lab: Lab) -> None:
    outcome = lab.run("rm /pfs/in/c; ln -s /pfs/in/c /pfs/out/x", lab.input("in", FILES))
    assert outcome.error.startswith("cannot upload x: a symbolic link to ")


@pytest.mark.parametrize("user", ["", "nobody"])
def test_links_to_inputs_are_not_read(lab: Lab, user: str) -> None:
    if lab.runtime.isolation != NAMESPACES or (user and os.geteuid() != 0):
        pytest.skip("needs a private /pfs and, for another user, root")
    wanted = lab.input("in", FILES)
    outcome = lab.run(LINKS, wanted, user=user)
    expected = {
        "/file": b"C",
        "/folder/a": b"A",
        "/folder/deep/b": b"B",
        "/all/c": b"C",
        "/all/sub/a": b"A",
        "/all/sub/deep/b": b"B",
        "/chain": b"A",
    }
    assert lab.outputs(outcome, wanted) == expected
    assert lab.linked(outcome, wanted) == set(expected)


@pytest.mark.parametrize("user", ["", "nobody"])
def test_what_the_command_wrote_over_an_input_counts(lab: Lab, user: str) -> None:
    if user and (lab.runtime.isolation != NAMESPACES or os.geteuid() != 0):
        pytest.skip("needs a private /pfs and root")
    wanted = lab.input("in", FILES)
    spoil = "echo new > /pfs/in/sub/a; mv /pfs/in/sub/deep /pfs/in/sub/moved; echo more > /pfs/in/more; "
    outcome = lab.run(spoil + LINKS, wanted, user=user)
    tree = {"a": b"new\n", "moved/b": b"B"}
    assert lab.outputs(outcome, wanted) == {
        "/file": b"C",
        "/chain": b"new\n",
        "/all/c": b"C",
        "/all/more": b"more\n",
        **{f"/folder/{path}": data for path, data in tree.items()},
        **{f"/all/sub/{path}": data for path, data in tree.items()},
    }


def test_a_linked_name_must_be_one_that_pfs_can_have(lab: Lab) -> None:
    wanted = lab.input("in", FILES)
    outcome = lab.run("ln -s /pfs/in/c '/pfs/out/a*b'", wanted)
    with pytest.raises(Exception, match=r"path \(/a\*b\) invalid: globbing character"):
        lab.outputs(outcome, wanted)
