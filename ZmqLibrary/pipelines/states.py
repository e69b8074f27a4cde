"""End states, engines and stamp places: a file of its own, because every library instance imports it."""

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


class StampPlace(Enum):
    """Where the stamp of a pump's messages is: 28 bytes with number, time and checksum.

    - AUTO: of a pump, PREFIX for bodies that it makes itself, else FRAME; a sink knows both by their first bytes.
    - NONE: there is none.
    - FRAME: the last frame.
    - PREFIX: the first bytes of the last frame.
    """

    AUTO = "AUTO"
    NONE = "NONE"
    FRAME = "FRAME"
    PREFIX = "PREFIX"
