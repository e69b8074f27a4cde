"""What users see of a proxy: its connections, its faults, the messages that came in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import DecodeError
from ..formats import HiddenBytes, contains_hidden
from ..messages.message import Message
from ..report.values import whole_text
from .fault_options import FaultDirection

if TYPE_CHECKING:
    from ..messages.message import Receipt
    from .seen import SeenMessage


@dataclass(frozen=True)
class ConnectionReport:
    """What is known of a connection through a proxy.

    Attributes:
        number: Counts the connections, from 1.
        client: Address of the client.
        target: Address of the target.
        client_type: Socket type of the client, such as `REQ`; empty if it is not known, as under CURVE.
        target_type: Socket type of the target.
        mechanism: `NULL`, `PLAIN`, `CURVE`; empty before the greeting and where it is no ZeroMQ.
        routing_id: What the client calls itself: text, or bytes where it is none; empty if it gave none.
        open: Whether it is still there.
    """

    number: int
    client: str
    target: str
    client_type: str
    target_type: str
    mechanism: str
    routing_id: str | bytes
    open: bool

    @property
    def encrypted(self) -> bool:
        """Whether its messages are."""
        return self.mechanism not in ("", "NULL", "PLAIN")


@dataclass(frozen=True)
class ConnectionEvent:
    """Something that happened to a connection through a proxy.

    Attributes:
        number: Counts the events of the proxy, from 1.
        time: Seconds since the epoch.
        connection: Number of the connection.
        kind: `opened`, `handshake` or `closed`.
    """

    number: int
    time: float
    connection: int
    kind: str


@dataclass(frozen=True)
class FaultReport:
    """What a fault has done so far.

    Attributes:
        name: Its name.
        kind: What it does, such as `Drop`.
        acted: How many messages it has acted on; or connections, commands or windows, where it is about these. What is
            no message, such as a handshake, counts as one together while there is no message.
        matched: How many messages it has looked at that match.
        direction: `TO_TARGET`, `TO_CLIENT` or `BOTH`.
        seed: Of its random choices.
        over: Whether it acts no more, because its times or its time are over.
        problem: Why it could not act as it should; empty if all went well.
        holding: How many messages it holds back at present.
    """

    name: str
    kind: str
    acted: int
    matched: int
    direction: str
    seed: int
    over: bool = False
    problem: str = ""
    holding: int = 0


class ProxyMessage(Message):
    """A message that came into a proxy: its frames are those behind the envelope of REQ and REP.

    Args:
        seen: What the proxy keeps of it.
        receipt: Connection and formats.
        frames: Its frames; those that must not be shown are `HiddenBytes`.

    Attributes:
        number: Counts the messages of the proxy, from 1.
        connection: Number of the connection.
        direction: `TO_TARGET` or `TO_CLIENT`.
        faults: Names of the faults that have acted on it.
        size: Bytes of all frames, with the envelope.
        whole: Whether all of it is kept; of a message that passed in pieces only the beginning is.
    """

    __slots__ = ("connection", "direction", "faults", "number", "size", "whole")

    def __init__(self, seen: SeenMessage, receipt: Receipt, frames: Sequence[bytes]) -> None:
        super().__init__(frames, receipt, seen.time)
        self.number = seen.number
        self.connection = seen.connection
        self.direction = (FaultDirection.TO_TARGET if seen.to_target else FaultDirection.TO_CLIENT).value
        self.faults = list(seen.faults)
        self.size = seen.size
        self.whole = seen.whole

    def __str__(self) -> str:
        """The values as Python writes them, those of secrets as ``<secret>``."""
        if not contains_hidden(self.raw):
            return super().__str__()
        try:
            values = self.values
        except DecodeError:
            values = self.raw
        return whole_text(
            [frame if isinstance(frame, HiddenBytes) else value for frame, value in zip(self.raw, values)]
        )


def as_routing_id(routing_id: bytes) -> str | bytes:
    """Text if printable."""
    try:
        text = routing_id.decode("utf-8")
    except UnicodeDecodeError:
        return routing_id
    return text if text.isprintable() else routing_id
