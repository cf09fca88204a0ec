"""Files through pachyderm_sdk."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import grpc
import pytest

if TYPE_CHECKING:
    from pathlib import Path

pfs = pytest.importorskip("pachyderm_sdk.api.pfs", reason="pachyderm_sdk is installed by `tox -e sdk` only")


def read(sdk: Any, uri: str) -> bytes:
    with sdk.pfs.pfs_file(file=pfs.File.from_uri(uri)) as file:
        return bytes(file.read())


@pytest.mark.parametrize("size", [0, 1, 20 * 2**20 + 1])
def test_bytes_come_back(sdk: Any, repo: Any, master: Any, size: int) -> None:
    data = bytes(range(256)) * (size // 256) + bytes(size % 256)
    with sdk.pfs.commit(branch=master) as commit:
        file = commit.put_file_from_bytes(path="/data", data=data)
    assert sdk.pfs.inspect_file(file=file).size_bytes == size
    assert read(sdk, f"{repo}@master:/data") == data


def test_overwriting_and_appending(sdk: Any, repo: Any, master: Any) -> None:
    with sdk.pfs.commit(branch=master) as commit:
        commit.put_file_from_bytes(path="/a", data=b"one")
        commit.put_file_from_bytes(path="/a", data=b"two")
        commit.put_file_from_file(path="/a", file=io.BytesIO(b" three"), append=True)
    assert read(sdk, f"{repo}@master:/a") == b"two three"


def test_a_folder_goes_in_and_comes_out_as_tar(sdk: Any, repo: Any, master: Any, tmp_path: Path) -> None:
    files = {"a.txt": b"one", "deep/er/b.txt": b"two", "deep/c.txt": b""}
    for name, data in files.items():
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    with sdk.pfs.commit(branch=master) as commit:
        commit.put_files(source=tmp_path / "in", path="/")
    with sdk.pfs.pfs_tar_file(file=pfs.File.from_uri(f"{repo}@master:/")) as tar:
        tar.extractall(tmp_path / "out")
    found = {str(p.relative_to(tmp_path / "out")): p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()}
    assert found == files


def test_copies_deletions_and_lists(sdk: Any, repo: Any, master: Any) -> None:
    with sdk.pfs.commit(branch=master) as commit:
        source = commit.put_file_from_bytes(path="/dir/a", data=b"one")
        commit.put_file_from_bytes(path="/dir/b", data=b"two")
    with sdk.pfs.commit(branch=master) as commit:
        commit.copy_file(src=source, dst="/copy")
        commit.delete_file(path="/dir/b")
    whole = pfs.Commit.from_uri(f"{repo}@master")
    assert [info.file.path for info in sdk.pfs.walk_file(file=pfs.File(commit=whole, path="/"))] == [
        *("/", "/copy", "/dir/", "/dir/a"),
    ]
    assert [info.file.path for info in sdk.pfs.list_file(file=pfs.File(commit=whole, path="/"))] == ["/copy", "/dir/"]
    assert [info.file.path for info in sdk.pfs.glob_file(commit=whole, pattern="/*/*")] == ["/dir/a"]
    changes = [(c.new_file.file.path, c.old_file.file.path) for c in sdk.pfs.diff_file(new_file=pfs.File(commit=whole))]
    assert changes == [("/", "/"), ("/copy", ""), ("/dir/", "/dir/"), ("", "/dir/b")]


def test_errors_come_with_their_code(sdk: Any, repo: Any, master: Any) -> None:
    sdk.pfs.create_branch(branch=master)
    with pytest.raises(ValueError, match="Error instantiating PFSFile") as error:
        read(sdk, f"{repo}@master:/missing")
    cause: Any = error.value.__cause__
    assert cause.code() is grpc.StatusCode.NOT_FOUND
