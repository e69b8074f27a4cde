"""What ZeroMQ drops without an error, as far as the library can know it: what its own sockets are set to and have seen.

Pure functions from what sockets have seen to sentences. Sockets of the same library know of each other; of other
programs nothing is known, so there it says what may be.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..formats import HiddenBytes
from ..plain_text import MOST_LISTED, listed, printable
from ..report.frames import preview
from ..report.words import clock, count_of, seconds
from .endpoints import is_inproc, same_endpoint
from .handshake_size import least_handshake
from .socket_types import SocketType

if TYPE_CHECKING:
    from .socket_settings import Neighbour
    from .zmq_socket import ZmqSocket

_SHOWN = 60
_LONG_AGO = 10.0


def silent_causes(socket: ZmqSocket) -> list[str]:
    """What may have been dropped on the way to a socket, or from it, a sentence each. In any thread."""
    dropped = [*conflation(socket), *_full_queues(socket), *_routing_ids(socket), *crowded_pairs(socket)]
    return [*dropped, *refused_handshakes(socket)]


def conflation(socket: ZmqSocket) -> list[str]:
    """That a socket gets only the last frame of the last message."""
    if not (socket.options.conflates and socket.type.receives):
        return []
    topics = ", and subscriptions are held against that frame" if socket.type.subscribes else ""
    return [f"CONFLATE is set: only the last frame of the last message is kept{topics}."]


def _full_queues(socket: ZmqSocket) -> list[str]:
    dropping = [other for other in (socket, *linked(socket)) if other.raw.drops is not None]
    causes = [cause for other in dropping for cause in drops(other)]
    if not causes and socket.type is SocketType.SUB and not has_peer(socket):
        causes = _own_limit(socket)
    return causes


def drops(socket: Neighbour) -> list[str]:
    """What a socket has dropped."""
    found = socket.raw.drops
    causes = []
    if found and found.full:
        what = "subscriber" if socket.type.publishes else "peer"
        times = "" if found.full == 1 else f" {count_of(found.full, 'time')}, last"
        causes.append(
            f"{_title(socket)} dropped messages{times} at {clock(found.full_at)}: a {what} was too slow, and the "
            f"high-water mark (SNDHWM: {count_of(found.high_water_mark, 'message')} for each {what}) was reached."
        )
    if found and found.unknown:
        causes.append(
            f"{_title(socket)} dropped {count_of(found.unknown, 'message')} because no peer had the routing id, last "
            f"{preview(found.last_unknown, _SHOWN)}."
        )
    return causes


def _own_limit(socket: ZmqSocket) -> list[str]:
    """A publisher of another program drops what its subscriber does not take."""
    limit = socket.options.receive_limit
    if not 0 < limit <= socket.traffic.received_count:
        return []
    return [
        (
            f"While nobody receives, no more than {count_of(limit, 'message')} wait here (RCVHWM, the high-water "
            "mark); then the publisher drops those beyond its own SNDHWM."
        )
    ]


def _routing_ids(socket: ZmqSocket) -> list[str]:
    if socket.type is SocketType.ROUTER and not socket.options.hands_over:
        return _unheard(socket)
    if socket.options.routing_id:
        return [*_twins(socket), *_predecessors(socket)]
    return []


_IGNORED = "without ROUTER_HANDOVER a ROUTER ignores a peer whose routing id it already has"


def _unheard(router: ZmqSocket) -> list[str]:
    """Peers whose messages a ROUTER without handover does not take."""
    clients: dict[bytes, list[str]] = {}
    for other in linked(router):
        if other.options.routing_id:
            clients.setdefault(other.options.routing_id, []).append(_title(other))
    for gone in router.departed:
        if gone.routing_id in clients and any(router.places.has(endpoint) for endpoint in gone.endpoints):
            clients[gone.routing_id].insert(0, f"{gone.title}, closed at {clock(gone.time)}")
    same = [
        f"{listed(names)} have the same routing id {preview(name, _SHOWN)}: {_IGNORED}."
        for name, names in clients.items()
        if len(names) > 1
    ]
    came = sum(link.peers + link.losses for link in list(router.monitor.links.values()))
    if same or came <= len(router.inbox.routing_ids):
        return same
    heard = count_of(len(router.inbox.routing_ids), "routing id")
    return [(f"{count_of(came, 'peer')} came, but messages of {heard}: {_IGNORED}, even that of a peer just gone.")]


def _twins(socket: ZmqSocket) -> list[str]:
    """Other sockets that are connected to the same ROUTER with the same routing id."""
    others = [other for other in socket.others if other.options.routing_id == socket.options.routing_id]
    names = [_title(other) for other in others if _meet(other.places.connected, socket.places.connected)]
    if not names or _hand_over(socket):
        return []
    return [
        (
            f"The routing id {preview(socket.options.routing_id, _SHOWN)} is also that of {listed(names)}, connected "
            f"to the same endpoint: {_IGNORED}."
        )
    ]


def _predecessors(socket: ZmqSocket) -> list[str]:
    """Sockets with the same routing id that were closed a moment before."""
    gone = [
        other
        for other in socket.departed
        if other.routing_id == socket.options.routing_id
        and time.time() - other.time < _LONG_AGO
        and _meet(other.endpoints, socket.places.connected)
    ]
    if not gone or _hand_over(socket):
        return []
    ago = seconds(round(time.time() - gone[-1].time, 1))
    return [
        (
            f"{gone[-1].title} had the same routing id {preview(socket.options.routing_id, _SHOWN)} and was closed "
            f"{ago} ago: {_IGNORED}, even if it has not noticed yet that the other one went."
        )
    ]


def _hand_over(socket: ZmqSocket) -> bool:
    """Whether all its peers are ROUTERs of the library that give a routing id to who comes last."""
    peers = list(linked(socket))
    return bool(peers) and all(peer.options.hands_over for peer in peers)


def crowded_pairs(socket: ZmqSocket) -> list[str]:
    """PAIRs to which a peer has come while there was another one: libzmq connects it, and drops what it sends."""
    if socket.type is not SocketType.PAIR:
        return []
    everybody: list[Neighbour] = [socket, *socket.others]
    listening = [other for other in socket.others if any(map(other.places.has, socket.places.connected))]
    return [
        (
            f"{_title(pair)} takes one peer at a time, as every PAIR, and another one came while it had one: what that "
            "one sends is dropped, and it gets nothing."
        )
        for pair in (socket, *listening)
        if _most_peers(pair, everybody) > 1
    ]


def _most_peers(pair: Neighbour, everybody: Iterable[Neighbour]) -> int:
    places = pair.places
    links = [places.link(address) for address in (*places.bound, *places.connected)]
    local = [name for other in everybody for name in other.places.connected if is_inproc(name) and places.has(name)]
    return len(local) + sum(link.most_peers for link in links if link is not None)


def refused_handshakes(socket: ZmqSocket) -> list[str]:
    """Peers of the library whose MAXMSGSIZE is less than every handshake needs."""
    causes = []
    for peer in linked(socket):
        limit = peer.options.max_message_size
        least = least_handshake(peer.type, peer.options.mechanism, peer.options.serves)
        if 0 <= limit < least:
            causes.append(
                f"MAXMSGSIZE of {_title(peer)} is {limit}, so it drops every connection: the handshake has commands "
                f"of {least} bytes."
            )
    return causes


def full_queue(socket: ZmqSocket, limit: int) -> str:
    """Why a socket that has peers cannot send."""
    peers = [
        f"{_title(peer)} of this library has to receive (its RCVHWM is {peer.options.receive_limit or 'none'})"
        for peer in linked(socket)
    ]
    both = ", and over inproc both add up" if socket.places.inproc else ""
    own = f" SNDHWM of this socket is {limit}{both}." if peers else ""
    reached = f"The high-water mark ({count_of(limit, 'message')} for each peer) is reached: the peer is too slow."
    return f"{reached}{own}{''.join(f' {peer}.' for peer in peers[:MOST_LISTED])}"


def has_peer(socket: ZmqSocket) -> bool:
    """Whether a socket of the library is connected with this one."""
    return any(True for _ in linked(socket))


def masked(socket: ZmqSocket, frames: Iterable[bytes], *given: bytes | None) -> list[bytes]:
    """Topics or routing ids; those that were given to this keyword or a socket of the library as secrets are hidden."""
    known = [*given, socket.options.routing_id, *socket.subscriptions.topics]
    for other in socket.others:
        known += [other.options.routing_id, *other.subscriptions.topics]
    secrets: dict[bytes, bytes] = {secret: secret for secret in known if isinstance(secret, HiddenBytes)}
    return [secrets.get(frame, frame) for frame in frames]


def linked(socket: ZmqSocket) -> Iterable[Neighbour]:
    """The sockets of the library that are connected with this one."""
    for other in socket.others:
        if any(other.places.has(endpoint) for endpoint in socket.places.connected) or any(
            socket.places.has(endpoint) for endpoint in other.places.connected
        ):
            yield other


def _meet(some: Iterable[str], others: Iterable[str]) -> bool:
    return any(same_endpoint(one, other) for one in some for other in others)


def _title(socket: Neighbour) -> str:
    return f"Socket '{printable(socket.name)}' ({socket.role})"
