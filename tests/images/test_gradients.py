"""The network and its gradients on a tiny size, against statements of them made in another way."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tests.images.image_modules import image_module

pytest.importorskip("autograd", reason="autograd, which training differentiates with, is not installed")

UNITS = 3
IDS = np.array([[0, 2, 1, 4, 2], [3, 3, 0, 1, 4]])
LABELS = np.array([1, 0])
MASK = np.array([[1.0, 0.0, 1.0], [1.0, 1.0, 0.0]])


@pytest.fixture
def weights() -> dict[str, Any]:
    """Double precision, for differences that mean something."""
    random = np.random.default_rng(3)
    shapes = {"embedding": (5, UNITS), "lstm": (2 * UNITS + 1, 4 * UNITS), "affine": (2, UNITS), "bias": (2, 1)}
    return {name: random.uniform(-1, 1, shape) for name, shape in shapes.items()}


def plain_forward(weights: dict[str, Any], ids: Any, mask: Any) -> list[list[float]]:
    """neon's network one number at a time, as its description puts it."""

    def logistic(x: float) -> float:
        return 1 / (1 + math.exp(-x))

    stored = weights["lstm"].ravel().tolist()
    size = 4 * UNITS * UNITS
    bias = stored[2 * size :]
    logits = []
    for review, kept in zip(ids, mask, strict=True):
        h, c, total = [0.0] * UNITS, [0.0] * UNITS, [0.0] * UNITS
        for word in review:
            x = weights["embedding"][word]
            z = [
                bias[row]
                + sum(stored[row * UNITS + k] * x[k] for k in range(UNITS))
                + sum(stored[size + row * UNITS + k] * h[k] for k in range(UNITS))
                for row in range(4 * UNITS)
            ]
            for k in range(UNITS):
                i, f, o, g = (z[gate * UNITS + k] for gate in range(4))
                c[k] = logistic(f) * c[k] + logistic(i) * math.tanh(g)
                h[k] = logistic(o) * math.tanh(c[k])
                total[k] += h[k]
        logits.append(
            [
                sum(weights["affine"][row][k] * total[k] * kept[k] for k in range(UNITS)) + weights["bias"][row][0]
                for row in range(2)
            ]
        )
    return logits


def test_forward_is_the_described_network(weights: dict[str, Any]) -> None:
    logits = image_module("sentiment.network").forward(np, weights, IDS, MASK)
    np.testing.assert_allclose(logits, plain_forward(weights, IDS, MASK), rtol=0, atol=1e-12)


def test_loss_is_the_mean_cross_entropy_in_bits(weights: dict[str, Any]) -> None:
    powers = np.exp(plain_forward(weights, IDS, MASK))
    chosen = (powers / powers.sum(axis=1, keepdims=True))[[0, 1], LABELS]
    loss = image_module("learning").loss(weights, IDS, LABELS, MASK)
    assert loss == pytest.approx(-np.mean(np.log2(chosen)), abs=1e-12)


@pytest.mark.parametrize("name", ["embedding", "lstm", "affine", "bias"])
def test_gradients_are_the_slopes_of_the_loss(weights: dict[str, Any], name: str) -> None:
    from autograd import grad

    loss = image_module("learning").loss
    gradient = grad(loss)(weights, IDS, LABELS, MASK)[name]
    step = 1e-5
    for place in np.ndindex(*weights[name].shape):
        there, back = ({**weights, name: weights[name].copy()} for _ in range(2))
        there[name][place] += step
        back[name][place] -= step
        slope = (loss(there, IDS, LABELS, MASK) - loss(back, IDS, LABELS, MASK)) / (2 * step)
        assert gradient[place] == pytest.approx(slope, abs=1e-8), place


def test_the_gradient_does_not_vanish_where_a_probability_does(weights: dict[str, Any]) -> None:
    from autograd import grad

    weights["bias"][:] = [[500.0], [-500.0]]
    gradient = grad(image_module("learning").loss)(weights, IDS, np.array([1, 1]), MASK)["bias"]
    np.testing.assert_allclose(gradient, [[1 / math.log(2)], [-1 / math.log(2)]])


def test_compacting_keeps_what_is_read() -> None:
    rows, local = image_module("sentiment.network").compact(np.zeros((9, 2)), np.array([[7, 2], [2, 5]]))
    assert rows.tolist() == [2, 5, 7]
    assert rows[local].tolist() == [[7, 2], [2, 5]]
