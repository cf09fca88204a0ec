"""Runs the images' programs as their pipelines do: as processes, in the image's folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

IMAGES = Path(__file__).parents[2] / "images"

# Few and short, so that an epoch is one small batch.
ROWS = [(f"{n}_{9 if n % 2 else 2}", n % 2, f"{'good' if n % 2 else 'bad'} film number {n}") for n in range(60)]


def tsv(rows: list[tuple[str, int, str]] | None = None) -> bytes:
    lines = [f'"{name}"\t{label}\t"{review}"' for name, label, review in (ROWS if rows is None else rows)]
    return "\n".join(["id\tsentiment\treview", *lines, ""]).encode()


def train(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return _run("training", "train.py", *arguments)


def train_into(folder: Path, reviews: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Train with the workshop's arguments. The model and its vocabulary go to ``folder``."""
    folder.mkdir(exist_ok=True)
    outputs = ("-s", folder / "imdb.p", "--vocab_file", folder / "imdb.vocab")
    return train("-f", reviews, "-eval", "1", *outputs, *arguments)


def infer(model: Path, reviews: Path, output: Path, path: str = "") -> subprocess.CompletedProcess[str]:
    """Judge ``reviews`` with the model in the folder ``model``. ``path`` goes before all other modules."""
    weights = ("--model_weights", model / "imdb.p", "--vocab_file", model / "imdb.vocab")
    files = ("--review_files", reviews, "--output_dir", output)
    return _run("inference", "auto_inference.py", *weights, *files, path=path)


def _run(image: str, program: str, *arguments: str | Path, path: str = "") -> subprocess.CompletedProcess[str]:
    env = {key: value for key, value in os.environ.items() if not key.startswith(("OPENBLAS_", "PYTHON"))}
    return subprocess.run(
        [sys.executable, "-B", f"examples/imdb/{program}", *map(str, arguments)],
        cwd=IMAGES / image,
        env={**env, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
