"""Replies: the frames that a mock server sends, made for each request. Pure: frames in, frames out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..errors import DecodeError, InvalidValue
from ..formats import FrameProblem, PlainText, combined, structure_in
from ..messages.values import has_too_many_digits, value_text
from ..plain_text import shortened
from ..report.words import count_of
from .rules import guessed_formats
from .templates import Lookup, NoSuchName, as_text, counting, fill, is_template, names_in, quoted_names

if TYPE_CHECKING:
    from ..formats import Format, FormatTable, FrameFormats
    from .request_log import Request
    from .rules import Rule

_FRAME = r"frame([0-9]+)"
_WHOLE_FRAME = r"\$frame([0-9]+)"
_ALL_FRAMES = "$frames"
_MISSING = object()
_SHOWN = 500


class FrameTemplate(NamedTuple):
    """Frames to send, with names in them that are filled in for each message; `frame_template` makes them.

    Attributes:
        values: One for each frame.
        formats: How they become frames.
        fixed: The frames where there is nothing to fill in.
    """

    values: tuple[object, ...]
    formats: FrameFormats
    fixed: tuple[bytes, ...] | None = None

    @property
    def names(self) -> set[str]:
        """The names that are filled in."""
        return set() if self.fixed is not None else names_in(list(self.values))

    def frames(self, lookup: Lookup, request: Sequence[bytes] = ()) -> Sequence[bytes]:
        """The frames for one message.

        Raises:
            NoSuchName: A name has no value.
            EncodeError: A value does not fit its format.
        """
        if self.fixed is not None:
            return self.fixed
        parts = [part for value in self.values for part in _expanded(value, lookup, request)]
        kinds = self.formats.fitting([part.frame if isinstance(part, _Ready) else part for part in parts])
        made = [(part, kind) for part, kind in zip(parts, kinds) if not isinstance(part, _Ready)]
        if not made:
            return [part.frame for part in parts if isinstance(part, _Ready)]
        computed = self.formats.computed_field
        values = [part if part is None and kind.field == computed else _fit(part, kind) for part, kind in made]
        encoded = iter(combined(self.formats.spec, [kind for _, kind in made]).encode(values))
        frames = [part.frame if isinstance(part, _Ready) else next(encoded) for part in parts]
        return self.formats.sealed(parts, frames)

    def published(self, number: int) -> Sequence[bytes]:
        """The frames for the message of that number that answers no request.

        Raises:
            NoSuchName: Another name than `$n` and `$time` is used.
        """
        return self.frames(counting(number))


class _Ready(NamedTuple):
    """A frame of the request, which goes out as it came."""

    frame: bytes


def _expanded(value: object, lookup: Lookup, request: Sequence[bytes]) -> list[object]:
    if value == _ALL_FRAMES:
        return [_Ready(frame) for frame in request]
    if isinstance(value, str) and (match := re.fullmatch(_WHOLE_FRAME, value)):
        return [_Ready(_frame_of(request, int(match[1])))]
    filled = fill(value, lookup)
    # What a request has sent stands for itself, also if it looks like JSON.
    return [PlainText(filled) if isinstance(filled, str) and is_template(value) else filled]


def _fit(value: object, kind: Format) -> object:
    """What was filled into a frame that is not for values, such as TEXT, is written as JSON writes it."""
    fits = isinstance(value, (str, bytes, int, float)) and not isinstance(value, bool)
    if kind.by_value or (fits and not has_too_many_digits(value)):
        return value
    return value_text(value)


def frame_template(values: Sequence[object], formats: FrameFormats | None, table: FormatTable) -> FrameTemplate:
    """Prepares frames to send.

    Raises:
        InvalidValue: A value does not fit its format.
    """
    formats = formats or guessed_formats(values, table)
    values = by_field(values, formats)
    if not any(map(is_template, values)):
        return FrameTemplate(tuple(values), formats, tuple(formats.encode(values)))
    if _ALL_FRAMES in values:
        return FrameTemplate(tuple(values), formats)
    return FrameTemplate(tuple(_parsed(v, kind) for v, kind in zip(values, formats.fitting(values))), formats)


def by_field(values: Sequence[object], formats: FrameFormats) -> Sequence[object]:
    """The values of the frames, where a single object may have them by the fields of a layout.

    Raises:
        EncodeError: It lacks a field, or has one that the layout does not know.
    """
    if len(values) != 1 or not formats.field_names:
        return values
    fields = structure_in(quoted_names(values[0])) if isinstance(values[0], str) else values[0]
    # Where a message can have a single frame, that may hold any object.
    if not isinstance(fields, Mapping) or (formats.least < 2 and not fields.keys() <= {*formats.field_names}):
        return values
    return formats.field_values(fields)


def published_template(values: Sequence[object], formats: FrameFormats | None, table: FormatTable) -> FrameTemplate:
    """Prepares frames that answer no request.

    Raises:
        InvalidValue: A value does not fit its format, or uses another name than `$n` and `$time`.
    """
    template = frame_template(values, formats, table)
    template.published(1)
    return template


def _parsed(value: object, kind: Format) -> object:
    if not (kind.by_value and isinstance(value, str) and is_template(value)) or kind.keeps_text:
        return value
    text = quoted_names(value)
    if kind.name != "JSON":
        structure = structure_in(text)
        return value if structure is None else structure
    try:
        parsed: object = json.loads(text)
    except ValueError as error:
        raise InvalidValue(f"The JSON to send is not JSON: {error}. It is: {shortened(value, _SHOWN)}") from error
    return parsed


class RequestNames:
    """What the names in a reply stand for: groups, fields of a layout or object, frames, `$n`, `$time`, in this order.

    Args:
        request: The request that is replied to.
        rule: The rule that took it.
        count: How often the rule has taken one.
    """

    def __init__(self, request: Request, rule: Rule, count: int) -> None:
        self._frames = request.raw
        self._rule = rule
        self._counting = counting(count)

    def __call__(self, name: str) -> object:
        if name.isdigit():
            return self._group(int(name))
        if name in (named := self._named_groups()):
            return named[name]
        if (found := self._layout_field(name)) is not _MISSING:
            return found
        for value in self._objects():
            if (found := _field(value, name)) is not _MISSING:
                return found
        if match := re.fullmatch(_FRAME, name):
            return as_text(_frame_of(self._frames, int(match[1])))
        try:
            return self._counting(name)
        except NoSuchName:
            raise NoSuchName(f"the request has no field ${name}") from None

    def _group(self, number: int) -> object:
        groups = [group or "" for match in self._matches() for group in match.groups()]
        if not 1 <= number <= len(groups):
            raise NoSuchName(f"the request has no group ${number}")
        return groups[number - 1]

    def _named_groups(self) -> dict[str, str]:
        return {name: text or "" for match in self._matches() for name, text in match.groupdict().items()}

    def _matches(self) -> list[re.Match[str]]:
        if not self._rule.groups:
            return []
        pairs = self._rule.pattern.pairs(self._frames)
        return [match for pattern, frame in pairs if pattern.search and (match := pattern.search(frame))]

    def _layout_field(self, name: str) -> object:
        layout, (field, _, rest) = self._rule.layout, name.partition(".")
        try:
            place = layout.place_of(field, self._frames) if layout else None
            if layout is None or place is None:
                return _MISSING
            numbers = range(len(self._frames))[place] if isinstance(place, slice) else [place]
            values = [layout.decode_frame(self._frames, number) for number in numbers]
        except DecodeError:
            return _MISSING
        value = values if isinstance(place, slice) else values[0]
        return _field(value, rest) if rest else value

    def _objects(self) -> list[object]:
        return [value for frame in self._frames if (value := self._value_of(frame)) is not _MISSING]

    def _value_of(self, frame: bytes) -> object:
        for kind in self._rule.value_kinds:
            try:
                return kind.decode(frame)
            except FrameProblem:
                continue
        return _MISSING


def _field(value: object, name: str) -> object:
    for key in name.split("."):
        if isinstance(value, Mapping) and key in value:
            value = value[key]
        elif isinstance(value, (list, tuple)) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return _MISSING
    return value


def _frame_of(frames: Sequence[bytes], number: int) -> bytes:
    if number >= len(frames):
        raise NoSuchName(f"the request has no frame {number}: it has {count_of(len(frames), 'frame')}")
    return frames[number]
