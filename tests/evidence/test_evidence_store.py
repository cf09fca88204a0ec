"""Records on disk: complete or absent, found under `latest`, and clear about what is wrong with them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from harness.evidence import seal, store
from harness.evidence.store import RecordError
from harness.report import sample

if TYPE_CHECKING:
    from pathlib import Path


def test_what_was_written_is_read(tmp_path: Path) -> None:
    record = sample.record()
    path = store.write(record, tmp_path)
    assert path == tmp_path / "sample" / "evidence.json"
    assert store.read(path) == store.read(path.parent) == record
    assert seal.is_intact(store.read(path))


def test_latest_leads_to_the_newest_run(tmp_path: Path) -> None:
    record = sample.record()
    for name in ("one", "two"):
        store.write(replace(record, run=replace(record.run, id=name)), tmp_path)
    assert store.read(tmp_path / "latest").run.id == "two"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["latest", "one", "two"]


def test_writing_leaves_nothing_beside_the_file(tmp_path: Path) -> None:
    path = store.write(sample.record(), tmp_path)
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[]", "not an evidence record"),
        (b'{"schema": "other"}', "its field 'schema' is not 'pachyderm-harness/evidence'"),
        (
            b'{"schema": "pachyderm-harness/evidence", "version": 99}',
            "a record of version 99; this harness reads version 1",
        ),
        (b'{"schema": "pachyderm-harness/evidence", "version": 1}', "damaged record: record: field 'run' is missing"),
    ],
)
def test_a_damaged_record_says_what_is_wrong(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "evidence.json"
    path.write_bytes(content)
    with pytest.raises(RecordError) as error:
        store.read(path)
    assert message in str(error.value)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_cut_record_says_that_it_is_damaged(tmp_path: Path) -> None:
    path = store.write(sample.record(), tmp_path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(RecordError, match="damaged"):
        store.read(path)


def test_no_record_says_where_to_look(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="no evidence here"):
        store.read(tmp_path)


def test_every_change_breaks_the_seal() -> None:
    record = sample.record()
    assert seal.is_intact(record)
    commits = (replace(record.commits[0], size=record.commits[0].size + 1), *record.commits[1:])
    assert not seal.is_intact(replace(record, commits=commits))
    assert not seal.is_intact(replace(record, hash="0" * 64))


def test_the_hash_is_over_canonical_json_without_itself(tmp_path: Path) -> None:
    """Anyone can check it in three lines, without the harness."""
    import hashlib

    data = json.loads(store.write(sample.record(), tmp_path).read_text())
    claimed = data.pop("hash")
    canonical = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(canonical.encode()).hexdigest() == claimed
