"""Pipeline specs written in jsonnet."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from google.protobuf import json_format
from python_pachyderm.proto.v2.pps import pps_pb2

from harness.pachd.errors import pps as errors
from harness.pachd.services.evaluation import Wrong

if TYPE_CHECKING:
    from harness.pachd.services.evaluation import Evaluators


def render(evaluators: Evaluators, request: Any, context: Any) -> Any:
    """The RenderTemplateResponse to a request: what its template gives, as text and as requests for pipelines.

    Raises BAD_TEMPLATE where the template fails, and MALFORMED_SPEC where what it gives is no spec, or list of specs.
    """
    try:
        with evaluators.started("jsonnet", request.template, context) as evaluation:
            text = evaluation.ask([dict(request.args)])[0]
    except Wrong as wrong:
        raise errors.BAD_TEMPLATE(reason=wrong) from None
    try:
        given = json.loads(text)
        specs = [_spec(each) for each in (given if isinstance(given, list) else [given])]
    except (json_format.ParseError, RecursionError) as error:
        raise errors.MALFORMED_SPEC(reason=error) from error
    return pps_pb2.RenderTemplateResponse(json=text, specs=specs)


def _spec(given: object) -> Any:
    if not isinstance(given, dict):
        raise json_format.ParseError(f"a spec is an object, not {json.dumps(given)[:80]}")
    return json_format.ParseDict(given, pps_pb2.CreatePipelineRequest(), ignore_unknown_fields=True)
