"""``imdb.p`` and ``imdb.vocab``: pickles with the structure that neon gives them.

They are read by an unpickler that makes arrays and plain values only, so a model from elsewhere cannot run code.
Protocol 4 holds arrays as raw bytes: 20 MB load in a millisecond, where Python 3's protocol 2 takes 80.
"""

from __future__ import annotations

import io
import pickle
from typing import TYPE_CHECKING, Any

import numpy as np

from .failures import Failure, read, write
from .network import SHAPES, Weights

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

PROTOCOL = 4

# neon's layers in order, with the weights that each holds.
LAYERS = (
    ("LookupTable", "embedding"),
    ("LSTM", "lstm"),
    ("RecurrentSum", None),
    ("Dropout", None),
    ("Linear", "affine"),
    ("Bias", "bias"),
    ("Activation", None),
)


class _Unpickler(pickle.Unpickler):
    """Knows NumPy's arrays and nothing else that has a name."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in {("numpy", "ndarray"), ("numpy", "dtype")}:
            return getattr(np, name)
        if name == "_reconstruct" and module in {"numpy._core.multiarray", "numpy.core.multiarray"}:
            return super().find_class("numpy._core.multiarray", name)
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")


def _load(path: Path, what: str) -> Any:
    data = read(path)
    try:
        # latin1: how arrays from Python 2 arrive whole, as in neon's own reader.
        return _Unpickler(io.BytesIO(data), encoding="latin1").load()
    except Exception as error:  # a damaged pickle can raise anything
        reason = " ".join(str(error).split()) or type(error).__name__
        raise Failure(f"{path} is not {what} that train.py wrote: {reason}") from error


def save_model(path: Path, weights: Weights, states: Weights, facts: Mapping[str, Any]) -> None:
    """Write the model: weights and their Adagrad states layer by layer, and ``facts`` about the training."""
    layers = []
    for kind, key in LAYERS:
        layer: dict[str, Any] = {"type": kind, "config": {"name": kind}}
        if key is not None:
            layer |= {"params": {"W": weights[key]}, "states": [states[key]]}
        layers.append(layer)
    model = {"type": "Sequential", "container": True, "config": {"name": "Sequential", "layers": layers}}
    write(path, pickle.dumps({**facts, "model": model}, protocol=PROTOCOL))


def load_model(path: Path) -> Weights:
    """The weights of a model. Raises :class:`Failure` when the file holds no model of this network."""
    content = _load(path, "a model")
    try:
        layers = content["model"]["config"]["layers"]
        weights = {key: layers[place]["params"]["W"] for place, (_, key) in enumerate(LAYERS) if key is not None}
    except (KeyError, IndexError, TypeError) as error:
        raise Failure(f"{path} is not a model that train.py wrote: its layers are not where neon puts them") from error
    for key, shape in SHAPES.items():
        array = weights[key]
        if not isinstance(array, np.ndarray) or array.shape != shape or array.dtype != np.float32:
            raise Failure(f"{path} is not a model of this network: its {key} weights are no {shape} array of float32")
    return weights


def save_vocabulary(path: Path, words: Sequence[str]) -> None:
    """Write the words, in id order, as the pair (word to id, id to word)."""
    write(path, pickle.dumps(({word: n for n, word in enumerate(words)}, dict(enumerate(words))), protocol=PROTOCOL))


def load_vocabulary(path: Path) -> dict[str, int]:
    """Word to id. Raises :class:`Failure` when the file holds no vocabulary."""
    content = _load(path, "a vocabulary")
    if isinstance(content, tuple) and len(content) == 2 and isinstance(content[0], dict):
        words = content[0]
        if all(isinstance(word, str) and type(number) is int for word, number in words.items()):
            return words
    raise Failure(f"{path} is not a vocabulary that train.py wrote: it holds no pair (word to id, id to word)")
