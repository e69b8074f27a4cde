"""What a connection reports: frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from .commands import Command
from .greeting import Greeting


@dataclass(frozen=True)
class GreetingReceived:
    """The peer has sent its version and mechanism, and they fit."""

    greeting: Greeting


@dataclass(frozen=True)
class HandshakeDone:
    """Messages may be sent from now on.

    Attributes:
        socket_type: Of the peer; empty if it did not say.
        routing_id: That the peer gave itself; empty if it gave none.
        metadata: All properties of the peer.
        username: With PLAIN, of the client; on the server's side.
    """

    socket_type: str
    routing_id: bytes = b""
    metadata: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}))
    username: str = ""


@dataclass(frozen=True)
class HandshakeRefused:
    """The handshake ended with ERROR.

    Attributes:
        reason: As the ERROR says it; with ZAP a status such as `400`.
        by_peer: Whether the peer refused, or this side.
    """

    reason: str
    by_peer: bool


@dataclass(frozen=True)
class MessageReceived:
    """A message: all its frames."""

    frames: tuple[bytes, ...]


@dataclass(frozen=True)
class Subscribed:
    """The peer wants messages that begin with the topic. Twice the same topic needs two cancels."""

    topic: bytes


@dataclass(frozen=True)
class Cancelled:
    """The peer takes one subscription to the topic back."""

    topic: bytes


@dataclass(frozen=True)
class PingReceived:
    """The peer asked for a sign of life, and a PONG is among the bytes to send.

    Attributes:
        ttl: Seconds after which the peer may be given up if it stays silent; 0: never.
        context: What the PONG repeats.
    """

    ttl: float
    context: bytes


@dataclass(frozen=True)
class PongReceived:
    """The peer answered a PING with that context."""

    context: bytes


@dataclass(frozen=True)
class CommandReceived:
    """A command that has no event of its own: JOIN, LEAVE, ERROR after the handshake, or one that nobody knows."""

    command: Command


@dataclass(frozen=True)
class Closed:
    """The peer sends nothing any more; all that it sent was whole."""


Event = (
    GreetingReceived
    | HandshakeDone
    | HandshakeRefused
    | MessageReceived
    | Subscribed
    | Cancelled
    | PingReceived
    | PongReceived
    | CommandReceived
    | Closed
)
