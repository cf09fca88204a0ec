"""The network: embedding, LSTM, sum over time, dropout, affine layer and softmax, as in neon's IMDB example.

``forward`` is the one statement of it. Training runs it on autograd's NumPy, inference on NumPy itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

UNITS = 128  # of the embedding and of the LSTM
CLASSES = 2  # negative, positive
KEPT = 0.5  # the share of units that dropout lets through

Weights: TypeAlias = "dict[str, NDArray[np.float32]]"

# In neon's stored layout. Rows 0-127 of "lstm" hold the input weights and rows 128-255 the recurrent ones, each a
# (512, 128) matrix stored row after row (gates i, f, o, g); row 256 holds the bias.
SHAPES = {
    "embedding": (20_000, UNITS),
    "lstm": (2 * UNITS + 1, 4 * UNITS),
    "affine": (CLASSES, UNITS),
    "bias": (CLASSES, 1),
}


def compact(embedding: NDArray[np.float32], ids: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The embedding rows that ``ids`` reads, ascending, and ``ids`` renumbered to index into just these rows."""
    used = np.zeros(len(embedding), dtype=bool)
    used[ids] = True
    return np.flatnonzero(used), (np.cumsum(used) - 1)[ids]


def forward(numpy: Any, weights: Any, ids: NDArray[np.intp], dropout: Any) -> Any:
    """Logits (batch, 2) of the reviews ``ids`` (batch, 128).

    ``numpy`` is the array module to compute with. ``ids`` index into ``weights["embedding"]``, which holds any rows of
    the embedding. ``dropout`` multiplies the summed states: a 0/1 mask (batch, 128) in training, KEPT in inference.
    """
    lstm = weights["lstm"]
    units = lstm.shape[1] // 4
    read = numpy.dot(weights["embedding"], numpy.reshape(lstm[:units], (-1, units)).T) + lstm[2 * units]
    recur = numpy.reshape(lstm[units : 2 * units], (-1, units)).T
    state = cell = total = np.zeros((len(ids), units), dtype=np.float32)
    for step in range(ids.shape[1]):
        switches, new = numpy.split(read[ids[:, step]] + numpy.dot(state, recur), [3 * units], axis=1)
        # The logistic function by way of tanh, which cannot overflow.
        take, keep, show = numpy.split(0.5 * numpy.tanh(0.5 * switches) + 0.5, 3, axis=1)
        cell = keep * cell + take * numpy.tanh(new)
        state = show * numpy.tanh(cell)
        total = total + state
    return numpy.dot(total * dropout, weights["affine"].T) + weights["bias"].T


def predict(weights: Weights, ids: NDArray[np.intp]) -> NDArray[np.float32]:
    """P(negative), P(positive) of each review: (batch, 128) ids to (batch, 2)."""
    rows, local = compact(weights["embedding"], ids)
    logits = forward(np, {**weights, "embedding": weights["embedding"][rows]}, local, KEPT)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)
