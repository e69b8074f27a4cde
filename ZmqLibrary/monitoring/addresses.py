"""The addresses of a TCP connection, asked of its descriptor: libzmq reports neither the peer's port nor its own."""

from __future__ import annotations

import socket

from ..plain_text import address_text


def ends_of(descriptor: int) -> tuple[str, str] | None:
    """Its own address and that of its peer, as `host:port`; None if it is no open TCP connection."""
    try:
        connection = socket.socket(fileno=descriptor)
    except OSError:
        return None
    try:
        if connection.family not in (socket.AF_INET, socket.AF_INET6):
            return None
        return _shown(connection.getsockname()), _shown(connection.getpeername())
    except OSError:
        return None
    finally:
        connection.detach()


def _shown(address: tuple[str, int]) -> str:
    """IPv4 in IPv6 as IPv4."""
    return address_text(address[0].removeprefix("::ffff:"), address[1])
