"""Which reviews are found, what is checked of them, and what people are told."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from harness.data import DataError, locate, parse

if TYPE_CHECKING:
    from pathlib import Path

TSV = b'id\tsentiment\treview\n"1_9"\t1\t"good <b>film</b>"\n"2_2"\t0\t"bad \\"film\\""\n'


@pytest.fixture(autouse=True)
def _own_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("HARNESS_DATA", raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    (folder / "reviews").mkdir(parents=True)
    (folder / "labeledTrainData.tsv").write_bytes(TSV)
    (folder / "moreReviews.tsv").write_bytes(TSV.replace(b"1_9", b"7_8"))
    for name in ("1.txt", "2.txt", "10.txt", "notes.md"):
        (folder / "reviews" / name).write_text(f"review {name}")
    return folder


def test_a_given_folder_is_described_file_by_file(folder: Path) -> None:
    data = locate(str(folder))
    assert (data.kind, data.directory, data.rows) == ("given", folder, 2)
    assert data.training == folder / "labeledTrainData.tsv"
    assert [path.name for path in data.reviews] == ["1.txt", "10.txt", "2.txt"]
    assert data.more_reviews == (("7_8.txt", "good <b>film</b>"), ("2_2.txt", r"bad \"film\""))
    files = {file.name: (file.sha256, file.size) for file in data.files}
    assert files.keys() == {
        "labeledTrainData.tsv",
        "moreReviews.tsv",
        *("reviews/1.txt", "reviews/10.txt", "reviews/2.txt"),
    }
    assert files["labeledTrainData.tsv"] == (hashlib.sha256(TSV).hexdigest(), len(TSV))


def test_the_description_is_one_line_that_tells_the_data_apart(folder: Path) -> None:
    line = locate(str(folder)).describe()
    assert "\n" not in line
    assert str(folder) in line
    assert hashlib.sha256(TSV).hexdigest()[:12] in line
    assert "2 labelled" in line
    assert "made-up" in locate().describe()


def test_the_option_goes_before_the_variable(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert locate().kind == "synthetic"
    monkeypatch.setenv("HARNESS_DATA", str(folder))
    assert locate().directory == folder
    with pytest.raises(DataError, match="there is no folder"):
        locate(str(folder / "none"))


def test_labelled_reviews_stand_in_for_missing_ones(folder: Path) -> None:
    for path in (folder / "reviews").iterdir():
        path.unlink()
    (folder / "moreReviews.tsv").unlink()
    data = locate(str(folder))
    assert [(path.name, path.read_text()) for path in data.reviews] == [
        ("1.txt", "good <b>film</b>"),
        ("2.txt", r"bad \"film\""),
    ]
    assert folder not in data.reviews[0].parents  # a given folder is never written to
    assert [name for name, _ in data.more_reviews] == ["1_9.txt", "2_2.txt"]


def test_ids_that_cannot_name_files_give_way_to_lines(folder: Path) -> None:
    rows = [b'"../up"\t1\t"a"', b'"x"\t1\t"b"', b'"x"\t0\t"c"', b'".."\t0\t"d"']
    (folder / "moreReviews.tsv").write_bytes(b"\n".join([b"id\tsentiment\treview", *rows]))
    assert locate(str(folder)).more_reviews == (
        ("line-2.txt", "a"),
        ("x.txt", "b"),
        ("line-4.txt", "c"),
        ("line-5.txt", "d"),
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "holds no reviews"),
        (b"id\tsentiment\treview\n", "holds no reviews"),
        (b"1\t1\tgood\n2\t0\tbad\n", "line 1: expected the header"),
        (TSV + b'"3"\tgood\n', "line 4: expected three fields with tabs between them, found 2"),
        (TSV + b'"3"\t2\tgood\n', "line 4: the sentiment must be 0 or 1, found '2'"),
        (TSV + b'"3"\t1\tna\xefve\n', "line 4: not UTF-8 at byte 8;"),
        (TSV.replace(b"\t0\t", b"\t1\t"), "one sentiment only"),
    ],
)
def test_reviews_that_cannot_be_used_name_the_place(folder: Path, data: bytes, message: str) -> None:
    path = folder / "labeledTrainData.tsv"
    path.write_bytes(data)
    with pytest.raises(DataError) as caught:
        locate(str(folder))
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


def test_a_folder_without_labelled_reviews(folder: Path) -> None:
    (folder / "labeledTrainData.tsv").unlink()
    with pytest.raises(DataError, match=r"holds no labeledTrainData\.tsv: put the labelled reviews there"):
        locate(str(folder))


def test_a_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "file"))
    with pytest.raises(DataError, match="set HARNESS_CACHE to a folder that can be"):
        locate()


def test_line_ends_of_windows_are_read() -> None:
    assert [row.review for row in parse(TSV.replace(b"\n", b"\r\n"), "x")] == ["good <b>film</b>", r"bad \"film\""]
