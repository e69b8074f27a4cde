"""SocketEvent: what libzmq has reported once. What it means has its own file: every library instance imports that."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SocketEvent:
    """One event of a socket's connections.

    Attributes:
        name: As in the libzmq manual of `zmq_socket_monitor`, without `ZMQ_EVENT_`.
        endpoint: The endpoint that this side bound or connected.
        meaning: The event's value in words.
        value: The value as libzmq gave it.
        time: When it was read, in seconds since the epoch.
        number: Counts the events of the socket, from 0.
        late: Whether nobody had read events for a while: then `time` is only when it was seen, and it may be older.
        peer: `host:port` of the other end, of tcp connections that come or go; empty if it is not known.
    """

    name: str
    endpoint: str
    meaning: str
    value: int
    time: float
    number: int
    late: bool = False
    peer: str = ""

    def __str__(self) -> str:
        return f"{self.name} at {self.endpoint}" + (f" ({self.meaning})" if self.meaning else "")
