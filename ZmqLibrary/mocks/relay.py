"""Relay: passes the requests of a mock server on to a real one, and its answers back."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..errors import Hint, WrongUse
from ..plain_text import printable
from ..sockets.outbox import Unsendable
from ..sockets.socket_types import SocketType
from ..waiting.timers import Retry
from ..workers.worker import Worker

if TYPE_CHECKING:
    from ..messages.message import Message
    from ..sockets.zmq_socket import ZmqSocket
    from ..workers.journal import Journal
    from .request_log import Request

_MOST_WAITING = 100_000

TARGET_TYPES = {
    SocketType.REP: SocketType.DEALER,
    SocketType.ROUTER: SocketType.DEALER,
    SocketType.DEALER: SocketType.DEALER,
    SocketType.PAIR: SocketType.PAIR,
    SocketType.PULL: SocketType.PUSH,
    SocketType.XPUB: SocketType.XSUB,
}
"""What a mock server of a type opens to reach the real server."""


class Relay(Worker):
    """Takes the socket to the real server; to that one it looks like a client.

    Answers belong to requests in their order; a connection that is lost takes those with it that have not come. What
    comes after the last answer goes to the client of the last request.

    Args:
        name: Its own name.
        server: The name of the mock server.
        socket: Connected to the real server.
        journal: Where it reports what it does.
        send_back: Called in the relay's thread with a request and the frames of its answer; with None instead of a
            request for what comes before any.
        owns_socket: Whether the socket is closed at the end.
    """

    kind = "relay"
    opener = Hint.START_RELAY

    def __init__(
        self,
        name: str,
        server: str,
        socket: ZmqSocket,
        journal: Journal,
        send_back: Callable[[Request | None, Sequence[bytes]], object],
        owns_socket: bool,
    ) -> None:
        super().__init__(name, socket, journal, owns_socket)
        self._server = server
        self._send_back = send_back
        self._unsent: deque[Request] = deque()
        self._pending: deque[Request] = deque(maxlen=_MOST_WAITING)
        self._last: Request | None = None
        self._losses = 0
        self._retry = Retry(self.later, self._send_waiting)

    @property
    def title(self) -> str:
        """What users know of it: the mock server."""
        return f"mock server '{printable(self._server)}'"

    def forward(self, request: Request) -> None:
        """Passes a request on; may be called in any thread.

        Raises:
            WrongUse: It has no frames.
        """
        if not self._message_of(request):
            raise WrongUse(f"it has no frames that {self.socket.title} could forward")
        self.post(lambda: self._forward(request))

    def _forward(self, request: Request) -> None:
        if len(self._unsent) < _MOST_WAITING:
            self._unsent.append(request)
        else:
            self.warn("a request was not forwarded, too many wait for the real server:", request.raw)
        self._send_waiting()

    def _send_waiting(self) -> None:
        while self._unsent and not self.socket.turn.why_not_send():
            request = self._unsent[0]
            try:
                sent = self.socket.outbox.offer(self._message_of(request))
            except Unsendable as refusal:
                self.note(f"cannot forward a request: {refusal}", request.raw, warning=True)
                sent = True
            if not sent:
                return self._retry.soon()
            self._unsent.popleft()
            if self.socket.type is SocketType.REQ:  # which takes no answer to an earlier request
                self._pending.clear()
            self._pending.append(request)
            self.note(f"forwarded by {self.socket.name}", request.raw)
        return None

    def _message_of(self, request: Request) -> Sequence[bytes]:
        return *self._delimiter_of(request), *request.raw

    def _delimiter_of(self, request: Request | None) -> Sequence[bytes]:
        """What goes before the frames; a request without frames is false."""
        return () if request is None or self.socket.type is not SocketType.DEALER else request.envelope[1:]

    def prepare(self) -> None:
        """From now on a lost connection is one of the relay."""
        self._losses = self.socket.monitor.counts["DISCONNECTED"]

    def handle(self, message: Message) -> None:
        """An answer of the real server."""
        self._last = self._pending.popleft() if self._pending else self._last
        frames, delimiter = message.raw, self._delimiter_of(self._last)
        if frames[: len(delimiter)] == delimiter:
            frames = frames[len(delimiter) :]
        self.note(f"answered by {self.socket.name}", frames, at=message.timestamp)
        self._send_back(self._last, frames)
        self._send_waiting()

    def _turn(self) -> None:
        super()._turn()
        losses = self.socket.monitor.counts["DISCONNECTED"]
        if losses > self._losses and not (self.socket.inbox.messages or self.socket.raw.readable()):
            self._losses = losses
            self._forget_lost()

    def _forget_lost(self) -> None:
        """With the connection, the answers are gone that had not come."""
        if len(self.socket.endpoints) == 1 and self._pending:
            self._last = self._pending[-1]
            self._pending.clear()
            self.notify()
