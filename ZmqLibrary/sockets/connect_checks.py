"""What is looked at before a connect: options for which libzmq ends the process where it could refuse."""

from __future__ import annotations

import socket as sockets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import zmq

from ..errors import EndpointFailed
from ..report.frames import preview
from .endpoints import Endpoint, is_inproc, parse_endpoint
from .silent_causes import linked

if TYPE_CHECKING:
    from .socket_settings import SocketSettings
    from .zmq_socket import ZmqSocket

_LONGEST_READ = 1.0
_LONGEST_CALL = 1.0
_SHOWN = 60


@contextmanager
def connecting(socket: ZmqSocket, endpoint: Endpoint, settings: SocketSettings) -> Iterator[None]:
    """Around a connect: raises EndpointFailed where libzmq refuses, and before it where it would end the process."""
    problem = _id_in_use(socket) if socket.options.next_routing_id else ""
    if not problem and endpoint.transport == "tcp" and (proxy := _socks_proxy(socket)):
        problem = _unreachable(proxy)
    if is_inproc(str(endpoint)) and socket.raw.get(zmq.CONFLATE) and not settings.listener_at(str(endpoint), socket):
        problem = (
            "nobody listens there yet, and libzmq ends the process when somebody does, as the socket has CONFLATE. "
            "Bind first."
        )
    if problem:
        raise EndpointFailed(f"Cannot connect {socket.title} to {endpoint}: {problem}")
    try:
        yield
    except zmq.ZMQError as error:
        raise EndpointFailed(f"Cannot connect {socket.title} to {endpoint}: {error.strerror}.") from error
    socket.options.connected()


def _id_in_use(socket: ZmqSocket) -> str:
    """Why the CONNECT_ROUTING_ID that is set cannot be that of one more peer."""
    chosen = socket.options.next_routing_id
    socket.inbox.read_all(_LONGEST_READ)
    if chosen in socket.options.given_routing_ids:
        # libzmq lets go of the id of an endpoint that was left at a time that nobody can know.
        user = "this socket has connected with it before"
    elif chosen in socket.inbox.routing_ids:
        user = "a peer of that routing id has sent messages"
    elif peers := [peer.name for peer in linked(socket) if peer.options.routing_id == chosen]:
        user = f"socket '{peers[0]}' has that routing id"
    else:
        return ""
    return (
        f"CONNECT_ROUTING_ID {preview(chosen, _SHOWN)} is in use: {user}, and libzmq ends the process where two peers "
        "have one. Set another one."
    )


def _socks_proxy(socket: ZmqSocket) -> str:
    return bytes(socket.raw.socket.getsockopt(zmq.SOCKS_PROXY)).decode(errors="replace").rstrip("\0")


def _unreachable(proxy: str) -> str:
    """Why a SOCKS proxy cannot be used; empty if somebody listens there."""
    place = parse_endpoint(f"tcp://{proxy}", "connect")
    try:
        sockets.create_connection((place.host.strip("[]"), place.port or 0), _LONGEST_CALL).close()
    except OSError as error:
        return (
            f"the SOCKS proxy {proxy} cannot be reached ({error.strerror or error}), and libzmq ends the process where "
            "it cannot. Start the proxy first."
        )
    return ""


def let_listeners_know(socket: ZmqSocket, address: str) -> None:
    """After a connect over inproc, in the thread of the other sockets: who listens there learns of it when it is used.

    Until then it would send to a peer that has just gone.
    """
    if is_inproc(address):
        for other in socket.free_neighbours:
            if other.places.has(address):
                other.raw.get(zmq.EVENTS)
