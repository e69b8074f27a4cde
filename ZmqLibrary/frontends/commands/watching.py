"""How a pump or sink of the command line is watched and reported: progress while it runs, the report at its end.

On a terminal there is a bar with `rich`, else a line each second. What is not a terminal gets nothing but the report.
"""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ...errors import InvalidValue
from ...log.charts import time_text
from ...pipelines.histogram import as_hgrm
from ...pipelines.report import PumpReport, SinkReport, as_json
from ...waiting.deadline import Deadline
from .command import print_json

if TYPE_CHECKING:
    from ...pipelines.runner import PipelineRun, PumpRun, SinkRun

_EVERY = 0.5
_LINE_EVERY = 1.0


class Display(Protocol):
    """Shows how far a pump or sink is."""

    def show(self, done: int, wanted: int | None, text: str) -> None:
        """Shows it now."""

    def close(self) -> None:
        """Leaves the terminal as it was."""


class NoProgress:
    """Shows nothing."""

    def show(self, done: int, wanted: int | None, text: str) -> None:
        """Shows nothing."""

    def close(self) -> None:
        """Does nothing."""


class Lines:
    """A line each second."""

    def __init__(self) -> None:
        self._next = 0.0

    def show(self, done: int, wanted: int | None, text: str) -> None:
        """Prints a line if a second has gone by since the last one."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _LINE_EVERY
            of = f" of {wanted:,}" if wanted else ""
            print(f"{done:,}{of} messages, {text}", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Does nothing."""


class Bar:
    """A bar of `rich`."""

    def __init__(self, name: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        rate = TextColumn("{task.fields[text]}")
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), rate, TimeElapsedColumn())
        self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self._progress.add_task(name, total=None, text="")
        self._progress.start()

    def show(self, done: int, wanted: int | None, text: str) -> None:
        """Moves the bar."""
        self._progress.update(self._task, completed=done, total=wanted, text=text)

    def close(self) -> None:
        """Takes the bar away."""
        self._progress.stop()


def display(name: str) -> Display:
    """What suits standard error."""
    if not sys.stderr.isatty():
        return NoProgress()
    try:
        return Bar(name)
    except ImportError:
        return Lines()


def watch(run: PipelineRun, is_over: Callable[[], object], wanted: int | None) -> None:
    """Shows how far it is until it is over, or has failed.

    Raises:
        WorkerFailed: It has failed, or its process was killed.
    """
    shown = display(run.kind)
    try:
        while not (run.wait_for(is_over, Deadline(_EVERY)) or run.error):
            if not isinstance(shown, NoProgress):
                report = run.result()["report"]
                shown.show(report.get("sent", report.get("received", 0)), wanted, _progress_text(report))
    finally:
        shown.close()
    run.check()


def _progress_text(report: dict[str, Any]) -> str:
    latency = report["latency"] or report.get("lag")
    times = f", p50 {time_text(latency['p50'])}, p99 {time_text(latency['p99'])}" if latency else ""
    return f"{report['rate']:,.0f} a second{times}"


def add_report_options(parser: ArgumentParser) -> None:
    """Adds the options about the report."""
    parser.add_argument("--hgrm", metavar="FILE", help="write the latency percentiles to a file that plotters read")


def check_hgrm(options: Namespace) -> None:
    """Raises InvalidValue before anything is started if the file cannot be written."""
    if options.hgrm:
        try:
            Path(options.hgrm).open("a").close()  # what is in it stays until there is a report
        except OSError as error:
            raise InvalidValue(f"--hgrm {options.hgrm} cannot be written: {error.strerror}.") from error


def print_report(run: PumpRun | SinkRun, options: Namespace) -> None:
    """Prints the report, and writes the percentiles where that was asked for."""
    report = run.report
    if options.hgrm:
        latency = run.histogram("latency")
        timed = latency if latency.count or isinstance(report, SinkReport) else run.histogram("lag")
        Path(options.hgrm).write_text(as_hgrm(timed), "utf-8")
    if report.bottleneck:
        print(f"The {run.kind} was itself the bottleneck: {report.bottleneck}.", file=sys.stderr)
    if options.json:
        print_json(as_json(report))
        return
    from ...log.pipeline_log import pump_rows, sink_rows  # with Robot Framework, for which help does not wait

    rows = pump_rows(report) if isinstance(report, PumpReport) else sink_rows(report)
    width = max(len(name) for name, _ in rows)
    print("\n".join(f"{name:<{width}}  {value}" for name, value in rows), flush=True)
