"""Fetching reviews, from a server of our own."""

from __future__ import annotations

import hashlib
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING
from urllib.error import HTTPError

import pytest

from harness.data import DataError, fetch, locate
from tests.web import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TSV = b'id\tsentiment\treview\n"1_9"\t1\t"good"\n"2_2"\t0\t"bad"\n'
LATER = TSV + b'"3_3"\t0\t"worse"\n'
ANSWERS = {"/reviews.tsv": TSV, "/later.tsv": LATER, "/page.html": b"<html>\nno reviews here\n", "/short.tsv": TSV}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = ANSWERS.get(self.path)
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body or b"") + (self.path == "/short.tsv")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's name
        """Keep the test's output clean."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with serving(Handler) as url:
        yield url


@pytest.fixture(autouse=True)
def _no_data_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HARNESS_DATA", raising=False)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def test_what_was_fetched_is_used_from_then_on(server: str, tmp_path: Path) -> None:
    url = f"{server}/reviews.tsv"
    data = fetch(url, cache=tmp_path)
    assert (data.kind, data.rows, data.source) == ("fetched", 2, url)
    assert data.training.read_bytes() == TSV
    assert url in data.describe()
    assert locate(cache=tmp_path) == data


def test_the_last_one_fetched_counts(server: str, tmp_path: Path) -> None:
    first = fetch(f"{server}/reviews.tsv", cache=tmp_path)
    assert fetch(f"{server}/later.tsv", cache=tmp_path).rows == 3
    assert locate(cache=tmp_path).rows == 3
    assert first.training.read_bytes() == TSV  # a run that still reads it is not disturbed


def test_a_refused_download_leaves_no_connection_open(server: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Not Found") as told:
        fetch(f"{server}/nowhere.tsv", cache=tmp_path)
    cause = told.value.__cause__
    assert isinstance(cause, HTTPError)
    assert cause.fp.closed


def test_a_wanted_digest_is_checked(server: str, tmp_path: Path) -> None:
    digest = hashlib.sha256(TSV).hexdigest()
    assert fetch(f"{server}/reviews.tsv", sha256=digest.upper(), cache=tmp_path).rows == 2
    with pytest.raises(DataError, match=f"its sha256 is {hashlib.sha256(LATER).hexdigest()}"):
        fetch(f"{server}/later.tsv", sha256=digest, cache=tmp_path)
    assert locate(cache=tmp_path).rows == 2


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("/none.tsv", "Not Found"),
        ("/page.html", "line 1: expected the header"),
        ("/short.tsv", f"it ended after {len(TSV)} of {len(TSV) + 1} bytes"),
    ],
)
def test_a_failed_fetch_keeps_nothing(server: str, tmp_path: Path, address: str, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        fetch(server + address, cache=tmp_path)
    assert server + address in str(caught.value)
    assert list(tmp_path.iterdir()) == []
    assert locate(cache=tmp_path).kind == "synthetic"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/y", "reviews.tsv", ""])
def test_only_web_addresses_are_fetched(tmp_path: Path, url: str) -> None:
    with pytest.raises(DataError, match="must begin with https:// or http://"):
        fetch(url, cache=tmp_path)


def test_nobody_answering_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot fetch http://127\.0\.0\.1:1/x"):
        fetch("http://127.0.0.1:1/x", cache=tmp_path)


def test_a_fetched_copy_that_was_changed_is_not_passed_over(server: str, tmp_path: Path) -> None:
    data = fetch(f"{server}/reviews.tsv", cache=tmp_path)
    data.training.write_bytes(LATER)
    with pytest.raises(DataError, match="was changed after it was fetched"):
        locate(cache=tmp_path)
