"""`zmqlibrary request`: sends a request and prints the reply."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ...waiting.deadline import Deadline
from .command import Subcommand, add_common_options, library
from .talking import Printer, add_expect_option, count_from, open_socket, send, wait_for_peer


def _add_options(parser: ArgumentParser) -> None:
    parser.add_argument("endpoint", help="such as tcp://127.0.0.1:5555")
    parser.add_argument("frames", nargs="+", help="the frames of the request")
    add_common_options(parser, "REQ")
    parser.add_argument("--count", type=count_from(1), default=1, help="how often (default 1)")
    add_expect_option(parser)


def _run(options: Namespace) -> int:
    with library(options.timeout) as opened:
        formats = opened.session.formats.get(options.format)
        formats.encode(options.frames)
        printer = Printer(options, formats)
        socket = open_socket(opened, options, options.bind)
        wait_for_peer(opened, socket)
        for _ in range(options.count):
            send(socket, options.frames, options, formats)
            reply = socket.receive(Deadline(options.timeout))
            printer.print(reply)
            printer.check(reply)
        return printer.code


COMMAND = Subcommand(
    "request",
    "send a request and print the reply",
    "request tcp://127.0.0.1:5555 ping --expect pong",
    _add_options,
    _run,
)
