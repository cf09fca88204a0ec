"""Errors of pipelines (PPS), with Pachyderm 2.7's codes and texts."""

from harness.pachd.errors.base import Code, Kind

PIPELINE_NOT_FOUND = Kind(Code.NOT_FOUND, 'pipeline "{pipeline}" not found')
PIPELINE_EXISTS = Kind(Code.ALREADY_EXISTS, 'pipeline "{pipeline}" already exists')
JOB_NOT_FOUND = Kind(Code.NOT_FOUND, "jobs {job} not found")
