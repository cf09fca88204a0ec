"""Saying where the store and the model differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.pachd.model.names import Refused

if TYPE_CHECKING:
    from collections.abc import Callable


class DifferenceError(AssertionError):
    """The store and the model disagree."""


def same(what: str, store: object, model: object) -> None:
    """Raise DifferenceError unless both are equal; of two views, only the parts that differ are told."""
    if store == model:
        return
    if isinstance(store, dict) and isinstance(model, dict):
        differing = [key for key in store if store[key] != model.get(key)]
        store, model = ({key: view.get(key) for key in differing} for view in (store, model))
    raise DifferenceError(f"{what}:\n  store {store}\n  model {model}")


def outcome(do: Callable[[], Any]) -> Any:
    """What comes of a call: its reply, or its refusal."""
    try:
        return do()
    except Refused as refusal:
        return refusal
