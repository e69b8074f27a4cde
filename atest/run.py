"""Runs the Robot suites and checks that statuses and log messages are as the tests' documentation says.

Usage: python atest/run.py [--processes N] [robot options] [paths]

With `--processes` pabot runs the suites, so many at a time and as `atest/order.txt` says: what takes long comes first,
and what takes little has a process in common, because each start of Robot reads all suites anew. Suites that are not
named there have a process of their own.

Without a path at the end: `atest/`, the suites in `atest/_expected_failures/` (plain `robot atest/` leaves them out),
`examples/` and, with Robot Framework 7.5 or newer, README.md and the suites among `docs/*.md`. The logs are in
`results/`. The documentation of a test may say `FAIL message`, `SKIP message` and `LOG keyword.message LEVEL text`:
see robotstatuschecker.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from robot.api import ResultWriter
from robot.result import Result
from robot.version import VERSION
from robotstatuschecker import StatusChecker

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "results"
OUTPUT = RESULTS / "output.xml"
RUNS_MARKDOWN = [int(number) for number in re.findall(r"\d+", VERSION)] >= [7, 5]


def main(*arguments: str) -> int:
    runner, arguments = runner_of(*arguments)
    paths = [] if arguments and (ROOT / arguments[-1]).exists() else default_paths()
    OUTPUT.unlink(missing_ok=True)
    run(*runner, "--name", "ZmqLibrary", "--log", "NONE", "--report", "NONE", *arguments, *paths)
    if not OUTPUT.exists():
        return 252
    result = StatusChecker().check(OUTPUT)
    report_surprises(result)
    ResultWriter(result).write_results(outputdir=RESULTS)
    return int(result.return_code)


def runner_of(*arguments: str) -> tuple[list[str], tuple[str, ...]]:
    """The module that runs the suites, with its own options, and the arguments that are left."""
    if arguments[:1] != ("--processes",):
        return ["robot"], arguments
    options = ["--processes", arguments[1], "--no-pabotlib", "--pabotconsole", "dotted"]
    options += ["--ordering", str(ROOT / "atest/order.txt")]
    return ["pabot.pabot", *options, "--command", sys.executable, "-m", "robot", "--end-command"], arguments[2:]


def run(module: str, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", module, "--outputdir", str(RESULTS), *arguments], cwd=ROOT, check=False)


def report_surprises(result: Result) -> None:
    for test in result.suite.all_tests:
        if test.failed:
            print(f"\nNot as expected: {test.full_name}\n{test.message}\n")
    counts = result.suite.statistics
    print(f"As expected: {counts.passed} of {counts.total} tests; skipped: {counts.skipped}.")


def default_paths() -> list[str]:
    paths = [ROOT / "atest", ROOT / "atest/_expected_failures", ROOT / "examples"]
    if RUNS_MARKDOWN:
        paths += [path for path in (ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))) if is_suite(path)]
    return [str(path) for path in paths if path.exists()]


def is_suite(path: Path) -> bool:
    return "\n```robotframework" in path.read_text("utf-8")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
