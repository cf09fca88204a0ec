"""Projects and repos."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from grpc import StatusCode
from python_pachyderm.proto.v2.pfs import pfs_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def project(client: Any) -> Iterator[str]:
    name = f"p{uuid.uuid4().hex[:8]}"
    client.create_project(name, "of a test")
    yield name
    for info in list(client.list_repo()):
        if info.repo.project.name == name:
            client.delete_repo(info.repo.name, force=True, project_name=name)
    client.delete_project(name)


def test_a_repo_is_what_was_created(client: Any, repo: str) -> None:
    info = client.inspect_repo(repo)
    assert (info.repo.name, info.repo.type, info.repo.project.name) == (repo, "user", "default")
    assert info.created.nanos != 0
    assert info.HasField("details")
    assert not info.HasField("auth_info")
    assert list(info.branches) == []


def test_creating_twice_needs_update(client: Any, repo: str, refused: Any) -> None:
    with refused(StatusCode.ALREADY_EXISTS, f"repo default/{repo} already exists"):
        client.create_repo(repo)
    before = client.inspect_repo(repo).created
    client.create_repo(repo, "words", update=True)
    assert client.inspect_repo(repo).description == "words"
    assert client.inspect_repo(repo).created == before


@pytest.mark.parametrize("name", ["", "a.b", "a b", "a/b", "ä"])
def test_names_have_plain_characters(client: Any, refused: Any, name: str) -> None:
    text = f"name ({name}) invalid: only alphanumeric characters, underscores, and dashes are allowed"
    with refused(StatusCode.UNKNOWN, text):
        client.create_repo(name)


def test_a_reserved_name(client: Any, refused: Any) -> None:
    with refused(StatusCode.UNKNOWN, "__filesets__ is a reserved name"):
        client.create_repo("__filesets__")


def test_a_system_repo_needs_its_user_repo(pfs: Any, repo: str, refused: Any) -> None:
    text = "cannot create a system repo without a corresponding 'user' repo: repo default/nobody not found"
    with refused(StatusCode.NOT_FOUND, text):
        pfs.CreateRepo(pfs_pb2.CreateRepoRequest(repo=pfs_pb2.Repo(name="nobody", type="meta")))
    pfs.CreateRepo(pfs_pb2.CreateRepoRequest(repo=pfs_pb2.Repo(name=repo, type="meta")))
    types = {info.repo.type for info in pfs.ListRepo(pfs_pb2.ListRepoRequest()) if info.repo.name == repo}
    assert types == {"user", "meta"}
    pfs.DeleteRepo(pfs_pb2.DeleteRepoRequest(repo=pfs_pb2.Repo(name=repo)))
    assert [info for info in pfs.ListRepo(pfs_pb2.ListRepoRequest()) if info.repo.name == repo] == []


def test_repos_are_listed_newest_first_with_sizes(client: Any, new_repo: Any) -> None:
    older, newer = new_repo("older"), new_repo("newer")
    client.put_file_bytes((older, "master"), "/f", b"12345")
    client.start_commit(older, "master")
    infos = {info.repo.name: info for info in client.list_repo()}
    mine = [name for name in infos if name in (older, newer)]
    assert mine == [newer, older]
    assert infos[older].size_bytes_upper_bound == 5
    assert [branch.name for branch in infos[older].branches] == ["master"]
    assert not infos[older].HasField("details")
    assert client.inspect_repo(older).details.size_bytes == 5


def test_missing_repos(client: Any, pfs: Any, refused: Any) -> None:
    client.delete_repo("nobody")
    with refused(StatusCode.NOT_FOUND, "repo default/nobody not found"):
        client.inspect_repo("nobody")
    with refused(StatusCode.INVALID_ARGUMENT, "no repo specified"):
        pfs.DeleteRepo(pfs_pb2.DeleteRepoRequest())
    with refused(StatusCode.UNKNOWN, "repo cannot be nil"):
        pfs.CreateRepo(pfs_pb2.CreateRepoRequest())


def test_what_others_depend_on_goes_by_force_alone(client: Any, new_repo: Any, refused: Any) -> None:
    source, output = new_repo("source"), new_repo("output")
    provenance = [pfs_pb2.Branch(repo=pfs_pb2.Repo(name=source, type="user"), name="master")]
    client.create_branch(output, "master", provenance=provenance)
    text = (
        f"delete branch default/{source}@master: branch master has [default/{output}@master] as subvenance, "
        "deleting it would break those branches"
    )
    with refused(StatusCode.UNKNOWN, text):
        client.delete_repo(source)
    client.delete_repo(source, force=True)
    assert list(client.inspect_branch(output, "master").provenance) == []
    assert source not in {info.repo.name for info in client.list_repo()}


def test_delete_repos_of_a_project(client: Any, pfs: Any, project: str) -> None:
    client.create_repo("a", project_name=project)
    client.create_repo("b", project_name=project)
    assert list(pfs.DeleteRepos(pfs_pb2.DeleteReposRequest()).repos) == []
    reply = pfs.DeleteRepos(pfs_pb2.DeleteReposRequest(projects=[pfs_pb2.Project(name=project)]))
    assert {repo.name for repo in reply.repos} == {"a", "b"}


def test_the_same_name_in_two_projects_is_two_repos(client: Any, project: str, repo: str) -> None:
    client.create_repo(repo, "another", project_name=project)
    assert client.inspect_repo(repo, project_name=project).description == "another"
    assert client.inspect_repo(repo).description == ""


class TestProjects:
    def test_default_is_there_and_oldest(self, client: Any, project: str) -> None:
        names = [info.project.name for info in client.list_project()]
        assert names[0] == "default"
        assert project in names

    def test_inspect(self, client: Any, project: str, refused: Any) -> None:
        info = client.inspect_project(project)
        assert (info.project.name, info.description) == (project, "of a test")
        with refused(StatusCode.NOT_FOUND, 'error getting project "nobody": project "nobody" not found'):
            client.inspect_project("nobody")

    def test_create_twice_needs_update(self, client: Any, project: str, refused: Any) -> None:
        text = f'could not create project: project "{project}" already exists'
        with refused(StatusCode.ALREADY_EXISTS, text):
            client.create_project(project)
        client.create_project(project, "new words", update=True)
        assert client.inspect_project(project).description == "new words"

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("a.b", "name (a.b) invalid: only alphanumeric characters, underscores, and dashes are allowed"),
            ("-a", "project names must start with an alphanumeric character"),
            ("a" * 53, f'project name "{"a" * 53}" is 2 characters longer than the 51 max'),
        ],
    )
    def test_names(self, client: Any, refused: Any, name: str, text: str) -> None:
        with refused(StatusCode.UNKNOWN, f"invalid project name: {text}"):
            client.create_project(name)

    def test_only_an_empty_project_goes(self, client: Any, project: str, refused: Any) -> None:
        client.create_repo("a", project_name=project)
        with refused(StatusCode.FAILED_PRECONDITION, f"cannot delete project {project}: repo {project}/a still exists"):
            client.delete_project(project)
        with refused(StatusCode.NOT_FOUND, 'delete project "nobody": project "nobody" not found'):
            client.delete_project("nobody", force=True)

    def test_repos_need_their_project(self, client: Any, refused: Any) -> None:
        with refused(StatusCode.NOT_FOUND, 'cannot find project "nobody": project "nobody" not found'):
            client.create_repo("a", project_name="nobody")
