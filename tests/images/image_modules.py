"""Imports the modules of the training image into the test process, to look at single functions."""

from __future__ import annotations

import importlib
import sys
from typing import Any

from tests.images.image_programs import IMAGES


def image_module(name: str) -> Any:
    folder = str(IMAGES / "training" / "examples" / "imdb")
    sys.path.insert(0, folder)
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(folder)
