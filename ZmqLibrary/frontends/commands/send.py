"""`zmqlibrary send`: sends messages."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from .command import OK, Subcommand, add_common_options, library, print_json
from .talking import count_from, open_socket, send, wait_for_peer


def _add_options(parser: ArgumentParser) -> None:
    parser.add_argument("endpoint", help="such as tcp://127.0.0.1:5555")
    parser.add_argument("frames", nargs="+", help="the frames of the message")
    add_common_options(parser, "PUSH")
    parser.add_argument("--count", type=count_from(1), default=1, help="how often (default 1)")


def _run(options: Namespace) -> int:
    with library(options.timeout) as opened:
        formats = opened.session.formats.get(options.format)
        formats.encode(options.frames)  # so that nothing is opened if one does not have the format
        socket = open_socket(opened, options, options.bind)
        opened.set_zmq_socket_option("LINGER", round(options.timeout * 1000))
        wait_for_peer(opened, socket)
        for _ in range(options.count):
            send(socket, options.frames, options, formats)
        if options.json:
            print_json({"sent": int(options.count)})
    return OK


COMMAND = Subcommand(
    "send",
    "send messages",
    "send tcp://127.0.0.1:5555 job 42 --type PUSH --count 3",
    _add_options,
    _run,
)
