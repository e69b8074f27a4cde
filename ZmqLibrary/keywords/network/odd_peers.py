"""Keywords about peers that speak badly on purpose."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from robot.api.deco import keyword

from ...errors import InvalidValue
from ...log import logger
from ...network.behaviours import Behaviour
from ...sockets.endpoints import parse_endpoint
from ...sockets.socket_types import SocketType
from ..base import KeywordGroup

if TYPE_CHECKING:
    from ...network.odd_peer import OddPeer
    from ...registry import Registry


class OddPeerKeywords(KeywordGroup):
    """Odd peers."""

    @property
    def _odd_peers(self) -> Registry[OddPeer]:
        from ...network.odd_peer import OddPeer

        return self.session.workers.of(OddPeer)

    @keyword
    def start_odd_peer(
        self,
        endpoint: str,
        behaviour: Behaviour,
        type: SocketType | None = None,
        alias: str | None = None,
        *,
        bind: bool = False,
        timeout: timedelta | None = None,
    ) -> str:
        """Starts a peer that speaks badly on purpose, to see what a service or a client makes of it.

        It returns when the behaviour is done; it waits for the other side's handshake where it needs that. The peer
        stays until `Stop Odd Peer` or the end of the test or suite. A peer that binds does the same on each connection,
        of up to 100 clients at a time.

        Args:
            endpoint: The tcp or ipc endpoint of a service that listens; with ``bind`` where the peer waits for clients.
            behaviour: What it does.
            type: What it says it is. Default is ``DEALER``, or ``ROUTER`` if it binds; for ``WRONG_TYPE`` one that the
                other side has to refuse.
            alias: The name by which other keywords know it.
            bind: Whether it waits for clients rather than connects to a service.
            timeout: How long the other side may take for its part of the handshake.

        Returns:
            The name: the alias, or a generated one such as ``PEER-1``.

        Raises:
            ConnectFailed: Nobody listens there.
            WaitTimeout: The other side did not do its part, such as its handshake.

        Example:
        | Bind Zmq Socket    tcp://127.0.0.1:*    ROUTER    service
        | ${address}=        Get Zmq Endpoint
        | Start Odd Peer     ${address}    HALF_MESSAGE
        | Wait Until Disconnected    socket=service
        | No Message Should Be Received    within=0s    socket=service

        Tags: Peer, Opening
        """
        from ...network.odd_peer import OddPeer

        where = parse_endpoint(endpoint, "bind" if bind else "connect")
        if where.transport == "inproc":
            raise InvalidValue(f"endpoint={endpoint} cannot be used: odd peers speak tcp and ipc.")
        name = self._odd_peers.new_name(alias, "PEER")
        seconds = self._deadline(timeout).seconds
        peer = OddPeer(name, str(where), behaviour, type.name if type else "", bind, seconds)
        self.session.start(peer)
        logger.info(
            f"{peer.heading} ({behaviour.name}) {'listens at' if bind else 'has connected to'} {peer.endpoint}."
        )
        return name

    @keyword
    def stop_odd_peer(self, peer: str | None = None) -> None:
        """Stops an odd peer; its connections are closed. Stopping twice does nothing.

        Example:
        | Start Odd Peer    tcp://127.0.0.1:*    SILENT    alias=mute    bind=yes
        | Stop Odd Peer     mute

        Tags: Peer, Closing
        """
        if self._odd_peers.had(peer):
            logger.info(f"Odd peer '{peer}' was stopped before." if peer else "All odd peers were stopped before.")
            return
        item = self._odd_peers.get(peer)
        self.session.workers.stop(item)
        logger.info(f"Stopped odd peer '{item.name}'.")

    @keyword
    def get_odd_peer_endpoint(self, peer: str | None = None) -> str:
        """Returns the address at which an odd peer waits for clients, or the one that it has connected to.

        Example:
        | Start Odd Peer        tcp://127.0.0.1:*    CLOSES_AFTER_READY    type=REP    bind=yes
        | ${address}=           Get Odd Peer Endpoint
        | Connect Zmq Socket    ${address}    REQ    client    lazy=yes
        | Wait Until Disconnected    socket=client

        Tags: Peer, Getter
        """
        from ...network.odd_peer import OddPeer

        return self._worker(OddPeer, peer).endpoint
