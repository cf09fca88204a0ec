"""Many clients at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

WRITERS = 8
WRITES = 40


def write(client: Any, repo: str, number: int) -> None:
    client.put_file_bytes((repo, "master"), f"/{number:02}", str(number).encode())


def test_all_writes_into_one_open_commit_are_kept(client: Any, repo: str) -> None:
    with client.commit(repo, "master") as commit, ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda number: write(client, repo, number), range(WRITES)))
    files = [info.file.path for info in client.list_file(commit, "/")]
    assert files == [f"/{number:02}" for number in range(WRITES)]


def test_writes_to_a_branch_become_a_line_of_commits(client: Any, repo: str) -> None:
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda number: write(client, repo, number), range(WRITES)))
    infos = list(client.list_commit(repo))
    assert len(infos) == WRITES
    for child, parent in pairwise(infos):
        assert child.parent_commit.id == parent.commit.id
    assert [info.details.size_bytes for info in infos] == sorted((i.details.size_bytes for i in infos), reverse=True)
    assert len(list(client.list_file((repo, "master"), "/"))) == WRITES


def test_appends_to_one_file_lose_nothing(client: Any, repo: str) -> None:
    def append(number: int) -> None:
        client.put_file_bytes((repo, "master"), "/log", f"{number}\n".encode(), append=True)

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(append, range(WRITES)))
    lines = client.get_file((repo, "master"), "/log").read().decode().splitlines()
    assert sorted(map(int, lines)) == list(range(WRITES))


def test_sixteen_clients_upload_at_once(client: Any, new_repo: Any) -> None:
    """Each to a repo of its own and to one that all share; every commit of the shared one adds one file to the last."""
    shared, own = new_repo("shared"), [new_repo(f"own{number}") for number in range(16)]
    contents = [bytes([number]) * 300_000 for number in range(16)]

    def upload(number: int) -> None:
        for name in (own[number], shared):
            client.put_file_bytes((name, "master"), f"/{number:02}", contents[number])

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(upload, range(16)))
    for number, repo in enumerate(own):
        assert client.get_file((repo, "master"), f"/{number:02}").read() == contents[number]
    infos = list(client.list_commit(shared, reverse=True))
    held = [{info.file.path for info in client.list_file(info.commit, "/")} for info in infos]
    assert [len(paths) for paths in held] == list(range(1, 17))
    assert all(before < after for before, after in pairwise(held))
    assert all(client.get_file((shared, "master"), f"/{n:02}").read() == data for n, data in enumerate(contents))
