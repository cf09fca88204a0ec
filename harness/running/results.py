"""What came out of a job, for people and as files."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.workflow import Job, Workflow

MOST_FILES = 20
LONGEST_LINE = 60


def lines(workflow: Workflow, job: Job) -> Iterator[str]:
    """What became of a job's datums, and its first files: short ones with what is in them."""
    sizes = workflow.sizes(job.pipeline, job.id)
    counted = {"processed": job.processed, "skipped": job.skipped, "failed": job.failed, "recovered": job.recovered}
    became = ", ".join(f"{number} {word}" for word, number in counted.items() if number) or "none"
    yield f"{job.pipeline}: {len(sizes)} files; datums: {became}"
    for path, size in islice(sizes.items(), MOST_FILES):
        yield f"  {path}  {_in_short(workflow, job, path, size)}"
    if len(sizes) > MOST_FILES:
        yield f"  ... and {len(sizes) - MOST_FILES} more"


def save(workflow: Workflow, job: Job, folder: Path) -> None:
    """Write all files of a job's output below ``folder``."""
    for path in workflow.paths(job.pipeline, job.id):
        file = folder / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(workflow.read(job.pipeline, job.id, path))


def _in_short(workflow: Workflow, job: Job, path: str, size: int) -> str:
    """The file's only line, or how long it is; long ones are not read for that."""
    if size <= LONGEST_LINE:
        line = workflow.read(job.pipeline, job.id, path).decode(errors="replace").removesuffix("\n")
        if line.isprintable():
            return line
    return f"{size} bytes"
