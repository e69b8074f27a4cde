"""What goes through a proxy: stretches of the stream that may be told apart, and the note that is kept of each.

A `Unit` is bytes as they are on the wire. Messages of one shape behind each other are one unit, which can be split; so
a fault that acts now and then costs nothing for the messages between.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from ..zmtp.commands import name_of
from ..zmtp.frames import COMMAND, LONG, encode, message_bytes
from ..zmtp.runs import Run, runs

LARGEST = 2**63 - 1
FrameShape = tuple[tuple[int, int], ...]


class UnitKind(Enum):
    """What a unit is: bytes that are not told apart, messages, or one command."""

    RAW = "RAW"
    MESSAGES = "MESSAGES"
    COMMAND = "COMMAND"


class Head(NamedTuple):
    """What is kept of a message.

    Attributes:
        frames: Its frames, or the beginning of them.
        size: Bytes of all frames.
        whole: Whether all of it is kept.
        sizes: Of a message that is not whole, the bytes of each of `frames` when it came.
        has_more: Whether it has more frames than these.
    """

    frames: Sequence[bytes]
    size: int
    whole: bool = True
    sizes: Sequence[int] = ()
    has_more: bool = False

    @property
    def behind_envelope(self) -> Head:
        """The same without the frames up to the first that was empty."""
        first = envelope_length(self.frames if self.whole else [bytes(bool(size)) for size in self.sizes])
        return self._replace(frames=self.frames[first:], sizes=self.sizes[first:])


class Chunk:
    """The note that is kept of messages that came in together.

    Args:
        time: When, in seconds since the epoch.
        connection: Number of the connection.
        to_target: Which way they go.
        data: The messages as they came; commands between them are not counted. Empty if only heads are kept.
        count: How many messages.
        enveloped: Whether frames up to the first empty one are an envelope.

    Attributes:
        number: Of the first message, in the order in which the proxy took them in, from 1.
        heads: The beginning of each message where they are not kept whole; else None.
    """

    __slots__ = (
        "_marks",
        "_marks_of_all",
        "connection",
        "count",
        "data",
        "enveloped",
        "heads",
        "number",
        "time",
        "to_target",
    )

    def __init__(self, time: float, connection: int, to_target: bool, data: bytes, count: int, enveloped: bool) -> None:
        self.time = time
        self.connection = connection
        self.to_target = to_target
        self.data = data
        self.count = count
        self.enveloped = enveloped
        self.number = 0
        self.heads: list[Head] | None = None
        self._marks: dict[int, list[str]] | None = None
        self._marks_of_all: list[str] | None = None

    @property
    def kept_bytes(self) -> int:
        """Bytes that it holds."""
        if self.heads is None:
            return len(self.data)
        return len(self.data) + sum(len(frame) for head in self.heads for frame in head.frames)

    def mark(self, name: str, index: int | None = None) -> None:
        """Notes that a fault has acted on a message, or on all of them."""
        if index is None:
            self._marks_of_all = self._marks_of_all or []
            _add_once(self._marks_of_all, name)
        else:
            self._marks = self._marks or {}
            _add_once(self._marks.setdefault(index, []), name)

    def faults(self, index: int) -> tuple[str, ...]:
        """The names of the faults that have acted on a message."""
        if self._marks is None and self._marks_of_all is None:
            return ()
        return (*(self._marks_of_all or ()), *((self._marks or {}).get(index, ())))

    def messages(self) -> Iterator[Head]:
        """The frames of each message, behind the envelope."""
        for head in self._all_frames() if self.heads is None else self.heads:
            yield head.behind_envelope if self.enveloped else head

    def _all_frames(self) -> Iterator[Head]:
        for unit in units_of(self.data, self):
            if unit.kind is UnitKind.MESSAGES:
                size = sum(end - body for body, end in unit.shape or ())
                for index in range(unit.messages):
                    yield Head(unit.frames_of(index), size)


class Unit(NamedTuple):
    """A stretch of the stream.

    Attributes:
        kind: What it is.
        data: The bytes that it is part of.
        start: Where it begins in them.
        end: Where it ends.
        messages: How many messages it has.
        shape: Where each frame's body lies, counted from the beginning of the message; None if they are not told apart.
        chunk: The note that is kept of it.
        first: Which message of that note its first one is.
        command: Name of the command.
        cuts: Whether the message goes on in the next unit.
    """

    kind: UnitKind
    data: bytes
    start: int
    end: int
    messages: int = 0
    shape: FrameShape | None = None
    chunk: Chunk | None = None
    first: int = 0
    command: str = ""
    cuts: bool = False

    @property
    def size(self) -> int:
        """Bytes on the wire."""
        return self.end - self.start

    @property
    def wire(self) -> memoryview:
        """The bytes."""
        return memoryview(self.data)[self.start : self.end]

    def part(self, first: int, end: int) -> Unit:
        """The messages from `first` to before `end`."""
        size = self.size // self.messages
        return self._replace(
            start=self.start + size * first,
            end=self.start + size * end,
            messages=end - first,
            first=self.first + first,
        )

    def frames_of(self, index: int, most: int | None = None) -> list[bytes]:
        """The frames of one message, or the first ones."""
        assert self.shape is not None
        base = self.start + self.size // self.messages * index
        data = self.data
        return [data[base + body : base + end] for body, end in self.shape[:most]]

    def with_frames(self, frames: Sequence[bytes]) -> Unit:
        """Another message in the place of this one."""
        data = encode(frames)
        return next(units_of(data, self.chunk))._replace(first=self.first)

    def mark(self, name: str) -> None:
        """Notes that a fault has acted on its message, or on all messages if they are not told apart."""
        if self.chunk:
            if self.shape is None:
                self.chunk.mark(name)
            else:
                for index in range(self.first, self.first + self.messages):
                    self.chunk.mark(name, index)


def raw(data: bytes, *, chunk: Chunk | None = None, cuts: bool = False) -> Unit:
    """Bytes that are not told apart."""
    return Unit(UnitKind.RAW, data, 0, len(data), chunk=chunk, cuts=cuts)


def units_of(data: bytes, chunk: Chunk | None, start: int = 0) -> Iterator[Unit]:
    """The messages and commands of a stretch that holds whole ones only; those of one shape are one unit."""
    return units_from(data, runs(data, start, largest=LARGEST), chunk)


def units_from(data: bytes, found: Sequence[Run], chunk: Chunk | None, offset: int = 0) -> Iterator[Unit]:
    """Runs as units.

    Args:
        data: What they lie in.
        found: The runs.
        chunk: The note that is kept of them.
        offset: Position in the buffer of the runs at which `data` begins.
    """
    first = 0
    for run in found:
        start, end = run.start - offset, run.end - offset
        if run.is_command:
            name = name_of(
                data, run.frames[0]._replace(body=run.frames[0].body - offset, end=run.frames[0].end - offset)
            )
            yield Unit(UnitKind.COMMAND, data, start, end, command=name)
        else:
            if run.is_interrupted:  # its commands are units before it
                yield next(units_of(message_bytes(data, run.frames, offset), chunk))._replace(first=first)
            else:
                shape = tuple((frame.body - run.start, frame.end - run.start) for frame in run.frames)
                yield Unit(UnitKind.MESSAGES, data, start, end, run.messages, shape, chunk, first)
            first += run.messages


def envelope_length(frames: Sequence[bytes]) -> int:
    """How many frames up to and with the first empty one; 0 if none is empty."""
    return next((number + 1 for number, frame in enumerate(frames) if not frame), 0)


def topic_of(unit: Unit) -> bytes:
    """The topic of a subscription or of its end."""
    data = bytes(unit.wire)
    head = 9 if data[0] & LONG else 2
    body = data[head:]
    return body[1 + body[0] :] if data[0] & COMMAND else body[1:]


def _add_once(names: list[str], name: str) -> None:
    if name not in names:
        names.append(name)


def as_subscription(unit: Unit) -> Unit:
    """A message of a subscriber in ZMTP 3.0 as the command that it means."""
    frames = unit.frames_of(0)
    names = {1: "SUBSCRIBE", 0: "CANCEL"}
    name = names.get(frames[0][0], "") if len(frames) == 1 and frames[0] else ""
    return unit._replace(kind=UnitKind.COMMAND, messages=0, shape=None, chunk=None, command=name)
