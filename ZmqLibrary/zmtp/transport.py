"""TCP and Unix sockets of endpoints: `tcp://host:port` and `ipc://path`, where ZeroMQ finds them."""

from __future__ import annotations

import errno
import os
import socket
import stat
import sys
import tempfile
from contextlib import suppress
from typing import NamedTuple

from ..errors import AddressTaken, ConnectFailed, EndpointFailed, Hint, InvalidValue, in_use
from ..plain_text import address_text

_BACKLOG = 100
_LEAST_SECONDS = 0.001
_MOST_WAITING = 1 << 23


class Address(NamedTuple):
    """Where an endpoint is, as Python's sockets have it."""

    family: int
    address: tuple[str | int | bytes, ...] | str | bytes

    @property
    def is_tcp(self) -> bool:
        """Whether it is a TCP address; else a Unix path."""
        return self.family != getattr(socket, "AF_UNIX", None)


def address_of(endpoint: str, *, listening: bool = False) -> Address:
    """The address of an endpoint; the host's name is looked up.

    Args:
        endpoint: `tcp://127.0.0.1:5555`, `tcp://*:*`, `tcp://[::1]:5555`, `ipc:///tmp/feed`, `ipc://@abstract`.
        listening: Whether to bind there: then host, port and path may be `*`.

    Raises:
        InvalidValue: It is no endpoint of these transports.
        EndpointFailed: The host is not known.
    """
    transport, _, place = endpoint.partition("://")
    if transport == "ipc" and place and hasattr(socket, "AF_UNIX"):
        if listening and place == "*":
            place = os.path.join(tempfile.gettempdir(), f"zmq-{os.urandom(16).hex()}")
        return Address(socket.AF_UNIX, b"\0" + place[1:].encode() if place.startswith("@") else place)
    host, _, port = place.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if transport != "tcp" or not host or not _is_port(port, listening):
        raise InvalidValue(f"'{endpoint}' cannot be used. Write tcp://HOST:PORT or ipc://PATH.")
    try:
        number = 0 if port == "*" else int(port)
        name = "0.0.0.0" if listening and host == "*" else host
        found = socket.getaddrinfo(name, number, type=socket.SOCK_STREAM)
    except (OSError, OverflowError, UnicodeError) as error:
        raise EndpointFailed(f"'{endpoint}' cannot be used: the host '{host}' is not known ({error}).") from error
    found.sort(key=lambda entry: entry[0] != socket.AF_INET)  # as libzmq, unless told otherwise
    family, _, _, _, address = found[0]
    return Address(family, address)


def _is_port(text: str, listening: bool) -> bool:
    return (listening and text == "*") or (text.isascii() and text.isdigit())


def endpoint_of(transport: socket.socket) -> str:
    """Where a listening socket can be connected to."""
    address = transport.getsockname()
    if isinstance(address, (bytes, str)):
        path = os.fsdecode(address)
        return f"ipc://@{path[1:]}" if path.startswith("\0") else f"ipc://{path}"
    return f"tcp://{address_text(*address[:2])}"


def prepare(transport: socket.socket) -> None:
    """Small messages go at once: without it a request and its reply take 45 ms (Nagle's algorithm, delayed ACK)."""
    if transport.family != getattr(socket, "AF_UNIX", None):
        transport.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def connected(endpoint: str, timeout: float) -> socket.socket:
    """A socket that is connected to an endpoint.

    Raises:
        ConnectFailed: Nobody listens there, or the time is over.
        EndpointFailed: The process can open no more.
    """
    address = address_of(endpoint)
    try:
        transport = socket.socket(address.family, socket.SOCK_STREAM)
    except OSError as error:
        raise EndpointFailed(
            f"'{endpoint}' cannot be connected to, because no socket can be opened: {error.strerror or error}.",
            Hint.CLOSE_SOCKETS if error.errno in (errno.EMFILE, errno.ENFILE) else None,
        ) from error
    try:
        transport.settimeout(max(timeout, _LEAST_SECONDS))  # 0 would be: without waiting for the answer
        transport.connect(address.address)
        prepare(transport)
    except OSError as error:
        transport.close()
        raise ConnectFailed(f"Connecting to '{endpoint}' failed: {error.strerror or error}.") from error
    return transport


def listening(endpoint: str) -> socket.socket:
    """A socket that listens at an endpoint. The path of an `ipc` endpoint at which nobody listens is taken over.

    Raises:
        EndpointFailed: The address is in use, or cannot be used.
    """
    address = address_of(endpoint, listening=True)
    try:
        return _bound(address)
    except OSError as error:
        failed = f"Listening at '{endpoint}' failed"
        if error.errno == errno.EADDRINUSE:
            raise AddressTaken(f"{failed}: {in_use(endpoint)}") from error
        raise EndpointFailed(f"{failed}: {error.strerror or error}.") from error


def _bound(address: Address) -> socket.socket:
    transport = socket.socket(address.family, socket.SOCK_STREAM)
    try:
        if address.is_tcp and os.name == "posix":
            transport.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if isinstance(address.address, str):
            _free(address.address)
        transport.bind(address.address)
        transport.listen(_BACKLOG)
    except OSError:
        transport.close()
        raise
    return transport


def stop_listening(transport: socket.socket) -> None:
    """Closes a listening socket; the file of an `ipc` endpoint goes with it."""
    if transport.fileno() < 0:
        return
    address = transport.getsockname()
    transport.close()
    if isinstance(address, str) and address and not address.startswith("\0"):
        with suppress(OSError):
            os.unlink(address)


def _free(path: str) -> None:
    """Removes a socket file that a process left behind; one at which somebody listens stays, and bind fails."""
    try:
        if not stat.S_ISSOCK(os.stat(path).st_mode):
            return
    except OSError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            os.unlink(path)
        except OSError:
            pass


def unacknowledged_bytes(transport: socket.socket) -> int:
    """How many bytes of a TCP socket the peer's kernel has not taken yet; 0 where the system does not say.

    What went into a Unix socket is in the peer's queue at once.
    """
    if sys.platform != "linux" or transport.family == socket.AF_UNIX:
        return 0
    return _asked_of_kernel(transport, "TIOCOUTQ")


def unread_bytes(transport: socket.socket) -> int:
    """How many bytes of a socket that never blocks have come and wait to be read."""
    if sys.platform != "win32":
        return _asked_of_kernel(transport, "FIONREAD")
    try:
        return len(transport.recv(_MOST_WAITING, socket.MSG_PEEK))
    except OSError:
        return 0


def _asked_of_kernel(transport: socket.socket, request: str) -> int:
    import fcntl
    import termios

    try:
        found = fcntl.ioctl(transport.fileno(), getattr(termios, request), bytes(4))
    except OSError:
        return 0
    return int.from_bytes(found, sys.byteorder)
