"""Keywords that verify what mock servers have received."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from robot.api.deco import keyword

from ...errors import CheckFailed, DecodeError, Hint, WaitTimeout
from ...messages.message import MessageList
from ...messages.patterns import MatchKind
from ...report.words import count_of, seconds, with_message
from ...sockets.silent_causes import silent_causes
from ..arguments import require_count
from ..base import FormatArgument
from .condition import Condition
from .group import MockGroup

if TYPE_CHECKING:
    from ...messages.field_patterns import Pattern
    from ...mocks.mock_server import MockServer
    from ...mocks.request_log import Request
    from ...waiting.deadline import Deadline


class MockCheckKeywords(MockGroup):
    """Verification of mock servers."""

    @keyword
    def get_mock_requests(
        self,
        *patterns: object,
        match: MatchKind = MatchKind.GLOB,
        format: FormatArgument = None,
        layout: str | None = None,
        mock: str | None = None,
        socket: str | None = None,
        **fields: object,
    ) -> list[Request]:
        """Returns what a mock server has received, the oldest first.

        The last 100,000 requests are kept. Each is a `Message` with the frames after the envelope and the attributes
        ``routing_id`` and ``envelope`` of its client, ``number`` (from 1), ``wanted`` (whether a rule took it) and
        ``problem`` (why it could not be answered).

        Args:
            patterns: As with `When Mock Receives`. Without any, all requests.
            match: How the patterns are held against the frames.
            layout: The layout of the fields that patterns are given for, instead of ``format``.
            format: Of the patterns and the requests.
            fields: With a layout, patterns by field: ``header={"type": "status"}``. See `Patterns`.

        Raises:
            DecodeError: A frame does not have its format.

        Example:
        | Start Mock Server      inproc://jobs    PULL
        | When Mock Receives     job *
        | Connect Zmq Socket     inproc://jobs    PUSH
        | Send Message           job 1
        | Mock Should Have Received    job 1
        | @{jobs}=               Get Mock Requests
        | Should Be Equal        ${jobs}[0][0]    job 1

        Tags: Getter, Mock
        """
        server = self._mocks.server(mock, socket)
        format = self._mocks.named(format, layout)
        pattern = self._mocks.pattern(server, Condition(patterns, match, format, fields=fields))
        return MessageList(self._decoded(server, request, format) for request in server.requests.matching(pattern))

    @keyword
    def wait_for_mock_request(
        self,
        *patterns: object,
        match: MatchKind = MatchKind.GLOB,
        format: FormatArgument = None,
        layout: str | None = None,
        timeout: timedelta | None = None,
        mock: str | None = None,
        socket: str | None = None,
        **fields: object,
    ) -> Request:
        """Waits for a request to a mock server and returns it.

        Takes the first one that fits and that no earlier wait has returned.

        Args:
            patterns: As with `When Mock Receives`. Without any, any request.
            match: How the patterns are held against the frames.
            layout: The layout of the fields that patterns are given for, instead of ``format``.
            format: Of the patterns and the request.
            fields: With a layout, patterns by field: ``header={"type": "status"}``. See `Patterns`.

        Returns:
            The request, as in `Get Mock Requests`.

        Raises:
            WaitTimeout: None came in time; the message says in what those differ that came.

        Example:
        | Start Mock Server      inproc://jobs    PULL
        | When Mock Receives     job *
        | Connect Zmq Socket     inproc://jobs    PUSH
        | Send Multipart         job 1    {"n": 1}
        | ${request}=            Wait For Mock Request    job *    format=TEXT,JSON
        | Should Be Equal        ${request}[1][n]    ${1}

        Tags: Mock, Waiting
        """
        server = self._mocks.server(mock, socket)
        format = self._mocks.named(format, layout)
        pattern = self._mocks.pattern(server, Condition(patterns, match, format, fields=fields))
        deadline = self._deadline(timeout)
        for request in chain.from_iterable(server.requests_until(deadline)):
            if not request.awaited and (found := request.fitting(pattern)) is not None:
                self.session.hand.hold(partial(setattr, request, "awaited", False))
                request.awaited = True
                return self._decoded(server, found, format)
        raise WaitTimeout(self._not_received(server, pattern, format, deadline, "has received no new request"))

    @keyword
    def mock_should_have_received(
        self,
        *patterns: object,
        times: int | None = None,
        match: MatchKind = MatchKind.GLOB,
        format: FormatArgument = None,
        layout: str | None = None,
        timeout: timedelta | None = None,
        message: str | None = None,
        mock: str | None = None,
        socket: str | None = None,
        **fields: object,
    ) -> None:
        """Fails unless a mock server has received a request, or receives it before the timeout.

        The last 100,000 requests are kept: with ``times`` it fails if there were more, since nobody can say it.

        Args:
            patterns: As with `When Mock Receives`. Without any, any request.
            times: How many such requests. Default is one or more.
            match: How the patterns are held against the frames.
            layout: The layout of the fields that patterns are given for, instead of ``format``.
            format: Of the patterns.
            fields: With a layout, patterns by field: ``header={"type": "status"}``. See `Patterns`.

        Raises:
            CheckFailed: It has not; the message says in what the last requests differ.

        Example:
        | Start Mock Server      inproc://jobs    PULL
        | When Mock Receives     job *
        | Connect Zmq Socket     inproc://jobs    PUSH
        | Send Message           job 1
        | Send Message           job 2
        | Mock Should Have Received    job ?    times=2
        | Mock Should Have Received    job 1    timeout=1s

        Tags: Assertion, Mock, Waiting
        """
        server = self._mocks.server(mock, socket)
        format = self._mocks.named(format, layout)
        pattern = self._mocks.pattern(server, Condition(patterns, match, format, fields=fields))
        deadline = self._deadline(timeout)
        require_count(times, 0, "times")
        found, looked_at, last, enough = 0, 0, 0, 1 if times is None else times
        for requests in server.requests_until(deadline):
            found += sum(request.fitting(pattern) is not None for request in requests)
            looked_at += len(requests)
            last = requests[-1].number if requests else last
            if found >= enough or (times is not None and last > looked_at):
                break
        if times is not None and found > times:
            raise CheckFailed(
                with_message(
                    message,
                    f"{server.heading} has received this {count_of(found, 'time')}, not {times}: {pattern}.",
                    *server.requests.overview(),
                )
            )
        if times is not None and last > looked_at:
            head = f"{server.heading} has received this {count_of(found, 'time')} for certain; there may be more."
            raise CheckFailed(with_message(message, head, _unknown(last - looked_at), *server.requests.overview()))
        if found < enough:
            wanted = "has not received this" if times is None else f"has received this {found} of {times} times"
            raise CheckFailed(with_message(message, self._not_received(server, pattern, format, deadline, wanted)))

    @keyword
    def mock_should_not_have_received(
        self,
        *patterns: object,
        match: MatchKind = MatchKind.GLOB,
        format: FormatArgument = None,
        layout: str | None = None,
        message: str | None = None,
        mock: str | None = None,
        socket: str | None = None,
        **fields: object,
    ) -> None:
        """Fails if a mock server has received such a request; does not wait.

        The last 100,000 requests are kept: it also fails if there were more, since nobody can say it.

        Args:
            patterns: As with `When Mock Receives`. Without any, any request.
            match: How the patterns are held against the frames.
            layout: The layout of the fields that patterns are given for, instead of ``format``.
            format: Of the patterns.
            fields: With a layout, patterns by field: ``header={"type": "status"}``. See `Patterns`.

        Example:
        | Start Mock Server      inproc://jobs    PULL
        | Mock Should Not Have Received    cancel *

        Tags: Assertion, Mock
        """
        from ...mocks.request_log import described

        server = self._mocks.server(mock, socket)
        format = self._mocks.named(format, layout)
        pattern = self._mocks.pattern(server, Condition(patterns, match, format, fields=fields))
        if found := server.requests.matching(pattern):
            raise CheckFailed(
                with_message(
                    message,
                    f"{server.heading} should not have received {pattern}, but it has:",
                    *described(found, self._mocks.formats(server, format), pattern),
                )
            )
        if dropped := server.requests.dropped:
            head = f"It is not certain that {server.title} has received no such request."
            raise CheckFailed(with_message(message, head, _unknown(dropped)))

    @keyword
    def mock_should_have_no_unexpected_requests(
        self, *, message: str | None = None, mock: str | None = None, socket: str | None = None
    ) -> None:
        """Fails if a mock server has received requests that no rule wanted, or that it could not answer.

        A request that `Wait For Mock Request` has returned is not unexpected, also where no rule wants it. The others
        that no rule wants are a warning in the log at the end of the test, or when the mock server is stopped or reset.

        Example:
        | Start Mock Server      inproc://orders    REP
        | When Mock Receives     ping    reply=pong
        | Connect Zmq Socket     inproc://orders    REQ
        | Send Request           ping
        | Mock Should Have No Unexpected Requests

        Tags: Assertion, Mock
        """
        from ...mocks.request_log import described

        server = self._mocks.server(mock, socket)
        found, more = server.call(lambda: (server.requests.unexpected(), server.requests.more_unexpected))
        if found:
            head = f"{server.heading} has received what was not expected, {count_of(len(found) + more, 'request')}:"
            raise CheckFailed(with_message(message, head, *described(found, server.shown_formats, more=more)))
        if more:
            head = f"It is not certain that {server.title} has received nothing that was not expected."
            unknown = f"{count_of(more, 'request')} that no rule took came when there was no room to keep more of them."
            raise CheckFailed(with_message(message, head, unknown))

    @keyword
    def mock_should_have_used_all_rules(
        self, *, message: str | None = None, mock: str | None = None, socket: str | None = None
    ) -> None:
        """Fails if there are rules of a mock server that no request has met.

        Those of `When Mock Receives` and of all keywords that go before it or after it count, but not what is without
        patterns for the requests that no rule takes, such as `Mock Replies By Default`.

        Raises:
            CheckFailed: There are such rules; the message names them.

        Example:
        | Start Mock Server      inproc://orders    REP
        | When Mock Receives     list      reply=nothing
        | When Mock Receives     cancel    reply=ok
        | Connect Zmq Socket     inproc://orders    REQ
        | Send Request           list
        | Run Keyword And Expect Error    *When Mock Receives${SPACE * 4}cancel*    Mock Should Have Used All Rules

        Tags: Assertion, Mock
        """
        server = self._mocks.server(mock, socket)
        if unused := server.call(server.script.unused):
            head = f"{server.heading} has {count_of(len(unused), 'rule')} that no request has met:"
            lines = [f"  {rule.title}" for rule in unused]
            raise CheckFailed(
                with_message(message, head, *lines, *server.requests.overview(formats=server.shown_formats))
            )

    def _decoded(self, server: MockServer, request: Request, format: FormatArgument) -> Request:
        formats = self._mocks.formats(server, format)
        try:
            return request if formats is None else request.read_as(formats)
        except DecodeError as error:
            raise DecodeError(str(error), Hint.READ_REQUESTS) from error.__cause__

    def _not_received(
        self, server: MockServer, pattern: Pattern, format: FormatArgument, deadline: Deadline, what: str
    ) -> str:
        head = f"{server.heading} {what} in {seconds(deadline.seconds)}: {pattern}."
        known = server.requests.overview(pattern, self._mocks.formats(server, format))
        return "\n".join([head, *known, *silent_causes(server.socket)])


def _unknown(count: int) -> str:
    """Why it is not certain which requests came, as a line of an error."""
    from ...mocks.request_log import LIMIT

    return (
        f"{count_of(count, 'older request')} may match: the last {LIMIT:,} are kept. Check before so many came, or "
        "record them with `Start Recording`."
    )
