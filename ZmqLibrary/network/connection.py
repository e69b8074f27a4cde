"""One connection through a proxy: a client, the target, and the two directions between them."""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

from ..zmtp.commands import ping
from ..zmtp.frames import encode
from ..zmtp.observer import Observer
from .active_fault import ActiveFault
from .event_loop import READ, WRITE, EventLoop
from .faults import Fault
from .proxy_log import ProxyLog
from .reports import ConnectionReport, as_routing_id
from .seen import CopyBudget
from .stream import SUBSCRIBERS, Stream
from .transport import close_socket, unreached
from .units import Chunk, Unit, topic_of

CURVE_PROBLEM = (
    "Connection {number} is encrypted with {mechanism} (CURVE and its like): patterns, commands and changes of the "
    "content are not possible there. Faults on connections and bytes are, and on each n-th message without patterns."
)
_UNKNOWN_CLIENT = (
    "{curve} So are routing ids: client={client} was held against the address {address} only. Give the address."
)
_ENVELOPED = ("REQ", "REP")
_PROXY_PING = b"zmqproxy"
_TAKING_SECONDS, _LOOK_SECONDS = 5.0, 0.005
SEND_DELAY_SECONDS = 0.005
"""While it sends, libzmq looks for new subscriptions only now and then: every 3,000,000 ticks (max_command_delay)."""


class Faults(Protocol):
    """The faults of the proxy."""

    def meet(self, connection: ProxyConnection) -> None:
        """The handshake of a connection is known."""

    def refuse(self, active: ActiveFault, problem: str) -> None:
        """A fault could not act."""

    def late_close(self, connection: ProxyConnection, to_target: bool) -> float:
        """By how many seconds an end is delayed; notes that these faults have acted."""


class Office(Protocol):
    """The proxy that a connection belongs to."""

    loop: EventLoop
    limit: int
    buffer: bytearray
    copies: CopyBudget
    log: ProxyLog
    unreached: str

    @property
    def faults(self) -> Faults:
        """What is broken."""

    def note(self, chunk: Chunk) -> None:
        """Messages came in."""

    def subscribed(self) -> None:
        """A publisher has taken a subscription."""

    def closed(self, connection: ProxyConnection) -> None:
        """A connection is gone."""


class ProxyConnection:
    """A connection of a client to the target.

    Args:
        office: The proxy.
        number: Counts connections, from 1.
        client: Its socket.
        client_address: Its address.
        target: The socket to the target, which may not be connected yet.
        target_address: What it connects to.
    """

    def __init__(
        self,
        office: Office,
        number: int,
        client: socket.socket,
        client_address: str,
        target: socket.socket,
        target_address: str,
    ) -> None:
        self.office = office
        self.number = number
        self.loop = office.loop
        self.limit = office.limit
        self.buffer = office.buffer
        self.copies = office.copies
        self.client = client
        self.client_address = client_address
        self.target = target
        self.target_address = target_address
        self.observer = Observer(largest=2**63 - 1)
        self.to_target = Stream(self, True, client, target, self.observer.client)
        self.to_client = Stream(self, False, target, client, self.observer.server)
        self.streams = (self.to_target, self.to_client)
        self.open = True
        self.faults: list[ActiveFault] = []
        self.delayed_by: list[ActiveFault] = []
        self.subscriptions: set[bytes] = set()
        self.confirmed: set[bytes] = set()
        self._pings: dict[bytes, tuple[bytes, ...]] = {}
        self._ping_count = 0
        self._connected = False
        self._enveloped = False
        self._met = False
        self._reset_by = 0.0  # until when a reset waits, 0 where there is none to be passed on
        self._events: dict[socket.socket, int] = {}

    # What is known of it

    @property
    def enveloped(self) -> bool:
        """Whether an end is REQ or REP, so that messages begin with an envelope."""
        return self._enveloped

    @property
    def awaits_pong(self) -> bool:
        """Whether a PING of the proxy was not answered yet."""
        return bool(self._pings)

    @property
    def in_traffic(self) -> bool:
        """Whether both sides are done with the handshake, and messages can be told apart."""
        return (
            self.observer.client.in_traffic
            and self.observer.server.in_traffic
            and not any(stream.opaque for stream in self.streams)
        )

    @property
    def report(self) -> ConnectionReport:
        """What users see of it."""
        client, server = self.observer.client, self.observer.server
        return ConnectionReport(
            self.number,
            self.client_address,
            self.target_address,
            client.socket_type,
            server.socket_type,
            self.observer.mechanism,
            as_routing_id(client.routing_id),
            self.open,
        )

    @property
    def title(self) -> str:
        """How the log calls it."""
        types = " to ".join(filter(None, (self.observer.client.socket_type, self.observer.server.socket_type)))
        mechanism = self.observer.mechanism if self.observer.opaque else ""
        known = ", ".join(filter(None, (types, mechanism)))
        return f"connection {self.number} of {self.client_address}" + (f" ({known})" if known else "")

    def concerns(self, fault: Fault) -> bool:
        """Whether a fault is for this client."""
        return fault.is_for(self.client_address, self.observer.client.routing_id)

    # Faults

    def take_fault(self, active: ActiveFault) -> None:
        """A fault that is for this connection acts from now on, if it can."""
        if active in self.faults or active.over:
            return
        if not self.concerns(active.fault):
            if self.observer.opaque and active.fault.may_mean_routing_id:
                known = {"curve": self.curve_problem, "client": active.fault.client, "address": self.client_address}
                self.refuse(active, _UNKNOWN_CLIENT.format(**known))
            return
        if self.observer.opaque and active.fault.needs_content:
            self.office.faults.refuse(active, self.curve_problem)
            return
        self.faults.append(active)
        for stream in self.streams:
            if active.fault.direction.includes(stream.to_target):
                stream.attach(active)

    def drop_fault(self, active: ActiveFault) -> None:
        """A fault acts no more; what it held goes on."""
        if active in self.faults:
            self.faults.remove(active)
            for stream in self.streams:
                stream.detach(active)
            for stream in self.streams:
                if self.open:
                    stream.settle()

    @property
    def curve_problem(self) -> str:
        """Why the content cannot be read or changed."""
        return CURVE_PROBLEM.format(number=self.number, mechanism=self.observer.mechanism)

    def refuse(self, active: ActiveFault, problem: str) -> None:
        """A fault could not act."""
        self.office.faults.refuse(active, problem)

    # What the directions report

    def note(self, chunk: Chunk) -> None:
        """Messages came in."""
        self.office.note(chunk)

    def passed(self, unit: Unit) -> None:
        """Notes subscriptions that went to the publisher. One CANCEL ends several to a topic, as libzmq takes them."""
        if unit.command not in ("SUBSCRIBE", "CANCEL"):
            return
        topic = topic_of(unit)
        if unit.command == "SUBSCRIBE":
            self.subscriptions.add(topic)
        else:
            self.subscriptions.discard(topic)
            self.confirmed.discard(topic)
        self.office.subscribed()

    def takes(self, unit: Unit) -> bool:
        """Whether it is the answer to a PING of the proxy."""
        if unit.command != "PONG" or not self._pings:
            return False
        topics = self._pings.pop(bytes(unit.wire).rpartition(b"PONG")[2], None)
        if topics is None:
            return False
        self.confirmed.update(topic for topic in topics if topic in self.subscriptions)
        self.office.subscribed()
        return True

    # Subscriptions

    def confirm_subscriptions(self) -> None:
        """Asks the publisher for a sign that it has taken the subscriptions before: it answers a PING behind them."""
        known = self.confirmed.union(*self._pings.values())
        fresh = tuple(topic for topic in self.subscriptions if topic not in known)
        if not fresh or not self.in_traffic or not self.open:
            return
        stream = self._to_publisher
        if not self._publisher_knows_ping:
            self.confirmed.update(fresh)
            return
        self._ping_count += 1
        context = _PROXY_PING + struct.pack(">I", self._ping_count)
        self._pings[context] = fresh
        self.loop.later(time.monotonic() + SEND_DELAY_SECONDS, lambda: self._ping(stream, context))

    def _ping(self, stream: Stream, context: bytes) -> None:
        if self.open:
            stream.inject(ping(0, context).encode())

    @property
    def _to_publisher(self) -> Stream:
        return self.to_target if self.observer.client.socket_type in SUBSCRIBERS else self.to_client

    @property
    def _publisher_knows_ping(self) -> bool:
        greetings = [side.greeting for side in (self.observer.client, self.observer.server)]
        return all(greeting is not None and greeting.version.value >= "3.1" for greeting in greetings)

    def inject(self, frames: Sequence[bytes], to_target: bool) -> None:
        """Sends one more message."""
        envelope = [b""] if self._enveloped else []
        (self.to_target if to_target else self.to_client).inject(encode([*envelope, *frames]))

    # Sockets

    def start(self) -> None:
        """The target is being connected to; what the client sends waits until it is there."""
        self.loop.watch(self.target, WRITE, self._on_connected)
        self._events[self.target] = WRITE

    def _on_connected(self, events: int) -> None:
        if not self.open:  # It was cut in the same turn of the loop.
            return
        error = self.target.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        self.office.unreached = unreached(self.target_address, os.strerror(error)) if error else ""
        if error:
            self.office.log.say(f"{self.title} is closed: {self.office.unreached}")
            self.close(reset=True)
            return
        self._connected = True
        self.went_on()

    def meet(self) -> None:
        """Once both handshakes are done: faults that need to know the peers act from now on."""
        if self._met:
            return
        self._enveloped = any(side.socket_type in _ENVELOPED for side in (self.observer.client, self.observer.server))
        if self.in_traffic:
            self._met = True
            self.office.log.happened(self.number, "handshake", f"{self.title}: handshake done")
            self.office.faults.meet(self)
            self.office.subscribed()  # In ZMTP 2.0 a subscriber may say so before the publisher ends its handshake.

    def went_on(self) -> None:
        """Something was read, written or ended: looks at what to wait for next."""
        if not self.open or self._reset_by:
            return
        for stream in self.streams:
            if stream.drained and not stream.done:
                stream.done = True
                self._pass_end(stream)
        if all(stream.shut for stream in self.streams):  # One of them may have found its receiver gone.
            self._finish()
        if not self.open or self._reset_by or not self._connected:
            return
        self._watch(self.client, self.to_target, self.to_client, self._on_client)
        self._watch(self.target, self.to_client, self.to_target, self._on_target)

    def _watch(self, sock: socket.socket, reading: Stream, writing: Stream, ready: Callable[[int], object]) -> None:
        events = (READ if reading.may_read else 0) | (WRITE if writing.wants_to_write else 0)
        if events != self._events.get(sock, 0):
            self._events[sock] = events
            self.loop.watch(sock, events, ready)

    def _on_client(self, events: int) -> None:
        self._on_ready(events, self.to_target, self.to_client)

    def _on_target(self, events: int) -> None:
        self._on_ready(events, self.to_client, self.to_target)

    def _on_ready(self, events: int, reading: Stream, writing: Stream) -> None:
        try:
            if events & WRITE and self.open:
                writing.settle()
            if events & READ and self.open and reading.may_read:
                reading.read()
        except Exception:
            self.close(reset=True)
            raise

    # The end

    def _pass_end(self, stream: Stream) -> None:
        seconds = self.office.faults.late_close(self, stream.to_target)
        if seconds:
            self.loop.later(time.monotonic() + seconds, lambda: self._shut(stream))
        else:
            self._shut(stream)

    def _shut(self, stream: Stream) -> None:
        if not self.open or self._reset_by:
            return
        stream.shut = True
        if stream.was_reset or any(stream.abandoned for stream in self.streams):
            self._finish()
            return
        if all(stream.shut for stream in self.streams):
            self.close(reset=False)
            return
        with suppress(OSError):
            stream.sink.shutdown(socket.SHUT_WR)

    def _finish(self) -> None:
        """Passes a reset on, behind what was written: at once, it would discard what the receiver has not taken yet."""
        if not self._reset_by:
            self._reset_by = time.monotonic() + _TAKING_SECONDS
            for sock in (self.client, self.target):
                self.loop.forget(sock)
            self._reset_when_taken()

    def _reset_when_taken(self) -> None:
        now = time.monotonic()
        ways = ((self.to_target, self.to_client), (self.to_client, self.to_target))
        if now < self._reset_by and any(not back.was_reset and stream.is_taking for stream, back in ways):
            self.loop.later(now + _LOOK_SECONDS, self._reset_when_taken)
        else:
            self.close(reset=True)

    def close(self, reset: bool) -> None:
        """Ends both sides at once; what was not written is lost."""
        if not self.open:
            return
        self.open = False
        for stream in self.streams:
            stream.abandon()
        for sock in (self.client, self.target):
            self.loop.forget(sock)
            close_socket(sock, reset)
        self.office.closed(self)
