"""Looking at everything that clients see, and comparing it with the model."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from python_pachyderm.proto.v2.pfs import pfs_pb2
from python_pachyderm.proto.v2.transaction import transaction_pb2

from tests.pachd.model import views
from tests.pachd.model.calls import message
from tests.pachd.model.comparing import DifferenceError, outcome, same
from tests.pachd.model.names import NOT_FOUND, Branch, Commit, Ref, Refused, Repo
from tests.pachd.model.reading import Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from random import Random

    from tests.pachd.model.calls import Call
    from tests.pachd.model.state import State


class Observer(Reader):
    """All that is not inside commits."""

    def unknown_ids(self, known: Callable[[str], bool]) -> list[str]:
        """The ids of the newest commits that are not ``known``, oldest first."""
        number = 1
        while True:
            infos = self._call("ListCommit", pfs_pb2.ListCommitRequest(repo=pfs_pb2.Repo(), number=number, all=True))
            ids = list(dict.fromkeys(info.commit.id for info in infos))
            unknown = [id_ for id_ in reversed(ids) if not known(id_)]
            if len(infos) < number or len(unknown) < len(ids):
                return unknown
            number *= 4

    def changes(self, before: State, state: State) -> None:
        """Compare what a step changed, as the model knows."""
        for branch in [*state.branches, *before.branches]:
            if state.branches.get(branch) is not before.branches.get(branch):
                self.branch(state, branch)
        for commit in [*state.commits, *before.commits]:
            if state.commits.get(commit) is not before.commits.get(commit):
                self.commit(state, commit)
                self.files(state, commit)

    def everything(self, state: State, random: Random) -> None:
        """Compare all there is; what is too much, by chance."""
        self.projects(state)
        self.repos(state)
        self.lists_of_branches(state)
        self.lists_of_commits(state, random)
        for commit in _some(state.commits, 5, random):
            self.commit(state, commit)
            self.files(state, commit, closely=True)
            self.differences(state, commit)
        self.sets(state, random)
        ids = [commit.id for commit in state.commits]
        for _ in range(min(len(ids), 15)):
            self.resolution(state, Ref(random.choice([*state.repos]), "", random.choice(ids)))

    def transactions(self, stored: Mapping[str, Sequence[Call]]) -> None:
        """Those that are open, newest first, with what is in them."""
        infos = self._call("ListTransaction", transaction_pb2.ListTransactionRequest()).transaction_info
        seen = [(info.transaction.id, len(info.requests), len(info.responses), info.version) for info in infos]
        same("ListTransaction", seen, [(id_, *[len(calls)] * 3) for id_, calls in reversed(list(stored.items()))])

    def projects(self, state: State) -> None:
        infos = self._call("ListProject", pfs_pb2.ListProjectRequest())
        same("projects", {info.project.name: info.description for info in infos}, state.projects)
        same("order of projects", [info.project.name for info in infos], list(state.projects))

    def repos(self, state: State) -> None:
        infos = [views.seen_repo(info) for info in self._call("ListRepo", pfs_pb2.ListRepoRequest())]
        newest = sorted(state.repos, key=lambda repo: (-state.repos[repo].born, repo))
        same("ListRepo", infos, [views.of_repo(state, repo, listed=True) for repo in newest])
        for repo in newest:
            info = self._call("InspectRepo", pfs_pb2.InspectRepoRequest(repo=message(repo)))
            same(f"InspectRepo {repo}", views.seen_repo(info), views.of_repo(state, repo, listed=False))

    def branch(self, state: State, branch: Branch) -> None:
        request = pfs_pb2.InspectBranchRequest(branch=message(branch))
        store = outcome(lambda: views.seen_branch(self._call("InspectBranch", request)))
        gone = Refused(f'branch "{branch.name}" not found in repo {branch.repo}', NOT_FOUND)
        same(f"InspectBranch {branch}", store, views.of_branch(state, branch) if branch in state.branches else gone)

    def lists_of_branches(self, state: State) -> None:
        for repo in (None, *state.repos):
            wanted = [branch for branch in state.branches if repo in (None, branch.repo)]
            for reverse in (False, True):
                request = pfs_pb2.ListBranchRequest(repo=message(repo) if repo else None, reverse=reverse)
                infos = [views.seen_branch(info) for info in self._call("ListBranch", request)]
                places = [(state.branches[info["branch"]].born, -len(info["provenance"])) for info in infos]
                same(f"order of ListBranch {repo} {reverse}", places, sorted(places, reverse=not reverse))
                views_ = [views.of_branch(state, branch) for branch in wanted]
                same(f"ListBranch {repo}", _by(infos, "branch"), _by(views_, "branch"))

    def commit(self, state: State, commit: Commit) -> None:
        request = pfs_pb2.InspectCommitRequest(commit=message(commit))
        store = outcome(lambda: views.seen_commit(self._call("InspectCommit", request)))
        model = outcome(lambda: views.of_commit(state, state.resolve(Ref(commit.repo, "", commit.id))))
        same(f"InspectCommit {commit}", store, model)

    def resolution(self, state: State, ref: Ref) -> None:
        """What a reference means."""
        request = pfs_pb2.InspectCommitRequest(commit=message(ref))
        store = outcome(lambda: views.seen_key(self._call("InspectCommit", request).commit))
        used = {commit for commit in state.members(ref.id) if commit.repo == ref.repo}
        if len(used) < 2 or Commit(ref.repo, ref.id) in used:  # else Pachyderm takes any of them; here the nearest
            same(f"{ref} resolved", store, outcome(lambda: state.resolve(ref)))
        else:
            direct = {commit for own in state.own(ref.id) for commit in state.commits[own].provenance} & used
            if store not in (direct or used):
                raise DifferenceError(f"{ref} resolved to {store}, not to one of {direct or used}")

    def lists_of_commits(self, state: State, random: Random) -> None:
        self._list_commits(state, None, {"all": True})
        for repo in _some(state.repos, 3, random):
            self._list_commits(state, repo, {"all": True})
            number = random.choice((0, 1, 2))
            for options in ({}, {"origin_kind": "USER"}, {"origin_kind": "AUTO", "reverse": True}):
                self._list_commits(state, repo, {**options, "number": number})
        for branch in _some(state.branches, 3, random):
            self._line(state, branch, random)

    def _list_commits(self, state: State, repo: Repo | None, options: dict[str, Any]) -> None:
        request = pfs_pb2.ListCommitRequest(repo=message(repo) if repo else pfs_pb2.Repo(), **options)
        wanted = [commit for commit in state.commits if repo in (None, commit.repo)]
        origin = options.get("origin_kind")
        wanted = [commit for commit in wanted if origin in (None, state.commits[commit].origin)]
        wanted.sort(key=lambda commit: state.commits[commit].born, reverse=not options.get("reverse"))
        self._commits(state, f"ListCommit {repo} {options}", request, wanted[: options.get("number") or None])

    def _line(self, state: State, branch: Branch, random: Random) -> None:
        """From a head along its parents, to the end or to some commit."""
        line = list(state.line(state.branches[branch].head))
        until = random.choice([None, *line])
        request = pfs_pb2.ListCommitRequest(repo=message(branch.repo), to=message(Ref(*branch)))
        if until is not None:
            getattr(request, "from").CopyFrom(message(until))
            line = line[: line.index(until)]
        self._commits(state, f"ListCommit to {branch} from {until}", request, line)

    def _commits(self, state: State, what: str, request: Any, wanted: list[Commit]) -> None:
        """Compare a list of commits; those of one transaction may come in any order."""
        infos = [views.seen_commit(info) for info in self._call("ListCommit", request)]
        keys = [info["commit"][0] for info in infos]
        same(what, _in_groups(state, keys), _in_groups(state, wanted))
        for info in infos:
            view = views.of_listed_commit(state, info["commit"][0])
            seen = {**info, "size": ...} if view["size"] is ... else info
            same(f"{what}: {info['commit']}", seen, view)

    def sets(self, state: State, random: Random) -> None:
        born = {commit.id: record.born for commit, record in state.commits.items()}
        infos = self._call("ListCommitSet", pfs_pb2.ListCommitSetRequest())
        same("ListCommitSet", [info.commit_set.id for info in infos], sorted(born, key=lambda id_: -born[id_]))
        for info in _some(infos, 4, random):
            self._set(state, info.commit_set.id, info.commits)
        for id_ in _some(born, 4, random):
            request = pfs_pb2.InspectCommitSetRequest(commit_set=pfs_pb2.CommitSet(id=id_))
            self._set(state, id_, self._call("InspectCommitSet", request))

    def _set(self, state: State, id_: str, infos: Iterable[Any]) -> None:
        """All members, each once, each behind what it depends on."""
        seen: set[Commit] = set()
        for info in map(views.seen_commit, infos):
            commit = info["commit"][0]
            same(f"{commit} in set {id_}", info, views.of_commit(state, commit))
            missing = set(state.commits[commit].provenance) - seen
            if missing or commit in seen:
                raise DifferenceError(f"set {id_}: {commit} comes twice or before {missing}")
            seen.add(commit)
        same(f"set {id_}", sorted(seen), sorted(state.members(id_)))


def _by(infos: list[views.View], field: str) -> list[views.View]:
    return sorted(infos, key=lambda info: info[field])


def _in_groups(state: State, commits: list[Commit]) -> list[list[Commit]]:
    groups = groupby(commits, key=lambda commit: state.commits[commit].born if commit in state.commits else None)
    return [sorted(group) for _, group in groups]


def _some(things: Iterable[Any], most: int, random: Random) -> list[Any]:
    things = list(things)
    return things if len(things) <= most else random.sample(things, most)
