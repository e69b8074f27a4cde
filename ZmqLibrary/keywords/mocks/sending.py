"""Keywords that make mock servers send without having been asked."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from robot.api.deco import keyword

from ...errors import InvalidValue, WrongUse
from ...log import logger
from ...report.words import count_of
from ...sockets.socket_types import SocketType
from ..arguments import concealed, frames_of, require_count
from ..base import FormatArgument
from .group import MockGroup

if TYPE_CHECKING:
    from ...mocks.mock_server import MockServer

_LEAST_INTERVAL = timedelta(milliseconds=1)


class MockSendingKeywords(MockGroup):
    """Publications and heartbeats of mock servers."""

    @keyword
    def mock_publishes(
        self,
        *frames: object,
        every: timedelta = timedelta(milliseconds=100),
        count: int | None = None,
        format: FormatArgument = None,
        to: object = None,
        mock: str | None = None,
        socket: str | None = None,
    ) -> None:
        """Makes a mock server send a message again and again, the first one at once.

        It can send several at a time. `Mock Stops Sending` ends them all.

        Args:
            frames: One argument for each frame, or a single list of frames. In texts ``$n`` is the number of the
                message, from 1, and ``$time`` the local time in ISO 8601. See `Templates`.
            every: The time between two messages, 1 millisecond or more.
            count: How many messages. Default is no end.
            to: On a ROUTER, the routing id of the client. Default is all clients, as with `Mock Sends`.

        Raises:
            WrongUse: A server of this type only replies, or only receives.

        Example:
        | Start Mock Server     inproc://prices    PUB    prices
        | Connect Zmq Socket    inproc://prices    SUB    subscribe=EUR
        | Wait For Mock Peer    topic=EUR
        | Mock Publishes        EUR    {"price": "$n", "at": "$time"}    every=10ms    count=3    format=TEXT,JSON
        | @{ticks}=             Receive Messages    3    format=TEXT,JSON
        | Should Be Equal       ${ticks}[2][1][price]    ${3}

        Tags: Mock, Sending
        """
        self._repeat(self._sender(mock, socket), frames, every, count, format, to)

    @keyword
    def mock_sends_heartbeat(
        self,
        *frames: object,
        every: timedelta = timedelta(seconds=1),
        to: object = None,
        format: FormatArgument = None,
        mock: str | None = None,
        socket: str | None = None,
    ) -> None:
        """Makes a mock server send the heartbeat of its protocol, the first one at once.

        For protocols with heartbeats of their own, such as Majordomo, Paranoid Pirate and zerorpc.

        Args:
            frames: As with `Mock Publishes`.
            every: The time between two heartbeats.
            to: On a ROUTER, the routing id of the client. Default is all clients, as with `Mock Sends`.

        Raises:
            WrongUse: A server of this type only replies, or only receives.

        Example:
        | Start Mock Server       inproc://broker    ROUTER
        | When Mock Receives      READY
        | Mock Sends Heartbeat    HEARTBEAT    every=20ms
        | Connect Zmq Socket      inproc://broker    DEALER
        | Send Message            READY
        | @{beats}=               Receive Messages    3
        | Should Be Equal         ${beats}[0][0]    HEARTBEAT

        Tags: Mock, Sending
        """
        self._repeat(self._sender(mock, socket), frames, every, None, format, to)

    @keyword
    def mock_stops_sending(self, *, mock: str | None = None, socket: str | None = None) -> None:
        """Ends all that `Mock Publishes` and `Mock Sends Heartbeat` have begun; the server answers as before.

        Example:
        | Start Mock Server       inproc://feed    PUB
        | Mock Publishes          tick    every=10ms
        | Mock Stops Sending

        Tags: Mock, Sending
        """
        server = self._mocks.server(mock, socket)
        ended = server.call(server.stop_sending)
        logger.info(f"{server.heading} stopped sending {count_of(ended, 'message')} again and again.")

    @keyword
    def mock_sends(
        self,
        *frames: object,
        to: object = None,
        format: FormatArgument = None,
        mock: str | None = None,
        socket: str | None = None,
    ) -> None:
        """Makes a mock server send one message now, as it is given: a ``$`` in it is just that.

        Without a peer a DEALER, PAIR or PUSH keeps it until one comes; a PUB or XPUB without subscribers drops it, see
        `Wait For Mock Peer`.

        Args:
            frames: One argument for each frame, or a single list of frames. On a ROUTER they come after the routing id
                of the client, and an empty frame if its last message had one there.
            to: On a ROUTER, the routing id of the client: text, bytes, or ``routing_id`` of a request. Default is all
                clients that have sent something; the last 10,000, with a warning in the log if there were more.

        Raises:
            WrongUse: A server of this type only replies, or only receives; or there is no such client.

        Example:
        | Start Mock Server       inproc://broker    ROUTER
        | When Mock Receives      READY
        | Connect Zmq Socket      inproc://broker    DEALER    routing_id=worker-1
        | Send Message            READY
        | Wait For Mock Request   READY
        | Mock Sends              job 1    to=worker-1
        | ${job}=                 Receive Message
        | Should Be Equal         ${job}    job 1

        Tags: Mock, Sending
        """
        server = self._sender(mock, socket)
        encoded = self._mocks.encoded(frames_of(frames), self._mocks.formats(server, format))
        client = self._client(server, to)
        if not server.call(lambda: server.send_to(encoded, client)):
            raise WrongUse(
                f"{server.heading} has no client to send to: a ROUTER knows those that have sent something. Wait for "
                "it with `Wait For Mock Request`, or name it with to=."
            )

    def _repeat(
        self,
        server: MockServer,
        frames: tuple[object, ...],
        every: timedelta,
        count: int | None,
        format: FormatArgument,
        to: object,
    ) -> None:
        if every < _LEAST_INTERVAL:
            raise InvalidValue(
                f"every={every.total_seconds():g} seconds cannot be used: it is less than 1 millisecond."
            )
        require_count(count)
        template = self._mocks.published(server, frames, format)
        from ...workers.sending_worker import RepeatedMessage

        repeated = RepeatedMessage(template, every.total_seconds(), count, self._client(server, to))
        server.call(lambda: server.repeat(repeated))

    def _sender(self, mock: str | None, socket: str | None) -> MockServer:
        server = self._mocks.server(mock, socket)
        if not server.sends:
            reason = "only replies" if server.type is SocketType.REP else "only receives"
            raise WrongUse(
                f"{server.heading} is a {server.type.name}, which {reason}. Use ROUTER, PUB or another type."
            )
        return server

    def _client(self, server: MockServer, to: object) -> bytes | None:
        if to is None:
            return None
        if server.type is not SocketType.ROUTER:
            raise WrongUse(f"to= is for a ROUTER; {server.title} is a {server.type.name}. Omit it.")
        return self.session.formats.get("TEXT").encode([concealed(to)])[0]
