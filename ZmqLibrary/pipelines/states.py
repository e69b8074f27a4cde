"""How pumps and sinks end, and their engines. Apart from these, because every library instance imports the names."""

from __future__ import annotations

from enum import Enum

ENDED = ("DONE", "STOPPED", "FAILED")
"""The states in which a pump or sink has ended."""


class Engine(Enum):
    """What moves the messages of a pump or sink.

    - AUTO: WIRE where it can, else SOCKET.
    - WIRE: speaks the protocol itself: tcp and ipc, without security or with a PLAIN user. The fastest.
    - SOCKET: libzmq: everything, also CURVE, inproc and PAIR.
    """

    AUTO = "AUTO"
    WIRE = "WIRE"
    SOCKET = "SOCKET"
