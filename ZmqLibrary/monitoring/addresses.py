"""The addresses of TCP connections.

They are asked of the descriptor, because libzmq reports neither the peer's port nor its own, and compared with hosts as
they were given, which libzmq names by their address from the first reconnect on.
"""

from __future__ import annotations

import socket
from ipaddress import ip_address

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


_LOOPBACK = ("127.0.0.1", "::1")


def plain(endpoint: str) -> str:
    """An endpoint with IPv4 in IPv6 as IPv4."""
    before, found, rest = endpoint.partition("[::ffff:")
    return before + rest.replace("]", "", 1) if found and "." in rest else endpoint


def may_be_at(endpoint: str, other: str) -> bool:
    """Whether libzmq may mean a tcp endpoint that was connected to when it names another one, with an address.

    The port is the same, and the host a name, which is not looked up, or the same address written in another way.
    """
    host, _, port = plain(endpoint).removeprefix("tcp://").rpartition(";")[2].rpartition(":")
    address, _, other_port = plain(other).removeprefix("tcp://").rpartition(":")
    if port != other_port or not _is_address(address):
        return False
    if _is_address(host):
        return ip_address(host.strip("[]")) == ip_address(address.strip("[]"))
    return host.lower() != "localhost" or address.strip("[]") in _LOOPBACK


def _is_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _shown(address: tuple[str, int]) -> str:
    """IPv4 in IPv6 as IPv4."""
    return address_text(address[0].removeprefix("::ffff:"), address[1])
