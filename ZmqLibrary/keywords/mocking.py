"""What the keyword groups about mock servers share: finding the server, and making patterns, rules and frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from ..errors import InvalidValue, WrongUse
from ..formats import FrameFormats
from ..matching import MatchKind, MessagePattern
from ..message import Message
from ..peers import MockServer
from ..replies import FrameTemplate, frame_template
from ..rules import Rule, group_count, guessed_formats, request_pattern
from . import FormatArgument, concealed

if TYPE_CHECKING:
    from ..requests import Request
    from ..session import Session

_STRUCTURED = ("JSON", "MSGPACK", "CBOR")


def mock_of(session: Session, mock: str | None, socket: str | None = None) -> MockServer:
    """The mock server of that name, or the current one.

    Raises:
        InvalidValue: Both `mock` and `socket` are given, which mean the same.
        NotOpen: There is none.
        WorkerFailed: It has failed.
    """
    return session.worker(MockServer, mock_name(mock, socket))


def mock_name(mock: str | None, socket: str | None) -> str | None:
    """The name of a mock server, which may be given in either way.

    Raises:
        InvalidValue: It is given in both.
    """
    if mock is not None and socket is not None:
        raise InvalidValue("Give either mock= or socket=: both are the name of the mock server.")
    return socket if mock is None else mock


def formats_of(session: Session, server: MockServer, format: FormatArgument) -> FrameFormats | None:
    """The formats that a keyword was given, or those of the server; None to see from the values."""
    return server.formats if format is None else session.formats.get(format)


def pattern_of(
    session: Session, server: MockServer, patterns: Sequence[object], match: MatchKind, format: FormatArgument
) -> MessagePattern:
    """The pattern that a keyword about requests was given; none means any request."""
    values = [concealed(pattern) for pattern in patterns]
    return request_pattern(values, match, formats_of(session, server, format), session.formats)


class Condition(NamedTuple):
    """For which requests a rule is, as keywords take it."""

    patterns: Sequence[object]
    match: MatchKind = MatchKind.GLOB
    format: FormatArgument = None
    times: int | None = None
    delay: timedelta | None = None

    def rule(self, session: Session, server: MockServer, act: Callable[[Request, Rule, int], object]) -> Rule:
        """The rule that does something with these requests.

        Raises:
            WrongUse: The server never receives anything.
            InvalidValue: A pattern, `times` or `delay` cannot be used.
        """
        if not server.socket.type.receives:
            raise WrongUse(f"A mock server of type {server.type.name} receives no messages, so it cannot have rules.")
        if self.times is not None and self.times < 0:
            raise InvalidValue(f"times={self.times} cannot be used: give 0, a positive number, or none for all.")
        delay = self.delay.total_seconds() if self.delay else 0.0
        if delay < 0:
            raise InvalidValue(f"delay={delay:g} seconds cannot be used: it is in the past.")
        formats = formats_of(session, server, self.format)
        pattern = pattern_of(session, server, self.patterns, self.match, self.format)
        kinds = (formats or guessed_formats(self.patterns, session.formats)).of(max(len(self.patterns), 1))
        return Rule(
            pattern,
            act,
            key=(list(self.patterns), self.match, self.format),
            times=self.times,
            delay=delay,
            groups=group_count(self.patterns, self.match),
            value_kinds=(*(kind for kind in kinds if kind.by_value), session.formats.format("JSON")),
        )


def reply_of(session: Session, server: MockServer, values: Sequence[object], format: FormatArgument) -> FrameTemplate:
    """The frames that a mock server is to reply.

    Raises:
        WrongUse: It cannot reply.
        InvalidValue: A value does not fit its format.
    """
    if not server.replies:
        raise WrongUse(
            f"A mock server of type {server.type.name} cannot reply: only REP, ROUTER, DEALER, PAIR and XPUB can."
        )
    return frame_template([concealed(value) for value in values], formats_of(session, server, format), session.formats)


def require_groups(template: FrameTemplate, rule: Rule) -> None:
    """Raises InvalidValue if a reply names a group that the patterns do not have."""
    numbers = sorted(int(name) for name in template.names if name.isdigit())
    if numbers and not 1 <= numbers[0] <= numbers[-1] <= rule.groups:
        wrong = next(number for number in numbers if not 1 <= number <= rule.groups)
        raise InvalidValue(
            f"The reply names ${wrong}, but the patterns have {rule.groups or 'no'} groups. Groups are parts of "
            "patterns in parentheses, with match=REGEXP. A dollar sign is written $$."
        )


def put_fault(server: MockServer, rule: Rule, condition: Condition) -> None:
    """Without patterns a rule of this kind goes before the others."""
    server.call(lambda: server.script.add(rule) if condition.patterns else server.script.set_fault(rule))


def put_default(server: MockServer, rule: Rule, condition: Condition) -> None:
    """Without patterns a rule of this kind comes after all others."""
    server.call(lambda: server.script.add(rule) if condition.patterns else server.script.set_default(rule))


def error_value(text: object, formats: FrameFormats | None) -> object:
    """An error reply: `{"error": text}` in JSON and its like, else the text."""
    structured = formats is not None and formats.repeated is not None and formats.repeated.name in _STRUCTURED
    return {"error": text} if structured else text


def values_of(frames: object) -> list[object]:
    """Frames from one argument: a list of them, or a single one."""
    return list(frames) if isinstance(frames, (list, tuple, Message)) else [frames]
