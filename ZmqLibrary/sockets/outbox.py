"""Outbox: what a socket sends."""

from __future__ import annotations

from collections.abc import Sequence

import zmq

from .raw_socket import RawSocket
from .traffic import TrafficLog
from .turn import Turn


class Unsendable(Exception):
    """libzmq refuses a message.

    Attributes:
        errno: Why, as libzmq says it; EHOSTUNREACH: the routing id is not known.
        reason: The same in words.
    """

    def __init__(self, error: zmq.ZMQError) -> None:
        super().__init__(error.strerror)
        self.errno = error.errno
        self.reason = error.strerror


class Outbox:
    """Sends messages of one socket.

    Args:
        raw: The socket.
        turn: Changes with each message of a REQ or REP.
        traffic: Counts and remembers.
    """

    def __init__(self, raw: RawSocket, turn: Turn, traffic: TrafficLog) -> None:
        self._raw = raw
        self._turn = turn
        self._traffic = traffic
        self._note = self._sent_in_turn if turn.strict else traffic.sent

    def offer(self, frames: Sequence[bytes], head: Sequence[bytes] = ()) -> bool:
        """Sends one message if libzmq takes it at once.

        Args:
            frames: The message.
            head: What goes before it over the wire and is no part of it: it is neither shown nor recorded.

        Returns:
            Whether it did.

        Raises:
            Unsendable: libzmq will not take it later, either.
        """
        try:
            if head:
                return self._raw.write([*head, *frames], lambda _: self._note(frames))
            return self._raw.write(frames, self._note)
        except zmq.ZMQError as error:
            raise Unsendable(error) from error

    def offer_many(self, messages: Sequence[Sequence[bytes]]) -> int:
        """Sends messages as long as libzmq takes them at once; not for REQ, REP and ROUTER.

        Returns:
            How many it took.
        """
        before = self._traffic.sent_count
        self._raw.write_many(messages, self._traffic.sent_all)
        return self._traffic.sent_count - before

    @property
    def high_water_mark(self) -> int:
        """How many unsent messages are kept for each peer."""
        return int(self._raw.get(zmq.SNDHWM))

    def _sent_in_turn(self, frames: Sequence[bytes]) -> None:
        self._turn.sent()
        self._traffic.sent(frames)
