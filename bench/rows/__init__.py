"""What is measured, by name. Each function takes the number of runs and gives the rows of one subject."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.rows import calls, commits, crews, files, images, jobs, life, lists, pipelines, streams

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.table import Row

ALL: dict[str, Callable[[int], list[Row]]] = {
    function.__name__: function
    for function in (
        life.start,
        life.idle_memory,
        images.training,
        images.inference,
        streams.one_file,
        streams.memory,
        streams.latency,
        files.many_files,
        files.new_version,
        commits.small_commits,
        lists.long_lists,
        calls.unary_calls,
        pipelines.datums,
        pipelines.many_datums,
        jobs.one_of_many,
        jobs.no_op,
        jobs.two_stages,
        crews.workers,
        crews.large_input,
        pipelines.suite,
    )
}
