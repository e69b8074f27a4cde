"""`zmqlibrary sink`: takes messages out of a pipeline, checks each one and prints what it found."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from ...errors import WaitTimeout
from ...report.words import seconds as seconds_text
from ...waiting.deadline import Deadline
from ..interrupts import INTERRUPTED
from .command import NOT_MET, OK, Subcommand, library
from .options import FORMATS, add_common_options, count_from, one_of, seconds
from .security import add_security_options, security_of
from .talking import add_subscribe_option, require_other_process
from .watching import add_report_options, check_hgrm, print_report, watch

if TYPE_CHECKING:
    from ...pipelines.report import SinkReport
    from ...pipelines.runner import SinkRun


def _add_options(parser: ArgumentParser) -> None:
    parser.add_argument("endpoint", help="such as tcp://127.0.0.1:5555")
    add_common_options(parser, "PULL, SUB, DEALER, REP, ROUTER, PAIR")
    parser.add_argument(
        "--count", type=count_from(1), help="end after so many messages (default: at --idle, or Ctrl-C)"
    )
    parser.add_argument(
        "--idle",
        type=seconds,
        metavar="TIME",
        help="end when nothing has come for so long (default: with --count as long as --timeout, else never)",
    )
    parser.add_argument("--complete", action="store_true", help="exit 1 if a message is lost, twice, late or damaged")
    add_subscribe_option(parser)
    parser.add_argument("--sequence", help="the service's own number: a JSON path ($.id), or the number of a frame")
    parser.add_argument("--sent-at", help="the service's own time, in the same places")
    parser.add_argument(
        "--stamp",
        type=one_of("AUTO", "NONE", "FRAME", "PREFIX"),
        default="AUTO",
        help="where a pump's stamp is: AUTO, NONE, FRAME, PREFIX",
    )
    parser.add_argument("--rate", help="read at most so many messages a second")
    parser.add_argument("--connections", type=count_from(1), default=1, help="how many connections (default 1)")
    parser.add_argument("--replies", action="store_true", help="answer each message with itself (ROUTER)")
    parser.add_argument(
        "--engine", type=one_of("AUTO", "WIRE", "SOCKET"), default="AUTO", help="AUTO, WIRE, SOCKET (default AUTO)"
    )
    add_report_options(parser)
    add_security_options(parser)


def _run(options: Namespace) -> int:
    require_other_process(options.endpoint)
    check_hgrm(options)
    with library(options.timeout) as opened:
        name = opened.start_sink(
            options.endpoint,
            options.type,
            subscribe=(options.subscribe or [""]) if options.type == "SUB" else options.subscribe,
            sequence=options.sequence,
            sent_at=options.sent_at,
            format=options.format,
            stamp=options.stamp,
            bind=options.bind,
            connections=options.connections,
            rate=options.rate,
            replies=options.replies or None,
            engine=options.engine,
            **security_of(opened, options, options.bind),
        )
        from ...pipelines.runner import SinkRun

        run = opened.session.worker(SinkRun, name)
        try:
            if options.bind:
                print(f"Listening at {run.endpoint}", file=sys.stderr, flush=True)
            _wait_for_first(run, options.timeout)
            watch(run, lambda: _is_over(run, options), options.count)
            interrupted = False
        except KeyboardInterrupt:
            interrupted = True
        report = opened.stop_sink(name)
        print_report(run, options)
        return INTERRUPTED if interrupted else _judged(report, options)


def _wait_for_first(run: SinkRun, timeout: float) -> None:
    come = run.wait_for(lambda: run.status.get("received"), Deadline(timeout))
    run.check()
    if not come:
        raise WaitTimeout(f"No message has come to {run.endpoint} in {seconds_text(timeout)}.")


def _is_over(run: SinkRun, options: Namespace) -> bool:
    if options.count is not None and run.status.get("received", 0) >= options.count:
        return True
    idle = options.timeout if options.idle is None and options.count is not None else options.idle
    return idle is not None and run.quiet_since is not None and time.monotonic_ns() - run.quiet_since >= idle * 1e9


def _judged(report: SinkReport, options: Namespace) -> int:
    if options.count is not None and report.received < options.count:
        print(f"zmqlibrary sink: {report.received:,} of {options.count:,} messages came.", file=sys.stderr)
        return NOT_MET
    if options.complete and not report.complete:
        print("zmqlibrary sink: not every message came once, whole and in order.", file=sys.stderr)
        return NOT_MET
    return OK


COMMAND = Subcommand(
    "sink",
    "take messages out of a pipeline and check each one",
    "sink tcp://127.0.0.1:5555 --type PULL --bind --count 1000 --idle 1s --json",
    _add_options,
    _run,
    (FORMATS,),
)
