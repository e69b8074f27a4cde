"""`zmqlibrary reply`: answers requests."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from itertools import count

from ...sockets.socket_types import SocketType
from ...waiting.deadline import Deadline
from .command import Subcommand, library
from .options import ENDLESS, FORMATS, FRAMES, add_common_options, count_from
from .security import add_security_options
from .talking import Printer, add_expect_option, next_message, open_socket


def _add_options(parser: ArgumentParser) -> None:
    parser.add_argument("endpoint", help="such as tcp://127.0.0.1:5555, where it listens")
    parser.add_argument(
        "frames", nargs="*", default=[], help="the frames of each reply (default: those of the request)"
    )
    add_common_options(parser, "REP, ROUTER, DEALER, PAIR", bind=False)
    parser.add_argument("--bind", action="store_true", help="as it does anyway")
    parser.add_argument("--connect", action="store_true", help="connect to the endpoint rather than listen")
    parser.add_argument("--count", type=count_from(0), default=0, help="how many requests (default: until Ctrl-C)")
    add_expect_option(parser)
    add_security_options(parser)


def _run(options: Namespace) -> int:
    with library(options.timeout) as opened:
        formats = opened.session.formats.get(options.format)
        frames = formats.encode(options.frames) if options.frames else None
        printer = Printer(options, formats)
        socket = open_socket(opened, options, listens=not options.connect)
        for number in count(1):
            request = next_message(socket, Deadline(options.timeout if options.count else ENDLESS))
            printer.print(request)
            printer.check(request)
            envelope = request.envelope if socket.type is SocketType.ROUTER else ()
            content = request.raw[len(envelope) :] if frames is None else frames
            socket.send([*envelope, *content], Deadline(options.timeout))
            if number == options.count:
                break
        return printer.code


COMMAND = Subcommand(
    "reply",
    "answer requests, and print them",
    "reply tcp://127.0.0.1:5555 pong --count 1",
    _add_options,
    _run,
    (FORMATS, FRAMES),
)
