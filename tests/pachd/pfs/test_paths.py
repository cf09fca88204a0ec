"""Which paths may be written, and their one form."""

from __future__ import annotations

import pytest

from harness.pachd.errors import Code, PachError
from harness.pachd.pfs import paths


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("a", "/a"),
        ("/a/b", "/a/b"),
        ("//a///b", "/a/b"),
        ("a/", "/a"),
        ("a b/~$'\"<>|\\&;,=", "/a b/~$'\"<>|\\&;,="),
        ("...", "/..."),
    ],
)
def test_written_paths_are_cleaned(written: str, stored: str) -> None:
    assert paths.to_write(written) == stored


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("", "path () invalid: only printable ASCII characters allowed"),
        ("naïve", "path (naïve) invalid: only printable ASCII characters allowed"),
        ("a\nb", "path (a\nb) invalid: only printable ASCII characters allowed"),
        ("a\0b", "path (a\0b) invalid: only printable ASCII characters allowed"),
        *((f"x{c}y", f"path (x{c}y) invalid: globbing character ({c}) not allowed in path") for c in "*?[]{}!()@+^"),
        ("a]b[", "path (a]b[) invalid: globbing character (]) not allowed in path"),
        (".", "path (.) invalid: relative file paths are not allowed"),
        ("a/../b", "path (a/../b) invalid: relative file paths are not allowed"),
        ("/", "path (/) invalid: a file needs a name"),
    ],
)
def test_what_cannot_be_written_is_refused_in_pachyderms_words(path: str, text: str) -> None:
    with pytest.raises(PachError) as refusal:
        paths.to_write(path)
    assert (refusal.value.code, refusal.value.message) == (Code.UNKNOWN, text)


@pytest.mark.parametrize(("path", "form"), [("/", "/"), ("a", "/a"), ("/a//b/", "/a/b/")])
def test_deletion_keeps_the_slash_that_means_everything_below(path: str, form: str) -> None:
    assert paths.to_delete(path) == form


@pytest.mark.parametrize(
    ("path", "form"), [("", "/"), ("/", "/"), ("a/b/", "/a/b"), ("//a", "/a"), ("naïve", "/naïve")]
)
def test_read_paths_are_cleaned_and_never_refused(path: str, form: str) -> None:
    assert paths.to_read(path) == form


def test_directories_above_a_path() -> None:
    assert list(paths.directories("/a/b/c")) == ["/", "/a/", "/a/b/"]
    assert list(paths.directories("/a/b/c", "/a/")) == ["/a/", "/a/b/"]
    assert list(paths.directories("/a/b/")) == ["/", "/a/"]
