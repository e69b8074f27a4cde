"""The files of bound ipc sockets: libzmq takes a path away from others without an error, and leaves its file behind."""

from __future__ import annotations

import errno
import socket
from pathlib import Path
from typing import NamedTuple

from ..waiting.uninterrupted import Uninterrupted

_PREFIX = "ipc://"
_ABSTRACT = "ipc://@"


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
    """Whether somebody listens at the path: libzmq would take it away, and that server would be cut off for ever."""
    path = path_of(endpoint)
    if path is None or not path.is_socket():
        return False
    with Uninterrupted(), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        # EAGAIN: it listens, and many wait for it. A file that was left behind refuses.
        return probe.connect_ex(str(path)) in (0, errno.EAGAIN, errno.EINPROGRESS)


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
