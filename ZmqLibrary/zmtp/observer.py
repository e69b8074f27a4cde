"""Watches a connection that two others have: what each side sent, as positions in the caller's buffers.

For whoever sees both directions of a stream (a proxy, a capture). It knows where greetings and handshakes end and
where messages begin, in ZMTP 3.1, 3.0 and 2.0. Nothing is copied and nothing is kept but what the handshake said.

    observer = Observer()
    units, position = observer.client.read(buffer, start, end)      # the side that connected
    units, position = observer.server.read(buffer, start, end)      # the side that accepted

Bytes from `position` on are not complete yet: they have to come again with the next call, followed by new ones.
Feed both directions in the order in which the bytes came: the version of a connection is the lower one of both sides.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple

from ..errors import ProtocolError
from .commands import name_of, read_command, read_metadata
from .frames import COMMAND, LARGEST, MOST_FRAMES, Buffer, Frame, messages, scan
from .greeting import Greeting, Version, read_greeting, revision_of
from .runs import Extent, Run, measure, runs

_LAST_OF_HANDSHAKE = ("READY", "INITIATE", "ERROR")


class ObservedKind(Enum):
    """What a unit of the stream is.

    - GREETING: The first bytes.
    - HANDSHAKE: A command before the first message, or the routing id that follows a greeting of 2.0.
    - COMMAND: A command after the handshake: SUBSCRIBE, PING …
    - SUBSCRIPTION: A subscription or its end as ZMTP 3.0 and 2.0 send it to a publisher: a message of one frame, which
      is 01 or 00 and the topic.
    - MESSAGE: All frames of a message. Under CURVE each encrypted frame.
    - OPAQUE: Bytes that cannot be told apart: the peer is of ZMTP 1.0.
    """

    GREETING = "GREETING"
    HANDSHAKE = "HANDSHAKE"
    COMMAND = "COMMAND"
    SUBSCRIPTION = "SUBSCRIPTION"
    MESSAGE = "MESSAGE"
    OPAQUE = "OPAQUE"


class ObservedUnit(NamedTuple):
    """A stretch of the stream that belongs together.

    A command between the frames of a message is a unit before the message, although it lies inside of it.

    Attributes:
        kind: What it is.
        start: Position of its first byte in the buffer.
        end: Position behind its last byte.
        frames: Its frames; none of a greeting and of opaque bytes.
        command: The name of the command; empty if it is none.
    """

    kind: ObservedKind
    start: int
    end: int
    frames: tuple[Frame, ...] = ()
    command: str = ""


class Observer:
    """Both directions of one connection.

    Attributes:
        client: What the side sends that connected.
        server: What the side sends that accepted.
    """

    def __init__(self, largest: int = LARGEST) -> None:
        self.client = Direction(largest)
        self.server = Direction(largest)
        self.client.other, self.server.other = self.server, self.client

    @property
    def mechanism(self) -> str:
        """`NULL`, `PLAIN`, `CURVE` …; empty if no greeting came yet."""
        greeting = self.client.greeting or self.server.greeting
        return greeting.mechanism if greeting else ""

    @property
    def opaque(self) -> bool:
        """Whether the contents of messages are encrypted: any mechanism but NULL and PLAIN."""
        return self.mechanism not in ("", "NULL", "PLAIN")


class Direction:
    """What one side of a connection sends. Made by `Observer`.

    Attributes:
        other: The opposite direction.
        greeting: Once it was read.
        revision: The major version that this side says it speaks, as soon as that is known.
        metadata: Properties of READY or INITIATE; none under CURVE, which encrypts them.
        error: The reason, if the side refused the handshake with ERROR.
        in_traffic: Whether the handshake of this side is done.
        offset: Bytes of this direction that were read as units.
    """

    other: Direction

    def __init__(self, largest: int = LARGEST) -> None:
        self._largest = largest
        self.greeting: Greeting | None = None
        self.revision: int | None = None
        self.metadata: Mapping[str, bytes] = MappingProxyType({})
        self.error: str | None = None
        self.in_traffic = False
        self.offset = 0

    @property
    def socket_type(self) -> str:
        """`PUSH` …; empty as long as it is not known, and under CURVE."""
        if self.greeting and self.greeting.socket_type:
            return self.greeting.socket_type
        return self.metadata.get("Socket-Type", b"").decode("ascii", "replace")

    @property
    def routing_id(self) -> bytes:
        """The routing id that this side gave itself; empty if it gave none."""
        return self.metadata.get("Identity", b"")

    def read(
        self, data: Buffer, start: int = 0, end: int | None = None, *, most: int = MOST_FRAMES
    ) -> tuple[list[ObservedUnit], int]:
        """Finds whole units.

        Args:
            data: Bytes of this direction, from the first one that was in no unit yet.
            start: Position of that byte.
            end: Where the bytes end. Default: the end of the buffer.
            most: Most frames to look at in one call. The caller asks again until nothing is found.

        Returns:
            The units in order, and the position behind the last one.

        Raises:
            ProtocolError: The first unit breaks a rule. Units before one that does are returned first.
        """
        end = len(data) if end is None else end
        units: list[ObservedUnit] = []
        position = start
        try:
            while position < end and not self.in_traffic and not self._is_opaque_stream:
                unit = self._read_beginning(data, position, end)
                if unit is None:
                    return units, position
                position = self._passed(unit)
                units.append(unit)
            if position < end:
                traffic = self._read_traffic(data, position, end, most)
                if traffic:
                    self.offset += traffic[-1].end - position
                    position = traffic[-1].end
                    units += traffic
        except ProtocolError:
            if not units:
                raise
        return units, position

    @property
    def has_runs(self) -> bool:
        """Whether `read_runs` can be used: the handshake is done, and no message can be a subscription."""
        return self.in_traffic and not self._sends_subscriptions and not self._is_opaque_stream

    def read_runs(self, data: Buffer) -> list[Run]:
        """As `read`, but messages of one shape behind each other are one run: many times as fast for small ones."""
        found = runs(data, offset=self.offset, largest=self._largest)
        if found:
            self.offset += found[-1].end
        return found

    def measure(self, data: Buffer, start: int = 0, end: int | None = None) -> Extent:
        """Only counts messages and commands, ten times as fast as `read`. The handshake has to be done.

        Subscriptions of ZMTP 3.0 count as messages. Errors are those of `read`.
        """
        end = len(data) if end is None else end
        if self._is_opaque_stream:
            extent = Extent(end, 0, 0, 0)
        else:
            extent = measure(data, start, end, offset=self.offset - start, largest=self._largest)
        self.offset += extent.end - start
        return extent

    @property
    def _is_opaque_stream(self) -> bool:
        return Version.ZMTP_1 in (self._version, self.other._version)

    @property
    def _version(self) -> Version | None:
        return self.greeting.version if self.greeting else None

    @property
    def _sends_subscriptions(self) -> bool:
        return self.socket_type in ("SUB", "XSUB") and not self._encrypts

    @property
    def _encrypts(self) -> bool:
        return self.greeting is not None and self.greeting.mechanism not in ("", "NULL", "PLAIN")

    def _passed(self, unit: ObservedUnit) -> int:
        self.offset += unit.end - unit.start
        return unit.end

    def _read_beginning(self, data: Buffer, start: int, end: int) -> ObservedUnit | None:
        if self.greeting is None:
            return self._read_greeting(data, start, end)
        found = scan(data, start, end, offset=self.offset - start, most=1, largest=self._largest)
        if not found:
            return None
        frame = found[0]
        if self.greeting.version is Version.ZMTP_2:
            self.metadata = MappingProxyType({"Identity": bytes(data[frame.body : frame.end])})
            self.in_traffic = True
            return ObservedUnit(ObservedKind.HANDSHAKE, start, frame.end, (frame,))
        if not frame.is_command:
            raise ProtocolError(self.offset, "a message came before the handshake was done")
        name = name_of(data, frame)
        if name in _LAST_OF_HANDSHAKE:
            self._take(data, frame, name)
        return ObservedUnit(ObservedKind.HANDSHAKE, start, frame.end, (frame,), name)

    def _take(self, data: Buffer, frame: Frame, name: str) -> None:
        """What READY, INITIATE or ERROR say."""
        command = read_command(data, frame, self.offset - frame.start)
        if name == "ERROR":
            self.error = command.data[1:].decode("latin-1")
        elif not self._encrypts:
            self.metadata = MappingProxyType(
                read_metadata(command.data, self.offset + frame.end - frame.start - len(command.data))
            )
        self.in_traffic = True

    def _read_greeting(self, data: Buffer, start: int, end: int) -> ObservedUnit | None:
        self.revision = revision_of(data, start, end)
        greeting = read_greeting(data, start, end, other=self.other.revision)
        if greeting is None:
            return None
        self.greeting = greeting
        self.in_traffic = greeting.version is Version.ZMTP_1
        return ObservedUnit(ObservedKind.GREETING, start, start + greeting.length)

    def _read_traffic(self, data: Buffer, start: int, end: int, most: int) -> list[ObservedUnit]:
        if self._is_opaque_stream:
            return [ObservedUnit(ObservedKind.OPAQUE, start, end)]
        found = messages(data, start, end, offset=self.offset - start, most=most, largest=self._largest)
        return [self.unit(data, frames) for frames in found]

    def unit(self, data: Buffer, frames: tuple[Frame, ...]) -> ObservedUnit:
        """What a message or command behind the handshake is."""
        first = frames[0]
        if first.flags & COMMAND:
            return ObservedUnit(ObservedKind.COMMAND, first.start, first.end, frames, name_of(data, first))
        if self._sends_subscriptions and len(frames) == 1 and first.body < first.end and data[first.body] < 2:
            name = "SUBSCRIBE" if data[first.body] else "CANCEL"
            return ObservedUnit(ObservedKind.SUBSCRIPTION, first.start, first.end, frames, name)
        return ObservedUnit(ObservedKind.MESSAGE, first.start, frames[-1].end, frames)
