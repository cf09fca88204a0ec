"""From a review's text to the 128 numbers that the network reads, as neon's IMDB example does it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PAD, START, UNKNOWN = 0, 1, 2
FIRST_WORD = 3
EMBEDDED = 20_000  # rows of the embedding; an id beyond them reads as UNKNOWN
WINDOW = 128  # tokens the network looks at: the last ones

_FOREIGN = re.compile(r"[^A-Za-z0-9(),!?'`]")
_CONTRACTION = re.compile(r"('re|'d|'ll|'s|'ve|n't)")
_MARK = re.compile(r"[!,]")
_ESCAPED_MARK = re.compile(r"[()?]")


def tokenise(text: str) -> list[str]:
    r"""The tokens of a review, in lower case.

    Contractions are cut by case-sensitive patterns before the text is lower-cased, and ``(``, ``)`` and ``?`` become
    two characters with a backslash before them. Both are neon's own doing, and trained weights depend on them.
    """
    text = _FOREIGN.sub(" ", text)
    text = _CONTRACTION.sub(r" \1", text)
    text = _MARK.sub(r" \g<0> ", text)
    text = _ESCAPED_MARK.sub(r" \\\g<0> ", text)
    return text.lower().split()


def word_ids(tokens: Iterable[str], vocabulary: Mapping[str, int]) -> list[int]:
    """Ids of words. One that was never seen gets the id after the last, whose embedding row was never trained."""
    unseen = len(vocabulary) + 1
    return [vocabulary.get(token, unseen) for token in tokens]


def sequence(ids: Iterable[int]) -> list[int]:
    """The network's input: START and the shifted word ids, the last 128 of them, padded on the left."""
    shifted = [START, *(word + FIRST_WORD for word in ids)]
    kept = [number if number < EMBEDDED else UNKNOWN for number in shifted[-WINDOW:]]
    return [PAD] * (WINDOW - len(kept)) + kept
