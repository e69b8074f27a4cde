"""Sockets of the proxy: on their way to the target, closed in order or not, and how clients are called."""

from __future__ import annotations

import errno
import os
import socket
import struct
import threading
from contextlib import suppress

from ..errors import EndpointFailed, ZmqLibraryError
from ..plain_text import address_text
from ..waiting.deadline import Deadline
from ..waiting.threads import has_ended, is_alive
from ..zmtp.transport import Address, address_of, prepare

_PATIENCE = 5.0


class Target:
    """Where clients are connected to. A host's name is looked up in a thread, because nobody knows how long that takes.

    It is looked up again for each client, for those that come later: what was found last counts until then.

    Args:
        endpoint: Its address; the first look-up is waited for, at most some seconds.
    """

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._address: Address | None = None
        self._problem = f"the host of '{endpoint}' is still being looked up"
        self._thread = self._look_up()
        has_ended(self._thread, Deadline(_PATIENCE))

    def connect(self) -> socket.socket:
        """A socket on its way there, which does not block.

        Raises:
            EndpointFailed: Its host is not known, or not yet.
            BlockingIOError: It has no room for one more that waits to be let in, over ipc.
            OSError: The system refuses at once.
        """
        address = self._address
        if (address is None or self._is_name(address)) and not is_alive(self._thread):
            self._thread = self._look_up()
        if address is None:
            raise EndpointFailed(self._problem)
        return _connecting_socket(address)

    def _is_name(self, address: Address) -> bool:
        return address.is_tcp and str(address.address[0]) not in self._endpoint

    def _look_up(self) -> threading.Thread:
        thread = threading.Thread(target=self._find, daemon=True)
        thread.start()
        return thread

    def _find(self) -> None:
        try:
            self._address = address_of(self._endpoint)
        except ZmqLibraryError as error:
            self._problem = str(error)


def _connecting_socket(where: Address) -> socket.socket:
    sock = socket.socket(where.family, socket.SOCK_STREAM)
    sock.setblocking(False)
    problem = sock.connect_ex(where.address)
    under_way = (errno.EINPROGRESS, errno.EWOULDBLOCK) if where.is_tcp else (errno.EINPROGRESS,)
    if problem and problem not in under_way:
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


def unreached(target: str, reason: object) -> str:
    """Why there is no connection to the target, in the middle of a sentence."""
    return f"the target {target} cannot be reached ({reason})"


def close_socket(sock: socket.socket, reset: bool) -> None:
    """Closes a socket, over tcp with RST if that is asked for."""
    if reset and sock.family != getattr(socket, "AF_UNIX", None):
        with suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()
