"""Spec files on a cluster: inputs in, pipelines created, jobs waited for, results shown. What ``harness run`` does."""

from harness.running.pipelines import Running, specs_of

__all__ = ["Running", "specs_of"]
