"""How a call that failed ends: exceptions become gRPC statuses here, and nowhere else."""

from __future__ import annotations

import logging
import string
from typing import Any
from urllib.parse import quote

import grpc

from harness.pachd.errors import Code, PachError
from harness.pachd.errors import server as errors
from harness.pachd.services.status_details import trailing_metadata
from harness.pachd.store.disk import is_full

log = logging.getLogger(__name__)

# A status travels in a header, in which gRPC percent-encodes what is not printable; clients take headers of 8 KiB.
LONGEST_TEXT = 6000
_AS_THEY_ARE = string.punctuation.replace("%", "") + " "
_CODES = {code.value[0]: code for code in grpc.StatusCode}


def abort(context: Any, method: str, error: Exception) -> Any:
    """End the call of ``method`` with the status of ``error``; what was not foreseen is logged and told as INTERNAL."""
    if is_full(error):
        error = errors.DISK_FULL()
    if isinstance(error, PachError):
        context.set_trailing_metadata(trailing_metadata(error))
        return context.abort(_CODES[error.code.value], _short(error.message))
    if not context.is_active():  # the client went away: whatever broke, nobody is there to be told
        log.debug("%s ended by its client: %r", method, error)
        return context.abort(grpc.StatusCode.CANCELLED, "cancelled by the client")
    log.exception("%s failed", method)
    fault = errors.INTERNAL(method=method, reason=f"{type(error).__name__}: {error}")
    return context.abort(_CODES[Code.INTERNAL.value], _short(fault.message))


def _short(text: str) -> str:
    """``text``, or as much of it as surely reaches the client: what it repeats of a request may be long."""
    if len(quote(text[:LONGEST_TEXT], _AS_THEY_ARE)) < LONGEST_TEXT:
        return text
    kept = text[:LONGEST_TEXT]
    while len(quote(kept, _AS_THEY_ARE)) > LONGEST_TEXT:
        kept = kept[: len(kept) // 2]
    return f"{kept}..."
