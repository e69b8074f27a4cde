"""Many messages through one socket."""

from __future__ import annotations

from collections.abc import Sequence

import zmq

from ..errors import WaitTimeout, WrongUse
from ..waiting.deadline import Deadline
from .raw_socket import BURST
from .zmq_socket import ZmqSocket


def send_many(socket: ZmqSocket, messages: Sequence[Sequence[bytes]], deadline: Deadline) -> int:
    """Sends messages one after the other, until libzmq takes one no more in time.

    Returns:
        How many it took.

    Raises:
        WrongUse: As `ZmqSocket.send`, if the first message cannot be sent.
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
