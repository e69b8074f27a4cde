"""The messages of a pump: a body that it makes, frames with names in them, or what a file has; with their stamps."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from base64 import b64decode
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from itertools import chain, cycle, islice, repeat
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import EncodeError, InvalidValue
from .settings import PumpSettings
from .stamp import SIZE, Frames, payload_crc, stamped, stamps
from .stamped_run import StampedRun
from .states import StampPlace

if TYPE_CHECKING:
    from ..formats import FrameFormats

NUMBER, TIME = "n", "time"
"""The pieces of frames that are filled in for each message."""

_ALPHABET = b"0123456789abcdefghijklmnopqrstuvwxyz"
_WORTH_COLUMNS = 16
_LONGEST_LINE = 64 << 20
_RECORDING = "zmq-recording"


class Shape(NamedTuple):
    """What messages have in common that are all the same but for their stamps.

    Attributes:
        before: The frames before the last one.
        rest: The last frame, or what follows the stamp in it.
        stamped: Whether the last frame begins with a stamp.
    """

    before: tuple[bytes, ...]
    rest: bytes
    stamped: bool

    @property
    def last_size(self) -> int:
        """Bytes of the last frame."""
        return len(self.rest) + (SIZE if self.stamped else 0)


class Batch:
    """Messages that follow one another, for one lane.

    Args:
        source: What makes them.
        run: The run id of the lane.
        first: The number of the first message, from 1.
        planned: When each should be sent, in monotonic ns.

    Attributes:
        shape: What they have in common if they are the same but for their stamps, else None.
    """

    __slots__ = ("_source", "first", "planned", "run", "shape")

    def __init__(self, source: Messages, run: int, first: int, planned: Sequence[int]) -> None:
        self._source = source
        self.run = run
        self.first = first
        self.planned = planned
        self.shape = source.shape

    def __len__(self) -> int:
        return len(self.planned)

    def part(self, start: int, count: int) -> Batch:
        """Some of the messages, from the one at `start` on."""
        return Batch(self._source, self.run, self.first + start, self.planned[start : start + count])

    @property
    def shape_crc(self) -> int:
        """The CRC of the payload of messages that have a shape."""
        return self._source.shape_crc

    def last_frames(self) -> Iterable[bytes | memoryview]:
        """The last frame of each message, until the next batch."""
        return self._source.last_frames(self)

    def stamps(self) -> list[bytes]:
        """The stamps of messages that have a shape with stamps."""
        return stamps(self.run, self.first, self.planned, self._source.shape_crc)

    def messages(self) -> list[Frames]:
        """All frames of each message."""
        return self._source.made(self)


class Messages(ABC):
    """Makes the messages of a pump.

    Args:
        place: Where the stamp is.
        enveloped: Whether the frames up to the first empty one are an envelope, which the CRC leaves out.
    """

    def __init__(self, place: StampPlace, enveloped: bool) -> None:
        self._place = place
        self._enveloped = enveloped

    shape: Shape | None = None

    @cached_property
    def shape_crc(self) -> int:
        """The CRC of the payload that all messages of the shape have."""
        return self._crc([*self.shape.before, self.shape.rest]) if self.shape else 0

    def available(self, first: int, most: int) -> int:
        """How many messages there are from this number on, up to `most`."""
        return most

    def made(self, batch: Batch) -> list[Frames]:
        """The messages of a batch."""
        frames = self.frames(batch.first, len(batch))
        if self._place is StampPlace.NONE:
            return list(frames)
        put, run, crc = _PUT[self._place], batch.run, self._crc
        numbers = range(batch.first, batch.first + len(batch))
        return [put(f, stamped(run, n, at, crc(f))) for f, n, at in zip(frames, numbers, batch.planned)]

    def last_frames(self, batch: Batch) -> Iterable[bytes | memoryview]:
        """The last frame of each message of a batch, until the next call."""
        return [frames[-1] for frames in self.made(batch)]

    @abstractmethod
    def frames(self, first: int, count: int) -> Sequence[Frames]:
        """The frames of messages without their stamps."""

    def _crc(self, frames: Frames) -> int:
        if self._enveloped and b"" in frames:
            frames = frames[frames.index(b"") + 1 :]
        return payload_crc(frames)


def _as_last_frame(frames: Frames, stamp: bytes) -> Frames:
    return [*frames, stamp]


def _as_prefix(frames: Frames, stamp: bytes) -> Frames:
    return [*frames[:-1], stamp + frames[-1]]


_PUT: dict[StampPlace, Callable[[Frames, bytes], Frames]] = {
    StampPlace.FRAME: _as_last_frame,
    StampPlace.PREFIX: _as_prefix,
}


class SameMessages(Messages):
    """The same frames again and again.

    Args:
        frames: Of each message, without the stamp.
    """

    shape: Shape

    def __init__(self, frames: Frames, place: StampPlace, enveloped: bool) -> None:
        super().__init__(place, enveloped)
        self._frames = tuple(frames)
        self._copies: dict[int, StampedRun] = {}  # of each lane
        if place is StampPlace.FRAME:
            self.shape = Shape(self._frames, b"", True)
        else:
            self.shape = Shape(self._frames[:-1], self._frames[-1], place is StampPlace.PREFIX)

    def frames(self, first: int, count: int) -> Sequence[Frames]:
        return [self._frames] * count

    def made(self, batch: Batch) -> list[Frames]:
        return [(*self.shape.before, bytes(last)) for last in self.last_frames(batch)]

    def last_frames(self, batch: Batch) -> Iterable[bytes | memoryview]:
        rest = self.shape.rest
        if not self.shape.stamped:
            return repeat(rest, len(batch))
        if len(batch) < _WORTH_COLUMNS:
            return (stamp + rest for stamp in batch.stamps())
        copies = self._copies.get(batch.run)
        if copies is None:
            copies = self._copies[batch.run] = StampedRun(b"", rest, batch.run, self.shape_crc)
        return copies.each_stamped(range(batch.first, batch.first + len(batch)), batch.planned)


class FilledMessages(Messages):
    """Frames in which the number of the message and the time are filled in.

    Args:
        frames: Each as pieces: bytes, `n` or `time`.
    """

    def __init__(self, frames: Sequence[Sequence[bytes | str]], place: StampPlace, enveloped: bool) -> None:
        super().__init__(place, enveloped)
        self._pieces = frames

    def frames(self, first: int, count: int) -> Sequence[Frames]:
        time = datetime.now().astimezone().isoformat(timespec="milliseconds").encode()
        return [filled(self._pieces, b"%d" % number, time) for number in range(first, first + count)]


def filled(frames: Sequence[Sequence[bytes | str]], number: bytes, time: bytes) -> Frames:
    """The frames of one message from their pieces."""
    names = {NUMBER: number, TIME: time}
    return [b"".join([p if isinstance(p, bytes) else names[p] for p in pieces]) for pieces in frames]


class ReadMessages(Messages):
    """Messages from a file, from its beginning again if more are wanted than it has.

    Args:
        path: A file of lines, or a recording.
        repeated: Whether to begin again.
        formats: Of the lines; None: they are bytes.
    """

    def __init__(
        self, path: str, place: StampPlace, enveloped: bool, repeated: bool, formats: FrameFormats | None = None
    ) -> None:
        super().__init__(place, enveloped)
        paths = cycle([path]) if repeated else [path]
        self._source = chain.from_iterable(messages_in(each, formats) for each in paths)
        self._read: deque[Frames] = deque()
        self._first = 1

    def available(self, first: int, most: int) -> int:
        self._read.extend(islice(self._source, max(0, first - self._first + most - len(self._read))))
        while self._first < first and self._read:
            self._read.popleft()
            self._first += 1
        return min(most, len(self._read))

    def frames(self, first: int, count: int) -> Sequence[Frames]:
        self.available(first, count)
        return list(islice(self._read, count))


def messages_in(path: str, formats: FrameFormats | None = None) -> Iterator[Frames]:
    """The messages of a file: each line is one of one frame; of a recording, those of the side that sent first.

    Args:
        path: Of the file.
        formats: What lines are values of; None: they are the bytes of the frame.

    Raises:
        InvalidValue: The file cannot be read, has no messages, or a line is no value of the format.
    """
    found = False
    try:
        with open(path, "rb") as file:
            head = file.readline(_LONGEST_LINE)
            lines = chain([head] if head else [], iter(lambda: file.readline(_LONGEST_LINE), b""))
            for message in _recorded(path, lines, formats) if _is_recording(head) else _written(path, lines, formats):
                found = True
                yield message
    except OSError as error:
        raise InvalidValue(
            f"source='{path}' cannot be read: {error.strerror}. Give a file of lines, or a recording."
        ) from error
    if not found:
        raise InvalidValue(f"source='{path}' has no messages. Give a file of lines, or a recording.")


def _is_recording(head: bytes) -> bool:
    if not head.startswith(b"{"):
        return False
    try:
        document = json.loads(head)
    except ValueError:
        return False
    return isinstance(document, dict) and document.get("format") == _RECORDING


def _written(path: str, lines: Iterator[bytes], formats: FrameFormats | None) -> Iterator[Frames]:
    if formats is None:
        yield from ([line.rstrip(b"\r\n")] for line in lines)
        return
    for number, line in enumerate(lines, 1):
        try:
            yield formats.encode([line.decode("utf-8").rstrip("\r\n")])
        except (EncodeError, UnicodeDecodeError) as error:
            cause = str(error) if isinstance(error, EncodeError) else "it is not UTF-8 text."
            raise InvalidValue(f"Line {number} of source='{path}' cannot be sent: {cause}") from error


def _recorded(path: str, lines: Iterator[bytes], formats: FrameFormats | None) -> Iterator[Frames]:
    if formats is not None:
        raise InvalidValue(f"source='{path}' is a recording, whose messages are sent as they are: omit format.")
    sender = None
    for line in islice(lines, 1, None):
        try:
            entry: Any = json.loads(line)
            frames = [b64decode(frame, validate=True) for frame in entry["frames"]]
            came_from = entry["from"]
        except (ValueError, TypeError, KeyError):
            continue  # an event, or a last line that was cut
        sender = sender or came_from
        if came_from == sender and frames:
            yield frames


def body(size: int) -> bytes:
    """The body that a pump makes itself: letters and digits, so that logs can show it."""
    return (_ALPHABET * (size // len(_ALPHABET) + 1))[:size]


def messages_of(settings: PumpSettings) -> Messages:
    """What makes the messages of a pump.

    Raises:
        InvalidValue: The file of the source cannot be read.
    """
    place = StampPlace[settings.stamp]
    enveloped = settings.type == "DEALER"
    if settings.source:
        repeated = settings.count is not None or settings.duration is not None
        return ReadMessages(settings.source, place, enveloped, repeated, _formats_of_lines(*settings.line_format))
    if settings.template:
        return TemplateMessages(settings.template, place, enveloped)
    if not settings.frames:
        made = settings.size - (SIZE if place is StampPlace.PREFIX else 0)
        return SameMessages([body(made)], place, enveloped)
    if all(isinstance(piece, bytes) for frame in settings.frames for piece in frame):
        return SameMessages(filled(settings.frames, b"", b""), place, enveloped)
    return FilledMessages(settings.frames, place, enveloped)


def _formats_of_lines(format: str = "", encoding: str = "") -> FrameFormats | None:
    if not format:
        return None
    from ..formats import FormatTable

    return FormatTable(encoding).get(format)


class TemplateMessages(Messages):
    """Frames that formats make from values, for each message anew.

    Args:
        template: The values, the format and the encoding of TEXT.
    """

    def __init__(self, template: Sequence[Any], place: StampPlace, enveloped: bool) -> None:
        from ..formats import FormatTable
        from ..mocks.replies import published_template

        super().__init__(place, enveloped)
        values, format, encoding = template
        table = FormatTable(encoding)
        self._template = published_template(json.loads(values), table.get(format) if format else None, table)

    def frames(self, first: int, count: int) -> Sequence[Frames]:
        return [self._template.published(number) for number in range(first, first + count)]
