"""What a message takes along to another process: its frames, the values as they were read, and where its fields are.

Formats are functions of the process that has them. In the other one the message has its values all the same, and can
be read again in the formats that are there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..errors import DecodeError
from ..formats import Format, FrameFormats


def _as_it_is(frame: object) -> bytes:
    return bytes(frame)  # type: ignore[call-overload, no-any-return]


_BYTES = Format("BYTES", _as_it_is, _as_it_is, by_value=False, any_frame=True)


class CarriedFormats(FrameFormats):
    """The formats of a message that has come from another process: bytes, with the fields by name.

    Attributes:
        places: Where each field is: the number of its frame, or of the first and after the last one.
    """

    def __init__(self, spec: str, places: tuple[tuple[str, int | tuple[int, int]], ...] = ()) -> None:
        super().__init__(spec, (), _BYTES)
        self.places: Final = places

    @property
    def field_names(self) -> tuple[str, ...]:
        """The names of the fields."""
        return tuple(name for name, _ in self.places)

    def place_of(self, name: str, frames: Sequence[bytes]) -> int | slice | None:
        """Where the field of that name is; None if there is no such field."""
        place = dict(self.places).get(name)
        return slice(*place) if isinstance(place, tuple) else place


def carried(
    formats: FrameFormats, frames: Sequence[bytes], values: Sequence[object] | None
) -> tuple[CarriedFormats, Sequence[object] | None]:
    """The formats that frames have in another process, and their values; None if they cannot be decoded.

    Args:
        formats: What they have here.
        frames: The frames.
        values: Their values, if these are known.
    """
    try:
        values = formats.decode(frames) if values is None else values
        found = [(name, formats.place_of(name, frames)) for name in formats.field_names]
    except DecodeError:
        return CarriedFormats(formats.spec), None
    places = [(name, (place.start, place.stop) if isinstance(place, slice) else place) for name, place in found]
    known = tuple((name, place) for name, place in places if place is not None)
    return CarriedFormats(formats.spec, known), values
