"""Pachyderm's worked example with branches in place of pipelines.

model depends on training, inference on model and reviews.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.conformance.pfs.messages import branch, head


class Graph(NamedTuple):
    """Repo names."""

    training: str
    model: str
    reviews: str
    inference: str


class Story(NamedTuple):
    """The ids of the worked example's steps."""

    graph: Graph
    T: str
    X: str
    R: str
    I: str  # noqa: E741 -- the specification's letters
    W: str
    Y: str


def play(client: Any, graph: Graph) -> Story:
    training, model, reviews, inference = graph
    client.put_file_bytes((training, "master"), "/data", b"one")
    t = head(client, training).id
    client.create_branch(model, "master", provenance=[branch(training)])
    x = head(client, model).id
    client.finish_commit((model, "master"))
    client.put_file_bytes((reviews, "master"), "/review", b"good")
    r = head(client, reviews).id
    client.create_branch(inference, "master", provenance=[branch(reviews), branch(model)])
    i = head(client, inference).id
    client.finish_commit((inference, "master"))
    client.put_file_bytes((training, "master"), "/data", b"two")
    w = head(client, training).id
    client.finish_commit((model, "master"))
    client.finish_commit((inference, "master"))
    with client.modify_file_client((reviews, "master")) as changes:
        changes.delete_file("/review")
        changes.put_file_from_bytes("/review", b"bad")
    y = head(client, reviews).id
    client.finish_commit((inference, "master"))
    return Story(graph, t, x, r, i, w, y)


def head_id(client: Any, repo: str) -> str:
    return str(head(client, repo).id)


def inspect(client: Any, repo: str, id_: str) -> Any:
    return next(client.inspect_commit((repo, id_)))


def provenance(client: Any, repo: str, id_: str) -> set[tuple[str, str]]:
    return {(c.repo.name, c.id) for c in inspect(client, repo, id_).direct_provenance}
