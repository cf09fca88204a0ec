"""Clients that keep a cluster busy, each in a thread of its own, and note what they were told."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from python_pachyderm.proto.v2.pps import pps_pb2

from tests.pachd.durability.journal import Journal, State
from tests.pachd.durability.world import digest, digests

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = (10, 3_000, 200_000, 2_500_000)  # bytes; the largest are several messages and many chunks
OFTEN = (4, 4, 3, 1)
PATHS = 8  # so that files are overwritten
COMMITS = 4  # remembered, at most


class Uploader:
    """Writes to a repo of its own and to one that it shares with others."""

    def __init__(self, number: int, seed: int) -> None:
        self.own, self.shared = f"own-{number}", "shared"
        self.journal = Journal(State(self.own, exists=False), State(self.shared, f"/{number}/"))
        self._chance = random.Random(seed)  # noqa: S311 -- the same calls in every run

    def act(self, client: Any) -> None:
        """One call."""
        own = self.journal.states[self.own]
        if not own.exists:
            with self.journal.call("create a repo", State(self.own)):
                client.create_repo(self.own)
        elif self._chance.random() < 0.3:
            self._put(client, self.journal.states[self.shared])
        else:
            self._chance.choice(self._possible(own))(client, own)

    def losses(self, client: Any) -> list[str]:
        """See :meth:`Journal.losses`."""
        return self.journal.losses(client)

    def _possible(self, own: State) -> list[Callable[[Any, State], None]]:
        calls = [self._put, self._put, self._put]
        if own.files:
            calls.append(self._delete)
        if own.open:
            return [*calls, self._finish]
        if len(self.journal.commits) > 1:
            calls += [self._squash, self._delete_repo]
        return [*calls, self._start]

    def _put(self, client: Any, state: State) -> None:
        [size] = self._chance.choices(SIZES, OFTEN)
        path, data = f"{state.below}{self._chance.randrange(PATHS)}", self._chance.randbytes(size)
        after = replace(state, files={**state.files, path: digest(data)})
        with self.journal.call(f"put {size} bytes", after, size):
            client.put_file_bytes((state.repo, "master"), path, data)

    def _delete(self, client: Any, state: State) -> None:
        doomed = self._chance.choice(sorted(state.files))
        after = replace(state, files={path: kept for path, kept in state.files.items() if path != doomed})
        with self.journal.call("delete a file", after):
            client.delete_file((state.repo, "master"), doomed)

    def _start(self, client: Any, state: State) -> None:
        with self.journal.call("start a commit", replace(state, open=True)):
            client.start_commit(state.repo, "master")

    def _finish(self, client: Any, state: State) -> None:
        [head] = client.inspect_commit((state.repo, "master"))
        after = replace(state, open=False)
        with self.journal.call("finish a commit", after):
            client.finish_commit((state.repo, "master"))
        self.journal.commits[head.commit.id] = after
        if len(self.journal.commits) > COMMITS:
            del self.journal.commits[min(self.journal.commits)]

    def _squash(self, client: Any, state: State) -> None:
        id_ = next(iter(self.journal.commits))  # not the newest
        del self.journal.commits[id_]
        with self.journal.call("squash a commit", state):
            client.squash_commit(id_)

    def _delete_repo(self, client: Any, state: State) -> None:
        self.journal.commits.clear()
        with self.journal.call("delete a repo", State(state.repo, exists=False)):
            client.delete_repo(state.repo)


class PipelineUser(Uploader):
    """Feeds a pipeline that copies what is put into ``own``."""

    PIPELINE = "copy"

    def act(self, client: Any) -> None:
        own = self.journal.states[self.own]
        if own.exists and not own.open:
            self._put(client, own)
        else:
            super().act(client)

    def prepare(self, client: Any) -> None:
        """Make the pipeline."""
        super().act(client)
        client.create_pipeline(
            self.PIPELINE,
            transform=pps_pb2.Transform(cmd=["sh", "-c", "cp /pfs/*/* /pfs/out/"], image="host"),
            input=pps_pb2.Input(pfs=pps_pb2.PFSInput(repo=self.own, glob="/*")),
        )

    def losses(self, client: Any) -> list[str]:
        """Also what the pipeline did not copy."""
        found = super().losses(client)
        client.wait_commit((self.PIPELINE, "master"))
        copied, put = digests(client, self.PIPELINE, "master"), self.journal.states[self.own].files
        return found if copied == put else [*found, f"{self.PIPELINE} holds {copied} instead of {put}"]
