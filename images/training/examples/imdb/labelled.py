"""Labelled reviews: from a Kaggle TSV to arrays, a vocabulary and a split, as neon's IMDB example makes them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import numpy as np
from sentiment.failures import Failure, read
from sentiment.text import sequence, tokenise, word_ids

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SHUFFLE_SEED = 113  # neon's, whatever seed the training was given
TRAINED = 0.8  # the share of reviews that is trained on, row by row by chance


@dataclass(frozen=True)
class Reviews:
    """Some reviews: ``ids`` (n, 128) as the network reads them, ``labels`` (n,) 0 negative and 1 positive."""

    ids: NDArray[np.intp]
    labels: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.labels)


def read_rows(path: Path) -> list[tuple[int, list[str]]]:
    """Label and tokens of each review, in file order. Raises :class:`Failure` naming the line that is wrong."""
    lines = read(path).split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    return [_row(path, number, line) for number, line in enumerate(lines[1:], start=2)]


def _row(path: Path, number: int, line: bytes) -> tuple[int, list[str]]:
    def refuse(reason: str) -> NoReturn:
        raise Failure(f"{path}, line {number}: {reason}")

    try:
        fields = line.decode().strip().split("\t")
    except UnicodeDecodeError as error:
        refuse(f"not UTF-8 at byte {error.start} of the line; save the file as UTF-8")
    if len(fields) != 3:
        refuse(f"expected three fields (id, sentiment, review) with tabs between them, found {len(fields)}")
    try:
        label = int(float(fields[1]))
    except (ValueError, OverflowError):
        label = -1
    if label not in {0, 1}:
        refuse(f"the sentiment must be 0 or 1, found {fields[1][:20]!r}")
    return label, tokenise(fields[2])


def count_words(rows: list[tuple[int, list[str]]]) -> list[str]:
    """The vocabulary in id order: the most frequent word first, equally frequent ones as they come in the file."""
    counts = Counter(token for _, tokens in rows for token in tokens)
    return [word for word, _ in counts.most_common()]


def split(count: int, seed: int | None) -> NDArray[np.bool_]:
    """Which rows are trained on. With None the system's entropy decides, as it does in neon whatever its seed."""
    return np.random.RandomState(seed).uniform(size=count) < TRAINED


def select(rows: list[tuple[int, list[str]]], words: list[str], mask: NDArray[np.bool_]) -> Reviews:
    """The masked rows as the network reads them, in neon's one fixed shuffle."""
    numbers = {word: number for number, word in enumerate(words)}
    chosen = [row for row, taken in zip(rows, mask, strict=True) if taken]
    ids = np.array([sequence(word_ids(tokens, numbers)) for _, tokens in chosen], dtype=np.intp)
    labels = np.array([label for label, _ in chosen], dtype=np.intp)
    order = np.random.RandomState(SHUFFLE_SEED).permutation(len(chosen))
    return Reviews(ids[order], labels[order])
