"""Made-up reviews: the same bytes on every machine, in the format of the real ones, and learnable like them.

A review is a chain of plain remarks and of opinions. Most opinions agree with its label, some contradict it, so a
model must weigh words rather than spot one. Only ``random.Random.random`` is drawn from, whose sequence Python promises
to keep.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from harness.data.cache import store
from harness.data.dataset import MORE, TRAINING
from harness.data.tsv import HEADER

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LABELLED = 750  # as many as the workshop's
FURTHER = 400
SINCERE = 0.9  # the share of opinions that agree with the label
OPINIONATED = 0.7  # the share of sentences that are opinions

PRAISE = "wonderful|superb|moving|brilliant|charming|gripping|delightful|beautiful|clever|touching|excellent|perfect"
BLAME = "awful|dull|boring|terrible|clumsy|lifeless|predictable|annoying|ugly|pointless|stupid|tedious"
SUBJECTS = "acting|plot|script|music|camera work|ending|dialogue|pace|cast|direction|opening scene|second half|humour"
OPINIONS = (
    "The {subject} is {word}.",
    "I found the {subject} {word} and {other}.",
    "What a {word} film!",
    "It's {word}, and the {subject} doesn't change that.",
    "My sister (who never agrees with me) called it {word} too.",
    "Have you ever seen anything so {word}?",
    "The {subject} was simply {word}, the {second} even more {other}.",
    "A {word}, {other} piece of work.<br /><br />",
)
REMARKS = (
    "The story begins in a small town near the {place}.",
    "We watched it on a {day} evening with the whole family.",
    "A young {person} meets an old {relation} and the two of them leave for the {place}.",
    "It was made in {year}, I think, and runs for about two hours.",
    "Then the {person} finds a letter that the {relation} wrote long ago.",
    "I had read the book before I saw this at the cinema by the {place}.",
    "There's a scene where the {relation} drives to the {place} in the rain.",
    "You'll know the {person} from a series of the {year}s.",
    "Half of the film takes place at night, the rest on a {day}.",
    "The {relation} says that he'd rather stay at the {place}.<br /><br />",
)
FILLINGS = {
    "place": "harbour|mountains|station|castle|river|border|desert|lighthouse",
    "person": "teacher|soldier|doctor|painter|thief|singer|sailor|detective",
    "relation": "uncle|neighbour|stranger|captain|judge|brother|professor|widow",
    "day": "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday",
    "year": "1950|1960|1970|1980|1990|2000",
}


def write_set(cache: Path) -> Path:
    """Write the reviews below ``cache`` in the layout of a given folder, and return that folder."""
    folder = cache / "synthetic"
    random = Random(1)  # noqa: S311 -- no secret
    store(folder / TRAINING, _table(random, 1, LABELLED))
    store(folder / MORE, _table(random, 1 + LABELLED, FURTHER))
    for name, label in (("1.txt", 1), ("2.txt", 0)):
        store(folder / "reviews" / name, _review(random, label).encode())
    return folder


def _table(random: Random, first: int, count: int) -> bytes:
    lines = [HEADER.decode()]
    for number in range(first, first + count):
        label = int(random.random() < 0.5)
        stars = 1 + int(random.random() * 4) + 6 * label  # 1-4 or 7-10, as in the real ids
        lines.append(f'"{number}_{stars}"\t{label}\t"{_review(random, label)}"')
    return ("\n".join(lines) + "\n").encode()


def _review(random: Random, label: int) -> str:
    sentences = 14 + int(random.random() * 8)  # more than the 128 tokens that the model looks at
    return " ".join(_sentence(random, label) for _ in range(sentences)).removesuffix("<br /><br />")


def _sentence(random: Random, label: int) -> str:
    if random.random() >= OPINIONATED:
        return _pick(random, REMARKS).format_map({name: _one(random, words) for name, words in FILLINGS.items()})
    words = PRAISE if (random.random() < SINCERE) == bool(label) else BLAME
    return _pick(random, OPINIONS).format(
        word=_one(random, words),
        other=_one(random, words),
        subject=_one(random, SUBJECTS),
        second=_one(random, SUBJECTS),
    )


def _one(random: Random, words: str) -> str:
    return _pick(random, words.split("|"))


def _pick(random: Random, choices: Sequence[str]) -> str:
    return choices[int(random.random() * len(choices))]
