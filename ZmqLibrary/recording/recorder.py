"""Recorder: sees what sockets send and receive, and has it written."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..errors import WorkerFailed
from ..formats import HiddenBytes
from ..messages.message import Message
from ..sockets.socket_types import SocketType
from ..waiting.uninterrupted import Uninterrupted
from .names import Party, SocketView, party_at, plain
from .recording import NANOSECONDS, Track
from .secrets import SECRET, UNKNOWN, SentSecrets
from .tape import connection_line, event_line, header_line, line_head
from .tape_lines import message_line
from .writer import TapeWriter

if TYPE_CHECKING:
    from ..monitoring.socket_event import SocketEvent
    from ..network.reports import ConnectionEvent, ConnectionReport
    from ..sockets.traffic import Entry
    from ..sockets.zmq_socket import ZmqSocket

_PLAIN_BYTES = {bytes}
_LATEST = 2**63
_SENT = "sent"  # beside the descriptors from which messages came, which are None over inproc
_RECORDED = ("CONNECTED", "ACCEPTED", "HANDSHAKE_SUCCEEDED", "DISCONNECTED")


class PassedMessage(Protocol):
    """A message that came into a proxy."""

    @property
    def time(self) -> float: ...
    @property
    def connection(self) -> int: ...
    @property
    def to_target(self) -> bool: ...
    @property
    def frames(self) -> Sequence[bytes]: ...
    @property
    def faults(self) -> Sequence[str]: ...


class RecordableProxy(Protocol):
    """A proxy that reports what has come into it."""

    @property
    def name(self) -> str: ...
    @property
    def endpoint(self) -> str: ...
    @property
    def connections(self) -> Sequence[ConnectionReport]: ...
    @property
    def running(self) -> bool: ...
    def take_messages(self, since: int) -> tuple[int, Sequence[PassedMessage]]: ...
    def take_events(self, since: int) -> tuple[int, Sequence[ConnectionEvent]]: ...


class _WatchedProxy:
    """A proxy that is recorded."""

    def __init__(self, proxy: RecordableProxy) -> None:
        self.proxy = proxy
        self.next_message, _ = proxy.take_messages(_LATEST)  # those from now on
        self.ends: dict[int, tuple[Track, Track]] = {}


class Recorder:
    """Records sockets into a file.

    Args:
        name: Its alias or generated name.
        path: The file; an older one is replaced.
        others: All sockets of the library.
        wanted: Names of the sockets that are recorded; None: all.
        wanted_proxies: Names of the proxies that are recorded; None: all.

    Attributes:
        running: Whether it was not stopped.
        started: When it began, in seconds since the epoch.
        secrets: Frames that were sent as such, and that must not be in it.

    Raises:
        InvalidValue: The file cannot be written.
    """

    def __init__(
        self,
        name: str,
        path: Path,
        others: Callable[[], Sequence[ZmqSocket]],
        wanted: frozenset[str] | None = None,
        wanted_proxies: frozenset[str] | None = None,
    ) -> None:
        self.name = name
        self.path = path
        self.running = True
        self._others = others
        self._wanted = wanted
        self._wanted_proxies = wanted_proxies
        self.started = time.time()
        self._watched: dict[ZmqSocket, _Watched] = {}
        self._watchers: dict[ZmqSocket, Callable[[Entry], object]] = {}
        self._connections: dict[tuple[str, object], int] = {}
        self._typed: set[int] = set()
        self._connection_numbers = count(1)
        self._heads: dict[Track, str] = {}
        self.secrets = SentSecrets()
        self._numbers = count()
        self._proxies: dict[str, _WatchedProxy] = {}
        self.writer = TapeWriter(path, header_line(self.started), self.started)
        self.writer.sources = [self._events]

    # Called from outside

    def start(self) -> None:
        """Begins to write, which `stop` ends."""
        self.writer.start()

    def watch(self, socket: ZmqSocket) -> None:
        """Begins to record a socket, if it is one of those that are recorded and holds no passwords.

        Of others it notes what they send as secrets: a proxy that is recorded may pass it on.
        """
        if not (self.running and socket.traffic.remembers) or socket in self._watchers:
            return
        watcher: Callable[[Entry], object] = self.secrets.take
        if self._wanted is None or socket.name in self._wanted:
            watched = self._watched[socket] = _Watched(self, SocketView(socket, self._others))
            watcher = watched.take
        for entry in socket.traffic.kept:
            self.secrets.take(entry)
        self._watchers[socket] = watcher
        socket.traffic.watchers = [*socket.traffic.watchers, watcher]

    def watch_proxy(self, proxy: RecordableProxy) -> None:
        """Begins to record a proxy, if it is one of those that are recorded."""
        meant = self._wanted_proxies is None or proxy.name in self._wanted_proxies
        if not (self.running and meant) or proxy.name in self._proxies:
            return
        watched = self._proxies[proxy.name] = _WatchedProxy(proxy)
        self.writer.sources = [*self.writer.sources, lambda: self._passed(watched)]

    def flush(self) -> None:
        """Waits until what has happened so far is in the file; bounded."""
        if self.running:
            self.writer.flush()

    def stop(self) -> None:
        """Ends the recording; bounded. Stopping twice does nothing."""
        if not self.running:
            return
        with Uninterrupted():  # else it would be neither running nor stopped
            self.running = False
            for socket, watcher in list(self._watchers.items()):
                socket.traffic.watchers = [other for other in socket.traffic.watchers if other != watcher]
            self.writer.ask_to_stop()
        self.writer.stop()
        self.writer.sources = ()
        for known in (
            self._watched,
            self._watchers,
            self._connections,
            self._typed,
            self._heads,
            self._proxies,
            self.secrets,
        ):
            known.clear()

    # Called in the thread of the writer

    def _events(self) -> Iterator[str]:
        """What has happened to connections since the last time. What the library has forgotten is forgotten."""
        ended = set(self._watchers).difference(self._others())
        for watched in list(self._watched.values()):
            watched.refresh()
            monitor = watched.view.socket.monitor
            since, watched.next_event = watched.next_event, monitor.next_number
            for event in list(monitor.history):
                if event.number >= since and (event.name in _RECORDED or event.name.startswith("HANDSHAKE_FAILED")):
                    yield from self._event_lines(watched, event)
        for socket in ended:
            del self._watchers[socket]
            self._watched.pop(socket, None)
            self._heads.clear()  # which are made anew

    def _passed(self, watched: _WatchedProxy) -> Iterator[str]:
        """What has come into a proxy since the last time."""
        with suppress(WorkerFailed):  # it was stopped; `check` says if it has failed
            watched.next_message, messages = watched.proxy.take_messages(watched.next_message)
            for message in messages:
                if message.connection not in watched.ends:
                    yield from self._introduced_proxy(watched, message.connection, message.time)
                there, back = watched.ends[message.connection]
                head = self.head(there if message.to_target else back)
                yield message_line(
                    self.since(message.time), head, self.without_secrets(message.frames), (), message.faults
                )

    def _introduced_proxy(self, watched: _WatchedProxy, number: int, moment: float) -> Iterator[str]:
        report = next(report for report in watched.proxy.connections if report.number == number)
        client = party_at(report.client, self._others(), report.client_type, moment)
        target = party_at(report.target.removeprefix("tcp://"), self._others(), report.target_type, moment)
        key = watched.proxy.name, number
        self._connections[key] = own = next(self._connection_numbers)
        types = client.type, target.type
        there = Track(own, client.name, target.name, types, watched.proxy.name)
        watched.ends[number] = there, there._replace(sender=target.name, receiver=client.name, types=types[::-1])
        opaque = report.mechanism not in ("", "NULL", "PLAIN")
        yield connection_line(0, self.head(there), report.mechanism, opaque, [client.address, target.address])

    def _event_lines(self, watched: _Watched, event: SocketEvent) -> Iterator[str]:
        view, peer = watched.view, watched.peer_of(event)
        since = self.since(event.time)
        yield from self.introduced(view, peer, since)
        track = self.track(view, peer, received=view.listens)
        more = {"detail": event.meaning} if event.meaning else {}
        yield event_line(since, self.head(track), event.name, **more)

    def introduced(self, view: SocketView, peer: Party, since: int) -> Iterator[str]:
        """The line that comes before the first one of a connection, and before the first that knows the peer's type."""
        if (view.socket.name, peer) in self._connections:
            return
        self._number(view.socket.name, peer)
        track = self.track(view, peer, received=view.listens)
        addresses = [view.own.address, peer.address]
        yield connection_line(
            since,
            self.head(track),
            view.socket.options.mechanism,
            opaque=False,
            addresses=addresses[::-1] if view.listens else addresses,
        )

    def _number(self, socket: str, peer: Party) -> None:
        """Numbers a connection: it keeps its number when a message is the first to name the peer's type."""
        untyped = socket, peer._replace(type="")
        number = self._connections.get(untyped)
        if number is None or number in self._typed:
            number = next(self._connection_numbers)
        if peer.type:
            self._typed.add(number)
        self._connections[socket, peer] = number
        self._connections.setdefault(untyped, number)

    def track(self, view: SocketView, peer: Party, received: bool) -> Track:
        """The way from or to a peer."""
        number = self._connections[view.socket.name, peer]
        own = view.own
        sender, receiver = (peer, own) if received else (own, peer)
        return Track(number, sender.name, receiver.name, (sender.type, receiver.type), own.name)

    def next_head(self) -> int:
        """A new number for the beginning of lines."""
        return next(self._numbers)

    def head(self, track: Track) -> str:
        """What the lines of a track begin with."""
        head = self._heads.get(track)
        if head is None:
            head = self._heads[track] = line_head(track)
        return head

    def since(self, moment: float) -> int:
        """A moment in nanoseconds since the recording began."""
        return round((moment - self.started) * NANOSECONDS)

    def without_secrets(self, frames: Sequence[bytes]) -> Sequence[bytes]:
        """The frames as they may be written. What was once sent as a secret stays one.

        Of more secrets than can be looked for, none is written: then no frame is.
        """
        shown = UNKNOWN if self.secrets.too_many else SECRET
        return [shown if isinstance(frame, HiddenBytes) else frame for frame in self.secrets.hidden(frames)]


class _Watched:
    """A socket that is recorded. Who sent what to whom is looked up once for each peer, and again when peers change."""

    def __init__(self, recorder: Recorder, view: SocketView) -> None:
        self.view = view
        self.next_event = view.socket.monitor.next_number
        self._recorder = recorder
        self._put = recorder.writer.put
        self._heads: dict[object, int] = {}
        self._in_handshake: dict[int, str] = {}
        self._uncertain = 0
        # Of others, each message can go to another peer, or begin with an envelope of its own.
        self._is_plain = not (view.socket.type is SocketType.ROUTER or view.socket.role == "REP")

    def take(self, entry: Entry) -> None:
        """Takes a message, in the thread of the socket."""
        if type(entry) is tuple:
            time, frames = entry
            head = self._heads.get(_SENT)
            if {*map(type, frames)} != _PLAIN_BYTES:  # What was received is plain; what was sent may be a secret.
                # At once: a proxy may be looked at before the message is written.
                self._recorder.secrets.take(entry)
                head = None
        else:
            time, frames, head = entry.timestamp, entry.raw, self._heads.get(entry.receipt.descriptor)  # type: ignore[union-attr]
        if head is None or self._recorder.secrets:
            self._put(partial(self._lines, entry), frames)
        else:
            self._put((head, time, frames), frames)

    def refresh(self) -> None:
        """Looks who is at the other end now; in the thread of the writer."""
        if self.view.refresh():
            self._heads = {}

    def peer_of(self, event: SocketEvent) -> Party:
        """Who is at the other end of the connection of an event; all peers where that is not certain."""
        view = self.view
        if event.endpoint in view.socket.places.connected:
            return view.at(plain(event.endpoint), moment=event.time)
        peer = event.peer
        if event.name == "ACCEPTED":
            self._in_handshake[event.value] = peer
        elif event.name == "DISCONNECTED":
            self._in_handshake.pop(event.value, None)
            self._settle()
        else:
            peer = self._shaken()
        return view.at(peer, moment=event.time) if peer else view.only_peer(event.time)

    def _shaken(self) -> str:
        """Whose handshake is done or has failed, which libzmq does not say; empty if it can be that of several."""
        if len(self._in_handshake) == 1:
            return self._in_handshake.popitem()[1]
        self._uncertain += 1
        self._settle()
        return ""

    def _settle(self) -> None:
        """All handshakes are done once as many are as were open."""
        if self._uncertain >= len(self._in_handshake):
            self._in_handshake.clear()
            self._uncertain = 0

    def _lines(self, entry: Entry) -> Iterator[object]:
        """A message whose peer is not known yet, or that needs a look; in the thread of the writer."""
        recorder = self._recorder
        seen = self.view.sighting(entry)
        received = isinstance(entry, Message)
        peer = seen.sender if received else seen.receiver
        since = recorder.since(seen.time)
        yield from recorder.introduced(self.view, peer, since)
        head = recorder.head(recorder.track(self.view, peer, received))
        yield message_line(since, head, recorder.without_secrets(seen.frames), recorder.without_secrets(seen.envelope))
        if self._is_plain and (self.view.socket.type is SocketType.REQ or peer.type not in ("REQ", "REP")):
            number = recorder.next_head()
            yield number, head, list(seen.envelope)
            self._heads[entry.receipt.descriptor if isinstance(entry, Message) else _SENT] = number
