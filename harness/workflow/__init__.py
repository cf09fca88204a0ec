"""What scenarios do with a cluster."""

from harness.workflow.changes import Changes
from harness.workflow.errors import CallError, DeadlineError, JobFailedError, PipelineCrashedError, WorkflowError
from harness.workflow.results import Job, Run
from harness.workflow.witness import SILENT, Witness
from harness.workflow.workflow import Workflow

__all__ = [
    "SILENT",
    "CallError",
    "Changes",
    "DeadlineError",
    "Job",
    "JobFailedError",
    "PipelineCrashedError",
    "Run",
    "Witness",
    "Workflow",
    "WorkflowError",
]
