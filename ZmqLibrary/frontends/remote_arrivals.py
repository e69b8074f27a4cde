"""Connections of remote clients: whose they are, and which process takes the next one.

Handing each over costs a tenth of a call. So a client that calls several times in a row, and nobody else, has its
process take its connections itself, from the same listener.
"""

from __future__ import annotations

import select
import socket
import sys
from contextlib import suppress
from typing import NamedTuple

from .http_call import path_of

LENDS = sys.platform == "linux" and hasattr(select, "EPOLLEXCLUSIVE")
HANDED_OVER = b"c"
"""Goes with a connection between the server and the process of a client."""
_IN_A_ROW = 3


class Client(NamedTuple):
    """Who calls: everything that comes from one address with one path."""

    address: str
    path: str


def client_of(connection: socket.socket, address: str) -> Client | None:
    """Whose connection it is that comes from an address; None if no request begins there. It stays to be read.

    Raises:
        BlockingIOError: Nothing has come yet.
        OSError: The client went away.
    """
    path = path_of(connection)
    return None if path is None else Client(address, path)


class Keeping:
    """The server takes all connections.

    Args:
        listener: Where they come.
    """

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener

    def fileno(self) -> int:
        """Readable when the server has to take a connection."""
        return self._listener.fileno()

    def shared_with(self, client: Client) -> list[int]:
        """Descriptors that the process of a new client inherits."""
        return []

    def called(self, client: Client) -> None:
        """A connection was handed over."""

    def take_back(self) -> None:
        """The server takes the next connection."""

    def forget(self, client: Client) -> None:
        """The process of the client ends."""

    def close(self) -> None:
        """No connection is taken any more."""


class Lending(Keeping):
    """The process of a client that calls several times in a row borrows the listener, until somebody else calls.

    Each process waits in an epoll of its own. Of those that wait for the listener exclusively (epoll_ctl(2),
    EPOLLEXCLUSIVE) the kernel wakes the first that somebody waits in. That of the borrower comes first, so that the
    server is woken only while the borrower runs a keyword, hangs or has died. The server made all of these epolls and
    keeps them, so that it can take the listener back from a process that does nothing any more.
    """

    def __init__(self, listener: socket.socket) -> None:
        super().__init__(listener)
        self._epolls: dict[Client, select.epoll] = {}
        self._borrower: Client | None = None
        self._caller: Client | None = None
        self._in_a_row = 0
        self._own = select.epoll()
        self._await(self._own)

    def fileno(self) -> int:
        return self._own.fileno()

    def shared_with(self, client: Client) -> list[int]:
        self._epolls[client] = select.epoll()
        return [self._listener.fileno(), self._epolls[client].fileno()]

    def called(self, client: Client) -> None:
        self._in_a_row = self._in_a_row + 1 if client == self._caller else 1
        self._caller = client
        if self._in_a_row >= _IN_A_ROW and client != self._borrower:
            self._lend(client)

    def _lend(self, client: Client) -> None:
        self.take_back()
        self._borrower = client
        self._await(self._epolls[client])
        self._wait_behind_others()

    def take_back(self) -> None:
        if self._borrower is not None:
            self._epolls[self._borrower].unregister(self._listener)
            self._borrower = None
            self._wait_behind_others()
        self._in_a_row = 0

    def _wait_behind_others(self) -> None:
        """Shows also what has come already, and the borrower was woken for without taking it."""
        self._own.unregister(self._listener)
        self._await(self._own)

    def _await(self, epoll: select.epoll) -> None:
        epoll.register(self._listener, select.EPOLLIN | select.EPOLLEXCLUSIVE)

    def forget(self, client: Client) -> None:
        if client == self._borrower:
            self.take_back()
        self._epolls.pop(client).close()

    def close(self) -> None:
        self.take_back()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # closing it would not do: the processes of clients have it, too
        self._own.close()
