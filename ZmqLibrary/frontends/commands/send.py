"""`zmqlibrary send`: sends messages."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ...waiting.deadline import Deadline
from .command import OK, Subcommand, library, print_json
from .input import add_frames_options, messages_of
from .options import FORMATS, FRAMES, add_common_options, count_from
from .security import add_security_options
from .talking import open_socket, wait_for_peer


def _add_options(parser: ArgumentParser) -> None:
    parser.add_argument("endpoint", help="such as tcp://127.0.0.1:5555")
    add_common_options(parser, "PUSH, PUB, DEALER, PAIR")
    add_frames_options(parser, "message")
    parser.add_argument("--count", type=count_from(1), help="how often (default 1); with --source, how many lines")
    add_security_options(parser)


def _run(options: Namespace) -> int:
    with library(options.timeout) as opened:
        formats = opened.session.formats.get(options.format)
        messages = messages_of(options, formats)
        socket = open_socket(opened, options, options.bind)
        opened.set_zmq_socket_option("LINGER", round(options.timeout * 1000))
        wait_for_peer(opened, socket)
        sent = 0
        for frames in messages:
            socket.send(frames, Deadline(options.timeout))
            sent += 1
        if options.json:
            print_json({"sent": sent})
    return OK


COMMAND = Subcommand(
    "send",
    "send messages",
    "send tcp://127.0.0.1:5555 job 42 --type PUSH --count 3",
    _add_options,
    _run,
    (FORMATS, FRAMES),
)
