"""Names by chance: few, so that calls meet each other; now and then one that does not exist or may not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.pachd.model.files import Add, Copy, Delete
from tests.pachd.model.names import Branch, Ref, Refused, Repo

if TYPE_CHECKING:
    from random import Random

    from tests.pachd.model.state import State

PROJECTS = ("default", "default", "default", "other")
REPOS = ("a", "b", "c", "d", "e")
BRANCHES = ("master", "master", "master", "dev", "x")
PATHS = ("/a", "/a/b", "/a.txt", "/d/x", "/d/y", "/d/e/z", "/d/e/y.txt", "top", "/d")
DATUMS = ("", "", "", "", "", "one", "two")
NO_ID = "0123456789ab4def0123456789abcdef"


def repo(random: Random, state: State) -> Repo:
    if state.repos and random.random() < 0.95:
        return random.choice(list(state.repos))
    return Repo(random.choice(PROJECTS), random.choice(REPOS))


def branch(random: Random, state: State) -> Branch:
    name = random.choice(BRANCHES) if random.random() < 0.98 else random.choice(("no name", NO_ID))
    return Branch(repo(random, state), name)


def source(random: Random, state: State) -> Branch:
    """A branch on which commits may be started, mostly."""
    sources = [branch for branch, record in state.branches.items() if not record.direct]
    if sources and random.random() < 0.6:
        return random.choice(sources)
    return branch(random, state)


def open_commit(random: Random, state: State) -> Ref:
    """A commit that is not finished, mostly."""
    found = [commit for commit, record in state.commits.items() if not record.finishing]
    if not found or random.random() < 0.05:
        return reference(random, state, repo(random, state))
    commit = random.choice(found)
    heads = [branch for branch, record in state.branches.items() if record.head == commit]
    if heads and random.random() < 0.5:
        return Ref(*random.choice(heads))
    return Ref(commit.repo, "", commit.id)


def reference(random: Random, state: State, repo: Repo) -> Ref:
    own = [commit.id for commit in state.commits if commit.repo == repo]
    kind = random.random()
    if own and kind < 0.5:
        return Ref(repo, "", random.choice(own))
    if kind < 0.9:
        return Ref(repo, random.choice(BRANCHES), random.choice(("", "", "", "^", "^2")))
    return Ref(repo, "", NO_ID)


def set_id(random: Random, state: State) -> str:
    ids = list(dict.fromkeys(commit.id for commit in state.commits))
    if not ids or random.random() < 0.02:
        return NO_ID
    return random.choice(ids[-8:]) if random.random() < 0.7 else random.choice(ids)


def change(random: Random, state: State) -> Add | Delete | Copy:
    path = random.choice(PATHS) if random.random() < 0.98 else random.choice(("", "/", "/a*", "../x", "/é"))
    kind = random.random()
    if kind < 0.65:
        return Add(path, bytes([random.randrange(97, 100)]) * random.choice((0, 1, 2, 7)), random.choice(DATUMS))
    if kind < 0.85:
        return Delete(random.choice((path, f"{path}/", "/d/", "/d/e/", "/")), random.choice(DATUMS))
    source = reference(random, state, repo(random, state))
    if _waits(state, source):
        return Delete(path)
    to = random.choice((*PATHS, "/copy/"))
    return Copy(random.choice((*PATHS, "/")), source, to, random.random() < 0.4, random.choice(DATUMS), "")


def _waits(state: State, ref: Ref) -> bool:
    """Whether reading would wait: for a commit that is finished only when its base is."""
    try:
        record = state.commits[state.resolve(ref)]
    except Refused:
        return False
    return record.finishing and not record.finished


def word(random: Random) -> str:
    return random.choice(("", "one", "two"))
