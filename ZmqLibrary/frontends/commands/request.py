"""`zmqlibrary request`: sends a request and prints the reply."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...errors import WaitTimeout
from ...sockets.socket_types import SocketType
from ...waiting.deadline import Deadline
from .command import Subcommand, library
from .input import add_frames_options, messages_of
from .options import FORMATS, FRAMES, add_common_options, count_from
from .security import add_security_options
from .talking import Printer, add_expect_option, next_message, open_socket, wait_for_peer

if TYPE_CHECKING:
    from ...messages.message import Message
    from ...sockets.zmq_socket import ZmqSocket

_NO_DELIMITER = "If a REP is there: it answers a DEALER only if the first frame is empty: request ENDPOINT '' ping."


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
            reply = _reply(socket, frames, Deadline(options.timeout))
            printer.print(reply)
            printer.check(reply)
        return printer.code


def _reply(socket: ZmqSocket, frames: Sequence[bytes], deadline: Deadline) -> Message:
    try:
        return next_message(socket, deadline)
    except WaitTimeout as error:
        if socket.type is SocketType.DEALER and frames[0]:
            error.args = (f"{error}\n{_NO_DELIMITER}",)
        raise


COMMAND = Subcommand(
    "request",
    "send a request and print the reply",
    "request tcp://127.0.0.1:5555 ping --expect pong",
    _add_options,
    _run,
    (FORMATS, FRAMES),
)
