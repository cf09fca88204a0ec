"""A checked set of reviews and what is known about it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from harness.data.cache import read, store
from harness.data.tsv import DataError, Row, parse

if TYPE_CHECKING:
    from pathlib import Path

Kind: TypeAlias = Literal["given", "fetched", "synthetic"]

TRAINING = "labeledTrainData.tsv"
MORE = "moreReviews.tsv"
SAMPLES = 2  # reviews that are inferred first, as in the workshop
_FILE_NAME = re.compile(r"[\w.-]+", re.ASCII)


@dataclass(frozen=True)
class DataFile:
    """A file of the set: its name below the set's folder, its sha256 in hexadecimal digits and its size in bytes."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True)
class DataSet:
    """Reviews to train on and reviews to judge.

    ``training`` is the TSV of ``rows`` labelled reviews, ``reviews`` are text files to judge first, ``more_reviews``
    are (file name, text) of others. ``files`` lists what was read; ``source`` is the address of a fetched set.
    """

    kind: Kind
    directory: Path
    training: Path
    reviews: tuple[Path, ...]
    more_reviews: tuple[tuple[str, str], ...]
    files: tuple[DataFile, ...]
    rows: int
    source: str = ""

    def describe(self) -> str:
        """One line for people: what the data is, how much, and how to recognise it."""
        origin = {
            "given": f"reviews from {self.directory}",
            "fetched": f"reviews fetched from {self.source}",
            "synthetic": "made-up reviews (name a folder of real ones with --data DIR)",
        }[self.kind]
        digest = next(file.sha256 for file in self.files if file.name == TRAINING)
        return (
            f"{origin}: {self.rows} labelled, {len(self.reviews)} to judge first and {len(self.more_reviews)} more; "
            f"{TRAINING} is sha256 {digest[:12]}"
        )


def open_set(kind: Kind, directory: Path, cache: Path, source: str = "") -> DataSet:
    """Check the data in ``directory`` and describe it. Raises :class:`DataError` for what cannot be used.

    ``labeledTrainData.tsv`` must be there. Where ``reviews/*.txt`` or ``moreReviews.tsv`` are not, labelled reviews
    take their place: the first two, written below ``cache``, and all of them.
    """
    if not directory.is_dir():
        raise DataError(f"there is no folder {directory}: name one that holds {TRAINING}")
    training, more = directory / TRAINING, directory / MORE
    if not training.is_file():
        raise DataError(f"{directory} holds no {TRAINING}: put the labelled reviews there (id, sentiment, review)")
    contents = {TRAINING: read(training)}
    rows = parse(contents[TRAINING], str(training))
    if len({row.sentiment for row in rows}) == 1:
        raise DataError(f"{training} holds reviews of one sentiment only: nothing can be learned from them")
    if more.is_file():
        contents[MORE] = read(more)
    reviews = sorted((directory / "reviews").glob("*.txt"))
    contents |= {f"reviews/{path.name}": read(path) for path in reviews}
    return DataSet(
        kind=kind,
        directory=directory,
        training=training,
        reviews=tuple(reviews or _samples(rows, contents[TRAINING], cache)),
        more_reviews=_named(parse(contents[MORE], str(more)) if MORE in contents else rows),
        files=tuple(DataFile(name, hashlib.sha256(data).hexdigest(), len(data)) for name, data in contents.items()),
        rows=len(rows),
        source=source,
    )


def _samples(rows: list[Row], data: bytes, cache: Path) -> list[Path]:
    folder = cache / f"samples-{hashlib.sha256(data).hexdigest()[:12]}"
    paths = [folder / f"{number}.txt" for number in range(1, len(rows[:SAMPLES]) + 1)]
    for path, row in zip(paths, rows, strict=False):
        store(path, row.review.encode())
    return paths


def _named(rows: list[Row]) -> tuple[tuple[str, str], ...]:
    """File names, made of ids, and texts. An id that cannot be a file name, or comes twice, gives way to the line."""
    names: dict[str, str] = {}
    for row in rows:
        usable = _FILE_NAME.fullmatch(row.id) and f"{row.id}.txt" not in names and not row.id.startswith(".")
        names[f"{row.id}.txt" if usable else f"line-{row.line}.txt"] = row.review
    return tuple(names.items())
