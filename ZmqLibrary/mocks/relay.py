"""Relay: passes the requests of a mock server on to a real one, and its answers back."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from itertools import count
from typing import TYPE_CHECKING

from ..errors import Hint, WrongUse
from ..messages.message import Message
from ..plain_text import printable
from ..sockets.outbox import Unsendable
from ..sockets.socket_types import SocketType
from ..waiting.timers import Retry
from ..workers.worker import Worker

if TYPE_CHECKING:
    from ..messages.message import Receipt
    from ..sockets.zmq_socket import ZmqSocket
    from ..workers.journal import Journal
    from .request_log import Request

_MOST_WAITING = 100_000
_MOST_WARNINGS = 20
_GIVE_ENVELOPES_BACK = ("REP", "ROUTER")

TARGET_TYPES = {
    SocketType.REP: SocketType.DEALER,
    SocketType.ROUTER: SocketType.DEALER,
    SocketType.DEALER: SocketType.DEALER,
    SocketType.PAIR: SocketType.PAIR,
    SocketType.PULL: SocketType.PUSH,
    SocketType.XPUB: SocketType.XSUB,
}
"""What a mock server of a type opens to reach the real server."""


class NamedAnswer(Message):
    """An answer that came with the id of its request, which is not among its frames."""

    __slots__ = ("named_by",)

    def __init__(self, frames: Sequence[bytes], receipt: Receipt, time: float, named_by: bytes) -> None:
        super().__init__(frames, receipt, time)
        self.named_by = named_by


class Relay(Worker):
    """Takes the socket to the real server; to that one it looks like a client.

    A request with an envelope goes out as it came if there is no other such one without an answer. Else, and once there
    were more answers than requests, an id of its own goes before the envelope, which a REP or ROUTER gives back. The
    answers to requests without an envelope, and of
    servers that give none back, belong to requests in their order. What comes after the last answer goes to the client
    of the last request.

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
        self._dropped = 0
        self._in_order: deque[Request] = deque(maxlen=_MOST_WAITING)
        self._unnamed: Request | None = None
        self._named: dict[bytes, Request] = {}
        self._names = count(1)
        self._gives_back: bool | None = None
        self._answers_twice = False
        self._losses = 0
        self._last: Request | None = None
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
            self._dropped += 1
            warning = self._dropped <= _MOST_WARNINGS
            self.note("a request was not forwarded, too many wait for the real server:", request.raw, warning=warning)
        self._send_waiting()

    def _send_waiting(self) -> None:
        while self._unsent and not self.socket.turn.why_not_send():
            request = self._unsent[0]
            name = self._name_for(request)
            try:
                if not self.socket.outbox.offer(self._message_of(request), [name] if name else ()):
                    return self._retry.soon()
            except Unsendable as refusal:
                self.note(f"cannot forward a request: {refusal}", request.raw, warning=True)
            else:
                self._await(request, name)
                self.note(f"forwarded by {self.socket.name}", request.raw)
            self._unsent.popleft()
        return None

    def _name_for(self, request: Request) -> bytes:
        """The id by which its answer is known; empty where it needs none, or would not get it back."""
        if self._gives_back is False or not self._delimiter_of(request):
            return b""
        if self._unnamed is None and not self._answers_twice:
            return b""
        return b"\0" + (next(self._names) % 2**32).to_bytes(4, "big")

    def _await(self, request: Request, name: bytes) -> None:
        if name:
            self._named[name] = request
            if len(self._named) > _MOST_WAITING:
                del self._named[next(iter(self._named))]
        elif self._gives_back is not False and self._delimiter_of(request):
            self._unnamed = request
        else:
            if self.socket.type is SocketType.REQ:  # which takes no answer to an earlier request
                self._in_order.clear()
            self._in_order.append(request)

    def _message_of(self, request: Request) -> Sequence[bytes]:
        return *self._delimiter_of(request), *request.raw

    def _delimiter_of(self, request: Request | None) -> Sequence[bytes]:
        """What goes before the frames; a request without frames is false."""
        return () if request is None or self.socket.type is not SocketType.DEALER else request.envelope[1:]

    def prepare(self) -> None:
        """From now on what comes in is without the ids."""
        self.socket.inbox.opened = self._opened
        self._losses = self.socket.monitor.counts["DISCONNECTED"]

    def finish(self) -> None:
        """Gives the socket back as it was."""
        self.socket.inbox.opened = None

    def _opened(self, message: Message) -> Message:
        name = message.raw[0]
        if name not in self._named or len(message) == 1:
            return message
        return NamedAnswer(message.raw[1:], message.receipt, message.timestamp, name)

    def handle(self, message: Message) -> None:
        """An answer of the real server."""
        self._last = self._asked_by(message)
        frames, delimiter = message.raw, self._delimiter_of(self._last)
        if frames[: len(delimiter)] == delimiter:
            frames = frames[len(delimiter) :]
        self.note(f"answered by {self.socket.name}", frames, at=message.timestamp)
        self._send_back(self._last, frames)
        self._send_waiting()

    def _asked_by(self, message: Message) -> Request | None:
        """The request that is answered."""
        if isinstance(message, NamedAnswer):
            self._gives_back = True
            return self._named.get(message.named_by, self._last)
        self._learn(message.peer.metadata.get("Socket-Type"))
        unnamed, delimiter = self._unnamed, self._delimiter_of(self._unnamed)
        if unnamed is not None and (not self._in_order or message.raw[: len(delimiter)] == delimiter):
            self._unnamed = None
            return unnamed
        if self._in_order:
            return self._in_order.popleft()
        self._answers_twice = self._last is not None
        return self._last

    def _learn(self, type: str | None) -> None:
        """Whether the real server gives envelopes back; over inproc it is seen from an answer without its id."""
        if type is not None:
            self._gives_back = type in _GIVE_ENVELOPES_BACK
        elif self._gives_back is None and self._named and self._unnamed is None and not self._in_order:
            self._gives_back = False
        if self._gives_back is False:
            self._put_in_order()

    def _put_in_order(self) -> None:
        unnamed = [] if self._unnamed is None else [self._unnamed]
        waiting = sorted([*self._in_order, *unnamed, *self._named.values()], key=lambda request: request.number)
        self._in_order = deque(waiting, maxlen=_MOST_WAITING)
        self._unnamed = None
        self._named.clear()

    def _turn(self) -> None:
        super()._turn()
        losses = self.socket.monitor.counts["DISCONNECTED"]
        if losses > self._losses and not (self.socket.inbox.messages or self.socket.raw.readable()):
            self._losses = losses
            self._forget_lost()

    def _forget_lost(self) -> None:
        """With the connection, answers that had not come are gone; one that comes with an id is known all the same."""
        if len(self.socket.endpoints) == 1:
            lost = [*list(self._in_order)[-1:], *([] if self._unnamed is None else [self._unnamed])]
            self._last = lost[-1] if lost else self._last
            self._in_order.clear()
            self._unnamed = None
            self.notify()
