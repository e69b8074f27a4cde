"""The monitor: everything that libzmq tells about a socket's connections, decoded and kept.

Rules, each measured (ZEROMQ-FACTS): the monitor is attached before the first bind or connect, because libzmq tells
nothing of what was before. Its PAIR has RCVHWM=0 before it connects, because a full PAIR stops the I/O thread of the
whole context. It is drained by whoever waits or acts on the socket; there is no thread. The PAIR is closed only after
the monitor was disabled or has told that it has stopped, because libzmq would wait for a reader that is gone.
"""

from __future__ import annotations

import errno
import os
import struct
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import zmq

from .errors import InvalidValue
from .links import Failure, Link
from .waiting import Deadline, Uninterrupted

if TYPE_CHECKING:
    from collections.abc import Collection

HISTORY = 200
_READABLE = int(zmq.POLLIN)  # a plain number: operators on pyzmq's enums are slow
_WILDCARDS = ("tcp://0.0.0.0:", "tcp://[::]:")
_RECORD = struct.Struct("=HI")
_NAMES: dict[int, str] = {
    int(event): str(event.name) for event in zmq.Event if event < 0x10000
}  # above: protocol errors

# zmq.h, ZMQ_PROTOCOL_ERROR_*: what a peer did wrong in the handshake.
_PROTOCOL_ERRORS = {
    0x10000000: ("ZMTP_UNSPECIFIED", "the peer broke the ZeroMQ protocol"),
    0x10000001: ("UNEXPECTED_COMMAND", "the peer sent a command that does not belong here"),
    0x10000002: ("INVALID_SEQUENCE", "the peer sent handshake commands in a wrong order"),
    0x10000003: ("KEY_EXCHANGE", "the CURVE key exchange failed"),
    0x10000011: ("MALFORMED_COMMAND", "the peer sent a malformed command"),
    0x10000012: ("MALFORMED_MESSAGE", "the peer sent a malformed CURVE message"),
    0x10000013: ("MALFORMED_HELLO", "the peer sent a malformed HELLO"),
    0x10000014: ("MALFORMED_INITIATE", "the peer sent a malformed INITIATE"),
    0x10000015: ("MALFORMED_ERROR", "the peer sent a malformed ERROR"),
    0x10000016: ("MALFORMED_READY", "the peer sent a malformed READY"),
    0x10000017: ("MALFORMED_WELCOME", "the peer sent a malformed WELCOME"),
    0x10000018: ("INVALID_METADATA", "the peer sent invalid metadata"),
    0x11000001: ("CRYPTOGRAPHIC", "a command could not be decrypted: the peer uses a wrong server key"),
    0x11000002: ("MECHANISM_MISMATCH", "the two sides use different security mechanisms (NULL, PLAIN, CURVE)"),
    0x20000000: ("ZAP_UNSPECIFIED", "the authenticator broke the ZAP protocol"),
    0x20000001: ("ZAP_MALFORMED_REPLY", "the authenticator sent a malformed reply"),
    0x20000002: ("ZAP_BAD_REQUEST_ID", "the authenticator answered another request"),
    0x20000003: ("ZAP_BAD_VERSION", "the authenticator answered with another ZAP version"),
    0x20000004: ("ZAP_INVALID_STATUS_CODE", "the authenticator answered with an unknown status"),
    0x20000005: ("ZAP_INVALID_METADATA", "the authenticator answered with invalid metadata"),
}
_CLOSED = "the peer closed the connection during the handshake"
_ZAP_STATUS = {300: "temporary error, try again", 400: "authentication refused", 500: "internal error"}


@dataclass(frozen=True)
class SocketEvent:
    """One event of a socket's connections.

    Attributes:
        name: As in the libzmq manual of `zmq_socket_monitor`, without `ZMQ_EVENT_`.
        endpoint: The endpoint that this side bound or connected.
        meaning: The event's value in words.
        value: The value as libzmq gave it.
        time: When it was read, in seconds since the epoch.
        number: Counts the events of the socket, from 0.
    """

    name: str
    endpoint: str
    meaning: str
    value: int
    time: float
    number: int

    def __str__(self) -> str:
        return f"{self.name} at {self.endpoint}" + (f" ({self.meaning})" if self.meaning else "")


def event_name(text: str) -> str:
    """The name of an event as libzmq has it; case, spaces and `ZMQ_EVENT_` do not matter.

    Raises:
        InvalidValue: There is no such event.
    """
    name = text.strip().upper().replace(" ", "_").removeprefix("ZMQ_").removeprefix("EVENT_")
    if name not in _NAMES.values():
        raise InvalidValue(f"There is no event '{text}'. Events are: {', '.join(sorted(_NAMES.values()))}.")
    return name


class Monitor:
    """Keeps what libzmq tells about one socket.

    Args:
        socket: The socket to watch; nothing may be bound or connected yet.
        uses_curve: Whether the socket is a CURVE client, which tells what a closed handshake means.
    """

    def __init__(self, socket: zmq.Socket[bytes], uses_curve: Callable[[], bool]) -> None:
        self.history: deque[SocketEvent] = deque(maxlen=HISTORY)
        self.counts: Counter[str] = Counter()
        self.failures: deque[Failure] = deque(maxlen=HISTORY)
        self.links: dict[str, Link] = {}
        self._uses_curve = uses_curve
        self._socket = socket
        self._raw = socket.get(zmq.TYPE) == zmq.STREAM
        self._aliases: dict[str, Link] = {}
        self._gone: list[int] = []
        self.next_number = 0
        address = f"inproc://zmqlibrary-monitor-{os.urandom(16).hex()}"
        socket.monitor(address, zmq.EVENT_ALL)
        self.pair: zmq.Socket[bytes] = socket.context.socket(zmq.PAIR)
        self.pair.setsockopt(zmq.RCVHWM, 0)
        self.pair.setsockopt(zmq.LINGER, 0)
        self.pair.connect(address)
        self._polled = [(self.pair, _READABLE)]

    def close(self) -> None:
        """Stops watching. Comes before the socket is closed."""
        if not self._socket.closed:
            self._socket.disable_monitor()
        self.pair.close()
        self._uses_curve = lambda: False  # it holds the socket, which is to go at once and not in a collection

    def wait_closed(self, listeners: Collection[str], deadline: Deadline) -> None:
        """Waits until libzmq has given up addresses; after the socket was closed."""
        while True:
            self.drain()
            freed = {event.endpoint for event in self.history if event.name == "CLOSED"}
            if freed.issuperset(listeners) or self.stopped or not deadline.remaining():
                return
            zmq.zmq_poll([(self.pair, zmq.POLLIN)], int(deadline.slice() * 1000) + 1)

    @property
    def stopped(self) -> bool:
        """Whether libzmq has nothing more to tell, because a closed socket has sent what it had to send."""
        self.drain()
        return bool(self.counts["MONITOR_STOPPED"])

    def expect(self, endpoint: str, bound: bool) -> Link:
        """Begins to keep a link; its events are told apart by the endpoint."""
        return self.links.setdefault(endpoint, Link(endpoint, bound))

    def forget(self, endpoint: str) -> None:
        """The endpoint was left; its later events change nothing."""
        link = self.links.pop(endpoint, None)
        if link:
            self._gone += link.descriptors
            self._aliases = {alias: other for alias, other in self._aliases.items() if other is not link}

    def take_gone(self) -> list[int]:
        """The descriptors of connections that have gone since the last call."""
        gone, self._gone = self._gone, []
        return gone

    def drain(self) -> bool:
        """Takes in all that has happened since the last time; never waits.

        Returns:
            Whether anything was new.
        """
        if not self._readable():
            return False
        with Uninterrupted():
            while self._readable():
                try:
                    record, endpoint = self.pair.recv_multipart(zmq.NOBLOCK)
                except zmq.Again:
                    # The watched socket was closed just now, and took with it what it had not told.
                    break
                number, value = _RECORD.unpack(record)
                self._take(number, value, endpoint.decode("utf-8", "replace"))
        return True

    def _readable(self) -> bool:
        return bool(zmq.zmq_poll(self._polled, 0))  # takes half the time of reading the socket's EVENTS

    def _take(self, number: int, value: int, endpoint: str) -> None:
        name = _NAMES.get(number, f"EVENT_{number:#x}")
        link = self._link_at(endpoint)
        endpoint = link.endpoint if link else endpoint
        event = SocketEvent(name, endpoint, _meaning(name, value), value, time.time(), self.next_number)
        self.next_number += 1
        self.history.append(event)
        self.counts[name] += 1
        if link:
            self._update(link, event)
        if name == "DISCONNECTED":
            self._gone.append(value)

    def _link_at(self, endpoint: str) -> Link | None:
        """The link that an event belongs to.

        libzmq names a host as it was given at first, and by its address from the first reconnect on. What a wildcard
        has accepted, it names by the address that the peer has connected to.
        """
        link = self.links.get(endpoint) or self._aliases.get(endpoint)
        if link is None and endpoint.startswith("tcp://"):
            port = endpoint.rpartition(":")[2]
            known = self._aliases.values()
            named = (x for x in self.links.values() if x.endpoint.endswith(f":{port}"))
            others = (x for x in named if not x.bound or x.endpoint.startswith(_WILDCARDS))
            link = min(others, key=lambda x: (not x.bound, x.handshaking + x.peers > 0, x in known), default=None)
            if link:
                self._aliases[endpoint] = link
        return link

    def _update(self, link: Link, event: SocketEvent) -> None:
        if event.name in ("CONNECTED", "ACCEPTED"):
            link.opened(event.value)
            if self._raw:
                link.handshake_done()
        elif event.name == "HANDSHAKE_SUCCEEDED":
            link.handshake_done()
        elif event.name.startswith("HANDSHAKE_FAILED"):
            self._fail(link, _failure(event, self._uses_curve()))
        elif event.name == "CONNECT_RETRIED":
            link.retried(resolved=self._preceded_by_attempt(event))
        elif event.name == "DISCONNECTED" and link.closed(event.value, event.time):
            self._fail(link, _incompatible(event), settled=True)

    def _fail(self, link: Link, failure: Failure, settled: bool = False) -> None:
        failure = failure._replace(number=self.failures[-1].number + 1 if self.failures else 0)
        self.failures.append(failure)
        if settled:
            link.failure = failure
        else:
            link.handshake_failed(failure)

    def _preceded_by_attempt(self, event: SocketEvent) -> bool:
        """A refused attempt is CONNECT_DELAYED, CLOSED, CONNECT_RETRIED; a name that is not resolved only the last."""
        before = (e for e in reversed(self.history) if e.endpoint == event.endpoint and e is not event)
        previous = next(before, None)
        return previous is not None and previous.name != "CONNECT_RETRIED"

    def since(self, number: int, names: Collection[str] = (), endpoint: str | None = None) -> SocketEvent | None:
        """The first event with at least this number, one of these names and this endpoint (none given: any)."""
        for event in self.history:
            if event.number >= number and event.name in (names or (event.name,)) and endpoint in (None, event.endpoint):
                return event
        return None


def _meaning(name: str, value: int) -> str:
    if name == "CONNECT_RETRIED":
        return f"next attempt in {value} ms"
    if name == "HANDSHAKE_FAILED_PROTOCOL":
        return ": ".join(_protocol_error(value))
    if name == "HANDSHAKE_FAILED_AUTH":
        return f"AUTH {value}: {_ZAP_STATUS.get(value, 'unknown status')}"
    if name == "HANDSHAKE_FAILED_NO_DETAIL":
        return _silent_or_closed(value)[1]
    if name in ("BIND_FAILED", "ACCEPT_FAILED", "CLOSE_FAILED", "CONNECT_DELAYED"):
        return os.strerror(value)
    return ""


def _protocol_error(value: int) -> tuple[str, str]:
    return _PROTOCOL_ERRORS.get(value, (f"PROTOCOL {value:#x}", "the peer broke the ZeroMQ protocol"))


def _silent_or_closed(code: int) -> tuple[str, str]:
    if code in (errno.EAGAIN, errno.ETIMEDOUT):
        return "NOT_ZEROMQ", "no ZeroMQ handshake within the handshake interval: the peer does not speak ZeroMQ"
    # Most often also with different mechanisms: the peer's reset overtakes the greeting that would tell its own.
    return "NOT_ZEROMQ", f"{_CLOSED}: it does not speak ZeroMQ, uses another security mechanism, or refused us"


def _failure(event: SocketEvent, uses_curve: bool) -> Failure:
    if event.name == "HANDSHAKE_FAILED_PROTOCOL":
        reason, text = _protocol_error(event.value)
        return Failure(reason, f"{reason}: {text}", event.endpoint, event.time, final=reason != "CRYPTOGRAPHIC")
    if event.name == "HANDSHAKE_FAILED_AUTH":
        return Failure(
            f"AUTH {event.value}", event.meaning, event.endpoint, event.time, final=event.value in (400, 500)
        )
    reason, text = _silent_or_closed(event.value)
    if uses_curve and event.value not in (errno.EAGAIN, errno.ETIMEDOUT):
        reason = "CLOSED_BY_PEER"
        text = "the peer closed the connection during the CURVE handshake: wrong server key, or not a CURVE server"
    return Failure(reason, f"{reason}: {text}", event.endpoint, event.time)


def _incompatible(event: SocketEvent) -> Failure:
    text = (
        "INCOMPATIBLE_TYPE: the connection was dropped in the handshake, "
        "most likely because the two socket types do not go together"
    )
    return Failure("INCOMPATIBLE_TYPE", text, event.endpoint, event.time, final=True)
