"""`zmqlibrary receive`: receives messages and prints them."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from itertools import count

from ...errors import WaitTimeout
from ...waiting.deadline import Deadline
from .command import NOT_MET, Subcommand, library
from .options import ENDLESS, FORMATS, add_common_options, count_from
from .security import add_security_options
from .talking import Printer, add_expect_option, add_subscribe_option, next_message, open_socket


def _add_options(parser: ArgumentParser) -> None:
    parser.add_argument("endpoint", help="such as tcp://127.0.0.1:5555")
    add_common_options(parser, "PULL, SUB, DEALER, ROUTER, PAIR")
    parser.add_argument("--count", type=count_from(0), default=1, help="how many (default 1); 0: until Ctrl-C")
    add_subscribe_option(parser)
    add_expect_option(parser)
    add_security_options(parser)


def _run(options: Namespace) -> int:
    with library(options.timeout) as opened:
        formats = opened.session.formats.get(options.format)
        printer = Printer(options, formats)
        socket = open_socket(opened, options, options.bind, options.subscribe)
        for number in count(1):
            try:
                message = next_message(socket, Deadline(options.timeout if options.count else ENDLESS))
            except WaitTimeout:
                if printer.code:
                    return NOT_MET
                raise
            printer.print(message)
            printer.check(message)
            if number == options.count:
                break
        return printer.code


COMMAND = Subcommand(
    "receive",
    "receive messages and print them, a line each",
    "receive tcp://127.0.0.1:5555 --type PULL --bind --count 3 --json",
    _add_options,
    _run,
    (FORMATS,),
)
