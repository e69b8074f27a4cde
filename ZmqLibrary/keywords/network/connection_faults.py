"""Keywords that break connections."""

from __future__ import annotations

from datetime import timedelta

from robot.api.deco import keyword

from ...log import logger
from ...network.fault_options import FaultDirection
from ...report.words import count_of
from ..arguments import require_yes_or_no
from .group import ProxyGroup, Where, seed_of

_BOTH = FaultDirection.BOTH


class ConnectionFaultKeywords(ProxyGroup):
    """Faults of connections."""

    @keyword
    def proxy_adds_latency(
        self,
        latency: timedelta,
        jitter: timedelta = timedelta(0),
        *,
        direction: FaultDirection = _BOTH,
        times: int | None = None,
        skip: int = 0,
        probability: float = 1.0,
        seed: int | None = None,
        lasting: timedelta | None = None,
        name: str | None = None,
        client: str | None = None,
        proxy: str | None = None,
    ) -> str:
        """Everything arrives later, in the order in which it was sent; bandwidth is as it was. Latencies add up.

        See `Broken networks` for the arguments that all faults have.

        Args:
            latency: How much later.
            jitter: How far the latency varies, up and down, evenly.
            times: How many messages are late at most; those behind them wait, so that the order is kept.
            skip: How many messages pass before that.
            probability: Of each message to be late, from 0 to 1.

        Returns:
            The name of the fault.

        Example:
        | Bind Zmq Socket       tcp://127.0.0.1:*    PULL    service
        | ${target}=            Get Zmq Endpoint
        | Start Proxy           ${target}
        | ${address}=           Get Proxy Endpoint
        | Connect Zmq Socket    ${address}    PUSH    client
        | Proxy Adds Latency    50ms    jitter=5ms    direction=TO_TARGET
        | Send Message          hello
        | ${text}=              Receive Message    socket=service
        | Should Be Equal       ${text}    hello

        Tags: Proxy, Fault
        """
        from ...network.faults import Latency, Selection

        effect = Latency(latency.total_seconds(), jitter.total_seconds())
        selection = Selection(times=times, skip=skip, probability=probability, seed=seed_of(seed))
        return self._break(effect, Where(direction, lasting, name, client, proxy), selection)

    @keyword
    def proxy_limits_bandwidth(
        self,
        bytes_per_second: int,
        *,
        direction: FaultDirection = _BOTH,
        lasting: timedelta | None = None,
        name: str | None = None,
        client: str | None = None,
        proxy: str | None = None,
    ) -> str:
        """Each connection and direction passes at most so many bytes in a second.

        Args:
            bytes_per_second: Bytes on the wire.

        Returns:
            The name of the fault.

        Example:
        | Bind Zmq Socket       tcp://127.0.0.1:*    PULL    service
        | ${target}=            Get Zmq Endpoint
        | Start Proxy           ${target}
        | ${address}=           Get Proxy Endpoint
        | Proxy Limits Bandwidth    100_000
        | Connect Zmq Socket    ${address}    PUSH    client
        | Send Message          hello
        | Receive Message       socket=service

        Tags: Proxy, Fault
        """
        from ...network.faults import Bandwidth

        return self._break(Bandwidth(bytes_per_second), Where(direction, lasting, name, client, proxy))

    @keyword
    def proxy_slices_data(
        self,
        size: int,
        pause: timedelta = timedelta(0),
        *,
        direction: FaultDirection = _BOTH,
        lasting: timedelta | None = None,
        name: str | None = None,
        client: str | None = None,
        proxy: str | None = None,
    ) -> str:
        """Data arrives a few bytes at a time, for peers that take one read for one message.

        Args:
            size: Most bytes that go on together.
            pause: Time between two slices.

        Returns:
            The name of the fault.

        Example:
        | Bind Zmq Socket       tcp://127.0.0.1:*    PULL    service
        | ${target}=            Get Zmq Endpoint
        | Start Proxy           ${target}
        | ${address}=           Get Proxy Endpoint
        | Proxy Slices Data     size=5    pause=2ms
        | Connect Zmq Socket    ${address}    PUSH    client
        | Send Message          hello
        | Receive Message       socket=service

        Tags: Proxy, Fault
        """
        from ...network.faults import Slices

        return self._break(Slices(size, pause.total_seconds()), Where(direction, lasting, name, client, proxy))

    @keyword
    def proxy_closes_after(
        self,
        bytes: int,
        *,
        direction: FaultDirection = _BOTH,
        reset: bool = False,
        lasting: timedelta | None = None,
        name: str | None = None,
        client: str | None = None,
        proxy: str | None = None,
    ) -> str:
        """Each connection is closed when so many bytes went through it; the message in which that happens is lost.

        Bytes of ZMTP count, from now on, and of new connections from their beginning.

        Args:
            bytes: How many, in each direction by itself.
            reset: Whether the connection ends with RST rather than in order.

        Returns:
            The name of the fault.

        Example:
        | Bind Zmq Socket       tcp://127.0.0.1:*    PULL    service
        | ${target}=            Get Zmq Endpoint
        | Start Proxy           ${target}
        | ${address}=           Get Proxy Endpoint
        | Connect Zmq Socket    ${address}    PUSH    client
        | Proxy Closes After    1_000    direction=TO_TARGET
        | Send Message          ${{'x' * 2000}}
        | Wait Until Disconnected    socket=client
        | No Message Should Be Received    within=0s    socket=service

        Tags: Proxy, Fault
        """
        from ...network.faults import CloseAfter

        return self._break(CloseAfter(bytes, reset), Where(direction, lasting, name, client, proxy))

    @keyword
    def proxy_cuts_connections(
        self, reset: bool = False, *, client: str | None = None, proxy: str | None = None
    ) -> int:
        """Closes the connections that are there, at once. New ones are let in.

        Args:
            reset: Whether they end with RST, as when a machine crashes, rather than in order.
            client: Only those of clients whose address or routing id matches this glob.

        Returns:
            How many connections were closed.

        Example:
        | Bind Zmq Socket       tcp://127.0.0.1:*    PULL    service
        | ${target}=            Get Zmq Endpoint
        | Start Proxy           ${target}
        | ${address}=           Get Proxy Endpoint
        | Connect Zmq Socket    ${address}    PUSH    client
        | ${count}=             Proxy Cuts Connections    reset=yes
        | Should Be Equal       ${count}    ${1}
        | Wait Until Disconnected    socket=client

        Tags: Proxy, Fault
        """
        require_yes_or_no("reset", reset)
        item = self._proxy(proxy)
        count = item.cut(reset, client)
        item.drain()
        logger.info(f"{item.heading} has cut {count_of(count, 'connection')}.")
        return count

    @keyword
    def proxy_goes_silent(
        self,
        *,
        direction: FaultDirection = _BOTH,
        lasting: timedelta | None = None,
        name: str | None = None,
        client: str | None = None,
        proxy: str | None = None,
    ) -> str:
        """Nothing goes on any more, and connections stay: what a cut cable looks like.

        When it is over, what was sent meanwhile goes on, as TCP would send it again.

        Returns:
            The name of the fault.

        Example:
        | Bind Zmq Socket       tcp://127.0.0.1:*    PULL    service
        | ${target}=            Get Zmq Endpoint
        | Start Proxy           ${target}
        | ${address}=           Get Proxy Endpoint
        | Connect Zmq Socket    ${address}    PUSH    client
        | ${silence}=           Proxy Goes Silent
        | Send Message          hello
        | No Message Should Be Received    within=100ms    socket=service
        | Remove Proxy Fault    ${silence}
        | Receive Message       socket=service

        Tags: Proxy, Fault
        """
        from ...network.faults import Silence

        return self._break(Silence(), Where(direction, lasting, name, client, proxy))

    @keyword
    def proxy_delays_close(
        self,
        delay: timedelta,
        *,
        lasting: timedelta | None = None,
        name: str | None = None,
        client: str | None = None,
        proxy: str | None = None,
    ) -> str:
        """The end of one side reaches the other one later.

        Args:
            delay: How much later.

        Returns:
            The name of the fault.

        Example:
        | Bind Zmq Socket       tcp://127.0.0.1:*    PULL    service
        | ${target}=            Get Zmq Endpoint
        | Start Proxy           ${target}
        | ${address}=           Get Proxy Endpoint
        | Connect Zmq Socket    ${address}    PUSH    client
        | Proxy Delays Close    100ms
        | Close Zmq Socket      client
        | Wait Until Disconnected    socket=service

        Tags: Proxy, Fault
        """
        from ...network.faults import LateClose

        return self._break(LateClose(delay.total_seconds()), Where(_BOTH, lasting, name, client, proxy))

    @keyword
    def proxy_refuses_connections(
        self,
        *,
        lasting: timedelta | None = None,
        times: int | None = None,
        name: str | None = None,
        client: str | None = None,
        proxy: str | None = None,
    ) -> str:
        """New connections are reset as soon as they are made; those that are there stay.

        Args:
            times: How many are refused at most; libzmq tries again every 100 ms.

        Returns:
            The name of the fault.

        Example:
        | Bind Zmq Socket       tcp://127.0.0.1:*    PULL    service
        | ${target}=            Get Zmq Endpoint
        | Start Proxy           ${target}
        | ${address}=           Get Proxy Endpoint
        | Proxy Refuses Connections    times=2    name=down
        | Connect Zmq Socket    ${address}    PUSH
        | Proxy Fault Should Have Acted    down    times=2

        Tags: Proxy, Fault
        """
        from ...network.faults import Refusal, Selection

        return self._break(Refusal(), Where(_BOTH, lasting, name, client, proxy), Selection(times=times))
