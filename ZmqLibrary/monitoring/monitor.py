"""The monitor: everything that libzmq reports about a socket's connections, decoded and kept.

Rules, each pinned by a test (docs/zeromq-facts.md): the monitor is attached before the first bind or connect, because
libzmq reports nothing of what was before. Its PAIR has RCVHWM=0 before it connects, because a full PAIR stops the I/O
thread of the whole context. It is drained by whoever waits or receives on the socket or asks about it, and now and then
by the session; there is no thread. The PAIR is closed only after the monitor was disabled or has reported its
own end, because libzmq would wait for a reader that is gone.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

import zmq

from ..waiting.deadline import Deadline
from ..waiting.uninterrupted import Uninterrupted
from .addresses import ends_of, may_be_at, plain
from .event_meanings import EVENT_NAMES, dropped_in_handshake, failure_of, may_be_an_end, meaning_of
from .event_source import EventSource
from .history import HISTORY, ByKind, any_kind
from .link import STOP_HANDSHAKE_FAILED, Failure, Link
from .socket_event import SocketEvent

if TYPE_CHECKING:
    from collections.abc import Collection

_WILDCARDS = ("tcp://0.0.0.0:", "tcp://[::]:")
_COUNTLESS_MEANINGS = ("CONNECT_RETRIED",)  # a time
_COMING = ("CONNECTED", "ACCEPTED")
_WITH_DESCRIPTOR = (*_COMING, "DISCONNECTED")
LONGEST_DRAIN = 0.1
_LATE_SECONDS = 0.15


class DecidingOptions(Protocol):
    """What a monitor has to know of the options of its socket."""

    @property
    def raw_peers(self) -> bool:
        """Whether peers speak plain TCP, without a handshake."""

    def dropped_cause(self) -> tuple[str, str]:
        """Why a connection was dropped in the handshake: a reason, and the same in words."""


class Monitor:
    """Keeps what libzmq reports about one socket: the last events and failed handshakes, and the last of each kind.

    A peer that is refused 400 times a second does not make it forget the one that was let in. Until it is attached,
    which a socket with only inproc endpoints never does, there is nothing to read and nothing to keep.

    Args:
        socket: The socket to watch.
        uses_curve: Whether the socket is a CURVE client, which decides what a closed handshake means.
        options: The options of the socket that decide what events mean.

    Attributes:
        source: Where it reads, and whether there is something to drain.
        ends: `host:port` of this side and of the peer, by descriptor.
        own_addresses: `host:port` of the connections that this side has made, the last ones, and since when.
        awaited: Whether somebody waits for what happens.
        bypassed: Whether messages may come over inproc, of which it sees nothing.
        heard_from: The open connections of peers on which messages have come, by descriptor.
    """

    def __init__(
        self,
        socket: zmq.Socket[bytes],
        uses_curve: Callable[[], bool],
        options: DecidingOptions,
    ) -> None:
        self.history: deque[SocketEvent] = deque(maxlen=HISTORY)
        self.counts: Counter[str] = Counter()
        self.failures: deque[Failure] = deque(maxlen=HISTORY)
        self._events_by_kind: ByKind[SocketEvent] = ByKind()
        self._failures_by_kind: ByKind[Failure] = ByKind()
        self.links: dict[str, Link] = {}
        self._uses_curve = uses_curve
        self._options = options
        self.source = EventSource(socket)
        self._looked_at = 0.0
        self._aliases: dict[str, list[Link]] = {}
        self._gone: list[int] = []
        self.ends: dict[int, tuple[str, str]] = {}
        self.own_addresses: dict[str, float] = {}
        self.next_number = self._failure_count = 0
        self.event_cursor = 0
        self.failure_cursor = 0
        self.known_until = time.monotonic()
        self.awaited = self.bypassed = False
        self.heard_from: set[int] = set()

    @property
    def attached(self) -> bool:
        """Whether it watches: libzmq reports no connections over inproc."""
        return bool(self.source.polled)

    @property
    def quiet(self) -> bool:
        """Whether refused attempts are not reported, because nobody waits and there were too many."""
        return self.source.quiet

    def attach(self) -> None:
        """Begins to watch; before each bind or connect that is not inproc."""
        if self.attached:
            self.source.hear(refusals=True)
            return
        self.known_until = time.monotonic()
        self.source.attach()

    def close(self) -> None:
        """Stops watching. Comes before the socket is closed."""
        self.source.close()

    def hear_refusals(self) -> None:
        """Somebody waits: refused attempts are reported again."""
        if self.source.quiet:
            self.source.hear(refusals=True)

    def ignore_refusals(self) -> None:
        """Nobody waits, and there is too much to read: refused attempts to connect are no longer reported.

        Not where it listens, too: of listeners libzmq reports with the same event that their address is free.
        """
        if self.quiet or self.awaited or not self.source.readable():
            return
        if not any(link.bound for link in self.links.values()):
            self.source.hear(refusals=False)
            for link in self.links.values():
                link.uncounted = True

    def wait_closed(self, listeners: Collection[str], number: int, deadline: Deadline) -> None:
        """Waits until libzmq has given up addresses, with events from that number on; after the socket was closed."""
        while not self.stopped and not all(self.since(number, ["CLOSED"], endpoint) for endpoint in listeners):
            if not deadline.remaining():
                return
            self.source.wait(deadline.slice())

    @property
    def stopped(self) -> bool:
        """Whether libzmq has nothing more to report, because a closed socket has sent what it had to send."""
        self.drain()
        return bool(self.counts["MONITOR_STOPPED"])

    def expect(self, endpoint: str, bound: bool) -> Link:
        """Begins to keep a link; its events are distinguished by the endpoint."""
        link = self.links.setdefault(endpoint, Link(endpoint, bound, raw=self._options.raw_peers))
        link.expected()
        return link

    def forget(self, endpoint: str) -> None:
        """The endpoint was left; its later events change nothing."""
        link = self.links.pop(endpoint, None)
        if link:
            kept = {alias: [x for x in links if x is not link] for alias, links in self._aliases.items()}
            self._aliases = {alias: links for alias, links in kept.items() if links}

    def take_gone(self) -> list[int]:
        """The descriptors of connections that have gone since the last call."""
        gone, self._gone = self._gone, []
        return gone

    def heard(self, descriptor: int | None) -> None:
        """A message has come, so there is a peer, or was one.

        Args:
            descriptor: Of its connection; None if it does not say, as with peers of ZMTP 2.0 and older.
        """
        if descriptor is not None:
            if any(link.heard(descriptor) for link in self.links.values()):
                self.heard_from.add(descriptor)
        elif not self.bypassed:
            links = self.links.values()
            candidates = [x for x in links if x.handshaking > 0] or [x for x in links if x.unexplained]
            if len(candidates) == 1:
                for failure in candidates[0].heard_unreported():
                    self._take_back(failure)

    def find_closed(self) -> None:
        """Looks which raw connections are no longer there; not too often, whoever asks.

        libzmq does not report those that it closes because an empty frame was sent.
        """
        if not self._options.raw_peers or (now := time.monotonic()) - self._looked_at < _LATE_SECONDS / 2:
            return
        self._looked_at = now
        for link in [link for link in self.links.values() if link.raw]:
            for descriptor in link.descriptors & self.ends.keys():
                if ends_of(descriptor) != self.ends[descriptor]:
                    link.closed(descriptor, time.time())

    def _take_back(self, failure: Failure) -> None:
        self._failures_by_kind.remove(failure.reason, failure.text, failure)
        with suppress(ValueError):
            self.failures.remove(failure)

    def drain(self, longest: float = LONGEST_DRAIN) -> bool:
        """Takes in all that has happened since the last time; never waits. A storm of events has no end: not all of it.

        Args:
            longest: Seconds after which the rest is left for the next time.

        Returns:
            Whether anything was new.
        """
        if not self.source.readable():
            return False
        before, deadline = self.next_number, Deadline(longest)
        with Uninterrupted():
            while deadline.remaining():
                record = self.source.read()
                if record is None:
                    self.known_until = time.monotonic()
                    break
                self._take(*record)
        return self.next_number != before

    def _take(self, number: int, value: int, endpoint: str) -> None:
        name = EVENT_NAMES.get(number, f"EVENT_{number:#x}")
        link = self._link_of(name, value, endpoint)
        endpoint = link.endpoint if link else endpoint
        late = time.monotonic() - self.known_until > _LATE_SECONDS
        peer = self._peer_of(link, name, value)
        event = SocketEvent(name, endpoint, meaning_of(name, value), value, time.time(), self.next_number, late, peer)
        self.next_number += 1
        self.history.append(event)
        self._events_by_kind.add(name, "" if name in _COUNTLESS_MEANINGS else event.meaning, event)
        self.counts[name] += 1
        if link:
            self._update(link, event)
        if name == "DISCONNECTED":
            self._gone.append(value)

    def _link_of(self, name: str, value: int, endpoint: str) -> Link | None:
        """The link that an event belongs to.

        libzmq names a host as it was given at first, and by its address from the first reconnect on. What a wildcard
        has accepted, it names by the address that the peer has connected to.
        """
        links = self._links_at(endpoint)
        if name == "DISCONNECTED":
            suiting = (link for link in links if value in link.descriptors)
        elif name.startswith("HANDSHAKE"):
            suiting = (link for link in links if link.handshaking > 0)
        else:
            suiting = (link for link in links if link.bound or not link.descriptors)
        return next(suiting, links[0] if links else None)

    def _links_at(self, endpoint: str) -> list[Link]:
        """Those that an endpoint of an event may mean; of several, all but the first were connected by their names."""
        exact = [self.links[name] for name in {endpoint, plain(endpoint)} if name in self.links]
        links = exact + self._aliases.get(plain(endpoint), [])
        if not links and endpoint.startswith("tcp://") and (guess := self._guess(endpoint)):
            self._also_named(endpoint, guess)
            return [guess]
        return links

    def _guess(self, endpoint: str) -> Link | None:
        """The link that an endpoint may mean, where none is known yet; best one without a connection."""
        port = endpoint.rpartition(":")[2]
        known = [link for links in self._aliases.values() for link in links]
        may_be = (
            link
            for link in self.links.values()
            if (
                plain(link.endpoint).removesuffix(port) in _WILDCARDS
                if link.bound
                else may_be_at(link.endpoint, endpoint)
            )
        )
        return min(may_be, key=lambda x: (not x.bound, x.handshaking + x.peers > 0, x in known), default=None)

    def _also_named(self, endpoint: str, link: Link) -> None:
        """From now on libzmq may mean a link by this name, too."""
        links = self._aliases.setdefault(plain(endpoint), [])
        if link not in links and plain(endpoint) != link.endpoint:
            links.append(link)

    def _update(self, link: Link, event: SocketEvent) -> None:
        if event.name in _WITH_DESCRIPTOR:
            self.heard_from.discard(event.value)
        if event.name in _COMING:
            link.opened(event.value)
            if link.raw:
                link.handshake_done()
        elif event.name == "HANDSHAKE_SUCCEEDED":
            link.handshake_done()
        elif event.name.startswith("HANDSHAKE_FAILED"):
            self._fail(link, failure_of(event, self._uses_curve()), may_end=may_be_an_end(event))
        elif event.name == "CLOSED":
            link.attempt_ended()
        elif event.name == "CONNECT_RETRIED":
            link.retried(resolved=self._preceded_by_attempt(event))
        elif event.name == "DISCONNECTED" and link.closed(event.value, event.time, event.late):
            self._fail(link, dropped_in_handshake(event, self._options.dropped_cause()), settled=True)

    def _peer_of(self, link: Link | None, name: str, descriptor: int) -> str:
        """The other end of a connection that comes or goes. Its descriptor may soon be that of another one."""
        if link and name in _COMING:
            self._note_addresses(link, descriptor)
        return self.ends[descriptor][1] if name in _WITH_DESCRIPTOR and descriptor in self.ends else ""

    def _note_addresses(self, link: Link, descriptor: int) -> None:
        self.ends.pop(descriptor, None)
        if link.endpoint.startswith("tcp:") and (ends := ends_of(descriptor)):
            self.ends[descriptor] = ends
            if not link.bound:
                self._also_named(f"tcp://{ends[1]}", link)
                self.own_addresses[ends[0]] = time.time()
                if len(self.own_addresses) > HISTORY:
                    del self.own_addresses[next(iter(self.own_addresses))]

    def _fail(self, link: Link, failure: Failure, settled: bool = False, may_end: bool = False) -> None:
        final = failure.final or link.reconnecting.ends_after(STOP_HANDSHAKE_FAILED)
        failure = failure._replace(number=self._failure_count, final=final)
        if may_end and link.ended(failure):
            return
        self._failure_count += 1
        self.failures.append(failure)
        self._failures_by_kind.add(failure.reason, failure.text, failure)
        if settled:
            link.dropped(failure)
        else:
            link.handshake_failed(failure)

    def _preceded_by_attempt(self, event: SocketEvent) -> bool:
        """A refused attempt is CONNECT_DELAYED, CLOSED, CONNECT_RETRIED; a name that is not resolved only the last."""
        before = (e for e in reversed(self.history) if e.endpoint == event.endpoint and e is not event)
        previous = next(before, None)
        return previous is not None and previous.name != "CONNECT_RETRIED"

    def since(self, number: int, names: Collection[str] = (), endpoint: str | None = None) -> SocketEvent | None:
        """The first event with at least this number, one of these names and this endpoint (none given: any)."""
        return self._events_by_kind.first(
            number, lambda name, _: name in (names or (name,)), lambda event: endpoint in (None, event.endpoint)
        )

    def take_event(self, names: Collection[str]) -> SocketEvent | None:
        """The first of these events that no earlier call has returned."""
        event = self.since(self.event_cursor, names)
        if event:
            self.event_cursor = event.number + 1
        return event

    def events(self, name: str) -> list[SocketEvent]:
        """The events of that name in order, the last 200 of each meaning."""
        return self._events_by_kind.all(lambda kept, _: kept == name)

    def failure_since(self, number: int, wanted: Callable[[str, str], bool] = any_kind) -> Failure | None:
        """The first failed handshake with at least this number whose reason and text are wanted."""
        return self._failures_by_kind.first(number, wanted)

    def take_failure(self, wanted: Callable[[str, str], bool]) -> Failure | None:
        """The first failed handshake that no earlier call has returned and whose reason and text are wanted."""
        failure = self.failure_since(self.failure_cursor, wanted)
        if failure:
            self.failure_cursor = failure.number + 1
        return failure
