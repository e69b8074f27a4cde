"""SendingSocket: a socket that sends messages, with what errors tell of both directions."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence

import zmq

from ..errors import WaitTimeout, WrongUse
from ..messages.message import Message
from ..plain_text import printable
from ..waiting.deadline import Deadline
from . import diagnosis
from .socket_types import SocketType
from .subscriptions import SubscribingSocket
from .traffic import Traffic
from .watched import SocketSettings

RECENT = 20


class SendingSocket(SubscribingSocket):
    """A socket with what it sends."""

    def __init__(
        self, context: zmq.Context[zmq.Socket[bytes]], name: str, type: SocketType, settings: SocketSettings
    ) -> None:
        super().__init__(context, name, type, settings)
        self.sent_count = 0
        self.received_count = 0
        self.routing_ids: dict[bytes, None] = {}
        self._recent: deque[Message | tuple[float, Sequence[bytes]]] = deque(maxlen=RECENT)

    @property
    def recent(self) -> list[Traffic]:
        """The last messages that were sent and received."""
        return [_traffic(entry) for entry in list(self._recent)]  # a copy, because a worker may add to it

    @property
    def high_water_mark(self) -> int:
        """How many unsent messages are kept for each peer."""
        return int(self._zmq.get(zmq.SNDHWM))

    def send(self, frames: Sequence[bytes], deadline: Deadline) -> None:
        """Sends one message.

        Raises:
            WrongUse: The type does not send, it is not this side's turn, or the routing id is not known.
            WaitTimeout: libzmq did not take it in time: no peer, or the high-water mark was reached.
        """
        if not self.try_send(frames) and not self.wait_for(lambda: self.try_send(frames), deadline, zmq.POLLOUT):
            raise WaitTimeout(diagnosis.not_sent(self, deadline.seconds))

    def try_send(self, frames: Sequence[bytes], explain: bool = True) -> bool:
        """Sends one message if libzmq takes it at once.

        Args:
            frames: The message.
            explain: Whether an error tells all peers that there are. That takes longer than a thousand messages.

        Returns:
            Whether it did.

        Raises:
            WrongUse: As `send`.
        """
        self.require_sender(frames)
        try:
            return self._wire.write(frames, self._sent)
        except zmq.ZMQError as error:
            if not explain:
                raise WrongUse(f"Socket {self.title} cannot send this message: {error.strerror}.") from error
            self.drain()
            raise WrongUse(diagnosis.send_refused(self, frames, error)) from error

    def _sent(self, frames: Sequence[bytes]) -> None:
        if self.turn.strict:
            self.turn.sent()
        self.sent_count += 1
        self._recent.append((time.time(), frames))

    def require_sender(self, frames: Sequence[bytes]) -> None:
        """Raises WrongUse unless the socket may send such a message now."""
        self.require_usable()
        if not self.type.sends:
            raise WrongUse(diagnosis.never_sends(self))
        if len(frames) < 2 and self.type.routes:
            raise WrongUse(diagnosis.no_routing_id(self))
        if self.conflates and len(frames) > 1:
            raise WrongUse(f"Socket {self.title} has CONFLATE, which would keep only the last frame. Send one frame.")
        if self.turn.strict and (problem := self.turn.why_not_send()):
            raise WrongUse(f"{self.type.name} socket '{printable(self.name)}' {problem}")


def _traffic(entry: Message | tuple[float, Sequence[bytes]]) -> Traffic:
    if isinstance(entry, tuple):
        return Traffic("sent", *entry)
    return Traffic("received", entry.timestamp, entry.raw)
