"""Mocks: finds mock servers for keywords, and makes their patterns, rules and frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ...errors import InvalidValue, WrongUse
from ...mocks.mock_server import MockServer
from ...mocks.replies import FrameTemplate, frame_template, published_template
from ...mocks.rules import Rule, group_count, guessed_formats, request_pattern
from ...report.words import shortened
from ..arguments import concealed, frames_of
from ..base import FormatArgument
from .condition import mock_name

if TYPE_CHECKING:
    from ...formats import FrameFormats
    from ...messages.patterns import MatchKind, MessagePattern
    from ...mocks.request_log import Request
    from ...registry import Registry
    from ...session.session import Session
    from .condition import Condition

_SHOWN = 60


class Mocks:
    """The mock servers of a session, and what keywords give them to do."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def servers(self) -> Registry[MockServer]:
        """All of them by name."""
        return self._session.crew.of(MockServer)

    def server(self, mock: str | None, socket: str | None = None) -> MockServer:
        """The mock server of that name, or the current one.

        Raises:
            InvalidValue: Both `mock` and `socket` are given, which mean the same.
            NotOpen: There is none.
            WorkerFailed: It has failed.
        """
        return self._session.worker(MockServer, mock_name(mock, socket))

    def formats(self, server: MockServer, format: FormatArgument) -> FrameFormats | None:
        """The formats that a keyword was given, or those of the server; None to see from the values."""
        return server.formats if format is None else self._session.formats.get(format)

    def encoded(self, values: Sequence[object], formats: FrameFormats | None) -> Sequence[bytes]:
        """Values as frames, as they are; without formats as it can be seen from the values."""
        return (formats or guessed_formats(values, self._session.formats)).encode(values)

    def pattern(
        self, server: MockServer, patterns: Sequence[object], match: MatchKind, format: FormatArgument
    ) -> MessagePattern:
        """The pattern that a keyword about requests was given; none means any request."""
        values = [concealed(pattern) for pattern in patterns]
        return request_pattern(values, match, self.formats(server, format), self._session.formats)

    def rule(
        self, server: MockServer, condition: Condition, act: Callable[[Request, Rule, int], object], keyword: str
    ) -> Rule:
        """The rule that does something with these requests.

        Args:
            server: Whose.
            condition: For which requests.
            act: What it does.
            keyword: The name of the keyword that makes it, for errors.

        Raises:
            WrongUse: The server never receives anything.
            InvalidValue: A pattern, `times` or `delay` cannot be used.
        """
        patterns, match, format, times, delay = condition
        if not server.socket.type.receives:
            raise WrongUse(f"A mock server of type {server.type.name} receives no messages, so it cannot have rules.")
        if times is not None and times < 0:
            raise InvalidValue(f"times={times} cannot be used: give 0, a positive number, or none for all.")
        seconds = delay.total_seconds() if delay else 0.0
        if seconds < 0:
            raise InvalidValue(f"delay={seconds:g} seconds cannot be used: it is in the past.")
        table = self._session.formats
        pattern = self.pattern(server, patterns, match, format)
        formats = self.formats(server, format) or guessed_formats(patterns, table)
        kinds = formats.of(max(len(patterns), formats.least, 1))
        return Rule(
            pattern,
            act,
            key=(list(patterns), match, format),
            times=times,
            delay=seconds,
            groups=group_count(patterns, match),
            value_kinds=(*(kind for kind in kinds if kind.by_value), table.format("JSON")),
            title=_title(keyword, patterns, times),
        )

    def reply(self, server: MockServer, values: Sequence[object], format: FormatArgument) -> FrameTemplate:
        """The frames that a mock server is to reply.

        Raises:
            WrongUse: It cannot reply.
            InvalidValue: A value does not fit its format.
        """
        if not server.replies:
            raise WrongUse(
                f"A mock server of type {server.type.name} cannot reply: only REP, ROUTER, DEALER, PAIR and XPUB can."
            )
        values = [concealed(value) for value in values]
        return frame_template(values, self.formats(server, format), self._session.formats)

    def published(self, server: MockServer, frames: Sequence[object], format: FormatArgument) -> FrameTemplate:
        """The frames that a mock server is to send again and again.

        Raises:
            InvalidValue: A value does not fit its format, or uses another name than `$n` and `$time`.
        """
        return published_template(frames_of(frames), self.formats(server, format), self._session.formats)


def _title(keyword: str, patterns: Sequence[object], times: int | None) -> str:
    shown = [shortened(str(concealed(pattern)), _SHOWN) for pattern in patterns]
    return f"`{'    '.join([keyword, *shown, *([] if times is None else [f'times={times}'])])}`"
