"""The choices that faults offer: a file of its own, because every library instance imports it."""

from __future__ import annotations

from enum import Enum

LIMIT = 64 * 2**20
"""Bytes that faults may hold in each direction of a connection, unless the user has given another limit."""


class FaultDirection(Enum):
    """Which way messages go that a fault is about.

    - TO_TARGET: from the client to the target.
    - TO_CLIENT: from the target to the client.
    - BOTH: either.
    """

    TO_TARGET = "TO_TARGET"
    TO_CLIENT = "TO_CLIENT"
    BOTH = "BOTH"

    def includes(self, to_target: bool) -> bool:
        """Whether a message that goes to the target, or else to the client, is meant."""
        return self is FaultDirection.BOTH or (self is FaultDirection.TO_TARGET) == to_target


class Corruption(Enum):
    """How a message is damaged. Its framing stays right: the peer sees a well-formed message.

    - FLIP_BIT: exactly one bit of the frame is another one.
    - CHANGE_BYTE: exactly one byte of the frame is another one.
    - CUT_FRAME: the frame ends at least one byte too early.
    - DROP_FRAME: the frame is missing.
    """

    FLIP_BIT = "FLIP_BIT"
    CHANGE_BYTE = "CHANGE_BYTE"
    CUT_FRAME = "CUT_FRAME"
    DROP_FRAME = "DROP_FRAME"


class ReleaseOrder(Enum):
    """In which order held messages go on.

    - SAME: as they came.
    - REVERSED: the last one first.
    - SHUFFLED: in a random order.
    """

    SAME = "SAME"
    REVERSED = "REVERSED"
    SHUFFLED = "SHUFFLED"


class DroppableCommand(Enum):
    """A command that can be lost.

    - SUBSCRIBE: a subscription, in ZMTP 3.1 and in older versions.
    - CANCEL: the end of a subscription, likewise.
    - PING: a heartbeat.
    - PONG: the answer to a heartbeat.
    """

    SUBSCRIBE = "SUBSCRIBE"
    CANCEL = "CANCEL"
    PING = "PING"
    PONG = "PONG"
