"""Keywords about the endpoints of open sockets."""

from __future__ import annotations

from datetime import timedelta

from robot.api.deco import keyword

from ...errors import CheckFailed
from ...log import logger
from ...sockets import diagnosis
from ...sockets.endpoints import ReservableTransport, same_endpoint
from ..base import KeywordGroup
from ..secured_sockets import check_endpoint


class EndpointKeywords(KeywordGroup):
    """Joining and leaving endpoints."""

    @keyword
    def connect_to_endpoint(
        self, endpoint: str, *, lazy: bool | None = None, timeout: timedelta | None = None, socket: str | None = None
    ) -> None:
        """Connects an open socket to a further endpoint.

        Args:
            endpoint: Where the peer listens. See `Endpoints`.
            lazy: Whether not to wait for the handshake; default is the library's ``lazy_connect``.

        Raises:
            ConnectFailed: The handshake was not done in time. The socket is as it was before.

        Example:
        | Bind Zmq Socket        inproc://first     PULL    a
        | Bind Zmq Socket        inproc://second    PULL    b
        | Connect Zmq Socket     inproc://first     PUSH    source
        | Connect To Endpoint    inproc://second

        Tags: Opening
        """
        zmq_socket = self.session.socket(socket)
        check_endpoint(self.session, zmq_socket, endpoint)
        self._connect(zmq_socket, endpoint, lazy, timeout)

    @keyword
    def bind_to_endpoint(self, endpoint: str, *, socket: str | None = None) -> str:
        """Lets an open socket listen at a further endpoint.

        Args:
            endpoint: Where to listen. See `Endpoints`.

        Returns:
            The address that peers connect to.

        Example:
        | Bind Zmq Socket     inproc://local    REP    server
        | ${address}=         Bind To Endpoint    tcp://127.0.0.1:*

        Tags: Opening
        """
        zmq_socket = self.session.socket(socket)
        check_endpoint(self.session, zmq_socket, endpoint)
        return self._bind(zmq_socket, endpoint)

    @keyword
    def disconnect_from_endpoint(self, endpoint: str, *, socket: str | None = None) -> None:
        """Leaves an endpoint that the socket is connected to.

        Args:
            endpoint: As it was given when connecting.

        Raises:
            EndpointFailed: The socket is not connected to it; the message lists its endpoints.

        Example:
        | Bind Zmq Socket             inproc://first    PULL
        | Connect Zmq Socket          inproc://first    PUSH
        | Disconnect From Endpoint    inproc://first

        Tags: Opening
        """
        zmq_socket = self.session.socket(socket)
        zmq_socket.disconnect(endpoint)
        logger.info(f"Disconnected {zmq_socket.title} from {endpoint}.")

    @keyword
    def disconnect_from_all_endpoints(self, *, socket: str | None = None) -> None:
        """Leaves all endpoints that the socket is connected to; does nothing if there are none.

        Example:
        | Connect Zmq Socket    inproc://anywhere    PUSH    lazy=yes
        | Disconnect From All Endpoints

        Tags: Opening
        """
        zmq_socket = self.session.socket(socket)
        for endpoint in list(zmq_socket.places.connected):
            zmq_socket.disconnect(endpoint)

    @keyword
    def unbind_from_endpoint(self, endpoint: str, *, socket: str | None = None) -> None:
        """Stops listening at an endpoint; its address is free when the keyword returns.

        Peers at this endpoint are left, and libzmq drops messages to them that are not sent yet.

        Args:
            endpoint: As it was given when binding, or as `Get Zmq Endpoint` returns it.

        Raises:
            EndpointFailed: The socket is not bound to it; the message lists its endpoints.

        Example:
        | Bind Zmq Socket         tcp://127.0.0.1:*    PULL
        | ${address}=             Get Zmq Endpoint
        | Unbind From Endpoint    ${address}
        | Bind Zmq Socket         ${address}    PULL

        Tags: Opening
        """
        zmq_socket = self.session.socket(socket)
        zmq_socket.unbind(endpoint)
        logger.info(f"Unbound {zmq_socket.title} from {endpoint}.")

    @keyword
    def unbind_from_all_endpoints(self, *, socket: str | None = None) -> None:
        """Stops listening at all endpoints; does nothing if there are none.

        Example:
        | Bind Zmq Socket    inproc://anywhere    PULL
        | Unbind From All Endpoints

        Tags: Opening
        """
        zmq_socket = self.session.socket(socket)
        for endpoint in list(zmq_socket.places.bound):
            zmq_socket.unbind(endpoint)

    @keyword
    def get_zmq_endpoint(self, *, socket: str | None = None) -> str:
        """Returns the address of the last bind, or else the endpoint that was connected last.

        The address can be connected to: ``tcp://*:*`` comes back as ``tcp://127.0.0.1:PORT``. After `Start Mock
        Server` it is that of the mock server, until another socket is opened or switched to.

        Raises:
            EndpointFailed: The socket has no endpoint.

        Example:
        | Bind Zmq Socket       tcp://127.0.0.1:*    PULL
        | ${address}=           Get Zmq Endpoint
        | Connect Zmq Socket    ${address}    PUSH

        Tags: Getter
        """
        return self.session.addressed_socket(socket).address

    @keyword
    def get_zmq_endpoints(self, *, socket: str | None = None) -> dict[str, list[str]]:
        """Returns a dictionary with the lists ``bound`` and ``connected`` of the socket's endpoints.

        Example:
        | Bind Zmq Socket    inproc://jobs    PULL
        | &{endpoints}=      Get Zmq Endpoints
        | Should Be Equal    ${endpoints.bound}[0]    inproc://jobs
        | Should Be Empty    ${endpoints.connected}

        Tags: Getter
        """
        zmq_socket = self.session.socket(socket)
        return {"bound": list(zmq_socket.places.bound.values()), "connected": list(zmq_socket.places.connected)}

    @keyword
    def zmq_socket_should_be_connected_to(self, endpoint: str, *, socket: str | None = None) -> None:
        """Fails unless the socket was connected to the endpoint; lists its endpoints.

        Whether a peer is there is what `Wait Until Connected` and `Get Connection State` check.

        Args:
            endpoint: As it was given when connecting.

        Example:
        | Bind Zmq Socket       inproc://jobs    PULL
        | Connect Zmq Socket    inproc://jobs    PUSH
        | Zmq Socket Should Be Connected To    inproc://jobs

        Tags: Assertion, Connection
        """
        zmq_socket = self.session.socket(socket)
        if not any(same_endpoint(endpoint, connected) for connected in zmq_socket.places.connected):
            places = diagnosis.places(zmq_socket.places.bound.values(), zmq_socket.places.connected)
            raise CheckFailed(f"Socket {zmq_socket.title} is not connected to {endpoint}. {places}")

    @keyword
    def reserve_zmq_endpoint(
        self, transport: ReservableTransport = ReservableTransport.TCP, host: str = "127.0.0.1"
    ) -> str:
        """Returns an endpoint that no other process of this machine gets, for a service that is given its address.

        It is reserved until the end of the test, or of the suite if a suite setup reserves it; by a lock in the
        temporary folder and not by a socket, so that the service can bind it. When the process of the test is killed,
        the lock is gone, too. Two processes that both use this keyword never get the same endpoint, also not under
        pabot; nor does the system give the port to programs that ask for any free one. A service that picks a free
        port itself and reports it is better still.

        Args:
            transport: TCP for a port, IPC for a path in the temporary folder.
            host: Of a tcp endpoint: where the service listens; ``*`` for all interfaces.

        Returns:
            An endpoint to bind, such as ``tcp://127.0.0.1:20345``.

        Raises:
            EndpointFailed: This machine does not have the host, or no port could be had.

        Example:
        | ${endpoint}=          Reserve Zmq Endpoint
        | Bind Zmq Socket       ${endpoint}    REP     service
        | Connect Zmq Socket    ${endpoint}    REQ     client

        Example:
        | ${endpoint}=          Reserve Zmq Endpoint    transport=ipc
        | Bind Zmq Socket       ${endpoint}    PULL

        Tags: Opening
        """
        from ...sockets.reservations import reserve

        reservation = reserve(transport, host, self.session.hand.hold)
        self.session.lifetimes.own(reservation.release)
        self.session.lifetimes.at_end.append(reservation.release)
        logger.info(f"Reserved {reservation.endpoint}.")
        return reservation.endpoint
