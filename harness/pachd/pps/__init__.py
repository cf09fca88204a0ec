"""Pipelines: specs, inputs and datums, jobs, scheduling, logs."""
