"""Runs what takes long: every `soak_*.py` here, or those whose name contains one of the words given.

Such a file has a function `checks()` that yields a `Check` for each thing that it has looked at. Exit status 1 if one
does not hold. Give it a quiet machine: windows of 100 ms are seen by a plain receiver, which must not be late itself.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))


def main(*words: str) -> int:
    failed = 0
    for path in sorted(HERE.glob("soak_*.py")):
        if words and not any(word in path.stem for word in words):
            continue
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for check in module.checks():
            failed += not check.holds
            print(f"{'ok  ' if check.holds else 'FAIL'} {path.stem}: {check.name}: {check.found}", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
