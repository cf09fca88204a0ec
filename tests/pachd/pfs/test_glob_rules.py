"""The whole glob language against a second matcher that knows each rule by itself and tries every way."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.pachd.pfs import globs
from harness.pachd.pfs.glob_captures import Captures
from harness.pachd.pfs.glob_matching import Automaton
from harness.pachd.pfs.glob_syntax import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    # Whether the rest matches from there on. With ``bare``, every !(...) in the rest stands for anything.
    Rest = Callable[[int, bool], bool]
    Matcher = Callable[[str, int, Rest, bool], bool]


class Part(NamedTuple):
    """A piece of a pattern, and its meaning: whether it matches from a position on so that the rest matches too."""

    text: str
    matches: Matcher


def one(text: str, members: str) -> Part:
    def matches(path: str, start: int, rest: Rest, bare: bool) -> bool:
        return path[start : start + 1] != "" and path[start] in members and rest(start + 1, bare)

    return Part(text, matches)


def run(path: str, start: int, stop: str) -> Iterator[int]:
    """Where a run of anything but ``stop`` can end."""
    yield start
    for position in range(start, len(path)):
        if path[position] == stop:
            return
        yield position + 1


def star(text: str, stop: str) -> Part:
    return Part(text, lambda path, start, rest, bare: any(rest(end, bare) for end in run(path, start, stop)))


def sequence(parts: Iterable[Part]) -> Part:
    parts = list(parts)
    if not parts:
        return Part("", lambda _path, start, rest, bare: rest(start, bare))
    first, following = parts[0], sequence(parts[1:])

    def matches(path: str, start: int, rest: Rest, bare: bool) -> bool:
        return first.matches(path, start, lambda end, bare: following.matches(path, end, rest, bare), bare)

    # The empty alternative between them lets "*" and "(" be what they are alone, and not "*(".
    glue = "{}" if first.text[-1:] in "*?" and following.text[:1] in tuple("*(") else ""
    return Part(first.text + glue + following.text, matches)


def one_of(choices: list[Part]) -> Matcher:
    return lambda path, start, rest, bare: any(choice.matches(path, start, rest, bare) for choice in choices)


def repeated(body: Matcher, least: int) -> Matcher:
    def matches(path: str, start: int, rest: Rest, bare: bool, count: int = 0, idle: bool = False) -> bool:
        if count >= least and rest(start, bare):
            return True

        def again(end: int, bare: bool) -> bool:
            # One round over nothing may be the one that is needed; a second one brings nothing new.
            return (end > start or not idle) and matches(path, end, rest, bare, count + 1, end == start)

        return body(path, start, again, bare)

    return matches


def none_of(choices: list[Part]) -> Matcher:
    def matches(path: str, start: int, rest: Rest, bare: bool) -> bool:
        if not bare and one_of(choices)(path, start, lambda end, _: rest(end, True), True):
            return False
        return any(rest(end, bare) for end in run(path, start, "/"))

    return matches


def group(kind: str, choices: list[Part]) -> Part:
    body = one_of(choices)
    nothing = Part("", lambda _path, start, rest, bare: rest(start, bare))
    matches: dict[str, Matcher] = {
        "": body,
        "@": body,
        "{": body,
        "?": one_of([Part("", body), nothing]),
        "*": repeated(body, 0),
        "+": repeated(body, 1),
        "!": none_of(choices),
    }
    texts = [choice.text for choice in choices]
    text = "{" + ",".join(texts) + "}" if kind == "{" else f"{kind}({'|'.join(texts)})"
    return Part(text, matches[kind])


atoms = st.sampled_from(
    [
        *(one(char, char) for char in "aab-7/"),
        one(r"\a", "a"),
        one("?", "ab-7"),
        one("[ab]", "ab"),
        one("[!a]", "b-7/"),
        one("[^b-]", "a7/"),
        one("[[:alpha:]]", "ab"),
        one("[[:digit:]/]", "7/"),
        one("[![:punct:]]", "ab7"),
        one("[a-]", "a-"),
        star("*", "/"),
    ]
)


def groups(inner: st.SearchStrategy[Part]) -> st.SearchStrategy[Part]:
    return group_of(["", "@", "{", "?", "!"], inner) | group_of(["*", "+"], atoms)


def group_of(kinds: list[str], inner: st.SearchStrategy[Part]) -> st.SearchStrategy[Part]:
    choice = st.lists(inner, max_size=2).map(sequence)
    return st.builds(group, st.sampled_from(kinds), st.lists(choice, min_size=1, max_size=3))


# Repetitions hold no others: this matcher would try all of their ways. Those stand among the examples.
parts = st.recursive(atoms | st.just(star("**", "")), groups, max_leaves=3)
# A slash at the end of a pattern means nothing, so there it would not be the part that it is elsewhere.
patterns = st.lists(parts, min_size=1, max_size=4).map(sequence).filter(lambda part: not part.text.endswith("/"))
elements = st.lists(st.text(alphabet="aab-7", min_size=1, max_size=3), min_size=1, max_size=2)
paths = elements.map(lambda names: "/" + "/".join(names))


@settings(max_examples=600, deadline=None)
@given(pattern=patterns, path=paths)
def test_every_pattern_means_what_its_parts_mean(pattern: Part, path: str) -> None:
    rooted = sequence([one("/", "/"), pattern])
    expected = rooted.matches(path, 0, lambda end, _bare: end == len(path), False)
    glob = globs.compile(rooted.text)
    assert glob.match(path) == expected
    assert Automaton([parse(rooted.text)]).match(path) == expected  # also where a regular expression would have done
    assert not expected or path.startswith(glob.literal_prefix)


plain = st.lists(atoms, max_size=3).map(sequence)


@settings(max_examples=300, deadline=None)
@given(kinds=st.lists(st.tuples(st.sampled_from(["", "@", "?", "*", "+"]), plain), min_size=1, max_size=4), path=paths)
def test_captures_side_by_side_are_the_path(kinds: list[tuple[str, Part]], path: str) -> None:
    captures = globs.compile("/" + "".join(f"{kind}({part.text})" for kind, part in kinds)).captures(path)
    if captures is not None:
        assert len(captures) == len(kinds)
        assert "/" + "".join(captures) == path


nonempty = st.lists(atoms.filter(lambda part: not part.text.endswith("*")), min_size=1, max_size=2).map(sequence)
rounds = st.builds(group, st.sampled_from(["*", "+"]), st.lists(nonempty, min_size=1, max_size=2))
capturing = st.recursive(atoms | rounds, lambda inner: group_of(["", "@", "{", "?", "!"], inner), max_leaves=4)


@settings(max_examples=300, deadline=None)
@given(pattern=st.lists(capturing, min_size=1, max_size=3).map(sequence), path=paths)
def test_captures_are_those_of_a_regular_expression(pattern: Part, path: str) -> None:
    glob = globs.compile("/" + pattern.text)
    found = glob.regex.fullmatch(path)
    if found is not None:
        assert Captures(parse(glob.pattern)).find(path) == found.groups("")
