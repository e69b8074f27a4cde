"""Runs the benchmarks and prints what they measured against their goals.

Usage: python benchmarks/run.py [word]...

With words, only the files `bench_*.py` whose names contain one of them. A benchmark file has `measure()`, which yields
`Result`s. To measure two things against each other, alternate them: a machine's speed drifts.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from result import Result

HEADER = ("Benchmark", "Measured", "Goal", "")


def main(*words: str) -> int:
    results = list(measured(words))
    rows = [HEADER, *(result.cells for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return 0 if all(result.reached for result in results) else 1


def measured(words: tuple[str, ...]) -> Iterator[Result]:
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        if not words or any(word in path.stem for word in words):
            print(f"Running {path.stem} ...", file=sys.stderr)
            yield from import_module(path.stem).measure()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
