"""Keywords that start and stop mock servers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from robot.api.deco import keyword

from ...errors import InvalidValue, WaitTimeout
from ...formats import Hidden
from ...log import logger
from ...plain_text import printable
from ...report.frames import preview
from ...report.words import count_of, seconds
from ...sockets.endpoints import parse_endpoint
from ...sockets.socket_types import SocketType
from ..arguments import named_options, option_values, require_count, require_omitted, topic_of
from ..base import FormatArgument
from ..secured_sockets import check_admission, check_options, security_options
from .condition import mock_name
from .group import MockGroup

if TYPE_CHECKING:
    from ...mocks.mock_server import MockServer
    from ...sockets.zmq_socket import ZmqSocket


class MockKeywords(MockGroup):
    """Starting and stopping mock servers."""

    @keyword
    def start_mock_server(
        self,
        endpoint: str,
        type: SocketType = SocketType.REP,
        alias: str | None = None,
        *,
        format: FormatArgument = None,
        connect: bool = False,
        lazy: bool | None = None,
        timeout: timedelta | None = None,
        routing_id: object = None,
        send_hwm: int | None = None,
        receive_hwm: int | None = None,
        curve_keypair: Hidden | object = None,
        curve_server_key: Hidden | object = None,
        plain_username: Hidden | object = None,
        plain_password: Hidden | object = None,
        plain_server: bool = False,
        zap_domain: Hidden | object = None,
        **options: Hidden | object,
    ) -> str:
        """Starts a server in the background that answers by rules, and makes it the current mock server.

        See `Mock servers`. It is stopped at the end of the test or suite like sockets are closed.

        Args:
            endpoint: Where it listens. ``tcp://127.0.0.1:*`` takes a free port, which `Get Mock Endpoint` returns.
            type: ``REP``, ``ROUTER``, ``DEALER``, ``PAIR``, ``PULL``, ``PUSH``, ``PUB`` or ``XPUB``.
            alias: The name by which other keywords know it. An older mock server of that name is stopped, with a
                warning.
            format: Of requests and replies where nothing else is said.
            connect: Whether it connects to the endpoint rather than listens there, as a worker of a broker does.
            lazy: With ``connect``, whether not to wait for the handshake.
            timeout: With ``connect``, how long to wait for the handshake.
            routing_id: The name by which a ROUTER at the other end knows it; text or bytes.
            send_hwm: High-water mark for sending: how many messages are queued for each peer. Default is 1,000.
            receive_hwm: High-water mark for receiving.
            curve_keypair: Makes it a CURVE server with this identity; with ``connect``, its identity as a client.
            curve_server_key: With ``connect``, the public key of a CURVE server.
            plain_username: With ``connect``, for a PLAIN server.
            plain_password: Likewise; no log shows it.
            plain_server: Whether it is a PLAIN server, which asks its peers for user name and password.
            zap_domain: The name under which the authenticator has rules for this server.
            options: Socket options by name, as with `Set Zmq Socket Option`.

        Returns:
            The name of the mock server: the alias, or a generated one such as ``MOCK-1``.

        Raises:
            EndpointFailed: libzmq refuses, for example because the address is in use.
            ConnectFailed: With ``connect``, the handshake was not done in time.

        Example:
        | Start Mock Server      tcp://127.0.0.1:*    REP    orders
        | When Mock Receives     ping    reply=pong
        | ${address}=            Get Mock Endpoint
        | Connect Zmq Socket     ${address}    REQ
        | ${reply}=              Send Request    ping
        | Should Be Equal        ${reply}[0]    pong

        Tags: Mock, Opening
        """
        from ...mocks.mock_server import MOCK_TYPES, MockServer

        if type not in MOCK_TYPES:
            names = ", ".join(kind.name for kind in MOCK_TYPES)
            raise InvalidValue(f"A mock server cannot be of type {type.name}. Types are: {names}.")
        parse_endpoint(endpoint, "connect" if connect else "bind")
        if not connect:
            require_omitted("is for a mock server with connect=yes, and this one listens", lazy=lazy, timeout=timeout)
        security = security_options(
            self.session, curve_server_key, curve_keypair, plain_username, plain_password, plain_server, zap_domain
        )
        _require_side(connect, security)
        named = named_options(routing_id, send_hwm, receive_hwm)
        given = [*named.items(), *security.items(), *options.items()]
        values = option_values(given, type, self.start_mock_server)
        check_options(self.session, values, endpoint)
        formats = None if format is None else self.session.formats.get(format)
        name = self._mocks.servers.new_name(alias, "MOCK")
        title = f"'{printable(name)}' ({type.name})"
        check_admission(self.session, title, endpoint, {option.name: value for option, value in values})
        self._deadline(timeout)

        def make_socket() -> ZmqSocket:
            socket = self.session.private_socket(MOCK_TYPES[type], name, role=type)
            try:
                for option, value in values:
                    socket.set_option(option, value)
            except BaseException:
                socket.close()
                raise
            return socket

        self.session.make_room(MockServer, name)
        with self._for_worker(make_socket) as socket:
            if connect:
                self._connect(socket, endpoint, lazy, timeout)
            else:
                socket.bind(endpoint)
            server = MockServer(name, type, make_socket, socket, self.session.workers.journal, formats)
            self.session.start(server)
        logger.info(f"Started {server.title} ({type.name}) at {server.address}.")
        return name

    @keyword
    def stop_mock_server(self, mock: str | None = None, *, socket: str | None = None) -> None:
        """Stops a mock server. Its alias and its addresses can be used again at once. Stopping twice does nothing.

        Raises:
            WorkerFailed: It had failed before. It is stopped all the same.

        Example:
        | Start Mock Server    inproc://orders    REP    orders
        | Stop Mock Server     orders
        | Bind Zmq Socket      inproc://orders    REP

        Tags: Closing, Mock
        """
        name, servers = mock_name(mock, socket), self._mocks.servers
        if servers.had(name):
            logger.info(
                f"Mock server '{printable(name)}' was stopped before."
                if name
                else "All mock servers were stopped before."
            )
            return
        server = servers.get(name)
        self._stop_relays(server)
        self.session.workers.stop(server)
        logger.info(f"Stopped {server.title}.")
        server.check()

    @keyword
    def reset_mock_server(self, mock: str | None = None, *, socket: str | None = None) -> None:
        """Makes a mock server forget its rules and requests, and ends what it publishes; it stays where it is.

        For servers of a suite that get other rules in each test.

        Example:
        | Start Mock Server    inproc://orders    REP
        | Mock Keeps Silent
        | Reset Mock Server
        | When Mock Receives   ping    reply=pong

        Tags: Mock
        """
        server = self._mocks.server(mock, socket)
        self._stop_relays(server)
        server.call(server.reset)
        logger.info(f"Reset {server.title}.")

    @keyword
    def switch_mock_server(self, mock: str | None = None, *, socket: str | None = None) -> str | None:
        """Makes a mock server the current one, which keywords without ``mock`` use.

        Returns:
            The name of the mock server that was current before.

        Example:
        | Start Mock Server     inproc://orders     REP    orders
        | Start Mock Server     inproc://prices     PUB    prices
        | ${previous}=          Switch Mock Server    orders
        | Should Be Equal       ${previous}    prices

        Tags: Mock
        """
        name = mock_name(mock, socket)
        if name is None:
            raise InvalidValue("Switch Mock Server takes the name of a mock server, and none was given.")
        return self._mocks.servers.switch(name)

    @keyword
    def get_mock_endpoint(self, mock: str | None = None, *, socket: str | None = None) -> str:
        """Returns the address at which a mock server listens, ready to connect to.

        `Get Zmq Endpoint` with its alias as ``socket`` returns the same.

        Example:
        | Start Mock Server     tcp://127.0.0.1:*    PULL
        | ${address}=           Get Mock Endpoint
        | Connect Zmq Socket    ${address}    PUSH

        Tags: Getter, Mock
        """
        return self._mocks.server(mock, socket).address

    @keyword
    def wait_for_mock_peer(
        self,
        *,
        count: int = 1,
        topic: object = None,
        timeout: timedelta | None = None,
        mock: str | None = None,
        socket: str | None = None,
    ) -> None:
        """Waits until peers are connected to a mock server, or have subscribed to what it publishes.

        Args:
            count: How many peers.
            topic: Of a PUB or XPUB: only peers count that get messages which begin with it; an empty one means any.

        Raises:
            WaitTimeout: They did not come in time.

        Example:
        | Start Mock Server     tcp://127.0.0.1:*    PUB    prices
        | ${address}=           Get Mock Endpoint
        | Connect Zmq Socket    ${address}    SUB    subscribe=EUR
        | Wait For Mock Peer    topic=EUR
        | Mock Sends            EUR    1.07

        Tags: Mock, Waiting
        """
        server = self._mocks.server(mock, socket)
        if topic is not None and not server.type.publishes:
            raise InvalidValue(f"{server.heading} has no topics: only PUB and XPUB have. Omit topic=.")
        wanted = topic_of(topic) if topic is not None else None
        deadline = self._deadline(timeout)
        require_count(count)
        if not server.until(lambda: server.count_peers(wanted) >= count, deadline):
            there = server.call(lambda: server.count_peers(wanted))
            of = f" of topic {preview(wanted, 60)}" if wanted is not None else ""
            raise WaitTimeout(
                f"{server.heading} at {server.address} has not had {count_of(count, 'peer')}{of} in "
                f"{seconds(deadline.seconds)}; it has {there}."
            )

    def _stop_relays(self, server: MockServer) -> None:
        while server.relays:
            self.session.workers.stop(server.relays.pop())
        if server.reply_sender is not None:
            sender, server.reply_sender = server.reply_sender, None
            self.session.workers.stop(sender)


def _require_side(connect: bool, security: Mapping[str, object]) -> None:
    """Raises InvalidValue for the security of a client where the mock server listens, or the other way round."""
    client = "CURVE_SERVERKEY" in security or "PLAIN_USERNAME" in security
    if security and client != connect:
        if connect:
            raise InvalidValue(
                "A mock server that connects is a client: give it curve_server_key, or plain_username and "
                "plain_password."
            )
        raise InvalidValue(
            "A mock server that listens takes curve_keypair, plain_server and zap_domain; curve_server_key, "
            "plain_username and plain_password go with connect=yes."
        )
