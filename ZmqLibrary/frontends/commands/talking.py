"""What commands have in common that open a socket: where it connects or listens, what they send and print."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...errors import InvalidValue
from ...formats import FrameProblem
from ...messages.patterns import MatchKind, message_pattern
from ...plain_text import printable
from ...sockets.endpoints import is_inproc
from .command import NOT_MET, print_json
from .security import security_of

if TYPE_CHECKING:
    from ... import ZmqLibrary
    from ...formats import FrameFormats
    from ...messages.message import Message
    from ...messages.patterns import MessagePattern
    from ...sockets.zmq_socket import ZmqSocket
    from ...waiting.deadline import Deadline

SOCKET = "zmqlibrary"
_IN_A_GLOB = ("match=EXACT takes the text as it stands", "[[] is the bracket itself")


def add_subscribe_option(parser: ArgumentParser) -> None:
    """Adds `--subscribe`."""
    parser.add_argument(
        "--subscribe", action="append", metavar="TOPIC", help="topic of a SUB; again for another one (default: all)"
    )


def add_expect_option(parser: ArgumentParser) -> None:
    """Adds `--expect`."""
    parser.add_argument(
        "--expect",
        action="append",
        metavar="PATTERN",
        help="a glob ('job-*') for the first frame; again for the next one. Exit 1 if it does not match",
    )


def require_other_process(endpoint: str) -> None:
    """Raises InvalidValue for inproc, where no command meets another program."""
    if is_inproc(endpoint):
        raise InvalidValue(
            f"{endpoint} is reached from the same process only, and each command is a process of its own. Use tcp:// "
            "or ipc://."
        )


def open_socket(
    opened: ZmqLibrary, options: Namespace, listens: bool, topics: Sequence[str] | None = None
) -> ZmqSocket:
    """The socket of a command, connected with its handshake done, or listening.

    Args:
        opened: The library.
        options: With `endpoint` and `type`.
        listens: Whether it binds.
        topics: What a SUB subscribes to; None for all.

    Raises:
        ConnectFailed: The peer is not there.
        InvalidValue: The endpoint or type cannot be used.
    """
    require_other_process(options.endpoint)
    subscribe = list(topics or [""]) if options.type == "SUB" else topics
    security = security_of(opened, options, listens)
    if listens:
        opened.bind_zmq_socket(options.endpoint, options.type, SOCKET, subscribe=subscribe, **security)
        print(f"Listening at {opened.get_zmq_endpoint()}", file=sys.stderr, flush=True)
    else:
        opened.connect_zmq_socket(options.endpoint, options.type, SOCKET, subscribe=subscribe, **security)
    return opened.session.socket(SOCKET)


def wait_for_peer(opened: ZmqLibrary, socket: ZmqSocket) -> None:
    """Waits for somebody to send to.

    Raises:
        WaitTimeout: Nobody has come.
    """
    if socket.type.publishes:
        opened.wait_for_subscriber()
    else:
        opened.wait_until_connected()


def next_message(socket: ZmqSocket, deadline: Deadline) -> Message:
    """Takes the next message for good; one that a keyword takes is kept until the next keyword begins.

    Raises:
        WrongUse: As `ZmqSocket.await_message`.
        WaitTimeout: As `ZmqSocket.await_message`.
    """
    socket.await_message(deadline)
    return socket.inbox.hand_over()


class Printer:
    """Prints messages, and holds them against what is expected.

    Args:
        options: With `json`, and perhaps `expect`.
        formats: Of the frames.

    Attributes:
        code: The exit code so far.
    """

    def __init__(self, options: Namespace, formats: FrameFormats) -> None:
        self.code = 0
        self._json = options.json
        self._formats = formats
        expected = getattr(options, "expect", None)
        self._pattern: MessagePattern | None = message_pattern(expected, MatchKind.GLOB, formats) if expected else None

    def accepts(self, message: Message) -> bool:
        """Whether it is what is expected."""
        return self._pattern is None or self._pattern.matches(message.raw)

    def print(self, message: Message, **more: object) -> None:
        """Prints a message, with what else is known of it."""
        texts = frame_texts(message.raw, self._formats)
        if self._json:
            print_json({**more, "frames": texts})
        else:
            print("\t".join(map(printable, [*map(str, more.values()), *texts])), flush=True)

    def check(self, message: Message) -> None:
        """Reports a message that is not what is expected; then the exit code is 1."""
        if self._pattern is not None and (difference := self._pattern.difference(message.raw)):
            told = difference.replace(*_IN_A_GLOB)
            print(f"zmqlibrary: not what is expected: {told}", file=sys.stderr, flush=True)
            self.code = NOT_MET


def frame_texts(frames: Sequence[bytes], formats: FrameFormats) -> list[str]:
    """Frames as texts; those that do not have their format as text with escapes."""
    kinds = formats.fitting(frames) if _fit(frames, formats) else [None] * len(frames)
    return [_frame_text(frame, kind) for frame, kind in zip(frames, kinds)]


def _fit(frames: Sequence[bytes], formats: FrameFormats) -> bool:
    try:
        formats.fitting(frames)
    except ValueError:
        return False
    return True


def _frame_text(frame: bytes, kind: object) -> str:
    from ...messages.values import value_text

    name = getattr(kind, "name", "JSON")
    if kind is not None and name != "JSON":
        try:
            value = kind.decode(frame)  # type: ignore[attr-defined]
        except FrameProblem:
            value = None
        if isinstance(value, str):
            return value
        if value is not None and not isinstance(value, bytes):
            return value_text(value)
    return bytes(frame).decode("utf-8", "backslashreplace")
