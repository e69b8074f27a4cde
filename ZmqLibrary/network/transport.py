"""Sockets of the proxy: on their way to the target, closed in order or not, and how clients are called."""

from __future__ import annotations

import errno
import os
import socket
import struct
from contextlib import suppress

from ..plain_text import address_text
from ..zmtp.transport import address_of, prepare


def connecting_socket(endpoint: str) -> socket.socket:
    """A socket on its way to an endpoint, which does not block.

    Raises:
        OSError: The system refuses at once.
    """
    where = address_of(endpoint)
    sock = socket.socket(where.family, socket.SOCK_STREAM)
    sock.setblocking(False)
    problem = sock.connect_ex(where.address)
    if problem and problem not in (errno.EINPROGRESS, errno.EWOULDBLOCK):
        sock.close()
        raise OSError(problem, os.strerror(problem))
    prepare(sock)
    return sock


def client_name(client: socket.socket, address: object) -> str:
    """How a client is called: `127.0.0.1:5555`, over ipc `localhost:uid:gid:pid` as libzmq does."""
    if isinstance(address, tuple):
        return address_text(*address[:2])
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
