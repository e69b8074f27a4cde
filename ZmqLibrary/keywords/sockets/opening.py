"""Keywords that open, switch and close sockets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from robot.api.deco import keyword
from robot.api.types import Secret

from ...errors import WrongUse
from ...formats import Hidden
from ...log import logger
from ...plain_text import printable
from ...sockets import diagnosis
from ...sockets.endpoints import parse_endpoint
from ...sockets.socket_types import SocketType
from ..arguments import named_options, option_values, topics_of
from ..base import KeywordGroup
from ..secured_sockets import (
    check_admission,
    check_options,
    client_options,
    security_options,
    server_options,
    shown_value,
)

if TYPE_CHECKING:
    from ...sockets.zmq_socket import ZmqSocket


class SocketKeywords(KeywordGroup):
    """Opening and closing."""

    @keyword
    def open_zmq_socket(
        self,
        type: SocketType,
        alias: str | None = None,
        *,
        subscribe: object = None,
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
        """Opens a socket that has no endpoint yet.

        `Connect Zmq Socket` and `Bind Zmq Socket` open a socket and give it its first endpoint in one go.

        Args:
            type: What kind of socket.
            alias: The name by which other keywords know it. An older socket of that name is closed, with a warning.
            subscribe: Topic or list of topics of a SUB socket; an empty one means all messages.
            routing_id: The name by which a ROUTER at the other end knows this socket; text or bytes.
            send_hwm: High-water mark for sending: how many messages are queued for each peer. Default is 1,000.
            receive_hwm: High-water mark for receiving.
            curve_keypair: The CURVE identity of this socket: of a client if there is a ``curve_server_key``, else of a
                server. See `Security`.
            curve_server_key: The public key of the CURVE server that it will connect to.
            plain_username: For a PLAIN server that it will connect to.
            plain_password: Likewise; no log shows it.
            plain_server: Whether it will be a PLAIN server.
            zap_domain: The name under which the authenticator has rules for this server.
            options: Socket options by name, as with `Set Zmq Socket Option`.

        Returns:
            The name: the alias, or a generated one such as ``PUSH-1``.

        Example:
        | ${name}=            Open Zmq Socket    PUSH    linger=200ms
        | Bind To Endpoint    tcp://127.0.0.1:*    socket=${name}
        | Bind To Endpoint    inproc://second      socket=${name}

        Tags: Opening
        """
        named = named_options(routing_id, send_hwm, receive_hwm)
        security = security_options(
            self.session, curve_server_key, curve_keypair, plain_username, plain_password, plain_server, zap_domain
        )
        given = [*named.items(), *security.items(), *options.items()]
        return self._open(self.open_zmq_socket, type, alias, given, subscribe).name

    @keyword
    def connect_zmq_socket(
        self,
        endpoint: str,
        type: SocketType,
        alias: str | None = None,
        *,
        lazy: bool | None = None,
        timeout: timedelta | None = None,
        subscribe: object = None,
        routing_id: object = None,
        send_hwm: int | None = None,
        receive_hwm: int | None = None,
        curve_server_key: Hidden | object = None,
        curve_keypair: Hidden | object = None,
        plain_username: str | Secret | None = None,
        plain_password: Hidden | object = None,
        **options: Hidden | object,
    ) -> str:
        """Opens a socket and connects it to an endpoint.

        Waits until the ZeroMQ handshake with the peer is done and fails if it is not, so that a test that talks to
        nobody fails at once, with the reason. After a failure no socket is left open.

        Args:
            endpoint: Where the peer listens, such as ``tcp://127.0.0.1:5555``. See `Endpoints`.
            type: What kind of socket.
            alias: The name by which other keywords know it. An older socket of that name is closed, with a warning.
            lazy: Whether not to wait for the handshake; default is the library's ``lazy_connect``.
            timeout: How long to wait for the handshake.
            subscribe: Topic or list of topics of a SUB socket; an empty one means all messages.
            routing_id: The name by which a ROUTER at the other end knows this socket; text or bytes.
            send_hwm: High-water mark for sending: how many messages are queued for each peer. Default is 1,000.
            receive_hwm: High-water mark for receiving.
            curve_server_key: The public key of a CURVE server. See `Security`.
            curve_keypair: The CURVE identity of this socket; a new one if there is none.
            plain_username: For a PLAIN server: text or a Robot ``Secret``.
            plain_password: For a PLAIN server: text or a Robot ``Secret``; no log shows it.
            options: Socket options by name, as with `Set Zmq Socket Option`: ``reconnect_ivl=50ms``.

        Returns:
            The name of the socket: the alias, or a generated one such as ``REQ-1``.

        Raises:
            ConnectFailed: The handshake was not done in time; the message says what is known of the cause.

        Example:
        | Bind Zmq Socket       tcp://127.0.0.1:*    REP    server
        | ${address}=           Get Zmq Endpoint
        | Connect Zmq Socket    ${address}    REQ    client    timeout=2s    linger=100ms

        Tags: Opening
        """
        parse_endpoint(endpoint, "connect")
        named = named_options(routing_id, send_hwm, receive_hwm)
        security = client_options(self.session, curve_server_key, curve_keypair, plain_username, plain_password)
        self._deadline(timeout)  # refuses what is no time to wait; the time itself begins once the socket is open
        given = [*named.items(), *security.items(), *options.items()]
        zmq_socket = self._open(self.connect_zmq_socket, type, alias, given, subscribe, endpoint)
        with self._closing_on_failure(zmq_socket):
            self._connect(zmq_socket, endpoint, lazy, timeout)
        return zmq_socket.name

    @keyword
    def bind_zmq_socket(
        self,
        endpoint: str,
        type: SocketType,
        alias: str | None = None,
        *,
        subscribe: object = None,
        routing_id: object = None,
        send_hwm: int | None = None,
        receive_hwm: int | None = None,
        curve_keypair: Hidden | object = None,
        plain_server: bool = False,
        zap_domain: str | None = None,
        **options: Hidden | object,
    ) -> str:
        """Opens a socket and listens at an endpoint.

        Args:
            endpoint: Where to listen. ``tcp://127.0.0.1:*`` and port 0 take a free port, which `Get Zmq Endpoint`
                returns. See `Endpoints`.
            type: What kind of socket.
            alias: The name by which other keywords know it. An older socket of that name is closed, with a warning.
            subscribe: Topic or list of topics of a SUB socket; an empty one means all messages.
            routing_id: The name by which a ROUTER at the other end knows this socket; text or bytes.
            send_hwm: High-water mark for sending: how many messages are queued for each peer. Default is 1,000.
            receive_hwm: High-water mark for receiving.
            curve_keypair: Makes it a CURVE server with this identity. See `Security`.
            plain_server: Whether it is a PLAIN server, which asks its peers for user name and password.
            zap_domain: The name under which the authenticator has rules for this server.
            options: Socket options by name, as with `Set Zmq Socket Option`.

        Returns:
            The name of the socket: the alias, or a generated one such as ``REP-1``.

        Raises:
            EndpointFailed: libzmq refuses, for example because the address is in use.

        Example:
        | Bind Zmq Socket    tcp://127.0.0.1:*    PULL    sink    receive_hwm=10
        | ${address}=        Get Zmq Endpoint     socket=sink

        Tags: Opening
        """
        parse_endpoint(endpoint, "bind")
        named = named_options(routing_id, send_hwm, receive_hwm)
        security = server_options(self.session, curve_keypair, zap_domain, plain_server)
        given = [*named.items(), *security.items(), *options.items()]
        zmq_socket = self._open(self.bind_zmq_socket, type, alias, given, subscribe, endpoint)
        with self._closing_on_failure(zmq_socket):
            self._bind(zmq_socket, endpoint)
        return zmq_socket.name

    @keyword
    def switch_zmq_socket(self, socket: str) -> str | None:
        """Makes a socket the current one, which keywords without ``socket=`` use.

        Args:
            socket: Alias, or what an opening keyword returned.

        Returns:
            The name of the socket that was current before.

        Example:
        | Bind Zmq Socket       inproc://jobs    PULL    jobs
        | Connect Zmq Socket    inproc://jobs    PUSH    work
        | ${previous}=          Switch Zmq Socket    jobs
        | Should Be Equal       ${previous}    work

        Tags: Opening
        """
        return self.session.sockets.switch(socket)

    @keyword
    def close_zmq_socket(self, socket: str | None = None) -> None:
        """Closes a socket. Its alias and its addresses can be used again at once.

        Messages that are not sent yet are kept for the linger time of the library (default 1 second). The socket that
        was current before is current again.

        Raises:
            WrongUse: A collector or mock server holds it.

        Example:
        | Bind Zmq Socket     inproc://jobs    PULL    jobs
        | Close Zmq Socket    jobs
        | Bind Zmq Socket     inproc://jobs    PULL    jobs

        Tags: Closing
        """
        name = self.session.socket(socket).name
        self.session.close(name)
        logger.info(f"Closed socket '{printable(name)}'.")

    @keyword
    def get_zmq_sockets(self) -> list[str]:
        """Returns the names of all open sockets in the order opened.

        Example:
        | Open Zmq Socket       PUSH    first
        | Open Zmq Socket       PULL    second
        | @{names}=             Get Zmq Sockets
        | Should Be Equal       ${names}[1]    second

        Tags: Getter
        """
        return self.session.sockets.names

    @keyword
    def close_all_zmq_sockets(self) -> None:
        """Closes all sockets, the last opened first; does nothing if none is open.

        A collector of a socket is stopped before; what it has collected can still be read, as after `Stop Collecting
        Messages`. Mock servers stay.

        Raises:
            WorkerFailed: A collector did not stop within a second. All other sockets are closed all the same.

        Example:
        | Bind Zmq Socket    inproc://jobs    PULL
        | Close All Zmq Sockets

        Tags: Closing
        """
        self.session.close_all()

    def _open(
        self,
        keyword: Callable[..., object],
        type: SocketType,
        alias: str | None,
        options: Iterable[tuple[str, object]],
        subscribe: object = None,
        endpoint: str | None = None,
    ) -> ZmqSocket:
        values = option_values(options, type, keyword)
        check_options(self.session, values, endpoint)
        topics = topics_of(subscribe)
        title = f"'{printable(self.session.sockets.new_name(alias, type.name))}' ({type.name})"
        if topics and not type.subscribes:
            raise WrongUse(diagnosis.never_subscribes(title))
        if endpoint is not None:
            check_admission(self.session, title, endpoint, {option.name: value for option, value in values})
        socket = self.session.open(type, alias)
        with self._closing_on_failure(socket):
            for option, value in values:
                socket.set_option(option, value)
            for topic in topics:
                socket.subscribe(topic)
        if socket.options.conflates and type.receives:
            logger.warn(f"Socket {socket.title} has CONFLATE: it gets only the last frame of a message.")
        settings = ", ".join(f"{option.name}={shown_value(option, value)}" for option, value in values)
        logger.debug(f"Opened socket {socket.title}" + (f" with {settings}." if settings else "."))
        return socket
