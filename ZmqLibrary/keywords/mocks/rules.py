"""Keywords that set what mock servers answer, and when not to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from robot.api.deco import keyword

from ...errors import InvalidValue, WrongUse
from ...log import logger
from ...messages.patterns import MatchKind
from ...sockets.endpoints import is_inproc
from ..arguments import frames_of, require_omitted
from ..base import FormatArgument
from .condition import Condition, error_value, values_of
from .group import MockGroup, put_fault, require_groups

if TYPE_CHECKING:
    from ...mocks.mock_server import MockServer
    from ...mocks.request_log import Request
    from ...mocks.rules import Rule


class MockRuleKeywords(MockGroup):
    """Rules of mock servers."""

    @keyword
    def when_mock_receives(
        self,
        *patterns: object,
        match: MatchKind = MatchKind.GLOB,
        format: FormatArgument = None,
        layout: str | None = None,
        reply: object = None,
        times: int | None = None,
        delay: timedelta | None = None,
        error: object = None,
        reply_format: FormatArgument = None,
        mock: str | None = None,
        socket: str | None = None,
        **fields: object,
    ) -> None:
        """Sets what a mock server answers to certain requests.

        Rules are tried in the order in which they were made, and the first one that fits takes the request. A rule
        whose patterns are those of an older one takes its place, if that one has no ``times``.

        Args:
            patterns: For the frames of the request from the first on (after the envelope, on a ROUTER), further frames
                do not matter. None means any request. With ``format=JSON`` an object matches requests that contain it:
                see `Patterns`.
            match: How the patterns are held against the frames.
            layout: The layout of the fields that patterns are given for, instead of ``format``.
            format: Of the patterns and the reply.
            reply: A list of frames, or a single one; a dictionary is sent as JSON, and with a layout its items are the
                fields. See `Templates` for names in it. Without a reply the request is only wanted, not answered.
            times: For how many requests; then the rules after this one have their turn. Default is all.
            delay: How long to wait before the reply; other requests are answered meanwhile.
            error: In place of ``reply``, an error text: with ``format=JSON`` it is sent as ``{"error": text}``,
                otherwise as it is.
            reply_format: The format of the reply if it is not that of the patterns.
            fields: With a layout, patterns by field: ``header={"type": "status"}``. See `Patterns`.

        Raises:
            WrongUse: A server of this type cannot reply, or receives nothing.
            InvalidValue: A pattern or the reply cannot be used.

        Example:
        | Start Mock Server      inproc://orders    REP    format=JSON
        | When Mock Receives     {"command": "add"}    reply={"id": "$id", "status": "ok"}
        | When Mock Receives     error=unknown command
        | Connect Zmq Socket     inproc://orders    REQ
        | ${reply}=              Send Request    {"command": "add", "id": 7}    format=JSON
        | Should Be Equal        ${reply}[0][id]    ${7}

        Example:
        | Start Mock Server      inproc://sums    REP
        | When Mock Receives     ^ADD ([0-9]+) ([0-9]+)$    match=REGEXP    reply=$1 and $2
        | Connect Zmq Socket     inproc://sums    REQ
        | ${reply}=              Send Request    ADD 1 2
        | Should Be Equal        ${reply}[0]    1 and 2

        Tags: Mock
        """
        if reply is not None and error is not None:
            raise InvalidValue("Give either reply= or error=: a request has one answer.")
        if reply is None and error is None:
            require_omitted("is for a reply, and there is none", reply_format=reply_format, delay=delay)
        server = self._mocks.server(mock, socket)
        format = self._mocks.named(format, layout)
        condition = Condition(patterns, match, format, times, delay, fields)
        answer_format = format if reply_format is None else reply_format
        if error is not None:
            reply = [error_value(error, self._mocks.formats(server, answer_format))]
        self._add(server, condition, None if reply is None else values_of(reply), answer_format)

    @keyword
    def mock_replies_by_default(
        self,
        *frames: object,
        format: FormatArgument = None,
        delay: timedelta | None = None,
        mock: str | None = None,
        socket: str | None = None,
    ) -> None:
        """Sets what a mock server answers to requests that no rule takes.

        It takes the place of what was the default before, and ends what `Mock Keeps Silent` and `Mock Disconnects`
        without patterns and ``times`` have begun.

        Args:
            frames: One argument for each frame, or a single list of frames. See `Templates` for names in them.
            delay: How long to wait before the reply.

        Example:
        | Start Mock Server          inproc://orders    REP
        | When Mock Receives         ping    reply=pong
        | Mock Replies By Default    unknown: $frame0
        | Connect Zmq Socket         inproc://orders    REQ
        | ${reply}=                  Send Request    pong
        | Should Be Equal            ${reply}[0]    unknown: pong

        Tags: Mock
        """
        server = self._mocks.server(mock, socket)
        template = self._mocks.reply(server, frames_of(frames), format)
        condition = Condition((), delay=delay)
        rule = self._mocks.rule(
            server,
            condition,
            lambda request, rule, count: server.reply(template, request, rule, count),
            "Mock Replies By Default",
        )
        require_groups(template, rule)
        server.call(lambda: server.script.set_default(rule))

    @keyword
    def mock_keeps_silent(
        self,
        *patterns: object,
        match: MatchKind = MatchKind.GLOB,
        format: FormatArgument = None,
        layout: str | None = None,
        times: int | None = None,
        mock: str | None = None,
        socket: str | None = None,
        **fields: object,
    ) -> None:
        """Makes a mock server not answer: all requests from now on, certain ones, or so many.

        With ``times`` this goes before all rules, whenever they are made; if no request meets it until the end of the
        test, that is a warning in the log. Without ``times`` it is a rule like those of `When Mock Receives` if it has
        patterns; if it has none, it goes before the rules that there are, and rules made later go before it. The
        requests count as expected.

        Args:
            patterns: As with `When Mock Receives`.
            match: How the patterns are held against the frames.
            layout: The layout of the fields that patterns are given for, instead of ``format``.
            format: Of the patterns.
            times: For how many requests. 0 ends the silence for these requests.
            fields: With a layout, patterns by field: ``header={"type": "status"}``. See `Patterns`.

        Example:
        | Start Mock Server      inproc://orders    REP
        | Mock Keeps Silent      times=1
        | When Mock Receives     ping    reply=pong
        | Connect Zmq Socket     inproc://orders    REQ    req_relaxed=yes
        | Run Keyword And Expect Error    No message*    Send Request    ping    timeout=50ms
        | Send Request           ping

        Tags: Mock
        """
        server = self._mocks.server(mock, socket)
        condition = Condition(patterns, match, self._mocks.named(format, layout), times, fields=fields)
        rule = self._mocks.rule(server, condition, lambda request, rule, count: None, "Mock Keeps Silent")
        put_fault(self.session, server, rule, condition)

    @keyword
    def mock_disconnects(
        self,
        *patterns: object,
        match: MatchKind = MatchKind.GLOB,
        format: FormatArgument = None,
        layout: str | None = None,
        times: int | None = None,
        mock: str | None = None,
        socket: str | None = None,
        **fields: object,
    ) -> None:
        """Makes a mock server drop all its connections when it receives a request: any from now on, or certain ones.

        The request is not answered. The server is there again at once, at the same address, and its peers reconnect as
        after a crash. Over inproc there is no reconnecting, so this is for tcp and ipc. Which rules it goes before, and
        when a warning says that it was never used, is as with `Mock Keeps Silent`.

        Args:
            patterns: As with `When Mock Receives`.
            match: How the patterns are held against the frames.
            layout: The layout of the fields that patterns are given for, instead of ``format``.
            format: Of the patterns.
            times: For how many requests. 0 ends it for these requests.
            fields: With a layout, patterns by field: ``header={"type": "status"}``. See `Patterns`.

        Example:
        | Start Mock Server      tcp://127.0.0.1:*    REP
        | When Mock Receives     ping    reply=pong
        | Mock Disconnects       times=1
        | ${address}=            Get Mock Endpoint
        | Connect Zmq Socket     ${address}    REQ    req_relaxed=yes
        | Send Message           ping
        | Wait For Zmq Event     DISCONNECTED
        | Wait For Zmq Event     HANDSHAKE_SUCCEEDED
        | Send Request           ping

        Tags: Mock
        """
        server = self._mocks.server(mock, socket)
        if is_inproc(server.address):
            raise WrongUse("Mock Disconnects is for tcp and ipc: over inproc, peers do not reconnect.")

        def act(request: Request, rule: Rule, count: int) -> None:
            server.later(0, server.drop_connections)

        condition = Condition(patterns, match, self._mocks.named(format, layout), times, fields=fields)
        put_fault(self.session, server, self._mocks.rule(server, condition, act, "Mock Disconnects"), condition)

    def _add(
        self, server: MockServer, condition: Condition, reply: Sequence[object] | None, format: FormatArgument
    ) -> None:
        if reply is None:
            rule = self._mocks.rule(server, condition, lambda request, rule, count: None, "When Mock Receives")
        else:
            template = self._mocks.reply(server, frames_of([reply]), format)
            rule = self._mocks.rule(
                server,
                condition,
                lambda request, rule, count: server.reply(template, request, rule, count),
                "When Mock Receives",
            )
            require_groups(template, rule)
        server.call(lambda: server.script.add(rule))
        logger.debug(f"New rule of {server.title} for {rule.pattern}.")
