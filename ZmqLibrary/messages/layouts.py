"""Layouts: the frames of a message by name, with literals, repeated fields and a signature.

A layout is a `FrameFormats` whose frames have names, so everything that takes formats takes layouts. A field that ends
in ``...`` stands for any number of frames, also none. There may be several such fields: all but the last end at the
literal or empty field that follows them.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Final, NamedTuple

from ..errors import DecodeError, EncodeError, Hint, InvalidValue
from ..formats import Format, FrameFormats, FrameProblem, HiddenBytes
from ..formats.table import REPEAT
from ..report.words import count_of

_MARKERS = ("EMPTY", "LITERAL")


class LayoutField(NamedTuple):
    """One named field.

    Attributes:
        name: How values are given and read.
        format: The format of its frames.
        repeated: Whether it stands for any number of frames.
    """

    name: str
    format: Format
    repeated: bool = False

    @property
    def is_marker(self) -> bool:
        """Whether its frame has the same content in all messages."""
        return self.format.name.partition(":")[0] in _MARKERS

    def __str__(self) -> str:
        return f"{self.name}={self.format.name}{REPEAT if self.repeated else ''}"


class Signature(NamedTuple):
    """A field with the hex digest of other fields; an empty key means messages that are not signed.

    Attributes:
        name: The field that holds the digest.
        algorithm: Name of the hash function.
        signed: The fields that are signed.
        key: What it is signed with.
    """

    name: str
    algorithm: str
    signed: frozenset[str]
    key: HiddenBytes

    def digest(self, formats: Sequence[Format], frames: Sequence[bytes]) -> bytes:
        """The content of the signature frame."""
        if not self.key:
            return b""
        signer = hmac.new(self.key, digestmod=self.algorithm)
        for format_, frame in zip(formats, frames):
            if format_.field in self.signed:
                signer.update(frame)
        return signer.hexdigest().encode("ascii")


class MessageLayout(FrameFormats):
    """The named frames of a message.

    Attributes:
        fields: The fields in their order.
        signature: The one that signs others, if there is one.
    """

    def __init__(
        self,
        spec: str,
        fields: tuple[LayoutField, ...],
        signature: Signature | None,
        fallbacks: tuple[Format, ...],
    ) -> None:
        super().__init__(spec, (), fallbacks=fallbacks)
        self.fields: Final = fields
        self.signature: Final = signature
        # The repeated fields that end at the field behind them.
        self._ended: Final = [number for number, field_ in enumerate(fields) if field_.repeated][:-1]

    @property
    def least(self) -> int:
        """The number of frames that every message has at least."""
        return sum(not field.repeated for field in self.fields)

    @property
    def field_names(self) -> tuple[str, ...]:
        """The names of the fields in their order."""
        return tuple(field.name for field in self.fields)

    @property
    def field_formats(self) -> Mapping[str, Format]:
        """The format of each field."""
        return {field_.name: field_.format for field_ in self.fields}

    @property
    def repeated_fields(self) -> frozenset[str]:
        """The fields that stand for any number of frames."""
        return frozenset(field_.name for field_ in self.fields if field_.repeated)

    @property
    def computed_field(self) -> str | None:
        """The name of the field with the signature, if there is one."""
        return self.signature.name if self.signature else None

    @property
    def is_signed(self) -> bool:
        """Whether there is a key to check signatures with."""
        return self.signature is not None and bool(self.signature.key)

    def place_of(self, name: str, frames: Sequence[bytes]) -> int | slice | None:
        """Where the field of that name is; None if there is no such field.

        Raises:
            DecodeError: The message does not have the fields of the layout.
        """
        for field_ in self.fields:
            if field_.name == name:
                formats = [format_.field for format_ in self._for_reading(frames)]
                if not field_.repeated:
                    return formats.index(name)
                start = formats.index(name) if name in formats else 0
                return slice(start, start + formats.count(name))
        return None

    def of(self, count: int) -> tuple[Format, ...]:
        """The format of each frame, where only the number of frames is known: the first repeated field has them all.

        Raises:
            InvalidValue: The layout is for another number of frames.
        """
        more = count - self.least
        formats: list[Format] = []
        for field_ in self.fields:
            formats += [field_.format] * (max(more, 0) if field_.repeated else 1)
            more = 0 if field_.repeated else more
        if len(formats) != count:
            raise self._unfit(count, formats)
        return tuple(formats)

    def fitting(self, items: Sequence[object]) -> tuple[Format, ...]:
        """The format of each of these frames, or of the values that are to become frames.

        Raises:
            InvalidValue: The message does not have the fields of the layout.
        """
        formats: list[Format] = []
        for number, field_ in enumerate(self.fields):
            rest = self.fields[number + 1 :]
            if not field_.repeated:
                formats.append(field_.format)
            elif number in self._ended:
                formats += [field_.format] * (self._marked(rest[0], items, len(formats)) - len(formats))
            else:
                formats += [field_.format] * (len(items) - len(rest) - len(formats))
        if len(formats) != len(items):
            raise self._unfit(len(items), formats)
        return tuple(formats)

    def _marked(self, marker: LayoutField, items: Sequence[object], start: int) -> int:
        for index in range(start, len(items)):
            if _is_frame_of(marker, items[index]):
                return index
        raise InvalidValue(
            f"The message of {count_of(len(items), 'frame')} does not fit layout '{self.spec}': none of its frames "
            f"from {start} on is field {marker}."
        )

    def encode(self, values: Sequence[object]) -> list[bytes]:
        """The frames that the values become; None for the signature computes it.

        Raises:
            EncodeError: A value does not fit its field, or there are more or fewer values than fields.
        """
        return self.sealed(values, super().encode(values))

    def sealed(self, values: Sequence[object], frames: list[bytes]) -> list[bytes]:
        """The frames of these values, with the signature where its value is None."""
        if self.signature is not None:
            formats = self.fitting(frames)
            for index, value in enumerate(values):
                if value is None and formats[index].field == self.signature.name:
                    frames[index] = self.signature.digest(formats, frames)
        return frames

    def signed(self, frames: Sequence[bytes]) -> list[bytes]:
        """The frames with the signature that they have with the key of the layout.

        Raises:
            InvalidValue: They do not have the fields of the layout.
        """
        formats = self.fitting(frames)
        signature = self.signature
        return [
            signature.digest(formats, frames) if signature and format_.field == signature.name else frame
            for format_, frame in zip(formats, frames)
        ]

    def field_values(self, values: Mapping[str, object]) -> list[object]:
        """The values of named fields in the order of their frames.

        Literal and empty fields, the signature, and repeated fields without frames may be left out.

        Raises:
            EncodeError: A field is missing or not known, or has a value that would end it.
        """
        for name in values:
            if name not in self.field_names:
                close = get_close_matches(name, self.field_names, n=1)
                guess = f" Did you mean '{close[0]}'?" if close else ""
                raise EncodeError(
                    f"Layout '{self.spec}' has no field '{name}'.{guess} Its fields are: {self._listed()}. "
                    f"A frame that begins with '{name}=' is written {name}\\=…, or it is taken for a field."
                )
        ordered = [list(self._values_of(field_, values)) for field_ in self.fields]
        for number in self._ended:
            self._refuse_marker(self.fields[number], self.fields[number + 1], ordered[number])
        return [value for of_field in ordered for value in of_field]

    def _refuse_marker(self, field_: LayoutField, marker: LayoutField, values: Sequence[object]) -> None:
        for number, value in enumerate(values):
            if _is_frame_of(marker, value):
                raise EncodeError(
                    f"Item {number} of field '{field_.name}' of layout '{self.spec}' cannot be told from field "
                    f"{marker}, at which '{field_.name}' ends."
                )

    def _values_of(self, field_: LayoutField, values: Mapping[str, object]) -> Sequence[object]:
        if field_.name not in values:
            if field_.repeated:
                return ()
            if field_.is_marker:
                return [field_.format.name.partition(":")[2]]
            if self.signature is not None and field_.name == self.signature.name:
                return [None]
            raise EncodeError(
                f"Layout '{self.spec}' needs a value for field '{field_.name}'. Its fields are: {self._listed()}."
            )
        value = values[field_.name]
        if not field_.repeated:
            return [value]
        if not isinstance(value, (list, tuple)):
            raise EncodeError(
                f"Field '{field_.name}' of layout '{self.spec}' takes a list, with a value for each of its frames."
            )
        return value

    def decode(self, frames: Sequence[bytes]) -> list[object]:
        """The values of the frames.

        Raises:
            DecodeError: A frame does not fit its field, or the signature is not that of the other fields.
        """
        values = super().decode(frames)
        self._verify(frames)
        return values

    def check(self, frames: Sequence[bytes]) -> None:
        """Raises what `decode` would raise."""
        super().check(frames)
        self._verify(frames)

    def _verify(self, frames: Sequence[bytes]) -> None:
        if problem := self.signature_problem(frames):
            raise DecodeError(problem, Hint.READ_AS_BYTES)

    def signature_problem(self, frames: Sequence[bytes]) -> str:
        """Why the signature is not that of the message; empty if it is, or there is no key to check it with."""
        if self.signature is None or not self.is_signed:
            return ""
        try:
            formats = self.fitting(frames)
        except InvalidValue as problem:
            return str(problem)
        for index, format_ in enumerate(formats):
            if format_.field == self.signature.name and not hmac.compare_digest(
                frames[index], self.signature.digest(formats, frames)
            ):
                return (
                    f"{format_.title(index)} is not the {format_.name} of this message with the key of layout "
                    f"'{self.spec}': the sender has another key, or the message was changed."
                )
        return ""

    def _listed(self) -> str:
        return ", ".join(map(str, self.fields))

    def _unfit(self, count: int, formats: Sequence[Format]) -> InvalidValue:
        """The error for a message with that many frames whose fields would need others."""
        taken = sum(format_.field in self.repeated_fields for format_ in formats)
        least = "at least " if self.repeated_fields else ""
        of_which = f", of which repeated fields have {taken}" if taken else ""
        lacking = f" Field '{formats[count].field}' and what follows is missing." if count < len(formats) else ""
        return InvalidValue(
            f"The message has {count_of(count, 'frame')}, but layout '{self.spec}' is for {least}"
            f"{count_of(len(formats), 'frame')}{of_which}: {self._listed()}.{lacking}"
        )


def _is_frame_of(marker: LayoutField, value: object) -> bool:
    """Whether a value is that of a literal or empty field."""
    try:
        marker.format.encode(value)
    except FrameProblem:
        return False
    return True
