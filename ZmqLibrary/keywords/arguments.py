"""What keywords are given, as the core takes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from inspect import Parameter, signature
from typing import TYPE_CHECKING

from robot.api.types import Secret
from robot.utils import timestr_to_secs

from ..errors import EncodeError, InvalidValue, ZmqLibraryError
from ..formats import Hidden, HiddenBytes
from ..formats.base import kind_of
from ..messages.message import Message
from ..messages.patterns import MatchKind, message_pattern
from ..sockets.option_table import SocketOption, check_writable, find_option, to_libzmq
from ..surrogates import require_text
from .secrets import is_secret, revealed


def require_yes_or_no(name: str, value: object) -> None:
    """Raises InvalidValue if an argument that is yes or no is some text.

    Robot leaves a text that is neither as it is, and any text counts as yes in Python.
    """
    if isinstance(value, str):
        raise InvalidValue(f"{name} takes yes or no, not {value!a}.")


if TYPE_CHECKING:
    from ..formats import FrameFormats
    from ..messages.field_patterns import Pattern
    from ..sockets.socket_types import SocketType


_EITHER = (
    "Give all {0} by their position, or all as field={1}. What begins with '{2}=' and is for no field is written "
    "{2}\\=…, or Robot takes it for a named argument."
)
_WAITS = ("timeout", "within")
_TEXT_ONLY = {str}  # neither a list of frames nor secrets


def require_count(number: int | None, least: int = 1, name: str = "count") -> None:
    """Raises InvalidValue for a number of things that there cannot be; None where it was not given."""
    if number is not None and number < least:
        raise InvalidValue(f"{name}={number} cannot be used: give {least} or more.")


def require_omitted(reason: str, **named: object) -> None:
    """Raises InvalidValue for a named argument that would do nothing."""
    for name, value in named.items():
        if value is not None:
            raise InvalidValue(f"{name}= {reason}. Omit it.")


def frames_of(arguments: Sequence[object]) -> Sequence[object]:
    """The frames that a keyword was given: its arguments, or its single argument if that is a list.

    Raises:
        InvalidValue: There is none.
    """
    frames = patterns_of(arguments)
    if not frames:
        raise InvalidValue("A message has at least one frame, and none was given. Send an empty frame with ${EMPTY}.")
    return frames


def patterns_of(arguments: Sequence[object]) -> Sequence[object]:
    """The patterns that a keyword was given, one for each frame: its arguments, or its single argument if a list."""
    single = len(arguments) == 1 and isinstance(arguments[0], (list, tuple, Message))
    items = arguments[0] if single else arguments
    return [concealed(item) for item in items]  # type: ignore[attr-defined]


def encoded_payload(payload: object, formats: FrameFormats) -> list[bytes]:
    """The frame of a message that is to be sent.

    Raises:
        EncodeError: The value does not fit its format.
    """
    try:
        return formats.encode([concealed(payload)])
    except EncodeError as error:
        raise _unsent(error) from error.__cause__


def encoded_frames(frames: Sequence[object], fields: Mapping[str, object], formats: FrameFormats) -> list[bytes]:
    """The frames of a message that is to be sent, given frame by frame, or field by field of a layout.

    Where there is no layout, ``a=b`` is a frame like any other, although Robot takes it for a named argument.

    Raises:
        EncodeError: A value does not fit its frame; or a field is missing or not known.
        InvalidValue: There are frames and fields, or fields but no layout.
    """
    try:
        if not fields and {*map(type, frames)} == _TEXT_ONLY:
            return formats.encode(frames)
        if frames and not fields:
            return formats.encode(frames_of(frames))
        if not formats.field_names:
            return formats.encode(frames_of([*frames, *named_frames(fields)]))
        if not frames:
            return formats.encode_fields({name: concealed(value) for name, value in fields.items()})
    except EncodeError as error:
        raise _unsent(error) from error.__cause__
    raise InvalidValue(_EITHER.format("frames", "value", next(iter(fields))))


def _unsent(error: EncodeError) -> EncodeError:
    return EncodeError(f"{error} Nothing was sent.")


def add_spread_hint(error: ZmqLibraryError, frames: Sequence[object], formats: FrameFormats) -> None:
    """Adds to an error that one list was taken for several frames, where one frame could have held it."""
    if hint := spread_hint(frames, formats):
        error.args = (f"{error}\n{hint}",)


def spread_hint(frames: Sequence[object], formats: FrameFormats) -> str:
    """What is to be said if a single list was taken for several frames of a structured format; else empty."""
    if len(frames) != 1 or not isinstance(frames[0], (list, tuple)) or len(frames[0]) < 2 or formats.field_names:
        return ""
    kind = formats.repeated if formats.least == 0 else None
    if kind is None or not kind.by_value:
        return ""
    return (
        f"The list of {len(frames[0])} items was taken for {len(frames[0])} frames, each {kind.name}. One frame that "
        "holds the list is ${{[$list]}}, a list with one item, or the JSON text of the list."
    )


def given_pattern(
    patterns: Sequence[object],
    fields: Mapping[str, object],
    match: MatchKind,
    formats: FrameFormats,
    whole: bool = False,
) -> Pattern:
    """The pattern of a message that is given frame by frame, or field by field of a layout.

    Args:
        patterns: One for each frame.
        fields: One for each field of a layout.
        match: How they are held against the frames.
        formats: Of the frames, or the layout.
        whole: Whether there is to be a pattern for each frame.

    Raises:
        InvalidValue: There are patterns and fields, or fields but no layout; or a pattern cannot be used.
    """
    if not fields:
        return message_pattern(patterns, match, formats, whole)
    if not formats.field_names:
        return message_pattern([*patterns, *named_frames(fields)], match, formats, whole)
    if patterns:
        raise InvalidValue(_EITHER.format("patterns", "pattern", next(iter(fields))))
    from ..messages.field_patterns import field_pattern

    return field_pattern({name: concealed(pattern) for name, pattern in fields.items()}, match, formats)


def named_frames(fields: Mapping[str, object]) -> Iterator[str]:
    """Texts with = in them that Robot took for named arguments; without a layout they are for frames like any other.

    Raises:
        InvalidValue: A value is no text, or means a time that the keyword does not wait.
    """
    for name, value in fields.items():
        if name in _WAITS:
            raise InvalidValue(
                f"This keyword has no argument '{name}', so {name}=… would be for a frame. Omit it, or write "
                f"{name}\\=… if it is meant for a frame."
            )
        if not isinstance(value, str):
            raise InvalidValue(
                f"'{name}' is given as a field, but no layout is: add layout=, which `Define Message Layout` defines. "
                f"A frame that begins with '{name}=' is written {name}\\=…, or Robot takes it for a named argument."
            )
        yield f"{name}={value}"


def concealed(value: object) -> object:
    """Robot's secrets as values that no log shows, also inside of lists and dictionaries.

    Raises:
        InvalidValue: The value is nested too deeply, or contains itself.
    """
    try:
        return _concealed(value)
    except RecursionError:
        raise InvalidValue(
            f"{kind_of(value).capitalize()} that was given is nested too deeply, or contains itself."
        ) from None


def _concealed(value: object) -> object:
    # Without a function of its own for each level, as JSON may have many.
    if isinstance(value, Secret):
        return Hidden(value.value)
    if isinstance(value, dict):
        return dict(zip(value, map(_concealed, value.values())))
    if isinstance(value, (list, tuple)):
        return list(map(_concealed, value))
    return value


def topics_of(subscribe: object) -> list[bytes]:
    """The topics of a `subscribe=` argument: None, one topic, or a list of them."""
    if subscribe is None:
        return []
    return [_topic(topic) for topic in (subscribe if isinstance(subscribe, (list, tuple)) else [subscribe])]


def topic_of(topic: object) -> bytes:
    """The topic of an argument that takes one.

    Raises:
        InvalidValue: It is a list of several, or of none.
    """
    topics = topics_of(topic)
    if len(topics) != 1:
        raise InvalidValue(f"topic takes one topic, not {len(topics)}.")
    return topics[0]


def listed_topics(topics: Sequence[object]) -> list[bytes]:
    """The topics that a keyword was given: its arguments, or its single argument if that is a list."""
    return topics_of(topics[0] if len(topics) == 1 and isinstance(topics[0], (list, tuple)) else list(topics))


def _topic(topic: object) -> bytes:
    if isinstance(topic, Secret):
        require_text(topic.value, "The secret topic", secret=True)
        return HiddenBytes(topic.value.encode("utf-8"))
    if isinstance(topic, str):
        require_text(topic, "Topic")
        return topic.encode("utf-8")
    if isinstance(topic, (bytes, bytearray, memoryview)):
        return bytes(topic)
    raise InvalidValue(f"A topic is text or bytes, not {topic!r} ({type(topic).__name__}).")


def named_options(routing_id: object, send_hwm: int | None, receive_hwm: int | None) -> dict[str, object]:
    """The socket options that have arguments of their own."""
    named = {"ROUTING_ID": routing_id, "SNDHWM": send_hwm, "RCVHWM": receive_hwm}
    return {name: value for name, value in named.items() if value is not None}


def option_values(
    options: Iterable[tuple[str, object]], type: SocketType, keyword: Callable[..., object] | None = None
) -> list[tuple[SocketOption, int | bytes]]:
    """Socket options by name as libzmq takes them; all are checked before any is set.

    One whose value was given as a secret is a secret option from then on.

    Args:
        options: Names and values.
        type: Of the socket.
        keyword: Which takes them among its other arguments, one of which a wrong name may be meant for.

    Raises:
        InvalidValue: There is no such option, it does not take the value, or it is given twice.
    """
    options = list(options)
    parameters = signature(keyword).parameters.values() if keyword and options else ()
    arguments = [each.name for each in parameters if each.kind is not Parameter.VAR_KEYWORD]
    values: list[tuple[SocketOption, int | bytes]] = []
    for name, value in options:
        option = find_option(name, arguments)
        if any(option.name == other.name for other, _ in values):
            raise InvalidValue(f"Socket option {option.name} is given twice, the second time as {name}=. Give it once.")
        check_writable(option, type.name)
        if is_secret(value) and not option.hidden:
            option = option._replace(secret=True)
        raw = to_libzmq(option, revealed(value), timestr_to_secs)
        values.append((option, HiddenBytes(raw) if option.secret and isinstance(raw, bytes) else raw))
    return values
