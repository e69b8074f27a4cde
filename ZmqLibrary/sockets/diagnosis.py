"""Why something did not happen, in words: what was waited for, what the socket is, and what is known of its peers.

Pure functions from what a socket has seen to text.
"""

from __future__ import annotations

import errno
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import zmq

from ..errors import AddressTaken, EndpointFailed, Hint, in_use
from ..monitoring.link import link_state
from ..plain_text import MOST_LISTED, listed, more_than, printable
from ..report.frames import preview
from ..report.words import count_of, lines, seconds
from .silent_causes import masked, refused_handshakes, silent_causes

if TYPE_CHECKING:
    from ..monitoring.link import Link
    from .endpoints import Endpoint
    from .socket_types import SocketType
    from .traffic import Traffic
    from .zmq_socket import ZmqSocket

_TOPICS = (
    "Topics are prefixes, not patterns: an asterisk stands for itself. Subscribe to the beginning of the topics that "
    "are wanted, or to the empty topic for all messages."
)
_SHOWN = 60
_LAST_EVENTS = 5
_LAST_TOPICS = 5


_BIND_REASONS = {
    errno.EADDRNOTAVAIL: "this machine does not have that address. Use 127.0.0.1 or an address of this machine.",
    errno.ENODEV: "there is no such network interface. Use 127.0.0.1 or the name of an interface of this machine.",
    errno.EAGAIN: "there is no such network interface, and no host of that name was found. Use 127.0.0.1.",
    errno.EACCES: "permission denied. Ports below 1024 and some directories are for privileged users only.",
    errno.ENOENT: "the directory does not exist. Create it, or use another path.",
    errno.EMFILE: "too many sockets or files are open.",
}


def places(bound: Iterable[str], connected: Iterable[str]) -> str:
    """The endpoints that a socket has."""
    lists = [("Bound to", list(bound)), ("Connected to", list(connected))]
    return " ".join(f"{word}: {', '.join(items)}." for word, items in lists if items) or "It has no endpoint."


def not_at(socket: ZmqSocket, relation: str, endpoint: str) -> str:
    """Why an endpoint cannot be left: the socket does not have it."""
    has = places(socket.places.bound.values(), socket.places.connected)
    return f"Socket {socket.title} is not {relation} {endpoint}. {has}"


def bind_failed(title: str, endpoint: Endpoint, error: zmq.ZMQError, holder: str | None) -> EndpointFailed:
    """Why libzmq refuses to bind.

    Args:
        title: The socket.
        endpoint: Where it should listen.
        error: What libzmq says.
        holder: The socket or worker of the library that listens there.
    """
    failed = f"Cannot bind {title} to {endpoint}"
    if error.errno == errno.EADDRINUSE:
        other = "another socket" if endpoint.transport == "inproc" else "another program"
        return AddressTaken(f"{failed}: {in_use(str(endpoint), holder or other)}")
    reason = _BIND_REASONS.get(error.errno or 0, f"{error.strerror}.")
    return EndpointFailed(f"{failed}: {reason}", Hint.CLOSE_SOCKETS if error.errno == errno.EMFILE else None)


def never_subscribes(title: str) -> str:
    """Why a socket, named as errors name it, has no subscriptions."""
    return f"Socket {title} has no subscriptions: only SUB and XSUB sockets subscribe to topics."


def no_subscription(socket: ZmqSocket, topic: bytes) -> str:
    """Why a subscription cannot be ended: there is no such one, or not so many."""
    topics = socket.subscriptions.topics
    has = count_of(topics.count(topic), "subscription") if topic in topics else "no subscription"
    less = ", and more were to be cancelled; all stay" if topic in topics else ""
    return f"Socket {socket.title} has {has} to {preview(topic, _SHOWN)}{less}. {_subscriptions(socket)}"


def connect_failed(socket: ZmqSocket, link: Link, waited: float) -> str:
    """Why an eager connect gave up."""
    within = "" if link.hopeless else f" in {seconds(waited)}"
    way_out = refused_handshakes(socket) or [_way_out(socket.type, link)]
    return lines(f"Cannot connect {socket.title} to {link.endpoint}{within}.", link_state(link), *way_out)


def _way_out(type: SocketType, link: Link) -> str:
    reason = link.failure.reason if link.failure else ""
    partners = f"{type.name} goes together with {', '.join(partner.name for partner in type.partners)}."
    if reason in ("INCOMPATIBLE_TYPE", "INVALID_METADATA"):
        return partners
    if reason == "CLOSED_BY_PEER":
        return f"Check the server's key, and the credentials that it wants. {partners}"
    if reason == "MAXMSGSIZE":
        return "Give this socket a larger maxmsgsize=, or none."
    if reason.startswith("AUTH"):
        return "Check the credentials and the rules of the peer's authenticator."
    if reason == "MECHANISM_MISMATCH":
        return "Use the security options that the peer uses, or none if it uses none."
    if reason == "NOT_ZEROMQ":
        return "Check that a ZeroMQ peer listens there, and use the security options that it uses."
    if link.given_up:
        return "Start the peer first, or let libzmq try again."
    return "Start the peer first, give it more time with timeout=, or connect without waiting with lazy=yes."


def connections(socket: ZmqSocket) -> list[str]:
    """What is known of every endpoint of a socket, a sentence each."""
    if not socket.endpoints:
        return ["It has no endpoint: it is neither bound nor connected."]
    known = [link_state(link) for link in socket.monitor.links.values()]
    known += [f"{endpoint}: inproc, which reports no connections." for endpoint in socket.places.inproc]
    return [*known[:MOST_LISTED], *more_than(len(known), MOST_LISTED)]


def where(socket: ZmqSocket) -> str:
    """Name, type and endpoints: `'results' (PULL, tcp://127.0.0.1:5001)`."""
    return f"'{printable(socket.name)}' ({listed([socket.role, *(socket.endpoints or ['no endpoint'])])})"


def nothing_received(socket: ZmqSocket, waited: float) -> str:
    """Why a receive timed out."""
    return lines(f"No message from {where(socket)} in {seconds(waited)}.", *receive_causes(socket))


def receive_causes(socket: ZmqSocket) -> list[str]:
    """What is known of why nothing comes."""
    causes = []
    if (since := socket.turn.waiting_for_reply()) is not None:
        causes.append(f"The reply to the request sent {since:.1f} s ago has not come.")
    if socket.type.subscribes:
        causes.append(_subscriptions(socket))
        causes.append(_topics_seen(socket.traffic.recent))
    lost = any(link.losses for link in socket.monitor.links.values())
    if socket.traffic.received_count:
        causes.append(f"{count_of(socket.traffic.received_count, 'message')} came before.")
    elif lost:
        causes.append("No message came before.")
    if lost and socket.options.max_message_size >= 0:
        causes.append(
            f"MAXMSGSIZE is {socket.options.max_message_size}: a message with a longer frame does not come, "
            "and closes the connection."
        )
    return [*connections(socket), *causes, *silent_causes(socket)]


def _topics_seen(recent: Iterable[Traffic]) -> str:
    """The topics of the messages that came last, each once; empty if none came."""
    topics = dict.fromkeys(entry.frames[0] for entry in recent if entry.direction == "received")
    return f"Topics seen last: {', '.join(preview(t, _SHOWN) for t in list(topics)[-_LAST_TOPICS:])}." if topics else ""


def never_subscribed(socket: ZmqSocket) -> bool:
    """Whether a socket gets nothing for want of a subscription; what an XSUB sends may be one."""
    return socket.type.subscribes and not socket.subscriptions.topics and not socket.traffic.sent_count


def _subscriptions(socket: ZmqSocket) -> str:
    if not socket.subscriptions.topics and not never_subscribed(socket):
        return "It has subscribed to nothing but what it has sent as messages."
    return subscribed(socket.subscriptions.topics)


def subscribed(topics: Sequence[bytes]) -> str:
    """The subscriptions of a socket as a sentence."""
    if not topics:
        return "It has no subscription, so it receives nothing."
    times = Counter(topics)
    known = f"Subscribed to: {listed(_subscription(topic, count) for topic, count in times.items())}."
    again = " Each subscription needs a cancellation of its own." if len(times) < len(topics) else ""
    return f"{known}{again} {_TOPICS}" if any(b"*" in topic for topic in topics) else f"{known}{again}"


def why_received(socket: ZmqSocket) -> str:
    """Which subscriptions let messages come; empty for sockets that need none."""
    if not socket.type.subscribes:
        return ""
    if never_subscribed(socket):
        return "All subscriptions were cancelled; what was on its way came all the same."
    return lines(_cancelled_too_seldom(socket), _subscriptions(socket))


def _cancelled_too_seldom(socket: ZmqSocket) -> str:
    """Topics that were cancelled, but less often than subscribed to; empty if there are none."""
    last = {topic: what for _, what, topic in socket.subscriptions.history}
    left = [topic for topic in dict.fromkeys(socket.subscriptions.topics) if last.get(topic) == "CANCEL"]
    names = listed(_subscription(topic, 1) for topic in left)
    return f"Cancelled less often than subscribed to, each needs a cancellation of its own: {names}." if left else ""


def still_subscribed(socket: ZmqSocket, cancelled: Iterable[bytes]) -> str:
    """That messages of topics still come, because other subscriptions have them, too; empty if none do."""
    topics = socket.subscriptions.topics
    kept = [topic for topic in dict.fromkeys(cancelled) if any(topic.startswith(other) for other in topics)]
    if not kept:
        return ""
    names = listed(_subscription(topic, 1) for topic in kept)
    return f"Socket {socket.title} still receives {names}. {subscribed(topics)}"


def _subscription(topic: bytes, count: int) -> str:
    name = preview(topic, _SHOWN) if topic else "everything"
    return name if count == 1 else f"{name} ({count} times)"


def too_few(
    socket: ZmqSocket, came: int, count: int | None, waited: float, wanted: str = "", last: Sequence[str] = ()
) -> str:
    """Why a bulk receive timed out: also what the last message should have been, and what the last ones lack."""
    asked = f"{came:,} of {count_of(count, 'message')}" if count is not None else count_of(came, "message")
    none = f", none of them {wanted}" if wanted else ""
    return lines(
        f"Only {asked} came from {where(socket)} in {seconds(waited)}{none}; they can be received again.",
        *_last_of(came, last),
        *(silent_causes(socket) if last else receive_causes(socket)),
    )


def _last_of(came: int, differences: Sequence[str]) -> list[str]:
    """What the last messages lack, below a line that says how many these are; nothing if there are none."""
    head = "It is:" if came == 1 else f"The last {len(differences)}:"
    return [head, *(f"  {text}" for text in differences)] if differences else []


class Passed:
    """Counts the messages that did not match, and keeps the differences of the last three."""

    def __init__(self) -> None:
        self.count = 0
        self.last: deque[str] = deque(maxlen=3)

    def take(self, difference: str) -> bool:
        """Takes in one message; returns whether it matches, because it has no difference."""
        if difference:
            self.count += 1
            self.last.append(difference)
        return not difference


def never_receives(socket: ZmqSocket) -> str:
    """Why a socket of this type cannot receive."""
    kind = socket.type
    return (
        f"Socket {socket.title} cannot receive: {kind.name} sockets only send. "
        f"Receive with a {kind.partner_names} socket."
    )


def not_found(socket: ZmqSocket, wanted: str, passed: Passed, waited: float) -> str:
    """Why a wait for a certain message timed out."""
    head = f"No message {wanted} from {where(socket)} in {seconds(waited)}."
    if not passed.count:
        return lines(head, *receive_causes(socket))
    came = "1 message came but does" if passed.count == 1 else f"{passed.count:,} messages came but do"
    last, *shown = _last_of(passed.count, list(passed.last))
    return lines(head, f"{came} not match; to be received later. {last}", *shown, *silent_causes(socket))


def not_connected(socket: ZmqSocket, count: int, endpoint: str | None, waited: float) -> str:
    """Why peers did not come in time."""
    at = f" at {endpoint}" if endpoint else ""
    return lines(
        f"Socket {where(socket)} was not connected to {count_of(count, 'peer')}{at} in {seconds(waited)}.",
        *connections(socket),
        *refused_handshakes(socket),
    )


def still_connected(socket: ZmqSocket, waited: float, count: int | None = None, endpoint: str | None = None) -> str:
    """Why peers did not go in time."""
    at = f" at {endpoint}" if endpoint else ""
    head = f"still has peers{at} after" if count is None else f"has not lost {count_of(count, 'peer')}{at} in"
    return lines(
        f"Socket {where(socket)} {head} {seconds(waited)}.", _counted_losses(socket, count), *connections(socket)
    )


def _counted_losses(socket: ZmqSocket, count: int | None) -> str:
    """How many of the peers that went do not count."""
    seen = sum(link.losses_seen for link in socket.monitor.links.values())
    return (
        f"Not counted: {count_of(seen, 'peer')} gone before an earlier wait for peers was over."
        if seen and count
        else ""
    )


def too_few_subscribers(socket: ZmqSocket, topic: bytes | None, count: int, waited: float) -> str:
    """Why subscribers did not come in time."""
    wanted = count_of(count, "subscriber") + (f" of {preview(topic, _SHOWN)}" if topic is not None else "")
    topics = socket.subscribers.topics()
    names = masked(socket, topics, topic)
    there = listed(f"{preview(name, _SHOWN)} ({number})" for name, number in zip(names, topics.values()))
    return lines(
        f"Socket {where(socket)} has not had {wanted} in {seconds(waited)}.",
        f"Subscriptions: {there or 'none'}.",
        *connections(socket),
    )


def no_event(socket: ZmqSocket, names: Sequence[str], waited: float) -> str:
    """Why an event did not come in time."""
    wanted = " or ".join(names) or "event"
    return lines(f"No {wanted} on socket {where(socket)} in {seconds(waited)}.", history(socket), *connections(socket))


def history(socket: ZmqSocket) -> str:
    """The last events of a socket as a sentence."""
    events = list(socket.monitor.history)[-_LAST_EVENTS:]
    return "Last events: " + (", ".join(map(str, events)) or "none") + "."


def no_failure(socket: ZmqSocket, reason: str | None, waited: float) -> str:
    """Why no handshake failed."""
    failures = list(socket.monitor.failures)
    others = "".join(f"\nIt failed before: {failure.text}." for failure in failures[-3:])
    wanted = f" with reason {reason}" if reason else ""
    return lines(
        f"No handshake of socket {where(socket)} failed{wanted} in {seconds(waited)}.{others}", *connections(socket)
    )
