"""Many messages through one socket."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import zmq

from ..errors import WaitTimeout, WrongUse
from ..messages.message import Message
from ..waiting.deadline import Deadline
from . import diagnosis
from .raw_socket import BURST
from .zmq_socket import ZmqSocket

if TYPE_CHECKING:
    from ..formats import FrameFormats
    from ..messages.field_patterns import Pattern

_SHOWN = 3


class LastMessage:
    """Tells whether a message is the last of many, and keeps the last ones that were not, for the error.

    Args:
        pattern: What the last message matches.
    """

    def __init__(self, pattern: Pattern) -> None:
        self.pattern = pattern
        self._others: deque[Message] = deque(maxlen=_SHOWN)

    def __call__(self, message: Message) -> bool:
        """Whether it is this one."""
        if self.pattern.matches(message.raw):
            return True
        self._others.append(message)
        return False

    def differences(self) -> list[str]:
        """In what the last messages differ that were not the last one."""
        return [self.pattern.difference(message.raw) for message in self._others]


def send_many(socket: ZmqSocket, messages: Sequence[Sequence[bytes]], deadline: Deadline) -> int:
    """Sends messages one after the other, until libzmq does not take one in time.

    Returns:
        How many it took.

    Raises:
        WrongUse: As `ZmqSocket.send`, if the first message cannot be sent.
        WaitTimeout: The same, on REQ, REP, ROUTER, STREAM and with CONFLATE; other sockets return 0.
    """
    socket.require_sender(messages[0])
    if socket.turn.strict or socket.type.routes or socket.options.conflates:
        return _send_each(socket, messages, deadline)
    sent = 0

    def go_on() -> bool:
        nonlocal sent
        while sent < len(messages):
            taken = socket.outbox.offer_many(messages[sent : sent + BURST])
            if not taken:
                return False
            sent += taken
        return True

    if not go_on():
        socket.wait_for(go_on, deadline, zmq.POLLOUT)
    return sent


def _send_each(socket: ZmqSocket, messages: Sequence[Sequence[bytes]], deadline: Deadline) -> int:
    for sent, frames in enumerate(messages):
        try:
            socket.send(frames, deadline)
        except (WrongUse, WaitTimeout):
            if sent == 0:
                raise
            return sent
    return len(messages)


def receive_many(
    socket: ZmqSocket,
    count: int | None,
    deadline: Deadline,
    until: Callable[[Message], bool] | None = None,
    formats: FrameFormats | None = None,
) -> list[Message]:
    """Takes messages until there are `count`, or until one satisfies `until`, which is then the last one.

    Args:
        socket: From which.
        count: How many; None for any number.
        deadline: For all of them together.
        until: Whether a message is the last one; of a `LastMessage` the error says what it is and what came.
        formats: Of those that have to be read first; making 100,000 messages anew takes half as long as reading.

    Raises:
        WrongUse: As `ZmqSocket.receive`.
        WaitTimeout: They did not come in time. Those that came stay for later receives.
    """
    socket.require_receiver()
    batch = socket.inbox.batch(count, until)
    try:
        socket.raw.read_as(formats or socket.formats)
        done = socket.wait_for(batch.go_on, deadline, zmq.POLLIN)
    finally:
        socket.raw.read_as(socket.formats)
    if not done:
        came = len(batch.messages)
        batch.give_back()
        wanted, last = (str(until.pattern), until.differences()) if isinstance(until, LastMessage) else ("", [])
        raise WaitTimeout(diagnosis.too_few(socket, came, count, deadline.seconds, wanted, last), socket.receive_hint)
    if batch.messages:
        socket.inbox.last = batch.messages[-1]
    return batch.messages
