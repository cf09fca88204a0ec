"""Which reviews to run on."""

from __future__ import annotations

import os
from pathlib import Path

from harness.data.cache import data_cache
from harness.data.dataset import DataSet, open_set
from harness.data.fetch import fetched
from harness.data.synthetic import write_set


def locate(option: str | None = None, cache: Path | None = None) -> DataSet:
    """The first of: the folder ``option``, the folder $HARNESS_DATA, a fetched copy, made-up reviews.

    ``cache`` is where the last two are kept (default: :func:`harness.data.cache.data_cache`). Raises
    :class:`~harness.data.tsv.DataError` when the folder that was named, or the fetched copy, cannot be used: it is
    never passed over for the next one.
    """
    cache = cache or data_cache()
    named = option or os.environ.get("HARNESS_DATA")
    if named:
        return open_set("given", Path(named).expanduser().resolve(), cache)
    return fetched(cache) or open_set("synthetic", write_set(cache), cache)
