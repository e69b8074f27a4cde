"""What the monitor's events mean, in words, and the failed handshakes that they report."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import zmq

from ..errors import InvalidValue
from .link import Failure

if TYPE_CHECKING:
    from .socket_event import SocketEvent

EVENT_NAMES: dict[int, str] = {
    int(event): str(event.name) for event in zmq.Event if event < 0x10000
}  # above: protocol errors

# zmq.h, ZMQ_PROTOCOL_ERROR_*: what a peer did wrong in the handshake.
_PROTOCOL_ERRORS = {
    0x10000000: ("ZMTP_UNSPECIFIED", "the peer broke the ZeroMQ protocol"),
    0x10000001: ("UNEXPECTED_COMMAND", "the peer sent a command that does not belong here"),
    0x10000002: ("INVALID_SEQUENCE", "the peer sent handshake commands in a wrong order"),
    0x10000003: ("KEY_EXCHANGE", "the CURVE key exchange failed"),
    0x10000011: ("MALFORMED_COMMAND", "the peer sent a malformed command"),
    0x10000012: ("MALFORMED_MESSAGE", "the peer sent a malformed CURVE message"),
    0x10000013: ("MALFORMED_HELLO", "the peer sent a malformed HELLO"),
    0x10000014: ("MALFORMED_INITIATE", "the peer sent a malformed INITIATE"),
    0x10000015: ("MALFORMED_ERROR", "the peer sent a malformed ERROR"),
    0x10000016: ("MALFORMED_READY", "the peer sent a malformed READY"),
    0x10000017: ("MALFORMED_WELCOME", "the peer sent a malformed WELCOME"),
    0x10000018: (
        "INVALID_METADATA",
        "the peer's socket type does not go together with this one, or its metadata cannot be read",
    ),
    0x11000001: ("CRYPTOGRAPHIC", "a command could not be decrypted: the peer uses a wrong server key"),
    0x11000002: ("MECHANISM_MISMATCH", "the two sides use different security mechanisms (NULL, PLAIN, CURVE)"),
    0x20000000: ("ZAP_UNSPECIFIED", "the authenticator broke the ZAP protocol"),
    0x20000001: ("ZAP_MALFORMED_REPLY", "the authenticator sent a malformed reply"),
    0x20000002: ("ZAP_BAD_REQUEST_ID", "the authenticator answered another request"),
    0x20000003: ("ZAP_BAD_VERSION", "the authenticator answered with another ZAP version"),
    0x20000004: ("ZAP_INVALID_STATUS_CODE", "the authenticator answered with an unknown status"),
    0x20000005: ("ZAP_INVALID_METADATA", "the authenticator answered with invalid metadata"),
}
_CLOSED = "the peer closed the connection during the handshake"
_TIMED_OUT = (errno.EAGAIN, errno.ETIMEDOUT)
_ZAP_STATUS = {300: "temporary error, try again", 400: "authentication refused", 500: "internal error"}


def event_name(text: str) -> str:
    """The name of an event as libzmq has it; case, spaces and `ZMQ_EVENT_` do not matter.

    Raises:
        InvalidValue: There is no such event.
    """
    name = text.strip().upper().replace(" ", "_").removeprefix("ZMQ_").removeprefix("EVENT_")
    if name not in EVENT_NAMES.values():
        raise InvalidValue(f"There is no event '{text}'. Events are: {', '.join(sorted(EVENT_NAMES.values()))}.")
    return name


def meaning_of(name: str, value: int) -> str:
    """The value of an event in words; empty if it means nothing."""
    if name == "CONNECT_RETRIED":
        return f"next attempt in {value} ms"
    if name == "HANDSHAKE_FAILED_PROTOCOL":
        return ": ".join(_protocol_error(value))
    if name == "HANDSHAKE_FAILED_AUTH":
        return f"AUTH {value}: {_ZAP_STATUS.get(value, 'unknown status')}"
    if name == "HANDSHAKE_FAILED_NO_DETAIL":
        return _silent_or_closed(value)[1]
    if name in ("BIND_FAILED", "ACCEPT_FAILED", "CLOSE_FAILED", "CONNECT_DELAYED"):
        return os.strerror(value)
    return ""


def _protocol_error(value: int) -> tuple[str, str]:
    return _PROTOCOL_ERRORS.get(value, (f"PROTOCOL {value:#x}", "the peer broke the ZeroMQ protocol"))


def _silent_or_closed(code: int) -> tuple[str, str]:
    if code in _TIMED_OUT:
        return "NOT_ZEROMQ", "no ZeroMQ handshake within the handshake interval: the peer does not speak ZeroMQ"
    # Most often also with different mechanisms: the peer's reset overtakes the greeting that would name its own.
    return "NOT_ZEROMQ", (
        f"{_CLOSED}: it does not speak ZeroMQ, uses another security mechanism, or refused us, as with a socket type "
        "that does not go together with this one"
    )


def failure_of(event: SocketEvent, uses_curve: bool) -> Failure:
    """The failure that a HANDSHAKE_FAILED event stands for.

    Args:
        event: The event.
        uses_curve: Whether the socket is a CURVE client, which decides what a closed handshake means.
    """
    if event.name == "HANDSHAKE_FAILED_PROTOCOL":
        reason, text = _protocol_error(event.value)
        return Failure(reason, f"{reason}: {text}", event.endpoint, event.time, final=reason != "CRYPTOGRAPHIC")
    if event.name == "HANDSHAKE_FAILED_AUTH":
        return Failure(
            f"AUTH {event.value}", event.meaning, event.endpoint, event.time, final=event.value in (400, 500)
        )
    reason, text = _silent_or_closed(event.value)
    if uses_curve and event.value not in _TIMED_OUT:
        reason = "CLOSED_BY_PEER"
        text = (
            "the peer closed the connection during the CURVE handshake: wrong server key, not a CURVE server, or the "
            "two socket types do not go together"
        )
    return Failure(reason, f"{reason}: {text}", event.endpoint, event.time)


def may_be_an_end(event: SocketEvent) -> bool:
    """Whether a HANDSHAKE_FAILED event may tell that a peer went: of ZMTP 2.0 and older libzmq reports no handshake."""
    return event.name == "HANDSHAKE_FAILED_NO_DETAIL" and event.value not in _TIMED_OUT


def incompatible() -> tuple[str, str]:
    """What a connection that was dropped in the handshake most likely means: a reason, and the same in words."""
    return (
        "INCOMPATIBLE_TYPE",
        (
            "the connection was dropped in the handshake, and libzmq does not say why: the peer may not speak ZeroMQ, "
            "but most likely the two socket types do not go together"
        ),
    )


def refused() -> tuple[str, str]:
    """What a connection that a PLAIN or CURVE server ended with an ERROR means, where libzmq reports only a ZAP status.

    The reason of an ERROR is any text (RFC 24, RFC 26): JeroMQ sends an empty one where the server key is wrong.
    """
    return (
        "CLOSED_BY_PEER",
        (
            "the peer refused this socket in the handshake, and libzmq does not say why: a wrong key, user or "
            "password, or the two socket types do not go together"
        ),
    )


def dropped_in_handshake(event: SocketEvent, cause: tuple[str, str]) -> Failure:
    """The failure that a DISCONNECTED in the handshake stands for.

    Args:
        event: The event.
        cause: A reason, and the same in words.
    """
    return Failure(cause[0], ": ".join(cause), event.endpoint, event.time, final=True)
