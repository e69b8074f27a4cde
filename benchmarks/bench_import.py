"""Time that importing the library takes beyond what Robot Framework and pyzmq take.

What else the machine does only adds to it, so the quickest round of each counts, as with `timeit`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

from result import Result

ROUNDS = 15
# One after the other in one process: the difference of two processes told more of the machine than of the library.
TIMED = """
from time import perf_counter as now
start = now()
import robot.api, zmq
between = now()
import ZmqLibrary.library
print(between - start, now() - between)
"""


def measure() -> Iterator[Result]:
    rounds = [milliseconds() for _ in range(ROUNDS + 1)][1:]
    bare, library = (min(column) for column in zip(*rounds, strict=True))
    yield Result("import robot.api, zmq", bare, "ms")
    yield Result("import ZmqLibrary, with its class, beyond that", library, "ms", goal=60)


def milliseconds() -> list[float]:
    # With compiled modules, as users have them: the first round writes them.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    run = subprocess.run([sys.executable, "-c", TIMED], check=True, capture_output=True, text=True, env=environment)
    return [1000 * float(seconds) for seconds in run.stdout.split()]
