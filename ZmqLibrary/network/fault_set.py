"""The faults of a proxy: made, applied to their connections, ended, reported."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable
from functools import partial

from ..errors import Hint, NotOpen, WrongUse
from ..report.words import count_of
from .active_fault import ActiveFault, Matcher
from .connection import ProxyConnection
from .event_loop import EventLoop
from .fault_options import ReleaseOrder
from .faults import Fault, Hold, LateClose, PatternSource, Refusal
from .proxy_log import ProxyLog
from .reports import FaultReport


class FaultSet:
    """The faults of a proxy in the order in which they were made.

    Args:
        proxy: Name of the proxy, for errors.
        loop: Which ends them in time.
        log: What happens to them.
        connections: The open connections.
        matcher: Makes patterns.
    """

    def __init__(
        self,
        proxy: str,
        loop: EventLoop,
        log: ProxyLog,
        connections: Callable[[], Iterable[ProxyConnection]],
        matcher: Callable[[PatternSource | None, Callable[[str], object]], Matcher | None],
    ) -> None:
        self._proxy = proxy
        self._loop = loop
        self._log = log
        self._connections = connections
        self._matcher = matcher
        self._faults: dict[str, ActiveFault] = {}
        self._numbers = itertools.count()

    def add(self, fault: Fault) -> None:
        """Breaks something from now on.

        Raises:
            WrongUse: An open connection is encrypted, and the fault needs the content.
        """
        if fault.needs_content:
            for connection in self._connections():
                if connection.observer.opaque and connection.concerns(fault):
                    raise WrongUse(f"Fault '{fault.name}' is not possible. {connection.curve_problem}")
        active = ActiveFault(fault, next(self._numbers))
        active.pattern = self._matcher(fault.selection.pattern, partial(self.refuse, active))
        self._faults[fault.name] = active
        self._log.name_effect(fault.name, fault.effect.past)
        for connection in list(self._connections()):
            connection.take_fault(active)
        if fault.lasting is not None:
            self._loop.later(time.monotonic() + fault.lasting, lambda: self._end(active))

    def remove(self, name: str) -> FaultReport:
        """Ends a fault and forgets it; what it held goes on.

        Raises:
            NotOpen: There is none of that name.
        """
        active = self._fault(name)
        self._end(active)
        del self._faults[name]
        return report_of(active)

    def reset(self) -> list[FaultReport]:
        """Ends and forgets all faults."""
        return [self.remove(name) for name in list(self._faults)]

    def reports(self) -> list[FaultReport]:
        """What all faults have done, in the order in which they were made."""
        return [report_of(active) for active in self._faults.values()]

    def release(self, count: int | None, order: ReleaseOrder, name: str | None) -> int:
        """Lets held messages go on; returns how many.

        Raises:
            NotOpen: There is no such fault.
            WrongUse: It does not hold messages.
        """
        holding = [active for active in self._faults.values() if isinstance(active.fault.effect, Hold)]
        if name is None and not holding:
            raise NotOpen("No fault holds messages.", Hint.HOLD_MESSAGES)
        active = holding[-1] if name is None else self._fault(name)
        if not isinstance(active.fault.effect, Hold):
            raise WrongUse(f"Fault '{name}' does not hold messages: it has another effect.")
        released = active.release(count, order)
        self._log.say(f"'{active.fault.name}' released {count_of(released, 'message')}")
        return released

    def meet(self, connection: ProxyConnection) -> None:
        """A connection is there, or its handshake is known: some faults are for it only now, some are not possible."""
        for active in list(self._faults.values()):
            if active in connection.faults and connection.observer.opaque and active.fault.needs_content:
                connection.drop_fault(active)
                self.refuse(active, connection.curve_problem)
            else:
                connection.take_fault(active)

    def refuse(self, active: ActiveFault, problem: str) -> None:
        """A fault could not act."""
        if problem != active.problem:
            active.problem = problem
            self._log.say(f"fault '{active.fault.name}': {problem}", warning=True)

    def late_close(self, connection: ProxyConnection, to_target: bool) -> float:
        """By how many seconds an end is delayed; notes that these faults have acted."""
        seconds = 0.0
        for active in connection.faults:
            effect = active.fault.effect
            if isinstance(effect, LateClose) and not active.over and active.fault.direction.includes(to_target):
                if active not in connection.delayed_by:  # Each side may end.
                    connection.delayed_by.append(active)
                    active.act()
                seconds += effect.seconds
        return seconds

    def refuses(self, client: str) -> bool:
        """Whether a fault refuses a new connection of a client."""
        for active in self._faults.values():
            if isinstance(active.fault.effect, Refusal) and not active.spent and active.fault.is_for(client, b""):
                active.choice.next()
                active.act()
                self._log.say(f"'{active.fault.name}' refused the connection of {client}")
                return True
        return False

    def _end(self, active: ActiveFault) -> None:
        if not active.over:
            active.over = True
            for connection in list(self._connections()):
                connection.drop_fault(active)

    def _fault(self, name: str) -> ActiveFault:
        active = self._faults.get(name)
        if active is None:
            known = ", ".join(self._faults) or "none"
            raise NotOpen(f"Proxy '{self._proxy}' has no fault '{name}'. Faults: {known}.")
        return active


def report_of(active: ActiveFault) -> FaultReport:
    """What users see of a fault."""
    fault = active.fault
    return FaultReport(
        fault.name,
        type(fault.effect).__name__,
        active.acted,
        active.choice.matched,
        fault.direction.value,
        fault.selection.seed,
        active.spent,
        active.problem,
        active.holding,
    )
