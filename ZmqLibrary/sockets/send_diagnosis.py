"""Why a message was not sent, in words: the other half of `diagnosis`."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from typing import TYPE_CHECKING

import zmq

from ..plain_text import listed
from ..report.frames import preview
from ..report.words import clock, count_of, lines, seconds
from .diagnosis import connections, where
from .silent_causes import crowded_pairs, full_queue, has_peer, masked, refused_handshakes
from .socket_types import SocketType

if TYPE_CHECKING:
    from .outbox import Unsendable
    from .zmq_socket import ZmqSocket

_SHOWN = 60


def not_sent(socket: ZmqSocket, waited: float) -> str:
    """Why a send timed out."""
    peers = sum(link.peers for link in socket.monitor.links.values())
    limit = socket.outbox.high_water_mark
    if peers or has_peer(socket):
        cause = full_queue(socket, limit)
    elif socket.places.connected and socket.raw.get(zmq.IMMEDIATE):
        cause = "No peer takes messages: with IMMEDIATE none waits for the connection."
    elif socket.places.connected:
        cause = (
            f"No peer takes messages: up to {count_of(limit, 'message')} (the high-water mark) wait for the connection."
        )
    elif socket.places.inproc:
        cause = f"There is no peer, or the high-water mark ({count_of(limit, 'message')} at each end) is reached."
    else:
        cause = "There is no peer to send to."
    before = f"{count_of(socket.traffic.sent_count, 'message')} sent before." if socket.traffic.sent_count else ""
    crowded = crowded_pairs(socket)
    causes = crowded if crowded and not before else [cause, *crowded]
    head = f"Cannot send from {where(socket)} in {seconds(waited)}."
    return lines(head, *causes, *connections(socket), before, *refused_handshakes(socket))


def send_refused(socket: ZmqSocket, frames: Sequence[bytes], refusal: Unsendable) -> str:
    """Why libzmq refused to send at all."""
    head = refused(socket, frames, refusal)
    if refusal.errno == errno.EHOSTUNREACH:
        ways = ["Set router_mandatory=no to let libzmq drop such messages silently."]
        return lines(
            f"{head} {_known_ids(socket, frames[0])}",
            *(ways if socket.type is SocketType.ROUTER else []),
            *connections(socket),
        )
    return head


def may_come(socket: ZmqSocket, refusal: Unsendable) -> bool:
    """Whether a peer whose routing id is not known may have just come, or be the one of a handshake that goes on."""
    if refusal.errno != errno.EHOSTUNREACH:
        return False
    before = socket.monitor.next_number
    socket.drain()
    links = socket.monitor.links.values()
    return socket.monitor.next_number > before or any(link.handshaking > 0 for link in links)


def _known_ids(socket: ZmqSocket, routing_id: bytes) -> str:
    """That a peer of that routing id has been there, or which other ones have."""
    gone = [other for other in socket.departed if other.routing_id == routing_id]
    if gone:
        return f"{gone[-1].title} had it and was closed at {clock(gone[-1].time)}."
    if routing_id in socket.inbox.routing_ids:
        return "A peer with that routing id has sent messages before, so it has gone."
    seen = masked(socket, socket.inbox.routing_ids)
    return f"Routing ids seen: {listed(preview(other, _SHOWN) for other in seen) or 'none'}."


def refused(socket: ZmqSocket, frames: Sequence[bytes], refusal: Unsendable) -> str:
    """The same in one line, without a look at all peers, which takes longer than sending a thousand messages."""
    if refusal.errno == errno.EHOSTUNREACH:
        return f"Socket {socket.title} knows no peer with the routing id {preview(frames[0], _SHOWN)}."
    return f"Socket {socket.title} cannot send this message: {refusal.reason}."


def never_sends(socket: ZmqSocket) -> str:
    """Why a socket of this type cannot send."""
    kind = socket.type
    return (
        f"Socket {socket.title} cannot send: {kind.name} sockets only receive. Send with a {kind.partner_names} socket."
    )


def wrong_frames(socket: ZmqSocket, count: int) -> str:
    """Why a ROUTER or STREAM cannot send a message of so many frames."""
    needs = "the first frame is the routing id of the peer"
    if socket.type is SocketType.STREAM:
        needs += ", the second one its bytes, and there is no other"
    return f"Socket {socket.title} cannot send a message of {count_of(count, 'frame')}: {needs}."
