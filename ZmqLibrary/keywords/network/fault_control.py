"""Keywords that release and inject messages, drop commands, and end and check faults."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from robot.api.deco import keyword

from ...errors import CheckFailed, InvalidValue
from ...log import logger
from ...network.fault_options import DroppableCommand, FaultDirection, ReleaseOrder
from ...plain_text import printable
from ...report.frames import quote_text, summary
from ...report.words import count_of, with_message
from ..arguments import require_count
from ..base import FormatArgument
from .group import Looks, ProxyGroup, Where

if TYPE_CHECKING:
    from ...network.fault_proxy import FaultProxy
    from ...network.reports import FaultReport

_BOTH = FaultDirection.BOTH


class FaultControlKeywords(ProxyGroup):
    """Releasing, injecting, ending, checking."""

    @keyword
    def proxy_releases_messages(
        self,
        *,
        count: int | None = None,
        order: ReleaseOrder = ReleaseOrder.SAME,
        name: str | None = None,
        proxy: str | None = None,
    ) -> int:
        """Lets messages go on that `Proxy Holds Messages` holds. The fault goes on holding further ones.

        Args:
            count: How many, those that came first. Default is all.
            order: In which order.
            name: Of the fault. Default is the one that was made last.

        Returns:
            How many messages were released.

        Raises:
            NotOpen: There is no such fault.

        Example:
        | Bind Zmq Socket       tcp://127.0.0.1:*    PULL    service
        | ${target}=            Get Zmq Endpoint
        | Start Proxy           ${target}
        | ${address}=           Get Proxy Endpoint
        | Connect Zmq Socket    ${address}    PUSH    client
        | Proxy Holds Messages
        | Send Message          1
        | Send Message          2
        | Wait For Proxy Message    2
        | ${count}=             Proxy Releases Messages    order=REVERSED
        | ${text}=              Receive Message    socket=service
        | Should Be Equal       ${count}:${text}    2:2

        Tags: Proxy, Fault
        """
        item = self._proxy(proxy)
        require_count(count, 0)
        released = item.release(count, order, name)
        logger.info(f"{item.heading} has released {count_of(released, 'message')}.")
        return released

    @keyword
    def proxy_injects_message(
        self,
        *frames: object,
        format: FormatArgument = None,
        layout: str | None = None,
        direction: FaultDirection = FaultDirection.TO_TARGET,
        connection: int | None = None,
        proxy: str | None = None,
        **fields: object,
    ) -> None:
        """Sends a message that nobody has sent, between two others.

        What holds everything up, such as latency and silence, holds it up too; faults of messages pass it.
        Where an end is REQ or REP, the empty frame of the envelope is put before the frames.

        Args:
            frames: The frames.
            layout: The layout of the fields, instead of ``format``.
            direction: ``TO_TARGET`` or ``TO_CLIENT``.
            connection: Its number, from 1. Default is the open one that came last.
            fields: With a layout, a value for each field.

        Raises:
            NotOpen: There is no such connection.
            WrongUse: Its handshake is not done, or it is encrypted (CURVE).

        Example:
        | Bind Zmq Socket       tcp://127.0.0.1:*    PULL    service
        | ${target}=            Get Zmq Endpoint
        | Start Proxy           ${target}
        | ${address}=           Get Proxy Endpoint
        | Connect Zmq Socket    ${address}    PUSH    client
        | Proxy Injects Message    job    99
        | @{job}=               Receive Multipart    socket=service
        | Should Be Equal       ${job}[1]    99

        Tags: Proxy, Fault
        """
        if direction is _BOTH:
            raise InvalidValue("direction=BOTH cannot be used here: a message goes TO_TARGET or TO_CLIENT.")
        item = self._proxy(proxy)
        encoded = self._encoded(frames, format, layout, fields)
        self.session.recordings.note_secrets(encoded)
        number = item.inject(encoded, direction is FaultDirection.TO_TARGET, connection)
        logger.info(f"{item.heading} has injected {summary(encoded, self.session.settings.log_limit)} into {number}.")

    @keyword
    def proxy_drops_commands(
        self,
        command: DroppableCommand,
        *,
        direction: FaultDirection = _BOTH,
        times: int | None = None,
        skip: int = 0,
        lasting: timedelta | None = None,
        name: str | None = None,
        client: str | None = None,
        proxy: str | None = None,
    ) -> str:
        """Commands of the protocol are lost: subscriptions and heartbeats.

        Args:
            command: Which.
            times: How many at most.
            skip: How many pass before that.

        Returns:
            The name of the fault.

        Example:
        | Bind Zmq Socket       tcp://127.0.0.1:*    PUB    service
        | ${target}=            Get Zmq Endpoint
        | Start Proxy           ${target}
        | ${address}=           Get Proxy Endpoint
        | Proxy Drops Commands    SUBSCRIBE    times=1    name=lost
        | Connect Zmq Socket    ${address}    SUB    client    subscribe=prices
        | Subscribe To Topics   news    socket=client
        | Wait For Subscriber   news    socket=service
        | Proxy Fault Should Have Acted    lost    times=1

        Tags: Proxy, Fault
        """
        from ...network.faults import DropCommands, Selection

        where = Where(direction, lasting, name, client, proxy)
        return self._break(DropCommands(command), where, Selection(times=times, skip=skip))

    @keyword
    def remove_proxy_fault(self, name: str, *, proxy: str | None = None) -> None:
        """Ends a fault at once. What it held goes on, in order.

        Args:
            name: Name of the fault.

        Raises:
            NotOpen: There is none of that name.

        Example:
        | Start Proxy           tcp://127.0.0.1:5555
        | Proxy Goes Silent     name=dark
        | Remove Proxy Fault    dark

        Tags: Proxy, Fault
        """
        item = self._proxy(proxy)
        report = item.remove_fault(name)
        acted = count_of(report.acted, "time")
        logger.info(f"{item.heading} has fault {quote_text(name)} no more; it has acted {acted}.")

    @keyword
    def reset_proxy(self, proxy: str | None = None) -> None:
        """Ends all faults at once; connections stay. What faults held goes on, in order.

        Example:
        | Start Proxy           tcp://127.0.0.1:5555
        | Proxy Goes Silent
        | Reset Proxy
        | @{faults}=            Get Proxy Faults
        | Should Be Empty       ${faults}

        Tags: Proxy, Fault
        """
        item = self._proxy(proxy)
        reports = item.reset()
        logger.info(f"{item.heading} has no faults any more; it had {len(reports)}.")

    @keyword
    def get_proxy_faults(self, proxy: str | None = None) -> list[FaultReport]:
        """Returns the faults of a proxy in the order in which they were made, also those that are over.

        Returns:
            A list of objects with the attributes ``name``, ``kind``, ``acted`` (how often, see
            `Proxy Fault Should Have Acted`), ``matched`` (how many messages fitted its patterns and direction),
            ``direction``, ``seed``, ``over``, ``holding`` (messages that it holds back) and ``problem`` (why it could
            not act; empty if all went well).

        Example:
        | Start Proxy           tcp://127.0.0.1:5555
        | Proxy Drops Messages    job    name=lost    seed=7
        | @{faults}=            Get Proxy Faults
        | Should Be Equal       ${faults[0].name}     lost
        | Should Be Equal       ${faults[0].acted}    ${0}

        Tags: Proxy, Fault, Getter
        """
        return self._proxy(proxy).faults

    @keyword
    def proxy_fault_should_have_acted(
        self, name: str, *, times: int | None = None, proxy: str | None = None, message: str | None = None
    ) -> None:
        """Fails unless a fault has acted. Does not wait.

        A fault acts once on each message that it changes, loses or holds up; `Proxy Reorders Messages` once on each
        window, `Proxy Drops Commands` on each command, and `Proxy Refuses Connections`, `Proxy Closes After` and
        `Proxy Delays Close` on each connection. Where no message came, handshakes and commands count as one.

        Args:
            name: Of the fault.
            times: How often. Default is once or more.

        Raises:
            CheckFailed: It has not, or not so often.

        Example:
        | Bind Zmq Socket       tcp://127.0.0.1:*    PULL    service
        | ${target}=            Get Zmq Endpoint
        | Start Proxy           ${target}
        | ${address}=           Get Proxy Endpoint
        | Connect Zmq Socket    ${address}    PUSH    client
        | Proxy Drops Messages    job    name=lost
        | Send Message          job
        | Send Message          done
        | Receive Message       socket=service
        | Proxy Fault Should Have Acted    lost    times=1

        Tags: Proxy, Fault, Assertion
        """
        require_count(times, 0, "times")
        item = self._proxy(proxy)
        report = self._report(item, name)
        if report.acted == times or (times is None and report.acted):
            return
        wanted = (
            "has not acted" if times is None else f"should have acted {count_of(times, 'time')}, not {report.acted}"
        )
        problem = [f"Its problem: {report.problem}"] if report.problem else []
        raise CheckFailed(
            with_message(
                message,
                f"Fault {quote_text(name)} of {item.title} {wanted}. {count_of(report.matched, 'message')} matched it.",
                *problem,
                *self._last_seen(item, Looks(())),
            )
        )

    def _report(self, item: FaultProxy, name: str) -> FaultReport:
        reports = item.faults
        found = next((report for report in reports if report.name == name), None)
        if found is None:
            known = ", ".join(printable(report.name) for report in reports) or "none"
            raise InvalidValue(f"{item.heading} has no fault {quote_text(name)}. Faults: {known}.")
        return found
