"""Links: all connections of a pump or sink of the WIRE engine: listening, connecting, connecting again, and waiting.

A side that connects has one link for each lane; after it was lost, it connects again every `RECONNECT_IVL` ms, as
libzmq does. A side that listens has as many links as peers, and all lanes use all of them.
"""

from __future__ import annotations

import errno
import os
import select
import selectors
import socket
import time
from collections.abc import Callable, Sequence
from math import ceil

from ..errors import EndpointFailed
from ..report.words import count_of
from ..sockets.descriptors import NONE_LEFT
from ..zmtp.opening import Opening
from ..zmtp.transport import address_of, endpoint_of, listening, prepare, stop_listening
from .settings import PeerSettings
from .wire_link import State, WireLink

_MS = 1_000_000
_RECONNECT_MS = 100
_HANDSHAKE_NS = 30_000 * _MS
_DEAF_NS = 200 * _MS  # without descriptors
_MOST_DESCRIPTORS = 900  # select takes descriptors below 1024
_CLOSE_SECONDS = 0.3
_IN_PROGRESS = (0, errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", errno.EWOULDBLOCK))

_Input = WireLink | socket.socket


class Links:
    """The connections of one pump or sink.

    Args:
        settings: Of the pump or sink.
        wakeup: Readable when a wait is to end.
        opening: Makes greetings and handshake of a new connection.
        on_ready: Called with each link whose handshake is done.
        on_lost: Called with each of those that is lost, when all that it has received is read.
        largest: Most bytes of a frame that is accepted.

    Attributes:
        endpoint: Where it listens, with the port, or what it connects to.
        ready: The links whose handshake is done. One that was lost stays until its messages are read.
        problem: Why a link was lost last.
        polled: When the last wait ended, in monotonic ns.
    """

    def __init__(
        self,
        settings: PeerSettings,
        wakeup: socket.socket,
        opening: Callable[[], Opening],
        on_ready: Callable[[WireLink], object],
        on_lost: Callable[[WireLink], object],
        largest: int,
    ) -> None:
        self.endpoint = settings.endpoint
        self.ready: list[WireLink] = []
        self.problem: Exception | None = None
        self.polled = 0
        self._settings = settings
        self._wakeup = wakeup
        self._opening = opening
        self._on_ready = on_ready
        self._on_lost = on_lost
        self._largest = largest
        self._listener: socket.socket | None = None
        self._deaf_until = 0  # until when it does not accept
        self._opened: list[WireLink] = []  # not ready yet
        self._retries: dict[int, int] = {}  # lane → when to connect again
        self._reconnect_ns = int(settings.option("RECONNECT_IVL", _RECONNECT_MS)) * _MS
        self._most_reconnect_ns = int(settings.option("RECONNECT_IVL_MAX", 0)) * _MS
        self._failures: dict[int, int] = {}

    @property
    def condition(self) -> str:
        """What is known of them, as a sentence."""
        if self.ready:
            known = f"connected to {count_of(len(self.ready), 'peer')}"
        elif self.problem is not None:
            code = getattr(self.problem, "errno", None)
            problem = os.strerror(code) if code else str(self.problem).rstrip(".")
            known = f"no peer is connected, the last problem was: {problem}"
        elif any(link.state is State.OPENING for link in self._opened):
            known = "the connection is there but no ZeroMQ handshake"
        else:
            known = "listening, no peer has connected" if self._settings.bind else "no answer yet"
        return f"{self.endpoint}: {known}."

    # Opening and closing

    def open(self) -> None:
        """Listens, or begins to connect all lanes.

        Raises:
            EndpointFailed: The endpoint is in use, or cannot be used; or there are no file descriptors left.
        """
        if self._settings.bind:
            self._listener = listening(self._settings.endpoint)
            self._listener.setblocking(False)
            self.endpoint = endpoint_of(self._listener)
            return
        self._address = address_of(self._settings.endpoint)
        now = time.monotonic_ns()
        for lane in range(self._settings.connections):
            self._retries[lane] = now
        self._connect_again(now)
        if isinstance(self.problem, OSError) and self.problem.errno in NONE_LEFT:
            raise EndpointFailed(f"Connecting to '{self.endpoint}' failed: {self.problem.strerror}.")

    def close(self, politely: bool = False) -> None:
        """Closes all connections. Closing twice does nothing.

        Args:
            politely: Whether what the kernel has taken shall still arrive.
        """
        if self._listener is not None:
            stop_listening(self._listener)
            self._listener = None
        self._retries.clear()
        deadline = time.monotonic() + _CLOSE_SECONDS
        for link in (*self.ready, *self._opened):
            if politely and link.state is State.READY:
                _say_goodbye(link.transport, deadline)
            link.lose()
        self.ready, self._opened = [], []

    def of_lane(self, lane: int) -> list[WireLink]:
        """The links that can be used for a lane now."""
        if self._settings.bind:
            return [link for link in self.ready if link.state is State.READY]
        return [link for link in self.ready if link.lane == lane and link.state is State.READY]

    def renew(self, link: WireLink) -> None:
        """Closes a link; a side that connects opens it again at once."""
        link.lose()
        self._forget_lost()
        if not self._settings.bind:
            self._retries[link.lane] = time.monotonic_ns()

    # Waiting

    def poll(self, seconds: float, writable: bool = False, reading: bool = True) -> list[WireLink]:
        """Waits for the connections, does what they need, and sends on what waits for the kernel.

        Args:
            seconds: At most so long; 0 only looks. Readable `wakeup` ends it.
            writable: Whether to return also when a ready link can take messages.
            reading: Whether to look for messages.

        Returns:
            The ready links from which something can be read.
        """
        now = time.monotonic_ns()
        if self._retries:
            self._connect_again(now)
        inputs, outputs = self._watched(now, writable, reading)
        readable, written = _select(inputs, outputs, self._at_most(seconds, now))
        self.polled = time.monotonic_ns()
        if not readable and not written and not self._opened:
            self._forget_lost()
            return []
        for link in written:
            self._go_on_writing(link)
        found = [link for link in readable if isinstance(link, WireLink)]
        for link in found:
            if link.state is State.OPENING:
                link.go_on_opening()
        if self._listener is not None and self._listener in readable:
            self._accept()
        if self._opened:
            self._settle_opened()
        self._forget_lost()
        return [link for link in found if link.state is State.READY and not link.unread]

    def _watched(self, now: int, writable: bool, reading: bool) -> tuple[list[_Input], list[WireLink]]:
        """What is waited for: inputs and outputs."""
        inputs: list[_Input] = [self._wakeup]
        outputs: list[WireLink] = []
        if self._listener is not None and now >= self._deaf_until:
            inputs.append(self._listener)
        for link in self._opened:
            (outputs if link.state is State.CONNECTING else inputs).append(link)
        for link in self.ready:
            if link.state is State.LOST:
                continue
            if reading and not link.unread:
                inputs.append(link)
            if writable or link.has_outgoing:
                outputs.append(link)
        return inputs, outputs

    def _at_most(self, seconds: float, now: int) -> float:
        if not self._retries:
            return seconds
        return min(seconds, max(0, min(self._retries.values()) - now) / 1e9)

    def _go_on_writing(self, link: WireLink) -> None:
        if link.state is State.CONNECTING:
            link.become_connected()
        else:
            link.flush()

    # Connections that come and go

    def _accept(self) -> None:
        assert self._listener is not None
        try:
            while True:
                transport, _ = self._listener.accept()
                self._add(transport, 0, True)
        except OSError as error:
            if error.errno in NONE_LEFT:  # what waits to be accepted would end each wait at once
                self.problem = error
                self._deaf_until = time.monotonic_ns() + _DEAF_NS

    def _connect_again(self, now: int) -> None:
        for lane in [lane for lane, due in self._retries.items() if due <= now]:
            del self._retries[lane]
            try:
                transport = socket.socket(self._address.family, socket.SOCK_STREAM)
            except OSError as error:
                self.problem = error
                self._retries[lane] = now + _DEAF_NS
                continue
            transport.setblocking(False)
            code = transport.connect_ex(self._address.address)
            if code in _IN_PROGRESS:
                self._add(transport, lane, code == 0)
            else:  # a Unix socket that is not there, or whose queue is full
                transport.close()
                self.problem = OSError(code, "connecting failed")
                self._try_later(lane)

    def _add(self, transport: socket.socket, lane: int, connected: bool) -> None:
        transport.setblocking(False)
        prepare(transport)
        for name, option in (("SNDBUF", socket.SO_SNDBUF), ("RCVBUF", socket.SO_RCVBUF)):
            size = int(self._settings.option(name, -1))
            if size > 0:
                transport.setsockopt(socket.SOL_SOCKET, option, size)
        link = WireLink(transport, self._opening(), lane, self._largest, connected)
        link.deadline = time.monotonic_ns() + _HANDSHAKE_NS
        self._opened.append(link)

    def _settle_opened(self) -> None:
        now = time.monotonic_ns()
        waiting = []
        for link in self._opened:
            if link.state in (State.CONNECTING, State.OPENING) and now > link.deadline:
                link.lose(TimeoutError("the handshake was not done in time"))
            if link.peer is not None:
                link.arrived = now
                self._failures.pop(link.lane, None)
                self.ready.append(link)
                self._on_ready(link)
            elif link.state is State.LOST:
                self._note_lost(link)
            else:
                waiting.append(link)
        self._opened = waiting

    def _forget_lost(self) -> None:
        lost = [link for link in self.ready if link.state is State.LOST and not link.unread]
        for link in lost:
            self.ready.remove(link)
            self._note_lost(link)
            self._on_lost(link)

    def _note_lost(self, link: WireLink) -> None:
        self.problem = link.problem or self.problem
        if not self._settings.bind:
            self._try_later(link.lane)

    def _try_later(self, lane: int) -> None:
        if self._reconnect_ns < 0:  # as libzmq: never
            return
        failures = self._failures[lane] = self._failures.get(lane, 0) + 1
        pause = self._reconnect_ns
        if self._most_reconnect_ns > pause:
            pause = min(pause << min(failures - 1, 20), self._most_reconnect_ns)
        self._retries[lane] = time.monotonic_ns() + pause


def _select(
    inputs: Sequence[_Input], outputs: Sequence[WireLink], seconds: float
) -> tuple[list[_Input], list[WireLink]]:
    """What can be read and written; to some 50 µs, where there are few connections."""
    if len(inputs) + len(outputs) > _MOST_DESCRIPTORS:
        return _poll(inputs, outputs, seconds)
    try:
        readable, writable, _ = select.select(inputs, outputs, [], seconds)
    except ValueError:  # a descriptor above 1023, where others have many
        return _poll(inputs, outputs, seconds)
    return readable, writable


def _poll(inputs: Sequence[_Input], outputs: Sequence[WireLink], seconds: float) -> tuple[list[_Input], list[WireLink]]:
    """As `_select`, for any descriptors: of a thousand connections in 0.5 ms, which take a selector 4 ms."""
    if not hasattr(select, "poll"):
        return _poll_with_selector(inputs, outputs, seconds)
    reading = {thing.fileno(): thing for thing in inputs}
    writing = {link.fileno(): link for link in outputs}
    poller = select.poll()
    for descriptor in {**reading, **writing}:
        wanted = (select.POLLIN if descriptor in reading else 0) | (select.POLLOUT if descriptor in writing else 0)
        poller.register(descriptor, wanted)
    found = dict(poller.poll(ceil(seconds * 1000)))
    # Errors and the end of a connection come unasked, and count as both.
    readable = [thing for descriptor, thing in reading.items() if found.get(descriptor, 0) & ~select.POLLOUT]
    return readable, [link for descriptor, link in writing.items() if found.get(descriptor, 0) & ~select.POLLIN]


def _poll_with_selector(
    inputs: Sequence[_Input], outputs: Sequence[WireLink], seconds: float
) -> tuple[list[_Input], list[WireLink]]:
    with selectors.DefaultSelector() as selector:
        events = dict.fromkeys(inputs, selectors.EVENT_READ)
        for link in outputs:
            events[link] = events.get(link, 0) | selectors.EVENT_WRITE
        for thing, wanted in events.items():
            selector.register(thing, wanted, thing)
        found = selector.select(seconds)
    readable = [key.data for key, events in found if events & selectors.EVENT_READ]
    return readable, [key.data for key, events in found if events & selectors.EVENT_WRITE]


def _say_goodbye(transport: socket.socket, deadline: float) -> None:
    """Ends this side and reads until the other one has ended: closing with unread bytes resets the connection."""
    try:
        transport.shutdown(socket.SHUT_WR)
        while (left := deadline - time.monotonic()) > 0:
            transport.settimeout(left)
            if not transport.recv(1 << 16):
                return
    except OSError:
        return
