"""jq filters that clients send along where pipelines and jobs are listed."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from google.protobuf import json_format

from harness.pachd.errors import pps as errors
from harness.pachd.services.evaluation import Wrong

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from harness.pachd.services.evaluation import Evaluation, Evaluators

    Keep = Callable[[Iterable[Any]], Iterator[Any]]

_AT_ONCE = 50  # messages: their answers fit into a pipe, so that nobody waits for anybody


@contextmanager
def message_filter(evaluators: Evaluators, program: str, context: Any) -> Iterator[Keep]:
    """What keeps the messages that pass ``program``; all where it is empty.

    The program sees a message as JSON with the names of the protocol's fields and enums, and lets it pass unless its
    first result is false or null, or there is none. Raises BAD_JQ_FILTER, and JQ_FILTER_FAILED while filtering.
    """
    if not program:
        yield iter
        return
    try:
        with evaluators.started("jq", program, context) as evaluation:
            yield lambda messages: _passing(evaluation, messages)
    except Wrong as wrong:
        raise errors.BAD_JQ_FILTER(reason=wrong) from None


def _passing(evaluation: Evaluation, messages: Iterable[Any]) -> Iterator[Any]:
    coming = iter(messages)
    while some := list(islice(coming, _AT_ONCE)):
        try:
            passed = evaluation.ask(
                [json_format.MessageToDict(each, preserving_proto_field_name=True) for each in some]
            )
        except Wrong as wrong:
            raise errors.JQ_FILTER_FAILED(reason=wrong) from None
        yield from (message for message, passes in zip(some, passed, strict=True) if passes)
