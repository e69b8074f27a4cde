"""A proxy with a plain pyzmq socket at each end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import zmq

from ZmqLibrary.formats import FormatTable
from ZmqLibrary.messages.patterns import MatchKind
from ZmqLibrary.network.fault_options import FaultDirection
from ZmqLibrary.network.fault_proxy import FaultProxy
from ZmqLibrary.network.faults import Effect, Fault, PatternSource, Selection
from ZmqLibrary.network.reports import FaultReport
from ZmqLibrary.waiting.deadline import Deadline

TEXT = FormatTable().get("TEXT")
TO_TARGET, TO_CLIENT, BOTH = FaultDirection.TO_TARGET, FaultDirection.TO_CLIENT, FaultDirection.BOTH


class Wire:
    """A proxy with a socket at each end."""

    def __init__(self, client: zmq.Socket[bytes], target: zmq.Socket[bytes], proxy: FaultProxy) -> None:
        self.client = client
        self.target = target
        self.proxy = proxy

    def pattern(self, *patterns: object, match: MatchKind = MatchKind.GLOB) -> PatternSource | None:
        return self.proxy.pattern_source(patterns, match, TEXT)

    def break_it(
        self, effect: Effect, *patterns: object, name: str = "fault", to: FaultDirection = BOTH, **values: Any
    ) -> None:
        where = {key: values.pop(key) for key in ("lasting", "client") if key in values}
        self.proxy.add_fault(Fault(name, effect, to, Selection(self.pattern(*patterns), **values), **where))

    def fault(self, name: str = "fault") -> FaultReport:
        return next(report for report in self.proxy.faults if report.name == name)

    def sees(self, count: int, to: FaultDirection = BOTH) -> None:
        """Waits until so many messages came into the proxy."""
        happens(lambda: len(self.proxy.messages(None, to, TEXT)) >= count)

    def received(self, socket: zmq.Socket[bytes], until: bytes = b"end") -> list[list[bytes]]:
        """What a socket receives before a last message."""
        found = []
        while (frames := socket.recv_multipart())[-1] != until:
            found.append(frames)
        return found


def happens(condition: Callable[[], object]) -> None:
    deadline = Deadline(60)
    while not condition():
        assert deadline.remaining(), "It did not happen."
        threading.Event().wait(0.005)  # nothing tells of it; who asks without a pause leaves no processor to the proxy
