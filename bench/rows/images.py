"""The workshop's images, run as the process runtime runs them."""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bench.cluster import PROJECT
from bench.processes import cost, median
from bench.table import Row
from harness.data import DataSet, locate
from harness.pachd.__main__ import default_cache
from harness.pachd.workers.images import ImageLibrary

if TYPE_CHECKING:
    from harness.pachd.workers.contract import PreparedImage

NEON_CPU_SECONDS = 6.5  # real neon 2.6.0, one epoch on the same reviews, at best, on a machine like this one


def training(runs: int) -> list[Row]:
    """One epoch on one thread, in CPU seconds of the whole process."""
    data = locate(None)
    with tempfile.TemporaryDirectory() as folder:
        image = _image("training", folder)
        samples = [_in_image(image, _train(data, folder)) for _ in range(runs)]
    ratio = statistics.median(samples) / NEON_CPU_SECONDS
    beside = f"real neon {NEON_CPU_SECONDS} s (recorded): {ratio:.2f} of it; {data.kind} data"
    return [Row("training, 1 epoch, CPU", "s", samples, 0.6 * NEON_CPU_SECONDS, beside)]


def inference(runs: int) -> list[Row]:
    """One review in a cold process, on the clock."""
    data = locate(None)
    with tempfile.TemporaryDirectory() as folder:
        _in_image(_image("training", folder), _train(data, folder))
        reviews = Path(folder) / "reviews"
        reviews.mkdir()
        (reviews / "1.txt").write_bytes(data.reviews[0].read_bytes())
        argv = ["python", "examples/imdb/auto_inference.py", "--model_weights", f"{folder}/imdb.p"]
        argv += ["--vocab_file", f"{folder}/imdb.vocab", "--review_files", str(reviews), "--output_dir", folder]
        image = _image("inference", folder)
        samples = [_in_image(image, argv, wall=True) for _ in range(runs)]
        numpy = median(runs, lambda: _in_image(image, ["python", "-c", "import numpy"], wall=True))
    return [Row("inference of one review, cold process", "s", samples, 0.25, f"importing NumPy {numpy:.2f} s")]


def _image(name: str, folder: str) -> PreparedImage:
    library = ImageLibrary((PROJECT / "images",), default_cache() / "images", allow_host=False)
    return library.prepare(name, lambda line: print(line, file=sys.stderr), Path(folder))


def _train(data: DataSet, folder: str) -> list[str]:
    argv = ["python", "examples/imdb/train.py", "-f", str(data.training), "-e", "1", "-eval", "1", "-r", "0"]
    return [*argv, "-s", f"{folder}/imdb.p", "--vocab_file", f"{folder}/imdb.vocab"]


def _in_image(image: PreparedImage, argv: list[str], *, wall: bool = False) -> float:
    taken = cost(argv, cwd=image.files, env={**image.env, "HOME": str(Path.home())})
    return taken.wall if wall else taken.cpu
