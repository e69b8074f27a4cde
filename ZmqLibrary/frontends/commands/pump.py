"""`zmqlibrary pump`: puts messages into a pipeline and prints what became of them."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from ...errors import WaitTimeout
from ...pipelines.states import ENDED
from ...report.words import seconds as seconds_text
from ...waiting.deadline import Deadline
from ..interrupts import INTERRUPTED
from .command import OK, Subcommand, library
from .input import whole_file
from .options import FORMATS, FRAMES, add_common_options, count_from, one_of, seconds, time_of
from .security import add_security_options, security_of
from .talking import require_other_process
from .watching import add_report_options, check_hgrm, print_report, watch

if TYPE_CHECKING:
    from ...pipelines.runner import PumpRun


def _add_options(parser: ArgumentParser) -> None:
    parser.add_argument("endpoint", help="such as tcp://127.0.0.1:5555")
    parser.add_argument(
        "frames",
        nargs="*",
        default=[],
        help="frames of each message; $n is its number, $time the time. Put them in single quotes",
    )
    add_common_options(parser, "PUSH, PUB, DEALER, REQ, PAIR")
    parser.add_argument("--count", type=count_from(1), help="how many messages (default: until Ctrl-C)")
    parser.add_argument("--duration", type=seconds, metavar="TIME", help="for how long")
    parser.add_argument("--rate", help="messages a second, or a profile: 1000:1s,4000:1s, 1000..3000:1s, 100/250ms")
    parser.add_argument("--size", type=count_from(0), help="bytes of a body that the pump makes itself (default 100)")
    parser.add_argument("--source", metavar="FILE", help="a file of lines, or a recording; - is standard input")
    parser.add_argument(
        "--stamp",
        type=one_of("AUTO", "NONE", "FRAME", "PREFIX"),
        default="AUTO",
        help="where number and time go that a sink checks: FRAME, a frame more at the end; PREFIX, before the body; "
        "NONE, nowhere (default AUTO: FRAME behind your own frames, else PREFIX)",
    )
    parser.add_argument("--connections", type=count_from(1), default=1, help="how many connections (default 1)")
    parser.add_argument("--replies", action="store_true", help="wait for the reply to each message (DEALER)")
    parser.add_argument(
        "--engine", type=one_of("AUTO", "WIRE", "SOCKET"), default="AUTO", help="AUTO, WIRE, SOCKET (default AUTO)"
    )
    parser.add_argument("--lazy", action="store_true", help="do not wait for the peer")
    add_report_options(parser)
    add_security_options(parser)


def _run(options: Namespace) -> int:
    require_other_process(options.endpoint)
    check_hgrm(options)
    with library(options.timeout) as opened, whole_file(options.source or "") as source:
        name = opened.start_pump(
            options.endpoint,
            options.type,
            None,
            *options.frames,
            size=options.size,
            source=source or None,
            format=None if options.format == "TEXT" else options.format,
            count=options.count,
            duration=time_of(options.duration),
            rate=options.rate,
            stamp=options.stamp,
            bind=options.bind,
            connections=options.connections,
            replies=options.replies or None,
            engine=options.engine,
            **security_of(opened, options, options.bind),
            lazy=options.lazy,
        )
        from ...pipelines.runner import PumpRun

        run = opened.session.worker(PumpRun, name)
        try:
            if options.bind:
                print(f"Listening at {run.endpoint}", file=sys.stderr, flush=True)
                _wait_for_peer(run, options)
            watch(run, lambda: run.status.get("state") in ENDED, options.count)
            code = OK
        except KeyboardInterrupt:
            code = INTERRUPTED
            opened.stop_pump(name)
        print_report(run, options)
        return code


def _wait_for_peer(run: PumpRun, options: Namespace) -> None:
    """A pump that listens begins with its first peer."""
    begun = run.wait_for(lambda: run.status.get("asked"), Deadline(options.timeout))
    run.check()
    if not begun and not options.lazy:
        raise WaitTimeout(f"No peer has come to {run.endpoint} in {seconds_text(options.timeout)}.")


COMMAND = Subcommand(
    "pump",
    "put messages into a pipeline and measure it",
    "pump tcp://127.0.0.1:5555 --type PUSH --count 1000 --size 100 --rate 500 --json",
    _add_options,
    _run,
    (FORMATS, FRAMES),
)
