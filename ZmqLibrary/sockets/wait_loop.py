"""WaitLoop: the one loop in which a socket waits, for messages and for what happens to its connections."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TypeVar

import zmq

from ..monitoring.monitor import LONGEST_DRAIN, Monitor
from ..waiting.deadline import Deadline
from ..waiting.uninterrupted import Uninterrupted
from .ownership import Ownership
from .raw_socket import RawSocket
from .subscribers import Subscribers

_PAUSE = 0.005
_AT_ONCE = 0.001
_LOOK_SECONDS = 0.005
_STORM = 50  # events of one look: a busy machine may hold up a look, but what it has read was there
_CANCELLATION = b"\x00"
_SUBSCRIPTION = (_CANCELLATION, b"\x01")
Result = TypeVar("Result")


class WaitLoop:
    """Waits for one socket, and takes in what its monitor and its subscribers report.

    Args:
        raw: The socket.
        monitor: Its monitor.
        subscribers: What its peers have subscribed to.
        ownership: Who has it.
        tick: Called in each slice of a wait of the main thread, so that others can be looked after.
        reads_subscriptions: Whether it receives nothing but subscriptions, as a PUB.
    """

    def __init__(
        self,
        raw: RawSocket,
        monitor: Monitor,
        subscribers: Subscribers,
        ownership: Ownership,
        tick: Callable[[], object],
        reads_subscriptions: bool,
    ) -> None:
        self._raw = raw
        self._monitor = monitor
        self._subscribers = subscribers
        self._ownership = ownership
        self._tick = tick
        self._reads_subscriptions = reads_subscriptions

    def drain(self, longest: float = LONGEST_DRAIN) -> None:
        """Takes in what the monitor and the subscribers have reported since the last time; never waits."""
        if not self._monitor.source.readable():
            self._monitor.known_until = time.monotonic()
        self.take_in(longest)

    def take_in(self, longest: float = LONGEST_DRAIN) -> None:
        """As `drain`, but of the monitor only what the last poll has seen: to look again costs a busy thread a turn."""
        if self._monitor.source.pending:
            self._take_events(longest)
        self._monitor.find_closed()
        if self._reads_subscriptions:
            self._raw.read_frames(self.take_subscription, longest)

    def look_after(self) -> bool:
        """As `drain`, for a short time, where nobody waits. Of a storm that goes on, refused attempts are not reported.

        Returns:
            Whether there was a storm of events.
        """
        known = self._monitor.next_number
        self.drain(_LOOK_SECONDS)
        stormy = self._monitor.next_number > known + _STORM
        if stormy:
            self._monitor.ignore_refusals()
        return stormy

    def _take_events(self, longest: float = LONGEST_DRAIN) -> None:
        with Uninterrupted():  # who is gone is forgotten in the step in which that is known
            if self._monitor.drain(longest):
                self._raw.forget_peers()
                self._subscribers.forget(self._monitor.take_gone())

    def take_subscription(self, frame: bytes, descriptor: int | None) -> bool:
        """Takes in what a peer of a PUB or XPUB has sent.

        Events first, because a descriptor is used again by the next connection.

        Returns:
            Whether an XPUB without XPUB_VERBOSER would have reported it.
        """
        self._take_events()
        if descriptor is not None or frame[:1] != _CANCELLATION:  # that of a peer which is gone says nothing
            self.heard(descriptor)
        return frame[:1] in _SUBSCRIPTION and self._subscribers.take(frame, descriptor)

    def heard(self, descriptor: int | None) -> None:
        """Takes note that a message has come on a connection (None: it does not say on which): there is a peer.

        Events first, as with subscriptions; what a handshake lets through comes after its event.
        """
        if self._monitor.attached and descriptor not in self._monitor.heard_from:
            self._take_events()
            self._monitor.heard(descriptor)

    def wait_for(
        self,
        condition: Callable[[], Result],
        deadline: Deadline,
        flags: int = 0,
        serve: Iterable[RawSocket] = (),
    ) -> Result | None:
        """Looks at the condition whenever something has happened.

        Args:
            condition: What is waited for; its first true result is returned.
            deadline: The end of the wait; one that is over means a single look.
            flags: `zmq.POLLIN` or `zmq.POLLOUT` where messages matter; connection events always do.
            serve: Other sockets that have to get on meanwhile: libzmq does part of their work in their own thread.

        Returns:
            What the condition returned, or None at the deadline.
        """
        try:
            self._monitor.awaited = True
            self._monitor.hear_refusals()
            return self._wait_for(condition, deadline, flags, serve)
        finally:
            self._monitor.awaited = False

    def _wait_for(
        self, condition: Callable[[], Result], deadline: Deadline, flags: int, serve: Iterable[RawSocket]
    ) -> Result | None:
        useless = False  # a ROUTER is writable as soon as any peer is, even if another one is meant
        while True:
            self.drain()
            result = condition()
            if result:
                return result
            step = deadline.slice()
            if not step:
                return None
            if useless:
                self.poll(0, min(step, _PAUSE), serve=serve)
                useless = False
            else:
                useless = bool(self.poll(flags, step, serve=serve) & zmq.POLLOUT)
            if self._ownership.holder is None:
                self._tick()

    def poll(
        self,
        flags: int,
        seconds: float,
        also: zmq.Socket[bytes] | None = None,
        serve: Iterable[RawSocket] = (),
    ) -> int:
        """Waits once for a message or a connection event.

        Args:
            flags: `zmq.POLLIN` or `zmq.POLLOUT` where messages matter.
            seconds: How long at most.
            also: Another socket whose messages end the wait.
            serve: Sockets that have to get on meanwhile; their messages do not end the wait.

        Returns:
            Those of the flags that hold.
        """
        # The socket also without flags: pyzmq does not wait for an empty list.
        watched = [(self._raw.socket, flags), *self._monitor.source.to_poll()]
        if also is not None:
            watched.append((also, zmq.POLLIN))
        # POLLPRI never comes, but to look for it libzmq does the work that waits for the socket's own thread.
        watched += [(raw.socket, zmq.POLLPRI) for raw in serve]
        started = time.monotonic()
        ready = dict(zmq.zmq_poll(watched, int(seconds * 1000) + 1))
        heard = self._monitor.source.found(ready)
        ended = time.monotonic()
        if not heard or ended - started > _AT_ONCE:  # what ends a wait has just come
            self._monitor.known_until = ended
        return int(ready.get(self._raw.socket, 0))
