"""Training: neon's starting weights, minibatches, loss and Adagrad, with the gradients left to autograd."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import autograd.numpy as traced
import numpy as np
from autograd import value_and_grad
from sentiment.network import CLASSES, KEPT, SHAPES, UNITS, Weights, compact, forward, predict
from sentiment.text import PAD

if TYPE_CHECKING:
    from labelled import Reviews
    from numpy.typing import NDArray

BATCH = 128
RATE = 0.01
EPSILON = 1e-6


def initial_weights(random: np.random.RandomState) -> Weights:
    """Neon's starting weights, drawn in the order in which neon draws them."""

    def uniform(bound: float, *shape: int) -> NDArray[np.float32]:
        return random.uniform(-bound, bound, shape).astype(np.float32)

    affine = uniform(math.sqrt(6 / (UNITS + CLASSES)), *SHAPES["affine"])
    embedding = uniform(0.1 / UNITS, *SHAPES["embedding"])
    embedding[PAD] = 0
    glorot = math.sqrt(6 / (2 * UNITS))
    gates = [uniform(glorot, UNITS, UNITS) for _ in range(8)]  # input i, f, o, g, then recurrent i, f, o, g
    lstm = np.zeros(SHAPES["lstm"], dtype=np.float32)
    lstm[: 2 * UNITS] = np.concatenate(gates).reshape(2 * UNITS, 4 * UNITS)
    bias = uniform(math.sqrt(6 / (CLASSES + 1)), *SHAPES["bias"])
    return {"embedding": embedding, "lstm": lstm, "affine": affine, "bias": bias}


def loss(weights: Any, ids: NDArray[np.intp], labels: NDArray[np.intp], mask: NDArray[np.float32]) -> Any:
    """Mean cross-entropy of a batch in bits; its gradient at the logits is (p - target) / ln 2 / batch."""
    logits = forward(traced, weights, ids, mask)
    shifted = logits - np.max(_value(logits), axis=1, keepdims=True)
    logs = shifted - traced.log(traced.sum(traced.exp(shifted), axis=1, keepdims=True))
    return -traced.mean(logs[np.arange(len(labels)), labels]) / math.log(2)


def _value(array: Any) -> Any:
    """A traced array's plain value: what is subtracted for the sake of range needs no gradient."""
    return getattr(array, "_value", array)


class Training:
    """A training under way: weights, Adagrad's sums of squares, the random stream and the place in the data."""

    def __init__(self, reviews: Reviews, seed: int) -> None:
        self.reviews = reviews
        self.random = np.random.RandomState(seed)
        self.weights = initial_weights(self.random)
        self.squares = {key: np.zeros_like(array) for key, array in self.weights.items()}
        self._start = 0

    def epoch(self) -> float:
        """Train on every review once and return the mean loss in bits.

        The last batch is filled from the first reviews, and the next epoch starts after those.
        """
        count = len(self.reviews)
        batches = math.ceil((count - self._start) / BATCH)
        total = 0.0
        for _ in range(batches):
            total += self._step(np.arange(self._start, self._start + BATCH) % count)
            self._start += BATCH
        self._start %= count
        return total / batches

    def _step(self, chosen: NDArray[np.intp]) -> float:
        rows, ids = compact(self.weights["embedding"], self.reviews.ids[chosen])
        mask = (self.random.uniform(size=(UNITS, BATCH)) < KEPT).astype(np.float32).T
        used = {**self.weights, "embedding": self.weights["embedding"][rows]}
        value, gradients = value_and_grad(loss)(used, ids, self.reviews.labels[chosen], mask)
        gradients["embedding"][rows == PAD] = 0
        for key, gradient in gradients.items():
            # Rows that a batch does not read have no gradient, and Adagrad leaves them as they are.
            place = rows if key == "embedding" else slice(None)
            self.squares[key][place] += gradient**2
            self.weights[key][place] -= RATE * gradient / np.sqrt(self.squares[key][place] + EPSILON)
        return float(value)


def accuracy(weights: Weights, reviews: Reviews) -> float:
    """The share of reviews whose likelier class is their label."""
    right = 0
    for start in range(0, len(reviews), BATCH):
        batch = slice(start, start + BATCH)
        right += int(np.sum(predict(weights, reviews.ids[batch]).argmax(axis=1) == reviews.labels[batch]))
    return right / len(reviews)
