"""The proxy itself, in a process of its own: listens, connects clients to the target, applies the faults.

All of it runs in one thread, the event loop. What the library asks for arrives as calls of the methods below.
"""

from __future__ import annotations

import os
import socket
import time
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..errors import EndpointFailed, NotOpen, PatternTooSlow, WrongUse
from ..formats import FormatTable
from ..messages.patterns import MatchKind, MessagePattern, message_pattern
from ..sockets.descriptors import NONE_LEFT
from ..sockets.endpoints import Endpoint, connectable
from ..zmtp.transport import endpoint_of, listening, prepare, stop_listening
from .active_fault import Matcher
from .connection import ProxyConnection
from .event_loop import READ, EventLoop
from .fault_options import FaultDirection
from .fault_set import FaultSet
from .faults import Fault, PatternSource, Refusal
from .proxy_log import LogNote, ProxyLog
from .remote_pattern import Library, RemotePattern
from .reports import ConnectionEvent, ConnectionReport
from .seen import CopyBudget, SeenMessage, SeenMessages
from .sightings import Sightings, sightings
from .stream import READ_BYTES
from .transport import Target, client_name, close_socket, unreached
from .units import Chunk

_MOST_CLOSED = 10_000
_PAUSE_SECONDS = 0.2
_TRIES = 25


@dataclass(frozen=True)
class ProxySettings:
    """How a proxy is started.

    Attributes:
        name: Its alias.
        target: Where clients are connected to.
        listen: Where it listens.
        limit: Bytes that a fault may hold in each direction of a connection.
        encoding: Of text.
    """

    name: str
    target: Endpoint
    listen: Endpoint
    limit: int
    encoding: str = "UTF-8"


class Waiter(NamedTuple):
    """Somebody who waits until something has happened."""

    look: Callable[[], object | None]
    answer: Callable[[object], None]


class ProxyServer:
    """A proxy.

    Args:
        settings: How it is started.
        library: Which can be asked about patterns.

    Attributes:
        unreached: Why the last connection to the target failed; empty if it did not.

    Raises:
        EndpointFailed: It cannot listen there.
    """

    def __init__(self, settings: ProxySettings, library: Library) -> None:
        self.settings = settings
        self.limit = settings.limit
        self.loop = EventLoop(self._fail)
        self.buffer = bytearray(READ_BYTES)
        self.copies = CopyBudget()
        self.seen = SeenMessages()
        self.log = ProxyLog(self.seen)
        self._library = library
        self._table = FormatTable(settings.encoding)
        self._connections: dict[int, ProxyConnection] = {}
        self._closed: deque[ConnectionReport] = deque(maxlen=_MOST_CLOSED)
        self._count = 0
        self.faults = FaultSet(
            settings.name, self.loop, self.log, lambda: list(self._connections.values()), self._matcher
        )
        self._waiters: list[Waiter] = []
        self._is_short = False  # of descriptors
        self.unreached = ""
        self._listener = listening(str(settings.listen))
        self._target = Target(str(settings.target))
        self._listener.setblocking(False)
        self.endpoint = connectable(endpoint_of(self._listener))
        self._listen()

    def run(self) -> None:
        """Works until `stop`."""
        try:
            self.loop.run()
        finally:
            self.close()

    def close(self) -> None:
        """Ends everything at once."""
        for connection in list(self._connections.values()):
            connection.close(reset=False)
        self.loop.forget(self._listener)
        stop_listening(self._listener)
        self.loop.close()

    # Called by the library

    def stop(self) -> None:
        """Ends the loop."""
        self.loop.end()

    def connections(self) -> list[ConnectionReport]:
        """All connections, also those that are closed."""
        reports = [*self._closed, *(connection.report for connection in self._connections.values())]
        return sorted(reports, key=lambda report: report.number)

    def target_problem(self) -> str:
        """Why the target is not reached; empty if it is, or nobody has tried."""
        return self.unreached

    def cut(self, reset: bool, client: str | None) -> int:
        """Closes connections; returns how many."""
        chosen = self._chosen(client)
        for connection in chosen:
            connection.close(reset)
        return len(chosen)

    def inject(self, frames: Sequence[bytes], to_target: bool, number: int | None) -> int:
        """Sends one more message; returns the number of the connection.

        Raises:
            NotOpen: There is no such connection.
            WrongUse: It does not take messages, or not yet.
        """
        connection = self._open_connection(number)
        if connection.observer.opaque:
            raise WrongUse(f"Nothing can be injected. {connection.curve_problem}")
        if not connection.in_traffic:
            raise WrongUse(f"Nothing can be injected into {connection.title}: it has done no ZeroMQ handshake.")
        connection.inject(frames, to_target)
        self.log.say(f"injected {'to target' if to_target else 'to client'}, connection {connection.number}:", frames)
        return connection.number

    def messages(self, pattern: PatternSource | None, direction: FaultDirection) -> list[SeenMessage]:
        """The messages that are kept and match."""
        matcher = self._matcher(pattern)
        return [
            message
            for message in self.seen.kept
            if direction.includes(message.to_target) and (matcher is None or matcher.matches(message.frames))
        ]

    def sightings(self, source: PatternSource | None, direction: FaultDirection) -> Sightings:
        """What is known of messages that match."""
        kept = [message for message in self.seen.kept if direction.includes(message.to_target)]
        encrypted = {report.number for report in self.connections() if report.encrypted}
        pattern = None if source is None else self._pattern(source)
        forgotten = self.seen.count_of(direction) - len(kept)
        return sightings(kept, pattern, source.patterns if source else (), encrypted, forgotten)

    def last_messages(self, count: int) -> list[SeenMessage]:
        """The last messages that came in."""
        return self.seen.last(count)

    def take_messages(self, since: int) -> tuple[int, list[SeenMessage]]:
        """Messages from a number on, and the number of the next one; for recordings."""
        return self.seen.count + 1, list(self.seen.since(since))

    def wait_message(
        self,
        answer: Callable[[object], None],
        pattern: PatternSource | None,
        direction: FaultDirection,
        since: int = 1,
    ) -> None:
        """Answers with the first message from a number on that matches, as soon as there is one."""
        matcher = self._matcher(pattern)
        position = since

        def look() -> SeenMessage | None:
            nonlocal position
            for message in self.seen.since(position):
                if direction.includes(message.to_target) and (matcher is None or matcher.matches(message.frames)):
                    return message
            position = self.seen.count + 1
            return None

        self._wait(Waiter(look, answer))

    def wait_subscription(self, answer: Callable[[object], None], topic: bytes, count: int) -> None:
        """Answers as soon as so many subscribers of a topic are known to their publishers.

        Raises:
            WrongUse: All connections are encrypted, which hides subscriptions.
        """
        if self._connections and all(connection.observer.opaque for connection in self._connections.values()):
            raise WrongUse(f"Subscriptions cannot be seen. {next(iter(self._connections.values())).curve_problem}")

        def look() -> int | None:
            for connection in list(self._connections.values()):
                connection.confirm_subscriptions()
            found = self._confirmed(topic)
            return found if found >= count else None

        self._wait(Waiter(look, answer))

    def subscriptions(self, topic: bytes) -> tuple[int, list[tuple[int, list[bytes]]], str]:
        """What is known of subscriptions: how many fit, which there are, and whether encryption hides them."""
        known = [(c.number, sorted(c.subscriptions)) for c in self._connections.values() if c.subscriptions]
        hidden = next((c.curve_problem for c in self._connections.values() if c.observer.opaque), "")
        return self._confirmed(topic), known, hidden

    def forget_waiters(self) -> None:
        """Nobody waits any more."""
        self._waiters.clear()

    def take_events(self, since: int) -> tuple[int, list[ConnectionEvent]]:
        """What happened to connections from a number on, and the number of the next event; for recordings."""
        return self.log.events_since(since)

    def take_notes(self, limit: int) -> tuple[list[LogNote], int]:
        """Lines for the log since the last call, and how many are left out; frames have at most `limit` bytes."""
        return self.log.take(limit)

    # Called by connections

    def note(self, chunk: Chunk) -> None:
        """Messages came in."""
        self.seen.add(chunk)
        if self._waiters:
            self.loop.ask(self._look)

    def subscribed(self) -> None:
        """Subscriptions have changed."""
        if self._waiters:
            self.loop.ask(self._look)

    def closed(self, connection: ProxyConnection) -> None:
        """A connection is gone."""
        self._connections.pop(connection.number, None)
        self._closed.append(connection.report)
        self.log.happened(connection.number, "closed", f"{connection.title} is closed")

    # Inside

    def _accept(self) -> None:
        while True:
            try:
                client, address = self._listener.accept()
            except OSError as error:
                if error.errno in NONE_LEFT:
                    self._pause_accepting(error)
                return
            self._is_short = False
            client.setblocking(False)
            name = client_name(client, address)
            if self.faults.refuses(name):
                close_socket(client, reset=True)
            else:
                self._connect(client, name)

    def _pause_accepting(self, error: OSError) -> None:
        """Who waits to be let in would wake the loop again and again."""
        if not self._is_short:
            self._is_short = True
            self.log.say(f"no client can be let in: {error.strerror}. Raise the limit (ulimit -n).", warning=True)
        self.loop.watch(self._listener, 0, lambda events: None)
        self.loop.later(time.monotonic() + _PAUSE_SECONDS, self._listen)

    def _listen(self) -> None:
        self.loop.watch(self._listener, READ, lambda events: self._accept())

    def _fail(self, error: Exception) -> None:
        """A mistake of the proxy itself costs what it was about to do, and is logged; it does not end the proxy."""
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{os.path.basename(place.filename)}, line {place.lineno}"
        self.log.say(f"the proxy has failed: {type(error).__name__}: {error} ({where})", warning=True)

    def _connect(self, client: socket.socket, client_address: str, tries: int = _TRIES) -> None:
        try:
            target = self._target.connect()
        except (OSError, EndpointFailed) as error:
            if isinstance(error, BlockingIOError) and tries:
                again = time.monotonic() + _PAUSE_SECONDS
                self.loop.later(again, lambda: self._connect(client, client_address, tries - 1))
                return
            self.unreached = unreached(
                str(self.settings.target), error.strerror if isinstance(error, OSError) else error
            )
            self.log.say(f"{client_address}: {self.unreached}")
            close_socket(client, reset=True)
            return
        prepare(client)
        self._count += 1
        connection = ProxyConnection(self, self._count, client, client_address, target, str(self.settings.target))
        self._connections[connection.number] = connection
        self.log.happened(connection.number, "opened", f"{connection.title} opened")
        self.faults.meet(connection)
        connection.start()

    def _matcher(
        self, source: PatternSource | None, give_up: Callable[[str], object] = lambda problem: None
    ) -> Matcher | None:
        if source is None:
            return None
        if source.number is not None:
            return RemotePattern(self._library, source.number, source.frames, give_up)
        return self._pattern(source)

    def _pattern(self, source: PatternSource) -> MessagePattern:
        return message_pattern(source.patterns, MatchKind[source.match], self._table.get(source.format))

    def _chosen(self, client: str | None) -> list[ProxyConnection]:
        wanted = Fault("", Refusal(), client=client)
        return [connection for connection in self._connections.values() if connection.concerns(wanted)]

    def _open_connection(self, number: int | None) -> ProxyConnection:
        open_ones = ", ".join(map(str, self._connections)) or "none"
        if number is None:
            if not self._connections:
                reason = f": {self.unreached}" if self.unreached else ""
                raise NotOpen(f"Proxy '{self.settings.name}' has no open connection{reason}.")
            return self._connections[max(self._connections)]
        if number not in self._connections:
            raise NotOpen(
                f"Proxy '{self.settings.name}' has no open connection {number}. Open: {open_ones}; numbered from 1."
            )
        return self._connections[number]

    def _confirmed(self, topic: bytes) -> int:
        return sum(
            any(topic.startswith(prefix) for prefix in connection.confirmed)
            for connection in self._connections.values()
        )

    def _wait(self, waiter: Waiter) -> None:
        try:
            found = waiter.look()
        except PatternTooSlow as problem:
            found = problem
        if found is None:
            self._waiters.append(waiter)
        else:
            waiter.answer(found)

    def _look(self) -> None:
        waiting, self._waiters = self._waiters, []
        for waiter in waiting:
            self._wait(waiter)
