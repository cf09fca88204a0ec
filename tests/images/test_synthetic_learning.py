"""The made-up reviews can really be learned from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from harness.data.synthetic import write_set
from tests.images.image_programs import train_into

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("autograd", reason="autograd, which train.py computes gradients with, is not installed")


def test_two_epochs_judge_held_out_reviews_well(tmp_path: Path) -> None:
    run = train_into(tmp_path / "model", write_set(tmp_path) / "labeledTrainData.tsv", "-e", "2")
    assert run.returncode == 0, run.stderr
    accuracy = float(re.findall(r"accuracy ([\d.]+)%", run.stdout)[-1])
    assert accuracy >= 75
