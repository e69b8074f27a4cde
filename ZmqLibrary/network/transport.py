"""Sockets of the system for tcp and ipc endpoints: listening, connecting, closing, and how their ends are called."""

from __future__ import annotations

import errno
import os
import socket
import struct
from contextlib import suppress

from ..errors import EndpointFailed
from ..sockets.endpoints import Endpoint

_BACKLOG = 512


def listening_socket(endpoint: Endpoint) -> socket.socket:
    """A socket that listens there.

    Raises:
        EndpointFailed: The system refuses.
    """
    sock = None
    try:
        family, address = socket_address(endpoint)
        sock = socket.socket(family, socket.SOCK_STREAM)
        if endpoint.transport == "tcp" and os.name == "posix":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(_BACKLOG)
        sock.setblocking(False)
    except OSError as error:
        if sock:
            sock.close()
        hint = ""
        if error.errno == errno.EADDRINUSE:
            hint = " The address is in use: stop who has it, or listen at tcp://127.0.0.1:* for a free port."
        raise EndpointFailed(f"The proxy cannot listen at {endpoint}: {error.strerror or error}.{hint}") from error
    return sock


def connecting_socket(endpoint: Endpoint) -> socket.socket:
    """A socket on its way to the endpoint.

    Raises:
        OSError: The system refuses at once.
    """
    family, address = socket_address(endpoint)
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setblocking(False)
    problem = sock.connect_ex(address)
    if problem and problem not in (errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EAGAIN):
        sock.close()
        raise OSError(problem, os.strerror(problem))
    return sock


def socket_address(endpoint: Endpoint) -> tuple[int, str | tuple[object, ...]]:
    """Family and address as sockets take them."""
    if endpoint.transport == "ipc":
        path = endpoint.address
        return socket.AF_UNIX, "\0" + path[1:] if path.startswith("@") else path
    host = endpoint.host if endpoint.host != "*" else "0.0.0.0"
    found = socket.getaddrinfo(host.strip("[]"), endpoint.port or 0, type=socket.SOCK_STREAM)
    family, _, _, _, address = next((item for item in found if item[0] == socket.AF_INET), found[0])
    return family, address


def bound_endpoint(sock: socket.socket, endpoint: Endpoint) -> str:
    """Where a socket listens, as clients connect to it."""
    if endpoint.transport == "ipc":
        return str(endpoint)
    host, port = sock.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"tcp://{'127.0.0.1' if shown == '0.0.0.0' else shown}:{port}"


def address_of(client: socket.socket, address: object) -> str:
    """How a client is called: `127.0.0.1:5555`, over ipc `localhost:uid:gid:pid` as libzmq does."""
    if isinstance(address, tuple):
        host, port = address[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if hasattr(socket, "SO_PEERCRED"):
        with suppress(OSError):
            pid, uid, gid = struct.unpack("3i", client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
            return f"localhost:{uid}:{gid}:{pid}"
    return "localhost"


def close_socket(sock: socket.socket, reset: bool) -> None:
    """Closes a socket, over tcp with RST if that is asked for."""
    if reset and sock.family != getattr(socket, "AF_UNIX", None):
        with suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()
