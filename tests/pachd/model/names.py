"""What things are called, in the forms that they take in messages (pfs.md 1.5 to 1.7), and how calls are refused."""

from __future__ import annotations

import re
from typing import NamedTuple

SPEC = "spec"
NOT_FOUND, ALREADY_EXISTS, UNKNOWN = "NOT_FOUND", "ALREADY_EXISTS", "UNKNOWN"


class Refused(Exception):  # noqa: N818 -- a reply as good as any other
    """A call that changes nothing and answers with a code and a text."""

    def __init__(self, text: str, code: str = UNKNOWN) -> None:
        super().__init__(text)
        self.text = text
        self.code = code

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Refused) and (self.code, _settled(self.text)) == (other.code, _settled(other.text))

    def __hash__(self) -> int:
        return hash(self.code)

    def __repr__(self) -> str:
        return f"{self.code}: {self.text}"

    def within(self, outer: str) -> Refused:
        return Refused(f"{outer}: {self.text}", self.code)


def _settled(text: str) -> str:
    """``text`` without what Pachyderm leaves to chance: the order of sets, and which of several is named."""
    text = re.sub(r'same repo, "[^"]*", cannot', "same repo cannot", text)
    text = re.sub(r"delete branch .* has \[.*\]", "delete branch", text)
    text = re.sub(r"delete branch \S+: ", "delete branch: ", text)
    text = re.sub(r'branch "[^"]*" cannot be both', "branch cannot be both", text)
    text = re.sub(r"commit .* already exists", "commit already exists", text)
    text = re.sub(r"^(cannot (?:squash|drop) .*?(?:operation instead|has children): )\S+$", r"\1one of them", text)
    text = re.sub(r"^(cannot squash commit) \S+ because", r"\1 one of them because", text)
    text = re.sub(r"^(cannot squash until child commit) .*", r"\1 one of them", text)
    return re.sub(r"(?<=sets: )\[(.*)\]", lambda list_: str(sorted(list_[1].split())), text)


class Repo(NamedTuple):
    project: str
    name: str
    type: str = "user"

    def __str__(self) -> str:
        return f"{self.project}/{self.name}" + ("" if self.type == "user" else f".{self.type}")


class Branch(NamedTuple):
    repo: Repo
    name: str

    def __str__(self) -> str:
        return f"{self.repo}@{self.name}"


class Commit(NamedTuple):
    """The branch on which a commit was made is no part of its key."""

    repo: Repo
    id: str

    def __str__(self) -> str:
        return f"{self.repo}@{self.id}"


class Ref(NamedTuple):
    """A commit as a client names it: by branch, by id, by either with an ancestry suffix in the id."""

    repo: Repo
    branch: str = ""
    id: str = ""

    def __str__(self) -> str:
        return f"{self.repo}@{self.id}"


class Trigger(NamedTuple):
    """A branch follows ``branch`` of its repo as that grows by ``size`` bytes or ``commits`` commits (0, "": unset)."""

    branch: str
    all: bool = False
    size: str = ""
    commits: int = 0


def is_id(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{12}4[0-9a-f]{19}", text) is not None


def check_name(name: str) -> None:
    if not re.fullmatch(r"[a-zA-Z0-9_-]+", name):
        raise Refused(f"name ({name}) invalid: only alphanumeric characters, underscores, and dashes are allowed")


def check_branch_name(name: str) -> None:
    check_name(name)
    if is_id(name):
        raise Refused("bad key: branch name cannot be a UUID V4")


def check_project_name(name: str) -> None:
    if name == "default":
        return
    try:
        check_name(name)
    except Refused as refusal:
        raise refusal.within("invalid project name") from None
    if not name[0].isalnum():
        raise Refused("invalid project name: project names must start with an alphanumeric character")
    if len(name) > 51:
        excess = len(name) - 51
        raise Refused(f'invalid project name: project name "{name}" is {excess} characters longer than the 51 max')
