"""Reservations: addresses that no other process of this machine gets, for services that are given theirs.

A bound socket would keep the address from the service itself. So a tcp port is reserved by a lock on a file in the
temporary folder, which ends with the process that holds it, however that ends. Whoever reserves asks for the same
lock; others stay off because the system does not assign these ports by itself (for
`tcp://127.0.0.1:*` and for the near end of connections). An ipc path is unique by its name and needs no lock.
"""

from __future__ import annotations

import errno
import os
import random
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from ..errors import EndpointFailed
from ..waiting.uninterrupted import Uninterrupted
from .endpoints import Endpoint, ReservableTransport, parse_endpoint

KeepUndo = Callable[[Callable[[], object]], object]

_FOLDER = "zmqlibrary-reserved"
_PORTS = range(10_000, 65_536)  # below are those that services have by convention
_EPHEMERAL_ELSEWHERE = range(49_152, 65_536)  # RFC 6335, section 6: macOS, Windows
_ENOUGH = 1_000
_NEXT_PORT = frozenset({errno.EADDRINUSE, errno.EACCES})  # EACCES: Windows keeps ranges for itself
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


class Reservation(Protocol):
    """An endpoint that is reserved until `release`, or until the process ends."""

    @property
    def endpoint(self) -> str: ...

    def release(self) -> None: ...


def reserve(transport: ReservableTransport, host: str, hold: KeepUndo = lambda undo: None) -> Reservation:
    """Reserves an endpoint.

    Args:
        transport: Of the endpoint.
        host: Of a tcp endpoint.
        hold: Takes what gives the port back, before a signal can come: looking whether it is free may take a while.

    Raises:
        InvalidValue: The host cannot stand in an endpoint.
        EndpointFailed: This machine does not have that host, or no port could be had.
    """
    return _PortReservation(host, hold) if transport is ReservableTransport.TCP else _PathReservation()


class _PathReservation:
    def __init__(self) -> None:
        path = Path(tempfile.gettempdir(), f"zmq-{os.urandom(8).hex()}")
        self.endpoint = str(parse_endpoint(f"ipc://{path}", "bind"))
        self._path = path

    def release(self) -> None:
        """Removes what the service may have left at the path."""
        if self._path.is_socket():
            self._path.unlink(missing_ok=True)


class _PortReservation:
    def __init__(self, host: str, hold: KeepUndo) -> None:
        place = parse_endpoint(f"tcp://{host}:*", "bind")
        self._lock, port = _lock_free_port(place, hold)
        self.endpoint = str(parse_endpoint(f"tcp://{host}:{port}", "bind"))

    def release(self) -> None:
        """Lets others have the port; a second time does nothing."""
        self._lock.release()


def _lock_free_port(place: Endpoint, hold: KeepUndo) -> tuple[_FileLock, int]:
    folder = _shared_folder()
    ranges = _ports_by_choice()
    for port in _in_turn(ranges):
        lock = _FileLock(folder / f"tcp-{port}")
        if lock.acquire(hold):
            try:
                if _is_free(place, port):
                    return lock, port
            except OSError as problem:
                lock.release()
                raise EndpointFailed(
                    f"Cannot reserve a port of {place.host}: {problem.strerror or problem}. "
                    "Use 127.0.0.1 or an address of this machine."
                ) from None
            lock.release()
    raise EndpointFailed(
        f"Cannot reserve a port of {place.host}: all {sum(map(len, ranges)):,} that were tried are reserved or in use. "
        f"The locks are in {folder}."
    )


def _shared_folder() -> Path:
    folder = Path(tempfile.gettempdir(), _FOLDER)
    try:
        folder.mkdir()
        folder.chmod(0o1777)  # whoever runs tests on this machine shares it
    except FileExistsError:
        pass
    except OSError as problem:
        raise EndpointFailed(f"Cannot reserve an endpoint: the folder {folder} cannot be made ({problem}).") from None
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise EndpointFailed(f"Cannot reserve an endpoint: the folder {folder} cannot be written to.")
    return folder


def _ports_by_choice() -> list[range]:
    """Ports that a process has only if it asks for them by number."""
    given_out = _ephemeral_ports()
    below = range(_PORTS.start, min(given_out.start, _PORTS.stop))
    above = range(max(given_out.stop, _PORTS.start), _PORTS.stop)
    return [below, above] if len(below) + len(above) >= _ENOUGH else [_PORTS]


def _in_turn(ranges: Sequence[range]) -> Iterator[int]:
    """All ports, from a random one on."""
    [chosen] = random.choices(ranges, [len(ports) for ports in ranges])
    start = random.choice(chosen)
    for ports in ranges:
        yield from range(max(ports.start, start), ports.stop)
    for ports in ranges:
        yield from range(ports.start, min(ports.stop, start))


def _ephemeral_ports() -> range:
    try:
        first, last = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text("ascii").split()
    except OSError:
        return _EPHEMERAL_ELSEWHERE
    return range(int(first), int(last) + 1)


def _is_free(place: Endpoint, port: int) -> bool:
    """Whether the port can be bound, as libzmq would.

    Raises:
        OSError: No port of this host can.
    """
    host = None if place.host == "*" else place.host
    family, kind, number, _, address = socket.getaddrinfo(
        host, port, family=_family(place), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    with Uninterrupted(), socket.socket(family, kind, number) as probe:
        if sys.platform != "win32":  # there the option would take the port from others
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as problem:
            if problem.errno in _NEXT_PORT:
                return False
            raise
    return True


def _family(place: Endpoint) -> socket.AddressFamily:
    return socket.AF_INET6 if place.needs_ipv6 else socket.AF_INET


class _FileLock:
    """A lock that one open file in the whole machine has; the system takes it away when the process ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def acquire(self, hold: KeepUndo = lambda undo: None) -> bool:
        with Uninterrupted():
            taken = self._acquire()
            if taken:
                hold(self.release)
        return taken

    def _acquire(self) -> bool:
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | _NO_LINK, 0o666)
        except OSError:  # of another user: reserved, or left behind
            return False
        if _lock(file) and self._is_still(file):
            self._file = file
            return True
        os.close(file)
        return False

    def _is_still(self, file: int) -> bool:
        """Who released the lock may have removed the file after it was opened here."""
        try:
            return os.path.samestat(os.fstat(file), os.stat(self._path))
        except FileNotFoundError:
            return False

    def release(self) -> None:
        with Uninterrupted():
            if self._file is not None:
                with suppress(OSError):  # Windows removes no open file
                    self._path.unlink()
                os.close(self._file)
                self._file = None


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> bool:
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
