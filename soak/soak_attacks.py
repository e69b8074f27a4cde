"""All attacks of utest/ on the library with many times their numbers, one on each core, an hour at most.

Each attack is a test that takes how often it attacks from the environment. SOAK_SHARE=0.1 takes a part of the numbers.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from check import Check

ROOT = Path(__file__).resolve().parents[1]
HOUR = 3600.0
SHARE = float(os.environ.get("SOAK_SHARE", "1"))


class Attack(NamedTuple):
    """An attack on a promise of docs/reliability.md.

    Attributes:
        promise: What has to hold.
        tests: Arguments of pytest.
        numbers: Environment variables with how often.
    """

    promise: str
    tests: str
    numbers: dict[str, int]


FRAMES = {"RANDOM_FRAMES": 1_000_000}
RUNS = {"STOPPED_RUNS": 500}
FLOOD = {"FLOOD_MESSAGES": 50_000}
FILES = {"MUTATED_FILES": 50_000}
ATTACKS = (  # those that take longest first, so that no core is without work at the end
    Attack("a value or a clear error for every frame", "utest/formats", {"RANDOM_FRAMES": 500_000}),
    Attack("a verdict of every pattern on every frame", "utest/messages/test_hostile_frames.py", FRAMES),
    Attack("runs stopped by SIGINT have whole messages", "utest/keywords/test_signals.py -k SIGINT", RUNS),
    Attack("runs stopped by SIGTERM have whole messages", "utest/keywords/test_signals.py -k SIGTERM", RUNS),
    Attack("regular expressions end, and mean what they mean", "utest/messages/test_regexp.py", {"SEARCHES": 100_000}),
    Attack("interrupted receives lose nothing", "utest/keywords/test_interrupted.py", {"INTERRUPTIONS": 10_000}),
    Attack("workers and bulk receives live through every frame", "utest/keywords/test_hostile.py", FRAMES),
    Attack("messages or a clear error of mutated captures", "utest/recording/test_capture.py -k mutated", FILES),
    Attack("messages or a clear error of mutated recordings", "utest/recording/test_tape.py -k mutated", FILES),
    Attack("servers and collectors get every message", "utest/mocks/test_mock_server.py -k twenty", FLOOD),
    Attack("text of peers is data", "utest/log/test_text_from_outside.py utest/test_plain_text.py", {}),
    Attack("things belong to what opened them", "utest/session utest/workers/test_gevent.py", {}),
    Attack("secrets are in no output", "utest/keywords/test_secrets.py", {}),
)


def checks() -> Iterator[Check]:
    end = time.monotonic() + HOUR
    with ThreadPoolExecutor(os.cpu_count()) as side_by_side:
        yield from side_by_side.map(lambda attack: check(attack, end), ATTACKS)


def check(attack: Attack, end: float) -> Check:
    started = time.monotonic()
    numbers = {name: str(max(1, round(number * SHARE))) for name, number in attack.numbers.items()}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *attack.tests.split()]
    try:
        run = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **numbers},
            capture_output=True,
            text=True,
            check=False,
            timeout=max(1.0, end - started),
        )
        holds, output = run.returncode == 0, run.stdout
    except subprocess.TimeoutExpired:
        holds, output = False, "it was not done within the hour"
    how_often = " ".join(f"{name}={number}" for name, number in numbers.items())
    found = f"{how_often} in {time.monotonic() - started:.0f} s".strip()
    return Check(attack.promise, holds, found if holds else f"{found}\n{output[-3000:]}")
