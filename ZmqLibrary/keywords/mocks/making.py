"""Mocks: finds mock servers for keywords, and makes their patterns, rules and frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ...errors import InvalidValue, WrongUse
from ...mocks.mock_server import MockServer
from ...mocks.replies import FrameTemplate, by_field, frame_template, published_template
from ...mocks.rules import Rule, group_count, guessed_formats
from ...plain_text import shortened
from ..arguments import concealed, frames_of, given_pattern, require_count
from ..base import FormatArgument
from .condition import mock_name

if TYPE_CHECKING:
    from ...formats import FrameFormats
    from ...messages.field_patterns import Pattern
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
        return self._session.workers.of(MockServer)

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
        formats = server.formats if format is None else server.content_formats(self._session.formats.get(format))
        self._session.formats_used = formats
        return formats

    def named(self, format: FormatArgument, layout: str | None) -> FormatArgument:
        """What a keyword was given as `format` or as `layout`.

        Raises:
            InvalidValue: There are both, or there is no such layout.
        """
        if layout is None:
            return format
        self._session.formats.layout(layout, format)
        return layout

    def encoded(self, values: Sequence[object], formats: FrameFormats | None) -> Sequence[bytes]:
        """Values as frames, as they are; without formats as it can be seen from the values."""
        formats = formats or guessed_formats(values, self._session.formats)
        return formats.encode(by_field(values, formats))

    def pattern(self, server: MockServer, condition: Condition) -> Pattern:
        """The pattern that a keyword about requests was given; none means any request."""
        patterns = [concealed(pattern) for pattern in condition.patterns]
        return given_pattern(patterns, condition.fields, condition.match, self._formats(server, condition))

    def _formats(self, server: MockServer, condition: Condition) -> FrameFormats:
        given = [*condition.patterns, *condition.fields.values()]
        return self.formats(server, condition.format) or guessed_formats(given, self._session.formats)

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
        patterns, match, format, times, delay, fields = condition
        if not server.socket.type.receives:
            raise WrongUse(f"A mock server of type {server.type.name} receives no messages, so it cannot have rules.")
        require_count(times, 0, "times")
        seconds = delay.total_seconds() if delay else 0.0
        if seconds < 0:
            raise InvalidValue(f"delay={seconds:g} seconds cannot be used: it is in the past.")
        given = [*patterns, *fields.values()]
        formats = self._formats(server, condition)
        if format is not None:
            server.shown_formats = formats
        kinds = formats.of(max(len(given), formats.least, 1))
        return Rule(
            self.pattern(server, condition),
            act,
            key=(list(patterns), dict(fields), match, format),
            times=times,
            delay=seconds,
            groups=group_count(given, match),
            value_kinds=(*(kind for kind in kinds if kind.by_value), self._session.formats.format("JSON")),
            layout=formats if formats.field_names else None,
            title=_title(keyword, condition),
        )

    def reply(self, server: MockServer, values: Sequence[object], format: FormatArgument) -> FrameTemplate:
        """The frames that a mock server is to reply.

        Raises:
            WrongUse: It cannot reply.
            InvalidValue: A value does not fit its format.
        """
        if not server.replies:
            raise WrongUse(
                f"A mock server of type {server.type.name} cannot reply: only REP, ROUTER, DEALER, PAIR and XPUB can. "
                "Where replies go out on another socket, use `Mock Replies Through` first."
            )
        values = [concealed(value) for value in values]
        return frame_template(values, self.formats(server, format), self._session.formats)

    def published(self, server: MockServer, frames: Sequence[object], format: FormatArgument) -> FrameTemplate:
        """The frames that a mock server is to send again and again.

        Raises:
            InvalidValue: A value does not fit its format, or uses another name than `$n` and `$time`.
        """
        return published_template(frames_of(frames), self.formats(server, format), self._session.formats)


def _title(keyword: str, condition: Condition) -> str:
    named = {**condition.fields, **({} if condition.times is None else {"times": condition.times})}
    arguments = [*condition.patterns, *(f"{name}={concealed(value)}" for name, value in named.items())]
    return f"`{'    '.join([keyword, *(shortened(str(concealed(argument)), _SHOWN) for argument in arguments)])}`"
