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

from robot.api import ExecutionResult, ResultWriter
from robot.result import Result
from robot.version import VERSION
from robotstatuschecker import StatusChecker

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "results"
RUNS_MARKDOWN = [int(number) for number in re.findall(r"\d+", VERSION)] >= [7, 5]


def main(*arguments: str) -> int:
    for stale in RESULTS.rglob("output.xml"):
        stale.unlink()
    in_parallel = arguments[:1] == ("--processes",)
    runner, arguments = (pabot(arguments[1]), arguments[2:]) if in_parallel else (["robot"], arguments)
    paths = [] if arguments and (ROOT / arguments[-1]).exists() else default_paths()
    run(*runner, "--name", "ZmqLibrary", "--log", "NONE", "--report", "NONE", *arguments, *paths)
    places = sorted(RESULTS.glob("pabot_results/[0-9]*")) if in_parallel else [RESULTS]
    outputs = [place / "output.xml" for place in places]
    if not outputs or not all(output.exists() for output in outputs):
        print("A process of Robot has not written its results.")
        return 252
    # Merged here, once: pabot would write what it merged, read that again and write it, for us to read and write.
    result = ExecutionResult(*outputs, merge=in_parallel)
    result.suite.visit(StatusChecker())
    report_surprises(result)
    ResultWriter(result).write_results(outputdir=RESULTS, output="output.xml")
    return int(result.return_code)


def pabot(processes: str) -> list[str]:
    """The module that runs so many suites at a time, with its own options."""
    options = ["--processes", processes, "--no-pabotlib", "--no-rebot", "--pabotconsole", "dotted"]
    options += ["--ordering", str(ROOT / "atest/order.txt")]
    return ["pabot.pabot", *options, "--command", sys.executable, "-m", "robot", "--end-command"]


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
