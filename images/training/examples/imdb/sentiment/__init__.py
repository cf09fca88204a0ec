"""The workshop's sentiment model: what training and inference share.

Importing the package fixes how OpenBLAS computes, before NumPy loads: one thread and one set of kernels. More threads,
or the kernels of another processor generation, add up in another order and give weights with other last bits.
"""

from __future__ import annotations

import os
import platform

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
if platform.machine() in {"x86_64", "AMD64"}:
    os.environ.setdefault("OPENBLAS_CORETYPE", "Haswell")
