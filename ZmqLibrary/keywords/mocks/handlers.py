"""Keywords that let others answer for a mock server: Python functions, and real servers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from robot.api.deco import keyword

from ...errors import InvalidValue, WrongUse, described
from ...log import logger
from ...messages.patterns import MatchKind
from ...sockets.socket_types import SocketType
from ..arguments import concealed, require_omitted
from ..base import FormatArgument
from .condition import Condition, values_of
from .group import MockGroup, put_default

if TYPE_CHECKING:
    from ...mocks.mock_server import MockServer
    from ...mocks.request_log import Request
    from ...sockets.zmq_socket import ZmqSocket

_TARGETS = {SocketType[name] for name in ("REQ", "DEALER", "PAIR", "PUSH", "PUB", "XSUB")}


class MockHandlerKeywords(MockGroup):
    """Functions and real servers that answer."""

    @keyword
    def mock_calls(
        self,
        function: Callable[..., object] | str,
        *patterns: object,
        match: MatchKind = MatchKind.GLOB,
        format: FormatArgument = None,
        layout: str | None = None,
        times: int | None = None,
        delay: timedelta | None = None,
        timeout: timedelta | None = None,
        mock: str | None = None,
        socket: str | None = None,
        **fields: object,
    ) -> None:
        """Lets a Python function answer: requests that no rule takes, or certain ones.

        It is called in a thread of its own, one request after the other, with the request as its only argument: a
        `Message` without the envelope. It returns a list of frames, a single frame, or None for no answer. What it
        raises is a warning in the log and makes `Mock Should Have No Unexpected Requests` fail; so does a function that
        does not return in time, whose thread is then left behind. It cannot use Robot's keywords or logging.

        Args:
            function: Anything that can be called, such as ``${{my_module.answer}}``; or the name under which it can be
                imported, such as ``my_module.answer``.
            patterns: As with `When Mock Receives`. Without any it is the default, like `Mock Replies By Default`.
            match: How the patterns are held against the frames.
            layout: The layout of the fields that patterns are given for, instead of ``format``.
            format: Of the patterns, the request and the answer.
            times: For how many requests.
            delay: How long to wait before the call.
            timeout: How long a call may take.
            fields: With a layout, patterns by field: ``header={"type": "status"}``. See `Patterns`.

        Example:
        | Start Mock Server      inproc://orders    REP
        | Mock Calls             ${{lambda request: sum(request[0])}}    format=JSON
        | Connect Zmq Socket     inproc://orders    REQ
        | ${reply}=              Send Request    [1, 2, 3]    format=JSON
        | Should Be Equal        ${reply}[0]    ${6}

        Tags: Mock
        """
        function = _function(function)
        server = self._mocks.server(mock, socket)
        limit = self._deadline(timeout).seconds
        format = self._mocks.named(format, layout)
        formats = self._mocks.formats(server, format)

        def answer(request: Request) -> Sequence[bytes] | None:
            result = function(request.read_as(formats or request.receipt.formats))
            if result is None:
                return None
            if not server.replies:
                raise WrongUse(f"a mock server of type {server.type.name} cannot reply, so it has to return None")
            values = [concealed(value) for value in values_of(result)]
            if not values:
                raise WrongUse("it has returned no frames: return at least one, or None for no answer")
            return self._mocks.encoded(values, formats)

        condition = Condition(patterns, match, format, times, delay, fields)
        rule = self._mocks.rule(
            server, condition, lambda request, rule, count: server.call_user(answer, limit, request), "Mock Calls"
        )
        put_default(server, rule, condition)

    @keyword
    def mock_forwards_to(
        self,
        socket: str,
        *patterns: object,
        match: MatchKind = MatchKind.GLOB,
        format: FormatArgument = None,
        layout: str | None = None,
        times: int | None = None,
        delay: timedelta | None = None,
        lazy: bool | None = None,
        timeout: timedelta | None = None,
        mock: str | None = None,
        **fields: object,
    ) -> None:
        """Lets a real server answer: requests that no rule takes, or certain ones. So the mock server is a spy.

        To the real server it looks like one client. Answers belong to requests in their order: a server that leaves one
        unanswered, or answers several clients in another order, confuses them, until its connection is lost.

        Args:
            socket: The endpoint of the real server, or an open socket that is connected to it: the mock server takes
                that socket until it is stopped or reset.
            patterns: As with `When Mock Receives`. Without any it is the default, like `Mock Replies By Default`.
            match: How the patterns are held against the frames.
            layout: The layout of the fields that patterns are given for, instead of ``format``.
            format: Of the patterns.
            times: For how many requests.
            delay: How long to wait before forwarding.
            lazy: With an endpoint, whether not to wait for the handshake.
            timeout: With an endpoint, how long to wait for the handshake.
            fields: With a layout, patterns by field: ``header={"type": "status"}``. See `Patterns`.

        Example:
        | Start Mock Server      inproc://real    REP    real
        | When Mock Receives     reply=real answer
        | Start Mock Server      inproc://spy    REP    spy
        | Mock Forwards To       inproc://real
        | Connect Zmq Socket     inproc://spy    REQ
        | ${reply}=              Send Request    question
        | Should Be Equal        ${reply}[0]    real answer
        | Mock Should Have Received    question    mock=spy

        Tags: Mock
        """
        if "://" not in socket:
            require_omitted("is for an endpoint, and a socket is given", lazy=lazy, timeout=timeout)
        server = self._mocks.server(mock)
        condition = Condition(patterns, match, self._mocks.named(format, layout), times, delay, fields)
        rule = self._mocks.rule(
            server, condition, lambda request, rule, count: server.forward(socket, request), "Mock Forwards To"
        )
        if server.relay_to(socket) is None:
            self._start_relay(server, socket, lazy, timeout)
        put_default(server, rule, condition)

    @keyword
    def mock_replies_through(self, socket: str, *, mock: str | None = None) -> None:
        """Lets the replies of a mock server go out on another socket than the one on which requests come.

        For handlers of mongrel2 and pushpin, and for pipelines, which get requests on a PULL and answer on a PUB or
        PUSH. Replies go out as they are, without an envelope, in the order of the requests; so do those of `Mock Calls`
        and `Mock Forwards To`. Use it before the rules that reply. The mock server has the socket until it is stopped
        or reset.

        Args:
            socket: An open socket that sends. What it receives is logged and is no request.

        Raises:
            WrongUse: The socket only receives, or something else has it.

        Example:
        | Bind Zmq Socket         inproc://replies    PUB    replies
        | Start Mock Server       inproc://requests    PULL
        | Mock Replies Through    replies
        | When Mock Receives      ^([a-z]+) ping$    match=REGEXP    reply=${{['$1', 'pong']}}
        | Connect Zmq Socket      inproc://replies    SUB    client    subscribe=anna
        | Wait For Subscriber     anna    socket=replies
        | Connect Zmq Socket      inproc://requests    PUSH
        | Send Message            anna ping
        | ${reply}=               Receive Multipart    socket=client
        | Should Be Equal         ${reply}    ${{['anna', 'pong']}}

        Tags: Mock
        """
        from ...mocks.reply_sender import ReplySender

        server = self._mocks.server(mock)
        zmq_socket = self.session.socket(socket)
        if not zmq_socket.type.sends:
            raise WrongUse(f"Socket {zmq_socket.title} cannot send replies: {zmq_socket.type.name} only receives.")
        before = server.reply_sender
        if before is None or not before.alive or before.socket is not zmq_socket:
            name, journal = f"{server.name} through {socket}", self.session.workers.journal
            sender = ReplySender(name, server.name, zmq_socket, journal)
            sender.shown_formats = server.formats
            self.session.start(sender)
            server.reply_sender = sender
            if before is not None:
                self.session.workers.stop(before)
        logger.info(f"Replies of {server.title} go out through {zmq_socket.title}.")

    def _start_relay(self, server: MockServer, target: str, lazy: bool | None, timeout: timedelta | None) -> None:
        if "://" in target:
            with self._for_worker(partial(self._target_socket, server, target)) as zmq_socket:
                self._connect(zmq_socket, target, lazy, timeout)
                self._relay_through(zmq_socket, server, target, owns_socket=True)
            return
        zmq_socket = self.session.socket(target)
        if zmq_socket.type not in _TARGETS:
            names = ", ".join(sorted(kind.name for kind in _TARGETS))
            raise WrongUse(f"Socket {zmq_socket.title} cannot forward requests. Types that can are: {names}.")
        self._relay_through(zmq_socket, server, target, owns_socket=False)

    def _relay_through(self, zmq_socket: ZmqSocket, server: MockServer, target: str, owns_socket: bool) -> None:
        from ...mocks.relay import Relay

        relay = Relay(
            f"{server.name} to {target}",
            server.name,
            zmq_socket,
            self.session.workers.journal,
            lambda request, frames: server.post(lambda: server.answer_late(request, frames)),
            owns_socket,
        )
        relay.shown_formats = server.shown_formats
        self.session.start(relay)
        server.relays.append(relay)

    def _target_socket(self, server: MockServer, endpoint: str) -> ZmqSocket:
        from ...mocks.relay import TARGET_TYPES

        if server.type not in TARGET_TYPES:
            raise WrongUse(f"A mock server of type {server.type.name} receives no messages that it could forward.")
        return self.session.private_socket(TARGET_TYPES[server.type], endpoint)


def _function(given: object) -> Callable[..., object]:
    """What can be called, given as it is or by the name of its module and its own."""
    problem, found = "", given
    if isinstance(given, str):
        from pkgutil import resolve_name

        try:
            found = resolve_name(given.strip())
        except Exception as error:  # The module runs when it is imported.
            problem = f" It cannot be imported: {described(error)}."
    if not callable(found):
        raise InvalidValue(
            "Mock Calls takes a function, such as ${{my_module.answer}} in Robot syntax, or its name, such as "
            f"my_module.answer, not {given!r}.{problem}"
        )
    return found
