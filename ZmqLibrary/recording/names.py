"""Names: who is at the other end of a socket, as recordings and diagrams name it.

A socket of the library has its alias, everybody else is `host:port`. libzmq reports neither: the address of a peer is
that of the descriptor from which a message came, and a library's own socket is known by that from which it connected.
Where several have had an address, one after the other, it is the one that had it at that moment.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from math import inf
from operator import itemgetter
from os import getpid
from typing import TYPE_CHECKING, NamedTuple

from ..messages.message import Message
from ..sockets.socket_types import SocketType

if TYPE_CHECKING:
    from ..formats import FrameFormats
    from ..sockets.traffic import Entry
    from ..sockets.zmq_socket import ZmqSocket

PROXY = "proxy"
"""The type of a party that is a proxy."""

COLLECTIVE = "peers at "
"""How the name of a party begins that stands for several."""

_COUNTERPARTS = {"PUSH": "PULL", "PULL": "PUSH", "PAIR": "PAIR"}
_DELIMITED = ("REQ", "REP")
_MOST_PEERS = 1_000


class Party(NamedTuple):
    """One end of a connection.

    Attributes:
        name: The alias of a socket, or `host:port`.
        type: `PUSH` …; empty where it is not known.
        address: `host:port`, or another endpoint; empty where it is not known.
    """

    name: str
    type: str = ""
    address: str = ""


class Sighting(NamedTuple):
    """A message as a socket has seen it.

    Attributes:
        time: In seconds since the epoch.
        sender: Who sent it.
        receiver: Whom it was sent to.
        frames: Behind the envelope.
        envelope: What goes before them over the wire.
        formats: Of its values.
        certain: Whether it was sent for certain; a fault may have held it up.
    """

    time: float
    sender: Party
    receiver: Party
    frames: Sequence[bytes]
    envelope: Sequence[bytes] = ()
    formats: FrameFormats | None = None
    certain: bool = True


class SocketView:
    """What one socket sees.

    Args:
        socket: The socket.
        others: All sockets of the library, also this one.
    """

    def __init__(self, socket: ZmqSocket, others: Callable[[], Sequence[ZmqSocket]]) -> None:
        self.socket = socket
        self._others = others
        self._routed: dict[bytes, Party] = {}
        self._last: Party | None = None
        self._known: dict[object, Party] = {}
        self._version: object = None
        self._changes: list[float] = []

    def refresh(self) -> bool:
        """Forgets who is at the other end if that may have changed; whether it did."""
        places = [other.places for other in self._others()]
        counts = (len(p.since) + len(p.bound) + len(p.connected) + (p.until < inf) for p in places)
        version = self.socket.monitor.next_number, len(places), sum(counts)
        if version == self._version:
            return False
        self._version = version
        self._known.clear()
        self._changes = sorted(moment for p in places for moment in (p.until, *list(p.since.values())))
        return True

    @property
    def own(self) -> Party:
        """The socket itself."""
        return self._once("own", self._find_own)

    def _once(self, key: object, find: Callable[[], Party]) -> Party:
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = find()
        return found

    def _find_own(self) -> Party:
        places = self.socket.places
        address = plain(places.address or "") if places.bound else next(iter(self.socket.monitor.own_addresses), "")
        return Party(self.socket.name, self.socket.role, address)

    @property
    def listens(self) -> bool:
        """Whether peers connect to it."""
        return bool(self.socket.places.bound)

    def sighting(self, entry: Entry) -> Sighting:
        """A message with who sent it to whom."""
        self.refresh()
        if isinstance(entry, tuple):
            return self._sent(*entry)
        return self._received(entry)

    def _received(self, message: Message) -> Sighting:
        key = self._era(message.timestamp), message.receipt.descriptor, message.peer.endpoint, message.peer.address
        peer = self._once(key, lambda: self._sender_of(message))
        frames: Sequence[bytes] = message.raw
        if self.socket.type is SocketType.ROUTER:
            routing_id, frames = frames[0], frames[1:]
            if len(self._routed) < _MOST_PEERS:
                self._routed[routing_id] = peer
        self._last = peer
        return Sighting(message.timestamp, peer, self.own, *self._opened(frames, peer), message.receipt.formats)

    def _sent(self, time: float, frames: Sequence[bytes]) -> Sighting:
        peer = None
        if self.socket.type is SocketType.ROUTER:
            peer, frames = self._routed.get(bytes(frames[0])), frames[1:]
        elif self.socket.type is SocketType.REP:
            peer = self._last
        peer = peer or self.only_peer(time)
        return Sighting(time, self.own, peer, *self._opened(frames, peer), self.socket.formats)

    def _opened(self, frames: Sequence[bytes], peer: Party) -> tuple[Sequence[bytes], Sequence[bytes]]:
        """Content and envelope. libzmq takes off the empty frame of REQ and REP, but not of those who talk to them."""
        if self.socket.type in (SocketType.REQ, SocketType.REP):
            return frames, (b"",)
        if self.socket.role in _DELIMITED or peer.type in _DELIMITED:
            end = next((number + 1 for number, frame in enumerate(frames[:-1]) if not len(frame)), 0)
            return frames[end:], frames[:end]
        return frames, ()

    # Who is at the other end

    def _sender_of(self, message: Message) -> Party:
        peer, moment = message.peer, message.timestamp
        type = peer.metadata.get("Socket-Type", "")
        descriptor = message.receipt.descriptor
        # Of one that was gone before its message was read, only the monitor may know.
        known = self.socket.monitor.ends.get(descriptor) if descriptor is not None else None
        if endpoint := peer.endpoint or (known[1] if known else None):
            return self._only_connected(type, moment) or self.at(endpoint, type, moment)
        process = _process_of(peer.address or "")
        if process not in ("", str(getpid())) and self.listens:
            return Party(f"process {process}", type)
        only = self.only_peer(moment)
        if peer.address and not process and self.listens and only.name.startswith(COLLECTIVE):
            return Party(peer.address, type, peer.address)  # it was gone before its message was read
        return only if only.type or not type else only._replace(type=type)

    def _only_connected(self, type: str, moment: float) -> Party | None:
        """The peer of a socket that only connects, and to one endpoint."""
        places = self.socket.places
        if places.bound or len(places.connected) != 1:
            return None
        return self.at(plain(places.connected[0]), type, moment)

    def at(self, address: str, type: str = "", moment: float = inf) -> Party:
        """Who is at an address at a moment: another socket of the library, or a stranger."""
        others = (other for other in self._others() if other is not self.socket)
        return party_at(address, others, type or _COUNTERPARTS.get(self.socket.role, ""), moment)

    def accepted(self, descriptor: int | None, moment: float = inf) -> Party | None:
        """Who has connected with this descriptor."""
        ends = self.socket.monitor.ends.get(descriptor) if descriptor is not None else None
        return self.at(ends[1], moment=moment) if ends else None

    def is_ours(self, party: Party) -> bool:
        """Whether a party is a socket of the library."""
        return any(other.name == party.name for other in self._others())

    def only_peer(self, moment: float = inf) -> Party:
        """The peer at a moment, if there is one only; else all of them under one name."""
        return self._once(("peer", self._era(moment)), lambda: self._find_only_peer(moment))

    def _era(self, moment: float) -> int:
        """Counts the times between which no socket of the library comes to an address or goes."""
        return bisect_right(self._changes, moment)

    def _find_only_peer(self, moment: float) -> Party:
        places = self.socket.places
        peers = list(dict.fromkeys(self._peers(moment)))
        if len(peers) == 1:
            return peers[0]
        where = ", ".join(map(plain, places.endpoints)) or "nobody"
        types = {peer.type for peer in peers}
        type = types.pop() if len(types) == 1 else _COUNTERPARTS.get(self.socket.role, "")
        return Party(f"{COLLECTIVE}{where}" if places.bound else where, type, where)

    def _peers(self, moment: float) -> list[Party]:
        places = self.socket.places
        peers = [self.at(plain(endpoint), moment=moment) for endpoint in list(places.connected)]
        for endpoint in list(places.bound.values()):
            joined = [other for other in self._others() if _joined(other, endpoint) < inf]
            there = [o for o in joined if _joined(o, endpoint) <= moment <= o.places.until] or joined
            if not endpoint.startswith("tcp:"):
                peers += [Party(other.name, other.role, endpoint) for other in there]
            elif joined and self.socket.monitor.counts["ACCEPTED"] <= len(joined):  # libzmq may report them later
                peers += [Party(o.name, o.role, address) for o in there for address in list(o.monitor.own_addresses)]
            else:
                links = [link for link in list(self.socket.monitor.links.values()) if link.bound]
                found = (self.accepted(descriptor, moment) for link in links for descriptor in link.descriptors)
                peers += [peer for peer in found if peer]
        return peers


def party_at(address: str, sockets: Iterable[ZmqSocket], type: str = "", moment: float = inf) -> Party:
    """Who is at an address at a moment: one of these sockets, or a stranger of a type."""
    holders = [(since, socket) for socket in sockets if (since := _held(socket, address)) < inf]
    if not holders:
        return Party(address, type, address)
    earlier = [holder for holder in holders if holder[0] <= moment]
    socket = max(earlier or holders, key=itemgetter(0))[1]
    return Party(socket.name, socket.role, address)


def _held(socket: ZmqSocket, address: str) -> float:
    """Since when a socket has had an address; never without it."""
    places = socket.places
    bound = (places.since.get(shown, inf) for shown in list(places.bound.values()) if plain(shown) == address)
    return min(socket.monitor.own_addresses.get(address, inf), *bound, inf)


def _joined(socket: ZmqSocket, endpoint: str) -> float:
    """Since when a socket has been connected to an endpoint; never if it is not."""
    places = socket.places
    return min(
        (places.since.get(to, inf) for to in list(places.connected) if plain(to) == plain(endpoint)), default=inf
    )


def _process_of(address: str) -> str:
    """The process at the other end of an ipc connection, from `localhost:uid:gid:pid`; empty for other addresses."""
    parts = address.split(":")
    return parts[3] if parts[0] == "localhost" and len(parts) == 4 else ""


def plain(endpoint: str) -> str:
    """`host:port` of a tcp endpoint; others as they are."""
    return endpoint.removeprefix("tcp://").replace("localhost:", "127.0.0.1:")
