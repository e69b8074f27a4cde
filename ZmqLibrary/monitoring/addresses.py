"""The addresses of a TCP connection, asked of its descriptor: libzmq reports neither the peer's port nor its own."""

from __future__ import annotations

import socket


def ends_of(descriptor: int) -> tuple[str, str] | None:
    """Its own address and that of its peer, as `host:port`; None if it is no open TCP connection."""
    try:
        connection = socket.socket(fileno=descriptor)
    except OSError:
        return None
    try:
        if connection.family not in (socket.AF_INET, socket.AF_INET6):
            return None
        return shown(connection.getsockname()), shown(connection.getpeername())
    except OSError:
        return None
    finally:
        connection.detach()


def shown(address: tuple[str, int]) -> str:
    """`host:port`; IPv6 in brackets, IPv4 in IPv6 as IPv4."""
    host = address[0].removeprefix("::ffff:")
    return f"[{host}]:{address[1]}" if ":" in host else f"{host}:{address[1]}"
