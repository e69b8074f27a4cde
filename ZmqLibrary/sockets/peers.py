"""What a socket knows of its peers: counts, states, events and failures to wait for."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import zmq

from ..errors import CheckFailed, WrongUse
from ..monitoring.link import ConnectionState, Failure, Link
from ..waiting.deadline import Deadline
from .endpoints import matching

if TYPE_CHECKING:
    from .zmq_socket import ZmqSocket

_MANY = 1_000_000


def count_peers(socket: ZmqSocket, endpoint: str | None = None) -> int:
    """Peers whose handshake is done; over inproc each connected endpoint counts as one, each bound one as many."""
    local = [other for other in socket.places.inproc if endpoint in (None, other)]
    if any(other in socket.places.bound for other in local):
        return _MANY
    return count_watched_peers(socket, endpoint) + len(local)


def count_connections(socket: ZmqSocket, endpoint: str | None = None) -> int:
    """Open connections, also those whose handshake is not done: peers of ZMTP 2.0 and older never report theirs."""
    return sum(len(link.descriptors) for link in _links(socket, endpoint))


def take_losses(socket: ZmqSocket, count: int, endpoint: str | None = None) -> bool:
    """Whether `count` peers have gone that no earlier call has taken; if so, takes them."""
    links = _links(socket, endpoint)
    if sum(link.losses - link.losses_seen for link in links) < count:
        return False
    for link in links:
        seen = min(count, link.losses - link.losses_seen)
        link.losses_seen += seen
        count -= seen
    return True


def forget_losses(socket: ZmqSocket, endpoint: str | None = None) -> None:
    """From now on only peers that go later are new losses."""
    for link in _links(socket, endpoint):
        link.losses_seen = link.losses


def count_watched_peers(socket: ZmqSocket, endpoint: str | None = None) -> int:
    """Peers whose handshake is done, without those over inproc."""
    return sum(link.peers for link in _links(socket, endpoint))


def _links(socket: ZmqSocket, endpoint: str | None = None) -> list[Link]:
    links = socket.monitor.links
    return list(links.values()) if endpoint is None else [links[name] for name in matching(endpoint, links)]


def require_events(socket: ZmqSocket) -> None:
    """Raises WrongUse if nothing can be known of the socket's peers, because all its endpoints are inproc."""
    if socket.endpoints and not socket.monitor.attached:
        raise WrongUse(f"Socket {socket.title} has only inproc endpoints, which report no connections.")


def wait_for_subscribers(socket: ZmqSocket, topic: bytes | None, count: int, deadline: Deadline) -> bool:
    """Waits until that many peers get messages of the topic (None: have any subscription).

    Raises:
        WrongUse: The socket is neither PUB nor XPUB.
    """
    own = [other.raw for other in socket.free_neighbours if other.type.subscribes]
    reached = socket.observe(lambda: socket.count_subscribers(topic) >= count, deadline, zmq.POLLIN, serve=own)
    return bool(reached)


def states(socket: ZmqSocket) -> dict[str, str]:
    """The state of each endpoint, by the address that users know."""
    socket.ask(socket.drain)
    places = socket.places
    bound = {shown: _state(places.link(actual), ConnectionState.LISTENING) for actual, shown in places.bound.items()}
    return {**bound, **{e: _state(places.link(e), ConnectionState.CONNECTED) for e in places.connected}}


def _state(link: Link | None, otherwise: ConnectionState) -> str:
    return (link.state if link else otherwise).value


def state_of(socket: ZmqSocket, known: dict[str, str], endpoint: str) -> str:
    """The state of one endpoint.

    Raises:
        CheckFailed: The socket does not have it.
    """
    names = matching(endpoint, known)
    if not names and (bound := socket.places.find_bound(endpoint)):
        names = [socket.places.bound[bound]]
    if names:
        return known[names[0]]
    raise _no_such_endpoint(socket, endpoint)


def require_endpoint(socket: ZmqSocket, endpoint: str | None, *, or_left: bool = False) -> None:
    """Raises CheckFailed if the socket does not have an endpoint; `or_left`: and did not have it earlier."""
    places = socket.places
    if endpoint is None or places.has(endpoint) or places.find_connected(endpoint) is not None:
        return
    if not (or_left and places.was_at(endpoint)):
        raise _no_such_endpoint(socket, endpoint)


def _no_such_endpoint(socket: ZmqSocket, endpoint: str) -> CheckFailed:
    return CheckFailed(
        f"Socket {socket.title} has no endpoint {endpoint}. It has: {', '.join(socket.endpoints) or 'none'}."
    )


def wait_for_failure(socket: ZmqSocket, reason: str | None, deadline: Deadline) -> str | None:
    """Waits for a failed handshake that no earlier call has returned.

    Returns:
        The failure in words; None if there was none in time.
    """
    failure = socket.observe(lambda: _next_failure(socket, reason), deadline)
    if failure:
        return failure.text
    if socket.traffic.received_count:  # a peer of ZMTP 2.0 or older: messages come without a handshake event
        return None
    silent = [link.endpoint for link in _links(socket) if link.handshaking > 0 and not link.peers]
    text = f"NOT_ZEROMQ: no ZeroMQ handshake with {', '.join(silent)} until the timeout"
    return text if silent and has_reason(text, reason) else None


def _next_failure(socket: ZmqSocket, reason: str | None) -> Failure | None:
    failure = socket.monitor.take_failure(lambda _, text: has_reason(text, reason))
    return failure or next((f for f in _lasting_failures(socket) if has_reason(f.text, reason)), None)


def _lasting_failures(socket: ZmqSocket) -> list[Failure]:
    """Failures after which libzmq does not connect again: there will be no new one to wait for."""
    failures = [link.failure for link in _links(socket) if not link.bound]
    return [failure for failure in failures if failure is not None and failure.final]


def has_reason(text: str, reason: str | None) -> bool:
    """Whether a reason with its explanation matches a glob, as a whole or in its first word; case does not matter."""
    pattern = "*" if reason is None else reason.lower()
    return any(fnmatchcase(part.lower(), pattern) for part in (text, text.partition(":")[0]))
