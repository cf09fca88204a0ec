"""What was recorded of real neon 2.6.0, and how a model is compared with it.

``golden/epochs-1.npz`` and ``epochs-2.npz`` are extracts of trainings of neon's own IMDB example (Python 3.6, seed 0,
the global generator seeded with 0 too) on 750 reviews of the Kaggle set: the small weights whole, of the large ones
some rows and the sums that tell when any other row differs, and what the model thinks of 200 other reviews.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Arrays: TypeAlias = "Mapping[str, Any]"

DIGESTS = {
    "labeledTrainData.tsv": "44c0352ee1a7e266125893ef749d344eec7b967cd74563cd9bc84bc6839bd8dc",
    "moreReviews.tsv": "12bf39b13de159008a64b191f46876cb904414e7d07952e6cb29e3955596dc18",
}
VOCABULARY = "3fff88c2de1c565cd8322e4c4919b33a882ccb17d37ffbc6fcf3bec69e03464a"  # of the words in id order, a line each
TOLERANCE = 1e-5  # of a weight and of a probability
SUM_TOLERANCE = 2e-4  # of a sum over hundreds of weights
TOTAL_TOLERANCE = 5e-3  # of a sum over all 2,560,000 of the embedding

LSTM_ROWS = slice(None, None, 16)
EMBEDDING_ROWS = slice(None, 512, 8)


def recorded(epochs: int) -> dict[str, Any]:
    with np.load(Path(__file__).parent / "golden" / f"epochs-{epochs}.npz") as archive:
        return dict(archive)


def extract(weights: Arrays, predictions: Any, trained: Any) -> dict[str, Any]:
    """What is compared: ``weights`` in neon's layout, ``predictions`` (200, 2), and which rows were ``trained`` on."""
    embedding, lstm = weights["embedding"], weights["lstm"]
    return {
        "affine": weights["affine"],
        "bias": weights["bias"],
        "lstm": lstm[LSTM_ROWS],
        "lstm_row_sums": lstm.sum(axis=1, dtype=np.float64),
        "lstm_column_sums": lstm.sum(axis=0, dtype=np.float64),
        "embedding": embedding[EMBEDDING_ROWS],
        "embedding_row_sums": embedding[:512].sum(axis=1, dtype=np.float64),
        "embedding_total": embedding.sum(dtype=np.float64),
        "embedding_absolute_total": np.abs(embedding).sum(dtype=np.float64),
        "predictions": predictions,
        "trained": trained,
    }


def differences(golden: Arrays, found: Arrays) -> list[str]:
    """What of ``found`` lies further from ``golden`` than allowed, with the largest distance of each."""
    report = []
    for key, expected in golden.items():
        limit = TOTAL_TOLERANCE if key.endswith("total") else SUM_TOLERANCE if key.endswith("sums") else TOLERANCE
        if np.shape(found[key]) != np.shape(expected):
            report.append(f"{key}: shape {np.shape(found[key])}, not {np.shape(expected)}")
            continue
        distance = np.max(np.abs(np.asarray(found[key], dtype=np.float64) - expected))
        if not distance <= limit:  # NaN is no agreement
            report.append(f"{key}: off by {distance:.2g}, allowed {limit:g}")
    return report


def words_digest(words: Sequence[str]) -> str:
    return hashlib.sha256("".join(f"{word}\n" for word in words).encode()).hexdigest()
