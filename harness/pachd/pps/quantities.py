"""Quantities as Kubernetes writes them: ``64Mi``, ``0.5``, ``1G``, ``1e3``."""

from __future__ import annotations

import math
import re
from decimal import Decimal

_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([KMGTPE]i)|([numkMGTPE])|[eE]([+-]?\d{1,2}))?", re.ASCII)
_MOST = 2**63 - 1
_BINARY = {f"{letter}i": 1024**power for power, letter in enumerate("KMGTPE", 1)}
_DECIMAL = {letter: Decimal(1000) ** power for power, letter in ((-3, "n"), (-2, "u"), (-1, "m"))}
_DECIMAL |= {letter: Decimal(1000) ** power for power, letter in enumerate("kMGTPE", 1)}


def parse(text: str) -> int:
    """The number, rounded up and at most 2**63 - 1, as Kubernetes has it. Raises ValueError."""
    found = _QUANTITY.fullmatch(text)
    if found is None:
        raise ValueError(f"{text} is not a quantity; write bytes with a suffix such as Mi or G, as in 512Mi")
    number, binary, decimal, exponent = found.groups()
    factor = Decimal(_BINARY[binary]) if binary else _DECIMAL[decimal] if decimal else Decimal(10) ** int(exponent or 0)
    return math.ceil(min(Decimal(number) * factor, Decimal(_MOST)))
