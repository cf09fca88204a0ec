"""Pipeline specs: Pachyderm 2.x's form and the dialects of 1.x, read from JSON or YAML."""

from harness.specs.errors import SpecError
from harness.specs.spec import Spec, input_nodes, load, load_one, parse, pfs_inputs

__all__ = ["Spec", "SpecError", "input_nodes", "load", "load_one", "parse", "pfs_inputs"]
