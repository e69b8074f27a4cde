"""Witnesses: what sockets and proxies remember, as the message flow takes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from ..errors import WorkerFailed
from ..messages.message import Message
from ..report.frames import preview
from ..sockets.subscribers import SUBSCRIBE
from .flow import FlowEvent, Witness
from .names import PROXY, Party, Sighting, SocketView, party_at, plain

if TYPE_CHECKING:
    from ..monitoring.socket_event import SocketEvent
    from ..sockets.zmq_socket import ZmqSocket
    from .recorder import PassedMessage, RecordableProxy
    from .secrets import SentSecrets

_MOST_OF_PROXY = 200
_STEP = 1e-6  # so that what leaves comes behind what arrives
_SHOWN_TOPIC = 40
_LABELS = {"CONNECTED": "connects", "ACCEPTED": "connects", "HANDSHAKE_SUCCEEDED": "handshake"}
_GOING = {"DISCONNECTED": "disconnected"}
_PROXY_EVENTS = {"opened": "connects", "handshake": "handshake", "closed": "disconnected"}


def witnesses_of(
    sockets: Sequence[ZmqSocket],
    proxies: Sequence[RecordableProxy],
    others: Sequence[ZmqSocket],
    secrets: SentSecrets,
    since: float,
) -> list[Witness]:
    """What they have seen since a time.

    Args:
        sockets: Those that are meant.
        proxies: Those that are meant.
        others: All sockets of the library, to name peers.
        secrets: What proxies may pass on and must not be shown.
        since: In seconds since the epoch.
    """
    aliases = {plain(proxy.endpoint): Party(proxy.name, PROXY, plain(proxy.endpoint)) for proxy in proxies}
    views = [SocketView(socket, lambda: others) for socket in sockets]
    found = [_SocketWitness(view, aliases, since).witness() for view in views]
    for proxy in proxies:
        with suppress(WorkerFailed):  # it was stopped or has failed, which `check` reports
            found.append(_ProxyWitness(proxy, others, secrets, since).witness())
    return found


class _SocketWitness:
    def __init__(self, view: SocketView, aliases: dict[str, Party], since: float) -> None:
        self._view = view
        self._aliases = aliases
        self._since = since

    def witness(self) -> Witness:
        """What the socket has seen."""
        traffic = self._view.socket.traffic
        entries = traffic.kept
        complete = sum(traffic.counts) <= len(entries)
        received: list[Sighting] = []
        sent: list[Sighting] = []
        for entry in entries:
            seen = self._named(self._view.sighting(entry))
            (received if isinstance(entry, Message) else sent).append(seen)
        last = entries[-1:] if complete else entries[traffic.first_kept :]
        begin = self._view.sighting(last[0]).time if last and not complete else 0.0
        events = [event for event in self._events() if event.time >= self._since]
        mechanism = self._view.socket.options.mechanism
        changes = list(self._view.socket.subscriptions.history) if self._view.socket.type.subscribes else None
        return Witness(self._view.own, received, sent, traffic.counts, begin, mechanism, events, subscriptions=changes)

    def _named(self, seen: Sighting) -> Sighting:
        return seen._replace(sender=self._alias(seen.sender), receiver=self._alias(seen.receiver))

    def _alias(self, party: Party) -> Party:
        return self._aliases.get(party.address, party)

    def _events(self) -> Iterator[FlowEvent]:
        socket, own = self._view.socket, self._view.own
        for event in list(socket.monitor.history):
            yield from self._connection_event(event)
        for time, name, topic in list(socket.subscriptions.history):
            peer = self._alias(self._view.only_peer(time))
            yield FlowEvent(time, own, peer, f"{name} {preview(topic, _SHOWN_TOPIC)}")
        for time, frame, descriptor in list(socket.subscribers.history):
            peer = self._view.accepted(descriptor, time) or self._view.only_peer(time)
            if not self._view.is_ours(peer):
                name = "SUBSCRIBE" if frame[0] == SUBSCRIBE else "CANCEL"
                yield FlowEvent(time, peer, own, f"{name} {preview(frame[1:], _SHOWN_TOPIC)}")

    def _connection_event(self, event: SocketEvent) -> Iterator[FlowEvent]:
        own = self._view.own
        title = f"{event.name} {event.endpoint} {event.meaning}".rstrip()
        if event.name == "ACCEPTED":
            peer = self._view.at(event.peer, moment=event.time)
            if event.peer and not self._view.is_ours(peer):
                yield FlowEvent(event.time, peer, own, _LABELS[event.name], title)
        elif event.name == "CONNECTED":
            peer = self._alias(self._view.at(plain(event.endpoint), moment=event.time))
            yield FlowEvent(event.time, own, peer, _LABELS[event.name], title)
        elif event.name in _LABELS or event.name in _GOING:
            yield FlowEvent(event.time, own, own, _LABELS.get(event.name) or _GOING[event.name], title)
        elif event.name.startswith("HANDSHAKE_FAILED"):
            yield FlowEvent(event.time, own, own, f"handshake failed: {event.meaning}", title)


class _ProxyWitness:
    def __init__(self, proxy: RecordableProxy, others: Iterable[ZmqSocket], secrets: SentSecrets, since: float) -> None:
        self._proxy = proxy
        self._secrets = secrets
        self._since = since
        self._party = Party(proxy.name, PROXY, plain(proxy.endpoint))
        self._ends = {
            report.number: (
                party_at(plain(report.client), others, report.client_type),
                party_at(plain(report.target), others, report.target_type),
            )
            for report in proxy.connections
        }
        self._mechanisms = {report.mechanism for report in proxy.connections}

    def witness(self) -> Witness:
        """What has come into the proxy, and went on as far as no fault has acted."""
        messages = [m for m in self._proxy.take_messages(1)[1] if m.time >= self._since]
        kept = messages[: _MOST_OF_PROXY // 2] + messages[max(_MOST_OF_PROXY // 2, len(messages) - _MOST_OF_PROXY) :]
        shown = [self._secrets.hidden(message.frames) for message in kept]
        received = [self._sighting(message, frames, 0) for message, frames in zip(kept, shown)]
        sent = [self._sighting(message, frames, 1) for message, frames in zip(kept, shown)]
        mechanism = next(iter(self._mechanisms - {"", "NULL"}), "")
        return Witness(
            self._party,
            received,
            sent,
            (len(messages), len(messages)),
            0.0 if len(kept) == len(messages) else kept[_MOST_OF_PROXY // 2].time,
            mechanism,
            [event for event in self._events() if event.time >= self._since],
            [message.faults for message in kept],
        )

    def _sighting(self, message: PassedMessage, frames: Sequence[bytes], leaves: int) -> Sighting:
        ends = self._ends.get(message.connection, (self._party, self._party))
        source, target = ends if message.to_target else ends[::-1]
        pair = (self._party, target) if leaves else (source, self._party)
        return Sighting(message.time + leaves * _STEP, *pair, frames, certain=not (leaves and message.faults))

    def _events(self) -> Iterator[FlowEvent]:
        for event in self._proxy.take_events(1)[1]:
            client, target = self._ends.get(event.connection, (self._party, self._party))
            label = _PROXY_EVENTS.get(event.kind, event.kind)
            source, to = (self._party, target) if event.kind == "opened" else (self._party, self._party)
            yield FlowEvent(event.time, source, to, label, f"connection {event.connection} of {client.name}: {label}")
