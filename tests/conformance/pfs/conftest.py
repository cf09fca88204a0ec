"""Things to test on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.pfs.worked_example import Graph, Story, play

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def graph(client: Any, new_repo: Callable[[str], str]) -> Graph:
    """Four empty repos."""
    return Graph(*map(new_repo, Graph._fields))


@pytest.fixture
def story(client: Any, graph: Graph) -> Story:
    """The worked example, played to its end."""
    return play(client, graph)


@pytest.fixture
def tree(client: Any, repo: str) -> tuple[str, str]:
    """A commit with a few files: /a.txt, /a/b/x, /a/y, /z."""
    with client.modify_file_client((repo, "master")) as changes:
        for path in ("/a.txt", "/a/b/x", "/a/y", "/z"):
            changes.put_file_from_bytes(path, path.encode())
    return repo, "master"
