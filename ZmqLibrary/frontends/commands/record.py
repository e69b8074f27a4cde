"""`zmqlibrary record`: records what a socket receives, or what passes through a proxy."""

from __future__ import annotations

import sys
import threading
from argparse import ArgumentParser, Namespace
from itertools import count
from typing import TYPE_CHECKING

from ...errors import InvalidValue, WaitTimeout
from ...report.words import count_of
from ...waiting.deadline import SLICE, Deadline
from ..interrupts import INTERRUPTED
from .command import OK, Subcommand, library, print_json
from .input import STANDARD_INPUT
from .options import ENDLESS, add_common_options, count_from, seconds
from .security import add_security_options
from .talking import SOCKET, add_subscribe_option, next_message, open_socket

if TYPE_CHECKING:
    from ... import ZmqLibrary


def _add_options(parser: ArgumentParser) -> None:
    parser.add_argument("endpoint", help="such as tcp://127.0.0.1:5555; with --listen, the service behind the proxy")
    parser.add_argument("path", help="the file of the recording")
    add_common_options(parser, "SUB, PULL, PAIR", formats=False)
    add_subscribe_option(parser)
    parser.add_argument("--count", type=count_from(1), help="end after so many messages (default: at Ctrl-C)")
    parser.add_argument("--duration", type=seconds, metavar="TIME", help="end after so long")
    parser.add_argument("--listen", metavar="ENDPOINT", help="be a proxy: clients connect here, and all is recorded")
    add_security_options(parser)


def _run(options: Namespace) -> int:
    if options.path == STANDARD_INPUT:
        raise InvalidValue("A recording goes into a file. `zmqlibrary receive` prints what comes.")
    with library(options.timeout) as opened:
        if options.listen is None:
            recorded, code = _record_socket(opened, options)
        else:
            recorded, code = _record_proxy(opened, options)
        path = opened.stop_recording()
    if options.json:
        print_json({"path": path, "messages": recorded})
    else:
        print(f"Recorded {count_of(recorded, 'message')} in {path}.", file=sys.stderr)
    return code


def _record_socket(opened: ZmqLibrary, options: Namespace) -> tuple[int, int]:
    socket = open_socket(opened, options, options.bind, options.subscribe)
    opened.start_recording(options.path, sockets=SOCKET)
    end = Deadline(ENDLESS if options.duration is None else options.duration)
    received = 0
    try:
        for received in count():
            if received == options.count:
                break
            limited = options.count is not None and options.duration is None
            try:
                next_message(socket, Deadline(min(end.remaining(), options.timeout if limited else ENDLESS)))
            except WaitTimeout:
                if end.remaining():
                    raise
                break
    except KeyboardInterrupt:
        return received, INTERRUPTED
    return received, OK


def _record_proxy(opened: ZmqLibrary, options: Namespace) -> tuple[int, int]:
    name = opened.start_proxy(options.endpoint, options.listen)
    opened.start_recording(options.path, proxies=name)
    print(f"Listening at {opened.get_proxy_endpoint(name)}", file=sys.stderr, flush=True)
    proxy = opened.session.recordings.proxies[-1]
    end = Deadline(ENDLESS if options.duration is None else options.duration)
    idle = threading.Event()
    passed, next_number = 0, 1
    try:
        while end.remaining() and (options.count is None or passed < options.count):
            idle.wait(min(SLICE, end.slice()))
            next_number, messages = proxy.take_messages(next_number)
            passed += len(messages)
    except KeyboardInterrupt:
        return passed, INTERRUPTED
    opened.session.recordings.flush()
    return passed, OK


COMMAND = Subcommand(
    "record",
    "record messages into a file",
    "record tcp://127.0.0.1:5555 run.jsonl --type SUB --subscribe '' --count 5",
    _add_options,
    _run,
)
