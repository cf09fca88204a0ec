"""The glob language: Pachyderm's table by examples, its refusals, and patterns that are made to take for ever."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.pachd.errors import Code, PachError
from harness.pachd.pfs import globs


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("/", ["/"], ["/a"]),
        ("", ["/"], ["/a"]),
        ("*", ["/a", "/a.txt", "/a/"], ["/", "/a/b"]),
        ("/*/", ["/a", "/a/"], ["/", "/a/b"]),
        ("dir1/*", ["/dir1/x"], ["/dir1", "/dir1/x/y", "/dir2/x"]),
        ("**", ["/a", "/a/b/c"], ["/"]),
        ("/**", ["/a", "/a/b/c"], ["/"]),
        ("**.2", ["/x.2", "/a/b.2"], ["/x.22"]),
        ("/1*", ["/1", "/12"], ["/21", "/1/2"]),
        ("/?", ["/a"], ["/", "/ab"]),
        ("/a?b", ["/axb"], ["/a/b", "/ab"]),
        ("/[abc]", ["/b"], ["/d", "/bb"]),
        ("/[a-c]x", ["/bx"], ["/dx"]),
        ("/[!a-c]", ["/d", "/-"], ["/b"]),
        ("/[^a]", ["/b"], ["/a"]),
        ("/[]a]", ["/]", "/a"], ["/b"]),
        ("/[a-]", ["/-", "/a"], ["/b"]),
        (r"/[\]x]", ["/]", "/x"], ["/\\"]),
        ("/[[:digit:]_]", ["/7", "/_"], ["/a"]),
        ("/[![:alpha:]]", ["/7"], ["/a"]),
        ("/a[/]b", ["/a/b"], ["/ab"]),
        ("/{a,b/c}", ["/a", "/b/c"], ["/b", "/c"]),
        ("/{a,b{1,2}}.x", ["/a.x", "/b1.x", "/b2.x"], ["/b.x"]),
        ("/{,a}b", ["/b", "/ab"], ["/aab"]),
        ("/(a|bc)d", ["/ad", "/bcd"], ["/abcd", "/d"]),
        ("/@(a|bc)d", ["/ad", "/bcd"], ["/abcd", "/d"]),
        ("/?(a|b)c", ["/c", "/ac"], ["/abc"]),
        ("/*(a|b)c", ["/c", "/abbac"], ["/axc"]),
        ("/+(a|b)c", ["/abc"], ["/c"]),
        ("/**(a)b", ["/b", "/xyab", "/aab"], ["/x/b"]),
        ("/!(a|b)", ["/c", "/ab"], ["/a", "/b", "/c/d"]),
        ("/!(a|b).txt", ["/c.txt", "/ab.txt", "/.txt"], ["/a.txt", "/b.txt", "/c.csv"]),
        ("/x!(a)y/z", ["/xby/z", "/xy/z"], ["/xay/z", "/xby/q"]),
        ("/!(logs)/*", ["/data/x"], ["/logs/x", "/data"]),
        ("/!(a*)/!(b)", ["/c/d"], ["/ab/d", "/c/b"]),
        (r"/\*\\", ["/*\\"], ["/a\\"]),
        ("/a+b@c!d,e|f", ["/a+b@c!d,e|f"], ["/aab@c!d,e|f"]),
        ("/a.b$^", ["/a.b$^"], ["/axb$^"]),
    ],
)
def test_examples(pattern: str, matching: list[str], others: list[str]) -> None:
    glob = globs.compile(pattern)
    assert [path for path in matching if not glob.match(path)] == []
    assert [path for path in others if glob.match(path)] == []
    assert all(path.startswith(glob.literal_prefix) for path in matching)


@pytest.mark.parametrize(
    ("pattern", "path", "captures"),
    [
        ("/(*)-(*).csv", "/left-1.csv", ("left", "1")),
        ("/(a(b|c))(d)", "/acd", ("ac", "c", "d")),
        ("/*(ab)?(x)", "/abab", ("abab", "")),
        ("/+([0-9])!(x)", "/12y", ("12", "y")),
        ("/{(a),(b)}", "/b", ("", "b")),
        ("/*", "/a", ()),
        ("/*(*(a|b)?c)", "/abcac", ("abcac", "")),
        ("/@(+(a|aa)c|+(a)b)", f"/{'a' * 60}b", (f"{'a' * 60}b", "", "a" * 60)),  # fails in very many ways first
        ("/*(|a)b", "/aab", ("aa",)),
        ("/+(*(a))!(a)+(b)", "/aabb", ("aa", "aa", "b", "b")),
    ],
)
def test_captures_are_numbered_from_left_to_right(pattern: str, path: str, captures: tuple[str, ...]) -> None:
    assert globs.compile(pattern).captures(path) == captures


def test_captures_of_what_does_not_match() -> None:
    assert globs.compile("/(a)").captures("/b") is None


def test_replacement_as_joins_use_it() -> None:
    glob = globs.compile("/(*)_(*).csv")
    assert glob.replace("/r1_x.csv", "$2") == "x"
    assert glob.replace("/r1_x.csv", "${1}1-$1$2$3") == "r11-r1x$3"
    assert glob.replace("/r1_x.csv", "constant") == "constant"
    assert glob.replace("/r1_x.csv", "$$1$") == "$r1$"
    assert glob.replace("/r1_x.csv", "$10 ${3} ${a} $a ${1") == "$10 ${3} ${a} $a ${1"
    assert globs.compile("/(*)/(*)").replace("/$2/a/", "$1") == "$2"


@pytest.mark.parametrize(
    ("pattern", "prefix", "literal"),
    [
        ("/a/b", "/a/b", "/a/b"),
        ("a", "/a", "/a"),
        ("/a/b*c", "/a/b", None),
        ("/a{b,c}", "/a", None),
        (r"/\*x/?", "/*x/", None),
        ("/", "/", "/"),
    ],
)
def test_the_literal_prefix_bounds_scans(pattern: str, prefix: str, literal: str | None) -> None:
    glob = globs.compile(pattern)
    assert (glob.literal_prefix, glob.literal) == (prefix, literal)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("/a[b", "glob (/a[b) invalid: no ] for this [ at character 3"),
        ("/[", "glob (/[) invalid: no ] for this [ at character 2"),
        ("/[]", "glob (/[]) invalid: no ] for this [ at character 2"),
        ("(a", "glob (/(a) invalid: no ) for this ( at character 2"),
        ("/!(a|{b)", "glob (/!(a|{b)) invalid: nothing that this ) closes at character 8"),
        ("/{a", "glob (/{a) invalid: no } for this { at character 2"),
        ("/a)", "glob (/a)) invalid: nothing that this ) closes at character 3"),
        ("/a}", "glob (/a}) invalid: nothing that this } closes at character 3"),
        ("/[z-a]", "glob (/[z-a]) invalid: the range runs backwards at character 3"),
        ("/[[:letter:]]", "glob (/[[:letter:]]) invalid: no such class as [:letter:] at character 3"),
        ("/a\\", "glob (/a\\) invalid: nothing follows the backslash at character 3"),
        ("(" * 51, f"glob (/{'(' * 51}) invalid: more than 50 groups in each other at character 53"),
        ("/[\\", "glob (/[\\) invalid: nothing follows the backslash at character 3"),
        ("a" * 1000, "glob of 1001 characters invalid: the embedded cluster takes at most 1000"),
    ],
)
def test_a_bad_pattern_is_refused_with_what_and_where(pattern: str, text: str) -> None:
    with pytest.raises(PachError) as refusal:
        globs.compile(pattern)
    assert (refusal.value.code, refusal.value.message) == (Code.UNKNOWN, text)


@given(st.text(alphabet="ab/*?[]{}()|,!@+^-\\:", max_size=12))
def test_any_text_is_a_glob_or_refused_as_one(pattern: str) -> None:
    try:
        glob = globs.compile(pattern)
    except PachError as refusal:
        assert refusal.message.startswith("glob (")  # noqa: PT017 -- either way is right
    else:
        glob.match("/ab/ab")


@pytest.mark.timeout(60)  # a matcher that tries one way after the other would not end before the sun does
@pytest.mark.parametrize(
    "pattern",
    [
        "/b+(+(+(a)))",
        "/+(+(+(a)))b",
        "*a*a*a*a*a*a*a*b",
        "b*a*a*a*a*a*a*a*",
        "/**a**a**a**a**b",
        "/" + "+(" * 20 + "a" + ")" * 20 + "b",
        "/" + "{a,aa}" * 100 + "b",
        "/" + "?(a)" * 100 + "b",
        "/!(+(+(a)))b",
        "/!(*a*a*a*a)!(*a*a*a*a)!(*a*a*a*a)b",
    ],
)
def test_hostile_patterns_are_decided(pattern: str) -> None:
    assert not globs.compile(pattern).match("/" + "a" * 2000)
