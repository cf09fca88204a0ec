"""Jobs in words."""

from __future__ import annotations

import pytest
from python_pachyderm.service import pps_proto

from harness.workflow.results import job_from


def info(state: str, project: str = "default") -> object:
    job = pps_proto.JobInfo(state=state, data_processed=1, data_skipped=2, data_failed=3, data_total=9)
    job.job.id = "0123456789abcdef"
    job.job.pipeline.name = "model"
    job.job.pipeline.project.name = project
    return job


def test_a_job_in_short() -> None:
    job = job_from(info("JOB_RUNNING"))
    assert (job.counts, job.done, job.title, job.state) == ("1+2/9", 6, "model@01234567", "running")
    assert job_from(info("JOB_RUNNING", "other")).title == "other/model@01234567"


@pytest.mark.parametrize("name", pps_proto.JobState.keys())
def test_only_unfinished_states_can_change(name: str) -> None:
    final = {"JOB_SUCCESS", "JOB_FAILURE", "JOB_KILLED", "JOB_UNRUNNABLE"}
    assert job_from(info(name)).ended == (name in final)
