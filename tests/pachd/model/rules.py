"""What may happen to a store: each rule makes a call out of chance and of what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tests.pachd.model import chance
from tests.pachd.model.calls import Call
from tests.pachd.model.files import Add, Delete
from tests.pachd.model.names import SPEC, Ref, Repo, Trigger

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from tests.pachd.model.transactions import Transactions

    Rule = Callable[[Random, Transactions], "Call | Restart | Collect | Ref"]
    Change = Callable[[Random, Transactions], Call]


class Collect(NamedTuple):
    """Garbage is collected."""


class Restart(NamedTuple):
    """The store is closed and opened again; with ``crash`` it is not closed."""

    crash: bool


def create_project(random: Random, _model: Transactions) -> Call:
    name = random.choice(("other", "more", "bad name", "-dash", "x" * 53))
    return Call("CreateProject", {"project": name, "description": chance.word(random), "update": random.random() < 0.5})


def delete_project(random: Random, _model: Transactions) -> Call:
    return Call("DeleteProject", {"project": random.choice(("other", "more", "default"))})


def create_repo(random: Random, _model: Transactions) -> Call:
    name = random.choice(chance.REPOS) if random.random() < 0.97 else random.choice(("", "no/name", "__filesets__"))
    repo = Repo(random.choice(chance.PROJECTS), name, random.choice(("user", "user", "user", SPEC)))
    return Call("CreateRepo", {"repo": repo, "description": chance.word(random), "update": random.random() < 0.2})


def delete_repo(random: Random, model: Transactions) -> Call:
    state = model.state
    return Call("DeleteRepo", {"repo": chance.repo(random, state), "force": random.random() < 0.5})


def delete_all(_random: Random, _model: Transactions) -> Call:
    return Call("DeleteAll", {})


def create_branch(random: Random, model: Transactions) -> Call:
    state = model.state
    fields: dict[str, Any] = {"branch": chance.branch(random, state)}
    if random.random() < 0.3:
        fields["head"] = chance.reference(random, state, fields["branch"].repo)
    if random.random() < 0.6:
        fields["provenance"] = tuple(chance.branch(random, state) for _ in range(random.choice((1, 1, 2, 3))))
    elif random.random() < 0.4:
        conditions = random.choice(({"size": "2"}, {"commits": 2}, {"commits": 1}, {"size": "1", "commits": 2}))
        fields["trigger"] = Trigger(random.choice(chance.BRANCHES), all=random.random() < 0.5, **conditions)
    return Call("CreateBranch", fields)


def delete_branch(random: Random, model: Transactions) -> Call:
    state = model.state
    return Call("DeleteBranch", {"branch": chance.branch(random, state), "force": random.random() < 0.4})


def start_commit(random: Random, model: Transactions) -> Call:
    state = model.state
    fields: dict[str, Any] = {"branch": chance.source(random, state), "description": chance.word(random)}
    if random.random() < 0.2:
        fields["parent"] = chance.reference(random, state, fields["branch"].repo)
    return Call("StartCommit", fields)


def finish_commit(random: Random, model: Transactions) -> Call:
    state = model.state
    fields: dict[str, Any] = {"commit": chance.open_commit(random, state), "description": chance.word(random)}
    if random.random() < 0.15:
        fields["error"] = "it went wrong"
    return Call("FinishCommit", fields)


def clear_commit(random: Random, model: Transactions) -> Call:
    state = model.state
    return Call("ClearCommit", {"commit": chance.open_commit(random, state)})


def modify_file(random: Random, model: Transactions) -> Call:
    state = model.state
    target = Ref(*chance.source(random, state)) if random.random() < 0.6 else chance.open_commit(random, state)
    changes = tuple(chance.change(random, state) for _ in range(random.choice((0, 1, 1, 2, 3, 5))))
    if random.random() < 0.2:  # what takes the place of a directory
        changes = (*changes, Delete("/d/"), Add(random.choice(("/d/x", "/d/e/z")), b"new"))
    return Call("ModifyFile", {"commit": target, "changes": changes})


def squash_commit_set(random: Random, model: Transactions) -> Call:
    state = model.state
    return Call("SquashCommitSet", {"commit_set": chance.set_id(random, state)})


def drop_commit_set(random: Random, model: Transactions) -> Call:
    state = model.state
    return Call("DropCommitSet", {"commit_set": chance.set_id(random, state)})


def start_transaction(_random: Random, _model: Transactions) -> Call:
    return Call("StartTransaction", {})


def join_transaction(random: Random, model: Transactions) -> Call:
    """Something more for an open transaction, best of all what goes on with it."""
    id_ = random.choice([*model.stored, chance.NO_ID])
    call = random.choice(JOINING)(random, model)
    started = [stored.fields["branch"] for stored in model.stored.get(id_, ()) if stored.rpc == "StartCommit"]
    if started and random.random() < 0.5:
        call = Call("FinishCommit", {"commit": Ref(*random.choice(started))})
    return call._replace(transaction=id_)


def finish_transaction(random: Random, model: Transactions) -> Call:
    return Call("FinishTransaction", {"transaction": random.choice([*model.stored, chance.NO_ID])})


def delete_transaction(random: Random, model: Transactions) -> Call:
    return Call("DeleteTransaction", {"transaction": random.choice([*model.stored, chance.NO_ID])})


def batch_transaction(random: Random, model: Transactions) -> Call:
    calls = [random.choice(JOINING)(random, model) for _ in range(random.choice((1, 2, 2, 3, 4)))]
    started = [call.fields["branch"] for call in calls if call.rpc == "StartCommit"]
    ends = [Call("FinishCommit", {"commit": Ref(*branch)}) for branch in started if random.random() < 0.5]
    return Call("BatchTransaction", {"requests": (*calls, *ends)})


def collect(_random: Random, _model: Transactions) -> Collect:
    return Collect()


def restart(random: Random, _model: Transactions) -> Restart:
    return Restart(crash=random.random() < 0.5)


def look_up(random: Random, model: Transactions) -> Ref:
    """Any way to name a commit, with what cannot be read among them."""
    ref = chance.reference(random, model.state, chance.repo(random, model.state))
    suffix = random.choice(("", "", "^", "~~", "^2", ".1", ".2", ".0", "^~", "~9"))
    return ref._replace(id=(ref.id or ref.branch) + suffix, branch="" if random.random() < 0.9 else ref.branch)


JOINING: tuple[Change, ...] = (
    create_repo,
    delete_repo,
    start_commit,
    start_commit,
    start_commit,
    finish_commit,
    finish_commit,
    squash_commit_set,
    create_branch,
    create_branch,
    delete_branch,
)

RULES: dict[str, tuple[Rule, float]] = {  # each with how often it comes
    "create_project": (create_project, 2),
    "delete_project": (delete_project, 1),
    "create_repo": (create_repo, 6),
    "delete_repo": (delete_repo, 1),
    "delete_all": (delete_all, 0),
    "create_branch": (create_branch, 14),
    "delete_branch": (delete_branch, 3),
    "start_commit": (start_commit, 12),
    "finish_commit": (finish_commit, 22),
    "clear_commit": (clear_commit, 2),
    "modify_file": (modify_file, 20),
    "squash_commit_set": (squash_commit_set, 4),
    "drop_commit_set": (drop_commit_set, 4),
    "start_transaction": (start_transaction, 2),
    "join_transaction": (join_transaction, 6),
    "finish_transaction": (finish_transaction, 2),
    "delete_transaction": (delete_transaction, 0.3),
    "batch_transaction": (batch_transaction, 5),
    "restart": (restart, 0.3),
    "collect": (collect, 0.5),
    "look_up": (look_up, 5),
}
