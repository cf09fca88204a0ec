"""Pachyderm's worked example: train, infer, retrain, more data, one review replaced; and how to tell its commits.

Each step makes commits of one id; ids are named by letters as in Pachyderm's own telling.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from python_pachyderm.proto.v2.pfs import pfs_pb2

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conformance.pps.conftest import Lab

TRAIN = "cat /pfs/training/* > /pfs/out/imdb.p; date +%N >> /pfs/out/imdb.p"
INFER = 'cat /pfs/model/imdb.p "$reviews" > /pfs/out/$(basename "$reviews")'


class Told(NamedTuple):
    """A commit in the letters of the story: ``model@X``, its origin, its parent and what it was made from."""

    name: str
    origin: str
    parent: str
    provenance: frozenset[str]


def told(text: str) -> set[Told]:
    """A table of commits: name, origin, parent or ``-``, provenance or ``-``."""
    rows = (line.split() for line in text.strip().splitlines())
    return {Told(name, origin, parent, frozenset(made_from) - {"-"}) for name, origin, parent, *made_from in rows}


COMMITS = told("""
    training@T       USER -                -
    model.spec@X     USER -                -
    model@X          AUTO -                training@T model.spec@X
    model.meta@X     AUTO -                training@T model.spec@X
    reviews@R        USER -                -
    inference.spec@I USER -                -
    inference@I      AUTO -                reviews@R model@X inference.spec@I
    inference.meta@I AUTO -                reviews@R model@X inference.spec@I
    model.spec@V     USER model.spec@X     -
    model@V          AUTO model@X          model.spec@V training@T
    model.meta@V     AUTO model.meta@X     model.spec@V training@T
    inference@V      AUTO inference@I      inference.spec@I model@V reviews@R
    inference.meta@V AUTO inference.meta@I inference.spec@I model@V reviews@R
    training@W       USER training@T       -
    model@W          AUTO model@V          model.spec@V training@W
    model.meta@W     AUTO model.meta@V     model.spec@V training@W
    inference@W      AUTO inference@V      inference.spec@I model@W reviews@R
    inference.meta@W AUTO inference.meta@V inference.spec@I model@W reviews@R
    reviews@Y        USER reviews@R        -
    inference@Y      AUTO inference@W      inference.spec@I model@W reviews@Y
    inference.meta@Y AUTO inference.meta@W inference.spec@I model@W reviews@Y
""")


class Story:
    """The steps, their ids by letter, and the cluster in those letters."""

    def __init__(self, lab: Lab, pfs: Any) -> None:
        self.lab = lab
        self.pfs = pfs
        self.ids: dict[str, str] = {}

    def play(self) -> Iterator[str]:
        """Play step after step, giving its letter when its jobs have ended."""
        lab = self.lab
        lab.client.create_repo("training")
        lab.client.create_repo("reviews")
        steps: dict[str, Callable[[], str]] = {
            "T": lambda: self.put("training", "/labeled.tsv", "good\n"),
            "X": lambda: lab.create("model", TRAIN, ("training", "/")),
            "R": lambda: self.put("reviews", "/1.txt", "one\n"),
            "I": lambda: lab.create("inference", INFER, ("reviews", "/*"), ("model", "/")),
            "V": lambda: lab.update("model", TRAIN + "\ntrue", ("training", "/")),
            "W": lambda: self.put("training", "/labeled.tsv", "better\n"),
            "Y": lambda: self.put("reviews", "/1.txt", "two\n"),
        }
        for letter, step in steps.items():
            self.ids[letter] = step()
            lab.client.wait_commit(self.ids[letter])
            yield letter

    def put(self, repo: str, path: str, text: str) -> str:
        """Put or replace a file in one call; returns the id of its commit."""
        self.lab.client.put_file_bytes((repo, "master"), path, text.encode())
        return str(self.lab.client.inspect_branch(repo, "master").head.id)

    def name(self, commit: Any) -> str:
        """``model@X``; ids that no step made are given as they are."""
        suffix = "" if commit.repo.type == "user" else f".{commit.repo.type}"
        letter = next((letter for letter, id_ in self.ids.items() if id_ == commit.id), commit.id)
        return f"{commit.repo.name}{suffix}@{letter}"

    def inspect(self, name: str) -> Any:
        """CommitInfo of what ``model.spec@X`` means, where the repo may have no commit of that step's id itself."""
        repo, letter = name.split("@")
        plain, _, type_ = repo.partition(".")
        where = pfs_pb2.Repo(name=plain, type=type_ or "user")
        commit = pfs_pb2.Commit(branch=pfs_pb2.Branch(repo=where), id=self.ids[letter])
        return self.pfs.InspectCommit(pfs_pb2.InspectCommitRequest(commit=commit))

    def tell(self, info: Any) -> Told:
        """A CommitInfo in letters."""
        origin = pfs_pb2.OriginKind.Name(info.origin.kind)
        parent = self.name(info.parent_commit) if info.HasField("parent_commit") else "-"
        return Told(self.name(info.commit), origin, parent, frozenset(map(self.name, info.direct_provenance)))

    def members(self, letter: str) -> list[Any]:
        """InspectCommitSet of a step."""
        return list(self.lab.client.inspect_commit(self.ids[letter]))

    def branches(self) -> list[Any]:
        """BranchInfo of every branch of every repo."""
        return list(self.pfs.ListBranch(pfs_pb2.ListBranchRequest()))

    def heads(self) -> dict[str, str]:
        """The head of every ``repo`` or ``repo.type``, which have one branch each."""
        return dict(self.name(info.head).rsplit("@", 1) for info in self.branches())


def repo_of(branch: Any) -> str:
    """``model`` or ``model.spec``."""
    return str(branch.repo.name if branch.repo.type == "user" else f"{branch.repo.name}.{branch.repo.type}")
