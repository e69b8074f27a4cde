"""The files of bound ipc sockets: libzmq takes a path away from others without an error, and leaves its file behind."""

from __future__ import annotations

import errno
import socket
from pathlib import Path
from typing import NamedTuple

from ..waiting.uninterrupted import Uninterrupted

_PREFIX = "ipc://"
_ABSTRACT = "ipc://@"
_NOBODY = (errno.ECONNREFUSED, errno.ENOENT)
_SOCKETS = Path("/proc/net/unix")
_NOT_LISTENING = ("00000000", "01")  # no flags, not connected


class SocketFile(NamedTuple):
    """The file of a bound ipc socket; for other endpoints nothing."""

    path: Path | None = None
    inode: int = 0

    @classmethod
    def at(cls, endpoint: str) -> SocketFile:
        """The file that libzmq has made for an endpoint."""
        path = path_of(endpoint)
        return cls() if path is None else cls(path, path.stat().st_ino if path.exists() else 0)

    def remove(self) -> None:
        """Removes the file unless another socket has made a new one there."""
        if self.path and self.path.exists() and self.path.stat().st_ino == self.inode:
            self.path.unlink()


def path_of(endpoint: str) -> Path | None:
    """The path of an ipc endpoint; None for other transports and for abstract names, which have no file."""
    if not endpoint.startswith(_PREFIX) or endpoint.startswith(_ABSTRACT):
        return None
    return Path(endpoint.removeprefix(_PREFIX)).absolute()


def is_live(endpoint: str) -> bool:
    """Whether somebody may have the path: libzmq would take it away, and its owner would be cut off for ever."""
    path = path_of(endpoint)
    if path is None or not path.is_socket():
        return False
    with Uninterrupted(), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        # A file that was left behind refuses; sockets of other types and those without room say something else.
        return probe.connect_ex(str(path)) not in _NOBODY or _is_bound(path)


def _is_bound(path: Path) -> bool:
    """Whether a socket that does not listen yet, which refuses as well, is bound to a path; Linux tells."""
    try:
        lines = _SOCKETS.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return False
    names = (str(path), str(path.resolve()))
    sockets = (line.split(maxsplit=7) for line in lines if line.endswith(names))
    return any((each[3], each[5]) == _NOT_LISTENING and each[-1] in names for each in sockets)


def is_foreign_file(endpoint: str) -> bool:
    """Whether something that is no socket is at the path: libzmq would delete it."""
    path = path_of(endpoint)
    return path is not None and path.exists() and not path.is_socket()


def path_taken(address: str, neighbour: str | None, worker: str | None) -> str:
    """Why an ipc path must not be taken: libzmq would take it away from its owner without an error. Empty if it may.

    Args:
        address: Where a socket should listen; other transports are always free.
        neighbour: The socket of the library that is bound there.
        worker: Who of the library listens there, if somebody does.
    """
    if path_of(address) is None:
        return ""
    if neighbour:
        return f"{neighbour} is bound to that path and would lose it. Close that first, or use another path."
    if is_live(address):
        holder, first = (worker, "it") if worker else ("another program", "that program")
        return f"the address is in use by {holder}, which would lose it. Stop {first} first, or use another path."
    if is_foreign_file(address):
        return "something that is no socket is there, and binding would delete it. Use another path."
    return ""
