"""Keywords that start and stop proxies and show what is connected through them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from robot.api.deco import keyword

from ...errors import InvalidValue
from ...log import logger
from ...network.fault_options import LIMIT
from ...sockets.endpoints import parse_endpoint
from .group import ProxyGroup

if TYPE_CHECKING:
    from ...network.reports import ConnectionReport


class ProxyKeywords(ProxyGroup):
    """Starting and stopping proxies."""

    @keyword
    def start_proxy(
        self,
        target: str,
        listen: str = "tcp://127.0.0.1:*",
        alias: str | None = None,
        *,
        limit: int = LIMIT,
    ) -> str:
        """Starts a proxy between clients and a target, and makes it the current proxy. See `Broken networks`.

        Clients connect to the proxy instead of the target. Everything passes as it is, from the greeting to heartbeats,
        until a fault says otherwise. It runs in a process of its own and ends with the test or suite that started it.

        Args:
            target: What clients are connected to: a tcp or ipc endpoint. It need not be there yet: clients are turned
                away until it is, and try again.
            listen: Where the proxy listens, over tcp or ipc; `Get Proxy Endpoint` returns the address.
            alias: The name by which other keywords know it. An older proxy of that name is stopped, with a warning.
            limit: How many bytes faults may hold back in each direction of a connection, for example of delayed
                messages. Messages beyond it pass untouched, and the fault has a ``problem``.

        Returns:
            The name: the alias, or a generated one such as ``PROXY-1``.

        Raises:
            EndpointFailed: It cannot listen there.

        Example:
        | Bind Zmq Socket       tcp://127.0.0.1:*    PULL    service
        | ${target}=            Get Zmq Endpoint
        | Start Proxy           ${target}    alias=link
        | ${address}=           Get Proxy Endpoint
        | Connect Zmq Socket    ${address}    PUSH    client
        | Proxy Drops Messages    job 1
        | Send Message          job 1
        | Send Message          job 2
        | ${job}=               Receive Message    socket=service
        | Should Be Equal       ${job}    job 2

        Tags: Proxy, Opening
        """
        from ...network.fault_proxy import FaultProxy

        where_to, where_at = parse_endpoint(target, "connect"), parse_endpoint(listen, "bind")
        for name, endpoint in (("target", where_to), ("listen", where_at)):
            if endpoint.transport == "inproc":
                raise InvalidValue(f"{name}={endpoint} cannot be used: a proxy speaks tcp and ipc.")
        if str(where_to) == str(where_at):
            raise InvalidValue(f"listen={where_at} cannot be used: it is the target, and the proxy would be its own.")
        if limit < 1:
            raise InvalidValue(f"limit={limit} cannot be used: give a number of bytes.")
        alias = self._proxies.new_name(alias, "PROXY")
        session = self.session
        session.make_room(FaultProxy, alias)
        proxy = FaultProxy(
            alias,
            where_to,
            where_at,
            session.workers.journal,
            limit,
            session.settings.encoding,
            session.tick,
            session.recordings.secrets.hidden,
        )
        session.start(proxy)
        session.recordings.add_proxy(proxy)
        drains = session.lifetimes.at_test_end
        drains.insert(0, proxy.drain)
        session.lifetimes.own(lambda: drains.remove(proxy.drain))
        logger.info(f"{proxy.heading} listens at {proxy.endpoint} and connects to {where_to}.")
        return alias

    @keyword
    def stop_proxy(self, proxy: str | None = None) -> None:
        """Stops a proxy; its connections are closed. Stopping twice does nothing.

        Raises:
            WorkerFailed: It had ended unexpectedly before.

        Example:
        | Start Proxy    tcp://127.0.0.1:5555    alias=link
        | Stop Proxy     link

        Tags: Proxy, Closing
        """
        if self._proxies.had(proxy):
            logger.info(f"Proxy '{proxy}' was stopped before." if proxy else "All proxies were stopped before.")
            return
        item = self._proxies.get(proxy)
        error = item.unreported_error
        self.session.recordings.flush()
        self.session.workers.stop(item)
        logger.info(f"Stopped proxy '{item.name}'.")
        if error:
            raise error

    @keyword
    def switch_proxy(self, proxy: str) -> str | None:
        """Makes a proxy the current one, which keywords without ``proxy`` use.

        Returns:
            The name of the proxy that was current before.

        Example:
        | Start Proxy    tcp://127.0.0.1:5555    alias=orders
        | Start Proxy    tcp://127.0.0.1:5556    alias=prices
        | ${previous}=   Switch Proxy    orders
        | Should Be Equal    ${previous}    prices

        Tags: Proxy
        """
        return self._proxies.switch(proxy)

    @keyword
    def get_proxy_endpoint(self, proxy: str | None = None) -> str:
        """Returns the address at which a proxy listens, ready to connect to.

        Example:
        | Start Proxy        tcp://127.0.0.1:5555    ipc:///tmp/link-to-service
        | ${address}=        Get Proxy Endpoint
        | Should Be Equal    ${address}    ipc:///tmp/link-to-service

        Tags: Proxy, Getter
        """
        return self._proxy(proxy).endpoint

    @keyword
    def get_proxy_connections(self, proxy: str | None = None) -> list[ConnectionReport]:
        """Returns the connections through a proxy in the order in which they were opened, also those that are closed.

        Returns:
            A list of objects with the attributes ``number`` (from 1), ``client`` and ``target`` (addresses),
            ``client_type`` and ``target_type`` (such as ``REQ``; empty before the handshake, and under CURVE, which
            hides them), ``mechanism`` (such as ``NULL``), ``routing_id`` (of the client, text or bytes) and ``open``.

        Example:
        | Bind Zmq Socket       tcp://127.0.0.1:*    ROUTER    service
        | ${target}=            Get Zmq Endpoint
        | Start Proxy           ${target}
        | ${address}=           Get Proxy Endpoint
        | Connect Zmq Socket    ${address}    DEALER    routing_id=worker-1
        | @{connections}=       Get Proxy Connections
        | Should Be Equal       ${connections[0].client_type}    DEALER
        | Should Be Equal       ${connections[0].routing_id}     worker-1
        | Should Be True        ${connections[0].open}

        Tags: Proxy, Getter
        """
        return self._proxy(proxy).connections
