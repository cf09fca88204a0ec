"""Fsck of a healthy store says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.conformance.pfs.worked_example import Story


def test_after_the_worked_example(client: Any, story: Story) -> None:
    told = [response.error or response.fix for response in client.fsck()]
    assert [text for text in told if any(repo in text for repo in story.graph)] == []
