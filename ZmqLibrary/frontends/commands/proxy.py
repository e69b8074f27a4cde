"""`zmqlibrary proxy`: stands between clients and a service, and injects the faults of its options."""

from __future__ import annotations

import sys
import threading
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING

from ...report.words import count_of
from ...waiting.deadline import SLICE, Deadline
from ..interrupts import INTERRUPTED
from .command import OK, Subcommand, library, print_json
from .options import FORMATS, add_common_options, count_from, seconds

if TYPE_CHECKING:
    from ... import ZmqLibrary
    from ...network.reports import FaultReport


def _add_options(parser: ArgumentParser) -> None:
    parser.add_argument("target", help="the service: tcp://127.0.0.1:5555")
    add_common_options(parser, None, bind=False, waits=False)
    parser.add_argument(
        "--listen", default="tcp://127.0.0.1:*", metavar="ENDPOINT", help="where clients connect (default: a free port)"
    )
    parser.add_argument("--duration", type=seconds, metavar="TIME", help="end after so long (default: at Ctrl-C)")
    parser.add_argument("--latency", type=seconds, metavar="TIME", help="everything arrives so much later")
    parser.add_argument("--drop", metavar="PATTERN", help="drop messages whose first frame matches: a glob")
    parser.add_argument(
        "--drop-every", type=count_from(1), metavar="N", help="drop each n-th message (of those of --drop)"
    )


def _run(options: Namespace) -> int:
    with library(options.timeout) as opened:
        name = opened.start_proxy(options.target, options.listen)
        _break(opened, options)
        print(f"Listening at {opened.get_proxy_endpoint(name)}", file=sys.stderr, flush=True)
        interrupted = _wait(opened, options.duration)
        _tell(opened, options.json)
    return INTERRUPTED if interrupted else OK


def _break(opened: ZmqLibrary, options: Namespace) -> None:
    if options.latency is not None:
        opened.proxy_adds_latency(timedelta(seconds=options.latency), name="latency")
    if options.drop is not None or options.drop_every is not None:
        patterns = [] if options.drop is None else [options.drop]
        every = 1 if options.drop_every is None else options.drop_every
        opened.proxy_drops_messages(*patterns, format=options.format, every=every, name="drop")


def _wait(opened: ZmqLibrary, duration: float | None) -> bool:
    """Until the time is over; returns whether that was because of Ctrl-C. A proxy that ends by itself is an error."""
    deadline = None if duration is None else Deadline(duration)
    idle = threading.Event()
    try:
        while deadline is None or deadline.remaining():
            idle.wait(SLICE if deadline is None else deadline.slice())
            opened.get_proxy_endpoint()
    except KeyboardInterrupt:
        return True
    return False


def _tell(opened: ZmqLibrary, as_json: bool) -> None:
    faults = opened.get_proxy_faults()
    connections = len(opened.get_proxy_connections())
    if as_json:
        print_json({"connections": connections, "faults": [asdict(fault) for fault in faults]})
        return
    print(f"{count_of(connections, 'connection')} passed.")
    for fault in faults:
        print(_line(fault))


def _line(fault: FaultReport) -> str:
    problem = f" {fault.problem}" if fault.problem else ""
    return f"{fault.name}: acted {count_of(fault.acted, 'time')}.{problem}"


COMMAND = Subcommand(
    "proxy",
    "stand between clients and a service, and break what passes",
    "proxy tcp://127.0.0.1:5555 --listen tcp://127.0.0.1:5556 --latency 50ms --drop-every 10",
    _add_options,
    _run,
    (FORMATS,),
)
