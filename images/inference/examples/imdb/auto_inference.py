"""Tells what a trained sentiment model thinks of movie reviews."""

from __future__ import annotations

import argparse
from pathlib import Path

import sentiment.failures as failures
from sentiment.text import sequence, tokenise, word_ids

EPILOG = """\
Every file below the review folder is one review in UTF-8. Its prediction goes to a file of the same name in the output
folder, as one line:

  Pred - [[ 0.96319997  0.03679999]]

The first number is P(negative), the second P(positive). Nothing is written before every review has been read, and
a review's prediction does not depend on what other reviews are there.

Exit codes: 0 done, 1 something about the input or output (said in one line), 2 a wrong command line.

Example:
  python examples/imdb/auto_inference.py --model_weights imdb.p --vocab_file imdb.vocab --review_files reviews \\
      --output_dir out
"""


def arguments() -> argparse.Namespace:
    """The command line; wrong ones end the program with exit code 2."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument(
        "--model_weights", type=Path, required=True, metavar="FILE", help="the model that train.py saved (imdb.p)"
    )
    parser.add_argument(
        "--vocab_file", type=Path, required=True, metavar="FILE", help="the vocabulary saved with it (imdb.vocab)"
    )
    parser.add_argument("--review_files", type=Path, required=True, metavar="DIR", help="folder of reviews")
    parser.add_argument("--output_dir", type=Path, required=True, metavar="DIR", help="where the predictions go")
    return parser.parse_args()


def read_reviews(folder: Path) -> dict[Path, list[str]]:
    """Tokens of every review, by its path below the folder."""
    if not folder.is_dir():
        raise failures.Failure(f"cannot read {folder}: there is no such folder")
    reviews = {}
    for path in sorted(path for path in folder.rglob("*") if not path.is_dir()):
        try:
            text = failures.read(path).decode()
        except UnicodeDecodeError as error:
            raise failures.Failure(f"{path} is not UTF-8 at byte {error.start}; save it as UTF-8") from error
        reviews[path.relative_to(folder)] = tokenise(text)
    return reviews


def main() -> None:
    """Predict every review and write the predictions."""
    options = arguments()
    # NumPy takes most of the time of a short run, so help and wrong command lines do without.
    import numpy as np
    from sentiment.model_files import load_model, load_vocabulary
    from sentiment.network import predict

    reviews = read_reviews(options.review_files)
    vocabulary = load_vocabulary(options.vocab_file)
    weights = load_model(options.model_weights)
    predictions = {
        path: predict(weights, np.array([sequence(word_ids(tokens, vocabulary))], dtype=np.intp))
        for path, tokens in reviews.items()
    }
    np.set_printoptions(legacy="1.13")  # the print of numpy in the workshop's image
    for path, prediction in predictions.items():
        target = options.output_dir / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise failures.Failure(f"cannot write {target}: {error.strerror}") from error
        failures.write(target, f"Pred - {prediction}\n".encode())
    print(f"{len(predictions)} predictions written to {options.output_dir}")


if __name__ == "__main__":
    failures.run(main)
