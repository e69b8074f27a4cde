"""`zmqlibrary request`: sends a request and prints the reply."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ...waiting.deadline import Deadline
from .command import Subcommand, library
from .input import add_frames_options, messages_of
from .options import FORMATS, FRAMES, add_common_options, count_from
from .security import add_security_options
from .talking import Printer, add_expect_option, open_socket, wait_for_peer


def _add_options(parser: ArgumentParser) -> None:
    parser.add_argument("endpoint", help="such as tcp://127.0.0.1:5555")
    add_common_options(parser, "REQ, DEALER, PAIR")
    add_frames_options(parser, "request")
    parser.add_argument("--count", type=count_from(1), help="how often (default 1); with --source, how many lines")
    add_expect_option(parser)
    add_security_options(parser)


def _run(options: Namespace) -> int:
    with library(options.timeout) as opened:
        formats = opened.session.formats.get(options.format)
        messages = messages_of(options, formats)
        printer = Printer(options, formats)
        socket = open_socket(opened, options, options.bind)
        wait_for_peer(opened, socket)
        for frames in messages:
            socket.send(frames, Deadline(options.timeout))
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
    (FORMATS, FRAMES),
)
