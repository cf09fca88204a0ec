"""Pipeline specs: Pachyderm 2.x's form and the 1.6 dialect of the workshop, read from JSON."""

from harness.specs.errors import SpecError
from harness.specs.spec import Spec, load, load_one, parse, pfs_inputs

__all__ = ["Spec", "SpecError", "load", "load_one", "parse", "pfs_inputs"]
