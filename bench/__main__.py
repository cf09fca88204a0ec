"""``python -m bench [--runs N] [NAME ...]``: measure and print a table."""

from __future__ import annotations

import argparse
import sys

from bench.rows import ALL
from bench.table import HEAD, line


def main() -> int:
    """Measure what is asked for, everything by default."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the harness on this machine.")
    parser.add_argument("--runs", type=int, default=5, help="runs of each measurement (default: 5)")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"what to measure (default: all): {', '.join(ALL)}")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in ALL]
    if unknown:
        parser.error(f"nothing called {unknown[0]} is measured; choose from {', '.join(ALL)}")
    print(HEAD, flush=True)
    for name in options.names or ALL:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        for row in ALL[name](options.runs):
            print(line(row), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
