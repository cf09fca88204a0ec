"""The image folders themselves."""

from __future__ import annotations

import json
import re

import pytest

from tests.images.image_programs import IMAGES

NAMES = ["training", "inference"]


def test_both_images_hold_the_same_model() -> None:
    training, inference = (IMAGES / name / "examples" / "imdb" / "sentiment" for name in NAMES)
    contents = [
        {path.name: path.read_bytes() for path in sorted(folder.glob("*.py"))} for folder in (training, inference)
    ]
    assert contents[0] == contents[1], f"run: cp {training}/*.py {inference}/"


def test_the_workshops_names_lead_to_images() -> None:
    aliases = json.loads((IMAGES / "aliases.json").read_text())
    assert aliases == {"kaixhin/neon": "training", "dwhitena/neon-inference": "inference"}


@pytest.mark.parametrize("name", NAMES)
def test_dockerfiles_build_everywhere(name: str) -> None:
    lines = (IMAGES / name / "Dockerfile").read_text().splitlines()
    assert lines[:2] == ["ARG BASE=python:3.12-slim", "FROM ${BASE}"]
    assert {line.split()[0] for line in lines[2:]} == {"ENV", "WORKDIR", "COPY", "RUN"}  # no builder's extensions
    assert not [line for line in lines if line.startswith("#") or "--mount" in line]


def requirements(name: str) -> dict[str, str]:
    lines = (IMAGES / name / "requirements.txt").read_text().splitlines()
    wanted = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z]+==[\d.]+", line) for line in wanted)
    return dict(line.split("==") for line in wanted)


def test_requirements_are_exact_and_share_one_numpy() -> None:
    assert requirements("training").keys() == {"autograd", "numpy"}
    assert requirements("inference") == {"numpy": requirements("training")["numpy"]}
