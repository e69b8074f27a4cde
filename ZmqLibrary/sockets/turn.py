"""Whose turn it is on REQ and REP sockets (RFC 28).

libzmq answers a wrong turn with EFSM at once, but a poll then only times out. So the turn is kept here.
"""

from __future__ import annotations

import time

from .socket_types import SocketType


class Turn:
    """The turn of one socket; sockets of other types may always send and receive.

    Args:
        type: The socket's type.
    """

    def __init__(self, type: SocketType) -> None:
        self.strict = type in (SocketType.REQ, SocketType.REP)
        self.relaxed = False
        self.request_sent_at: float | None = None
        self._type = type
        self._may_send = type is not SocketType.REP
        self._may_receive = type is not SocketType.REQ

    def sent(self) -> None:
        """A message was sent."""
        if self.strict:
            self._may_send, self._may_receive = False, True
            self.request_sent_at = time.monotonic()

    def received(self) -> None:
        """A message was received."""
        if self.strict:
            self._may_send, self._may_receive = True, False
            self.request_sent_at = None

    def waiting_for_reply(self) -> float | None:
        """Seconds since a REQ has sent the request that has no reply yet; None if there is none."""
        if self._type is not SocketType.REQ or self.request_sent_at is None:
            return None
        return time.monotonic() - self.request_sent_at

    def why_not_send(self) -> str:
        """Why it is not this side's turn to send; empty if it is."""
        if self._may_send or self.relaxed:
            return ""
        if self._type is SocketType.REP:
            return "has not received a request to reply to. Receive a request first."
        return (
            f"still waits for the reply to its request, sent {self.waiting_for_reply() or 0:.1f} s ago. Receive the "
            "reply first; after a lost reply, close the socket and open a new one, or open it with "
            "req_relaxed=yes and req_correlate=yes."
        )

    def why_not_receive(self) -> str:
        """Why nothing can be received; empty if it can."""
        if self._may_receive:
            return ""
        if self._type is SocketType.REQ:
            return "has not sent a request yet, so there is no reply to receive. Send a request first."
        return "has not replied to the request it received. Send the reply first."
