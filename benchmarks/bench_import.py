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
TIMED = "from time import perf_counter as now; start = now(); import {}; print(now() - start)"


def measure() -> Iterator[Result]:
    rounds = [(milliseconds("robot.api, zmq"), milliseconds("ZmqLibrary.library")) for _ in range(ROUNDS + 1)][1:]
    bare, library = (min(column) for column in zip(*rounds, strict=True))
    yield Result("import robot.api, zmq", bare, "ms")
    yield Result("import ZmqLibrary, with its class", library, "ms")
    yield Result("import ZmqLibrary, with its class, beyond that", library - bare, "ms", goal=60)


def milliseconds(modules: str) -> float:
    command = [sys.executable, "-c", TIMED.format(modules)]
    # With compiled modules, as users have them: the first round writes them.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    run = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return 1000 * float(run.stdout)
