"""How long the commands of a handshake are, and what a smaller MAXMSGSIZE means: libzmq drops the connection silently.

Sizes are those of ZMTP 3.1 (RFC 37), PLAIN (RFC 24) and CURVE (RFC 26) with the metadata that libzmq sends.
"""

from __future__ import annotations

from ..monitoring.event_meanings import incompatible, refused
from .socket_types import SocketType

_LONGEST_ROUTING_ID = 255
_IDENTIFIED = (SocketType.REQ, SocketType.DEALER, SocketType.ROUTER)
_BEFORE_METADATA = {
    ("NULL", False): 6,  # READY
    ("PLAIN", False): 6,
    ("PLAIN", True): 9,  # INITIATE
    ("CURVE", True): 257,
}
_WELCOME = 168  # of CURVE: the longest that a client gets


def least_handshake(type: SocketType, mechanism: str, serves: bool) -> int:
    """Bytes of the longest command that a socket gets in every handshake.

    Args:
        type: Of the socket.
        mechanism: `NULL`, `PLAIN` or `CURVE`.
        serves: Whether it is the server of that mechanism.
    """
    if (before := _BEFORE_METADATA.get((mechanism, serves))) is None:
        return _WELCOME
    return before + min((_metadata(partner) for partner in type.partners), default=0)


def _metadata(peer: SocketType) -> int:
    """Socket-Type and, with an empty routing id, Identity: name and value with their lengths."""
    return 16 + len(peer.name) + (13 if peer in _IDENTIFIED else 0)


def dropped_cause(limit: int, type: SocketType, mechanism: str, serves: bool) -> tuple[str, str]:
    """Why a connection was dropped in the handshake: a reason, and the same in words.

    Args:
        limit: MAXMSGSIZE of the socket; -1: none.
        type: Of the socket.
        mechanism: `NULL`, `PLAIN` or `CURVE`.
        serves: Whether it is the server of that mechanism.
    """
    least = least_handshake(type, mechanism, serves)
    reason, text = incompatible() if mechanism == "NULL" or serves else refused()
    if limit < 0 or limit >= least + _LONGEST_ROUTING_ID:
        return reason, text
    if limit < least:
        return "MAXMSGSIZE", f"MAXMSGSIZE of this socket is {limit}, and the handshake has commands of {least} bytes"
    if not any(partner in _IDENTIFIED for partner in type.partners):
        return reason, text
    return reason, (
        f"{text}; or the peer's routing id is too long for this socket's MAXMSGSIZE of {limit}, because {least} bytes "
        "of it are for the rest of the command"
    )
