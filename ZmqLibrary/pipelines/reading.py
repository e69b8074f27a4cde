"""Reading: what a sink's messages say of themselves: their number and when they were sent."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterable
from itertools import chain
from typing import NamedTuple
from zlib import crc32

from ..errors import InvalidValue
from ..formats import FormatTable
from ..messages.counters import whole_number
from ..messages.json_path import getter
from .ledger import HIGHEST
from .settings import SinkSettings
from .stamp import MAGIC, SIZE, Frames, difference, payload_crc
from .states import StampPlace

Field = Callable[[Frames], object]
_WHOLE = struct.Struct(">4sIQQI")
_MOST_ENVELOPE = 8
_MOST_JOINED = 8  # frames of the last one of messages that were joined


class Reading(NamedTuple):
    """What one stamp says, as far as it can be believed.

    Attributes:
        run: The run id.
        number: The sequence number.
        planned: The planned time, in monotonic ns.
        wrong: By which bits the CRC is wrong; 0 for a message as the pump made it.
        payload: The CRC of the payload as it came.
        stamp: The 28 bytes.
    """

    run: int
    number: int
    planned: int
    wrong: int
    payload: int
    stamp: bytes


class StampReader:
    """Finds and reads the stamps of messages.

    Args:
        place: Where to look; AUTO: in both places.
        skipped: How many frames at the beginning are an envelope for certain: 1 for a ROUTER.
    """

    def __init__(self, place: StampPlace, skipped: int) -> None:
        self._place = place
        self._skipped = skipped
        self._few = skipped + _MOST_ENVELOPE

    def read(self, frames: Frames, damaged_too: bool = False) -> Reading | None:
        """What the stamp of a message says; None if it has none.

        Args:
            frames: The message as it came.
            damaged_too: Whether one without the magic counts, too, where a stamp should be.
        """
        last = frames[-1]
        if self._place is StampPlace.NONE or len(last) < SIZE:
            return None
        if last[:4] != MAGIC and not damaged_too:
            return None
        if len(last) > SIZE and self._place is StampPlace.FRAME:
            return None
        _, run, number, planned, crc = _WHOLE.unpack_from(last)
        payload = 0
        for first in self._beginnings(frames) if len(frames) > self._few else range(self._skipped, len(frames)):
            # Brokers and routers put frames before those of the pump: the first CRC that is right shows how many.
            tried = crc32(last[SIZE:], payload_crc(frames[first:-1]))
            if crc32(last[:24], tried) == crc:
                if number >= HIGHEST:
                    return None  # whole, but no pump has counted so far
                return Reading(run, number, planned, 0, tried, last[:SIZE])
            payload = payload if first > self._skipped else tried
        return Reading(run, number, planned, difference(last, payload), payload, last[:SIZE])

    def _beginnings(self, frames: Frames) -> Iterable[int]:
        """Where the pump's frames may begin among many: behind an envelope, or where a worker has joined messages."""
        return chain(range(self._skipped, self._few), range(max(self._few, len(frames) - _MOST_JOINED), len(frames)))


class OwnFields:
    """Reads a service's own number and time.

    Args:
        settings: Where they are.

    Raises:
        InvalidValue: A path or format cannot be used.
    """

    def __init__(self, settings: SinkSettings) -> None:
        self._number = _field("sequence", settings.sequence, settings) if settings.sequence else None
        self._time = _field("sent_at", settings.sent_at, settings) if settings.sent_at else None

    @property
    def has_time(self) -> bool:
        """Whether there is a time to read."""
        return self._time is not None

    @property
    def has_number(self) -> bool:
        """Whether there is a number to read."""
        return self._number is not None

    def number(self, frames: Frames) -> int | None:
        """The number of a message; None if it has none that can be read."""
        value = self._value(self._number, frames)
        number = value if type(value) is int else whole_number(value)
        return number if number is not None and 0 <= number < HIGHEST else None

    def sent_at(self, frames: Frames) -> int | None:
        """When a message was sent, in ns since the epoch; None if that cannot be read."""
        value = self._value(self._time, frames)
        try:
            return None if isinstance(value, bool) or value is None else epoch_ns(float(value))  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            return None

    def _value(self, field: Field | None, frames: Frames) -> object:
        try:
            return field(frames) if field else None
        except Exception:  # whatever a format makes of hostile bytes: no value
            return None


def _field(argument: str, place: str, settings: SinkSettings) -> Field:
    """Reads what a JSON path names in the last frame, or the frame of that number."""
    kinds = FormatTable(settings.encoding).get(settings.format).of
    if place.removeprefix("-").isdecimal():
        number = int(place)
        return lambda frames: kinds(len(frames))[number].decode(frames[number])
    if not place.startswith("$"):
        raise InvalidValue(
            f"{argument}={place} cannot be used: give a JSON path in the last frame, such as $.id or $['my id'], "
            "or the number of a frame, such as 1, or -1 for the last one."
        )
    get = getter(place)
    if settings.format == SinkSettings.format:
        return lambda frames: get(json.loads(frames[-1]))

    def decode(frames: Frames) -> object:
        document = kinds(len(frames))[-1].decode(frames[-1])
        return get(document if isinstance(document, (dict, list)) else json.loads(frames[-1]))

    return decode


def epoch_ns(value: float) -> int:
    """A time since the epoch in ns, from seconds, ms, µs or ns: its size shows which."""
    for unit in (1e9, 1e6, 1e3, 1.0):
        if abs(value) * unit < 1e19:  # in ns, up to the year 2286
            return round(value * unit)
    raise ValueError(value)
