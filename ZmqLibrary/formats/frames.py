"""FrameFormats: what one ``format=`` argument names, applied to the frames of a message.

Here a codec's ``FrameProblem`` gets the frame's number, and becomes what users read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from ..errors import DecodeError, EncodeError, Hint, InvalidValue
from .base import Format, FrameProblem, kind_of
from .hidden import HiddenBytes, contains_hidden, encode_hidden


class FrameFormats:
    """The formats of a message's frames: immutable, made by ``FormatTable.get``.

    Attributes:
        spec: what was written, such as ``TEXT,U32LE,...``.
        head: the formats before the repeated one.
        repeated: the format for any number of frames (also none) between head and tail; None if the number is fixed.
        tail: the formats after the repeated one.
        fallbacks: the formats that are suggested where a frame does not have its own.
        takes_anything: whether every message has these formats.
        all_text: whether all frames of every message are TEXT.
    """

    def __init__(
        self,
        spec: str,
        head: tuple[Format, ...],
        repeated: Format | None = None,
        tail: tuple[Format, ...] = (),
        fallbacks: tuple[Format, ...] = (),
    ) -> None:
        self.spec: Final = spec
        self.head: Final = head
        self.repeated: Final = repeated
        self.tail: Final = tail
        self.fallbacks: Final = fallbacks
        # Asked for each message.
        self._for_all: Final = repeated is not None and not head and not tail
        self.all_text: Final = self._for_all and repeated is not None and repeated.name == "TEXT"
        self.takes_anything: Final = self._for_all and repeated is not None and repeated.any_frame

    def __str__(self) -> str:
        """Returns what was written in ``format=``."""
        return self.spec

    def of(self, count: int) -> tuple[Format, ...]:
        """Returns the format of each frame of a message with that many frames.

        Raises:
            InvalidValue: the formats are for another number of frames.
        """
        if self.repeated is None:
            if count != len(self.head):
                raise InvalidValue(self._wrong_count(count))
            return self.head
        if self._for_all:
            return (self.repeated,) * count
        more = count - len(self.head) - len(self.tail)
        if more < 0:
            raise InvalidValue(self._wrong_count(count))
        return (*self.head, *(self.repeated,) * more, *self.tail)

    @property
    def least(self) -> int:
        """The number of frames that every message in these formats has at least."""
        return len(self.head) + len(self.tail)

    @property
    def names(self) -> list[str]:
        """The names of the formats, as ``FormatTable.get`` takes them; a layout has none but its own."""
        repeated = [f"{self.repeated.name}..."] if self.repeated else []
        return [*(kind.name for kind in self.head), *repeated, *(kind.name for kind in self.tail)]

    @property
    def field_names(self) -> tuple[str, ...]:
        """The names of the frames; only layouts have some."""
        return ()

    @property
    def field_formats(self) -> Mapping[str, Format]:
        """The format of each named frame; only layouts have some."""
        return {}

    @property
    def repeated_fields(self) -> frozenset[str]:
        """The names that stand for any number of frames."""
        return frozenset()

    @property
    def is_signed(self) -> bool:
        """Whether messages have a signature that can be checked; only layouts have one."""
        return False

    def signature_problem(self, frames: Sequence[bytes]) -> str:
        """Returns why the signature is not that of the message; empty if it is, or there is none to check."""
        return ""

    def place_of(self, name: str, frames: Sequence[bytes]) -> int | slice | None:
        """Returns where the field of that name is; None if there is no such field."""
        return None

    def fitting(self, items: Sequence[object]) -> tuple[Format, ...]:
        """Returns the format of each of these frames, or of the values that are to become frames.

        Raises:
            InvalidValue: the formats are for another number of frames.
        """
        return self.of(len(items))

    def encode(self, values: Sequence[object]) -> list[bytes]:
        """Returns the frames that the values become; a frame with something hidden in it is ``HiddenBytes``.

        Raises:
            EncodeError: a value does not fit its format, or there are more or fewer values than formats.
        """
        if self._for_all and self.repeated is not None:
            encode = self.repeated.encode
            try:
                return list(map(encode, values))
            except FrameProblem:
                pass  # Found again below, with its number; asking for that beforehand costs more than most encoders.
        frames: list[bytes] = []
        for format_, value in zip(self._for_sending(values), values, strict=True):
            try:
                frames.append(format_.encode(value))
                continue
            except FrameProblem as error:
                problem = error
            # Outside of the except clause, so that no error about a secret has one with the secret as its context.
            frames.append(_encode_hidden_or_fail(format_, len(frames), value, problem))
        return frames

    @property
    def computed_field(self) -> str | None:
        """The name of the frame that is computed from others where its value is None; only layouts have one."""
        return None

    def sealed(self, values: Sequence[object], frames: list[bytes]) -> list[bytes]:
        """Returns the frames of these values with what is computed from them; only layouts have a signature."""
        return frames

    def encode_fields(self, values: Mapping[str, object]) -> list[bytes]:
        """Returns the frames that the values of named fields become.

        Raises:
            EncodeError: as ``field_values`` and ``encode``.
        """
        return self.encode(self.field_values(values))

    def field_values(self, values: Mapping[str, object]) -> list[object]:
        """Returns the values of named fields in the order of their frames.

        Raises:
            EncodeError: these formats have no fields; or a field is missing or not known.
        """
        raise EncodeError(f"format={self.spec} has no fields.", Hint.DEFINE_LAYOUT)

    def decode(self, frames: Sequence[bytes]) -> list[object]:
        """Returns the values of the frames.

        Raises:
            DecodeError: a frame does not have its format, or there are more or fewer frames than formats.
        """
        values: list[object] = []
        try:
            # A frame that cannot be read is read once: a large one takes its time.
            if self._for_all and self.repeated is not None:
                decode = self.repeated.decode
                for frame in frames:
                    values.append(decode(frame))  # noqa: PERF401  # how many there are says which one failed
            else:
                for format_, frame in zip(self._for_reading(frames), frames, strict=True):
                    values.append(format_.decode(frame))
        except FrameProblem as problem:
            raise self._cannot_be_read(frames, len(values), problem) from problem.__cause__
        return values

    def decode_frame(self, frames: Sequence[bytes], index: int) -> object:
        """Returns the value of one frame; the content of the others does not matter.

        Raises:
            DecodeError: it does not have its format, or there are more or fewer frames than formats.
        """
        format_ = self._for_reading(frames)[index]
        try:
            return format_.decode(frames[index])
        except FrameProblem as problem:
            raise self._cannot_be_read(frames, index % len(frames), problem) from problem.__cause__

    def check(self, frames: Sequence[bytes]) -> None:
        """Raises what ``decode`` would raise; formats that every frame has cost nothing.

        Raises:
            DecodeError: a frame does not have its format, or there are more or fewer frames than formats.
        """
        if self.takes_anything:
            return
        index = 0
        try:
            if self._for_all and self.repeated is not None:
                decode = self.repeated.decode
                for frame in frames:
                    decode(frame)
                    index += 1
            else:
                for format_, frame in zip(self._for_reading(frames), frames, strict=True):
                    if not format_.any_frame:
                        format_.decode(frame)
                    index += 1
        except FrameProblem as problem:
            raise self._cannot_be_read(frames, index, problem) from problem.__cause__

    def _for_sending(self, values: Sequence[object]) -> tuple[Format, ...]:
        try:
            return self.fitting(values)
        except InvalidValue as error:
            raise EncodeError(str(error)) from None

    def _for_reading(self, frames: Sequence[bytes]) -> tuple[Format, ...]:
        try:
            return self.fitting(frames)
        except InvalidValue as error:
            raise DecodeError(str(error), Hint.READ_AS_BYTES) from None

    def _wrong_count(self, count: int) -> str:
        least = "at least " if self.repeated else ""
        return (
            f"The message has {_frames_text(count)}, but format={self.spec} is for {least}{_frames_text(self.least)}. "
            "Name one format for all frames, one per frame, or end with ',...' to repeat the last."
        )

    def _cannot_be_read(self, frames: Sequence[bytes], index: int, problem: FrameProblem) -> DecodeError:
        format_, frame = self._for_reading(frames)[index], frames[index]
        if isinstance(frame, HiddenBytes):
            return DecodeError(f"{format_.title(index)} (a secret) is not {format_.name}.", Hint.READ_AS_BYTES)
        fitting = [other.name for other in self.fallbacks if other.name != format_.name and _reads(other, frame)]
        readable = f" It can be read as {' or '.join(fitting)}." if fitting else ""
        return DecodeError(f"{format_.title(index)} is not {format_.name}: {problem}{readable}", Hint.READ_AS_BYTES)


def _encode_hidden_or_fail(format_: Format, index: int, value: object, problem: FrameProblem) -> HiddenBytes:
    if contains_hidden(value):
        frame = encode_hidden(format_.encode, value)
        if frame is not None:
            return frame
        raise EncodeError(
            f"{format_.title(index)} (a secret) cannot be sent as {format_.name}: its value, which is not shown, "
            "does not fit the format."
        )
    raise EncodeError(
        f"{format_.title(index)} ({kind_of(value)}) cannot be sent as {format_.name}: {problem}"
    ) from problem.__cause__


def _reads(format_: Format, frame: bytes) -> bool:
    try:
        format_.decode(frame)
    except FrameProblem:
        return False
    return True


def _frames_text(count: int) -> str:
    """Returns ``1 frame``, ``2 frames``."""
    return "1 frame" if count == 1 else f"{count} frames"


def combined(spec: str, parts: Sequence[Format | None], fallbacks: tuple[Format, ...] = ()) -> FrameFormats:
    """Returns the formats for a list in which None stands for ``...``; a single format is for all frames.

    Raises:
        InvalidValue: there is no format, ``...`` comes first, or comes more than once.
    """
    repeats = [index for index, part in enumerate(parts) if part is None]
    if not parts or parts[0] is None or len(repeats) > 1:
        raise InvalidValue(
            f"Format '{spec}' cannot be used: write a format, one per frame (TEXT,JSON), or one that is repeated "
            "(TEXT,BYTES,...); '...' can stand once, after the format it repeats."
        )
    formats = tuple(part for part in parts if part is not None)
    if not repeats and len(formats) == 1:
        return FrameFormats(spec, (), formats[0], (), fallbacks)
    if not repeats:
        return FrameFormats(spec, formats, None, (), fallbacks)
    place = repeats[0]
    return FrameFormats(spec, formats[: place - 1], formats[place - 1], formats[place:], fallbacks)
