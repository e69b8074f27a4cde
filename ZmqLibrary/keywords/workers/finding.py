"""What the keyword groups about collectors share: finding the collector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import InvalidValue, NotOpen
from ...plain_text import listed

if TYPE_CHECKING:
    from ...session.session import Session
    from ...workers.collector import Collector


def collector_of(session: Session, collector: str | None, socket: str | None) -> Collector:
    """The collector of that name, that of a socket, or the current one.

    Raises:
        NotOpen: There is none.
        WorkerFailed: It has failed.
    """
    from ...workers.collector import Collector

    return session.worker(Collector, collector_name(session, collector, socket))


def collector_name(session: Session, collector: str | None, socket: str | None) -> str | None:
    """The name of a collector that is named itself or by its socket, the last one if several had that.

    A collector answers to the name of its socket in both places, unless another one has that name itself.

    Raises:
        InvalidValue: Both are given.
        NotOpen: The socket never had one.
    """
    from ...workers.collector import Collector

    collectors = session.workers.of(Collector)
    if socket is None:
        named = collector is None or collector in collectors
        names = [] if named else [item.name for item in collectors if item.socket.name == collector]
        return names[-1] if names else collector
    if collector is not None:
        raise InvalidValue("Give either collector= or socket=: both say which collector is meant.")
    names = [item.name for item in collectors if item.socket.name == socket]
    if not names and socket not in collectors:
        known = listed(f"{item.name} of {item.socket.name}" for item in collectors) or "none"
        raise NotOpen(f"No collector keeps messages of socket '{socket}'. Collectors: {known}.")
    return names[-1] if names else socket
