"""Trains the sentiment model of the Pachyderm workshop on labelled movie reviews."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import sentiment.failures as failures
from labelled import Reviews, count_words, read_rows, select, split
from learning import Training, accuracy
from sentiment.model_files import save_model, save_vocabulary
from sentiment.text import WINDOW

EPILOG = """\
The model is the LSTM of neon 2.6.0's IMDB example, restated in NumPy. The same file, seed and number of epochs always
give the same bytes. Where the example differs from run to run or breaks, this program deliberately does not follow:
  - the seed covers the split too, and is 0 where none is given (--faithful-split brings the example's own way back);
  - nothing is cached beside the reviews, so a changed file is never answered with an old model;
  - few held-out reviews are no error.

Exit codes: 0 done, 1 something about the input or output (said in one line), 2 a wrong command line.

Example:
  python examples/imdb/train.py -f labeledTrainData.tsv -e 2 -eval 1 -s imdb.p --vocab_file imdb.vocab
"""


def count(text: str) -> int:
    """A number of epochs."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 up")
    return int(text)


def seed(text: str) -> int:
    """What NumPy's generator takes as a seed."""
    if not text.isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to {2**32 - 1}")
    return int(text)


def arguments() -> argparse.Namespace:
    """The command line; wrong ones end the program with exit code 2."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument(
        "-f",
        "--review_file",
        type=Path,
        required=True,
        metavar="TSV",
        help="labelled reviews: a header line, then id, sentiment (0 or 1) and review with tabs between them",
    )
    parser.add_argument("-e", "--epochs", type=count, default=10, metavar="N", help="train N times over (default 10)")
    parser.add_argument(
        "-eval", "--eval_freq", type=count, default=1, metavar="N", help="measure accuracy every N epochs (default 1)"
    )
    parser.add_argument(
        "-s", "--save_path", type=Path, required=True, metavar="FILE", help="where the model goes, after each epoch"
    )
    parser.add_argument("--vocab_file", type=Path, required=True, metavar="FILE", help="where the vocabulary goes")
    parser.add_argument("-r", "--rng_seed", type=seed, default=0, metavar="SEED", help="seed (default 0)")
    parser.add_argument("-b", "--backend", choices=["cpu"], default="cpu", help="there is one backend")
    parser.add_argument(
        "--faithful-split",
        action="store_true",
        help="hold out reviews by the system's entropy, as neon does whatever its seed: no two runs agree",
    )
    return parser.parse_args()


def prepare(options: argparse.Namespace) -> tuple[Reviews, Reviews]:
    """Read the reviews, save the vocabulary, and divide them into those to train on and those held out."""
    rows = read_rows(options.review_file)
    mask = split(len(rows), None if options.faithful_split else options.rng_seed)
    if mask.all() or not mask.any():
        raise failures.Failure(
            f"{options.review_file} holds too few reviews ({len(rows)}): none is left to "
            f"{'train on' if not mask.any() else 'measure the accuracy on'}; add some"
        )
    words = count_words(rows)
    save_vocabulary(options.vocab_file, words)
    print(f"{len(rows)} reviews, {len(words)} words; training on {mask.sum()}, holding out {(~mask).sum()}", flush=True)
    return select(rows, words, mask), select(rows, words, ~mask)


def facts(training: Training, options: argparse.Namespace, epoch: int) -> dict[str, Any]:
    """What neon notes in a model beside its weights. ``epoch`` counts from 0."""
    return {
        "neon_version": "none: restatement of neon 2.6.0's IMDB example",
        "backend": {
            "type": options.backend,
            "compat_mode": None,
            "rng_seed": options.rng_seed,
            "rng_state": training.random.get_state(),
        },
        "optimizer": "Adagrad",
        "cost": "CrossEntropyMulti",
        "train_input_shape": WINDOW,
        "epoch_index": epoch,
    }


def main() -> None:
    """Train, showing the progress of each epoch."""
    options = arguments()
    if not options.save_path.parent.is_dir():  # better said before the training than after it
        raise failures.Failure(f"cannot write {options.save_path}: there is no folder {options.save_path.parent}")
    trained, held_out = prepare(options)
    training = Training(trained, options.rng_seed)
    for epoch in range(options.epochs):
        line = f"epoch {epoch + 1} of {options.epochs}: loss {training.epoch():.4f}"
        save_model(options.save_path, training.weights, training.squares, facts(training, options, epoch))
        if (epoch + 1) % options.eval_freq == 0:
            line += f", accuracy {accuracy(training.weights, held_out):.1%} on the held-out reviews"
        print(line, flush=True)


if __name__ == "__main__":
    failures.run(main)
