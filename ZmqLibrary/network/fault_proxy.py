"""A fault proxy as the library's process sees it: started, given faults, asked what it has seen, stopped."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from ..errors import Hint, InvalidValue, WorkerFailed
from ..messages.message import PeerProperties, Receipt
from ..waiting.deadline import Deadline
from ..workers.background import Titled
from ..workers.journal import JournalEntry
from .child_process import ChildProcess
from .fault_options import LIMIT, FaultDirection, ReleaseOrder
from .faults import Fault, PatternSource
from .library_patterns import LibraryPatterns
from .reports import ConnectionEvent, ConnectionReport, FaultReport, ProxyMessage

if TYPE_CHECKING:
    from ..formats import FrameFormats
    from ..messages.field_patterns import Pattern
    from ..messages.patterns import MatchKind
    from ..sockets.endpoints import Endpoint
    from ..workers.journal import Journal
    from .proxy_log import LogNote
    from .seen import SeenMessage
    from .sightings import Sightings

NOTE_BYTES = 4096
"""Most bytes of a frame in a line of the log."""


@dataclass
class FaultRecord:
    """A fault that was made; and once it is gone, what it has done."""

    fault: Fault
    report: FaultReport | None = None


class FaultProxy(Titled):
    """A proxy in a process of its own.

    Args:
        name: Its alias or generated name.
        target: Where it connects clients to.
        listen: Where it listens.
        journal: Where it reports what passed, and what faults did to it.
        limit: Bytes that a fault may hold in each direction of a connection.
        encoding: Of text in patterns.
        tick: Called in each slice of a wait, so that sockets can be looked after.
        hide: Makes `HiddenBytes` of the frames that must not be shown.

    Attributes:
        endpoint: Where it listens, with the port; known once it was started.
        reported: Whether its failure was reported.
    """

    kind = "proxy"
    opener = Hint.START_PROXY
    is_server = False
    keeps_results = False
    socket = None

    def __init__(
        self,
        name: str,
        target: Endpoint,
        listen: Endpoint,
        journal: Journal,
        limit: int = LIMIT,
        encoding: str = "UTF-8",
        tick: Callable[[], object] = lambda: None,
        hide: Callable[[Sequence[bytes]], Sequence[bytes]] = list,
    ) -> None:
        self.name = name
        self.journal = journal
        self.reported = False
        self.target = target
        self.endpoint = str(listen)
        self._listen = listen
        self._limit = limit
        self._encoding = encoding
        self._tick = tick
        self._hide = hide
        self._patterns = LibraryPatterns(name, lambda asked, verdict: self._child.answer(asked, verdict))
        self._child = ChildProcess(self.heading, "network.proxy_process", self._patterns.ask)
        self._made: dict[str, FaultRecord] = {}
        self._stopped = False

    @property
    def listens_at(self) -> str:
        """Its endpoint."""
        return self.endpoint

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._child.alive

    running = alive

    @property
    def error(self) -> WorkerFailed | None:
        """What has ended it, other than being stopped."""
        return None if self._stopped or self.alive else self._child.ended

    @property
    def unreported_error(self) -> WorkerFailed | None:
        """What has ended it, if that was not reported yet."""
        return None if self.reported else self.error

    def check(self) -> None:
        """Raises what has ended it.

        Raises:
            WorkerFailed: It has ended by itself.
        """
        if error := self.error:
            self.reported = True
            raise error

    def start(self) -> None:
        """Starts it; afterwards it listens.

        Raises:
            EndpointFailed: It cannot listen there.
            WorkerFailed: The process does not answer.
        """
        from .proxy_server import ProxySettings

        try:
            settings = ProxySettings(self.name, self.target, self._listen, self._limit, self._encoding)
            self.endpoint = cast(str, self._child.start(settings))
        except BaseException:
            self.stop()
            raise

    def ask_to_stop(self) -> None:
        """Notes what it has still to report; it ends with `stop`."""
        if self.alive and not self._stopped:
            with suppress(WorkerFailed):
                self._note(self.faults)
                self.drain()

    def stop(self, deadline: Deadline | None = None) -> bool:
        """Ends it and all its connections; bounded. Stopping twice does nothing.

        Returns:
            True: it has ended; its process is killed if it does not end by itself.
        """
        self._stopped = True
        self._child.stop()
        self._patterns.close()
        return True

    def drain(self) -> None:
        """Writes to the journal what passed since the last time, and what faults did to it."""
        if not self.alive or self._stopped:
            return
        notes, left_out = self.take_notes(NOTE_BYTES)
        if left_out:
            self.journal.add(
                JournalEntry(notes[0].time if notes else time.time(), self.name, f"… {left_out:,} earlier left out")
            )
        for note in notes:
            self.journal.add(JournalEntry(note.time, self.name, note.text, self._hide(note.frames), note.warning))

    # Faults

    def name_for(self, name: str | None, kind: str) -> str:
        """The name of a new fault: the one that was given, or a made one.

        Raises:
            InvalidValue: It is empty, or a fault of that name is not over.
        """
        if name is None:
            return next(made for number in itertools.count(1) if (made := f"{kind}-{number}") not in self._made)
        if not name.strip():
            raise InvalidValue("The name of a fault cannot be empty. Omit it to get one.")
        record = self._made.get(name)
        if record and not record.report:
            older = next(report for report in self.faults if report.name == name)
            if not older.over:
                raise InvalidValue(
                    f"{self.heading} has a fault '{name}' already. Give the new one another name, or end that one.",
                    Hint.REMOVE_FAULT,
                )
            self.remove_fault(name)
        return name

    def add_fault(self, fault: Fault) -> FaultRecord:
        """Breaks something from now on.

        Raises:
            WrongUse: It needs content, and a connection is encrypted.
        """
        self._child.call("faults.add", fault)
        record = FaultRecord(fault)
        self._made[fault.name] = record
        return record

    def end_fault(self, record: FaultRecord) -> FaultReport | None:
        """Ends a fault, unless that was done before; returns what it has done, None if the proxy was killed before."""
        if record.report is None and self.alive and not self._stopped:
            self.remove_fault(record.fault.name)
        return record.report

    def remove_fault(self, name: str) -> FaultReport:
        """Ends a fault; what it held goes on.

        Raises:
            NotOpen: There is none of that name.
        """
        report = cast(FaultReport, self._child.call("faults.remove", name))
        self._note([report])
        return report

    def reset(self) -> list[FaultReport]:
        """Ends all faults."""
        reports = cast("list[FaultReport]", self._child.call("faults.reset"))
        self._note(reports)
        return reports

    def _note(self, reports: Sequence[FaultReport]) -> None:
        for report in reports:
            self._made[report.name].report = report

    @property
    def faults(self) -> list[FaultReport]:
        """What all faults have done, in the order in which they were made."""
        return cast("list[FaultReport]", self._child.call("faults.reports"))

    def release(self, count: int | None, order: ReleaseOrder, name: str | None) -> int:
        """Lets held messages go on; returns how many."""
        return cast(int, self._child.call("faults.release", count, order, name))

    def cut(self, reset: bool, client: str | None) -> int:
        """Closes connections; returns how many."""
        return cast(int, self._child.call("cut", reset, client))

    def inject(self, frames: Sequence[bytes], to_target: bool, connection: int | None) -> int:
        """Sends one more message; returns the number of the connection.

        Raises:
            NotOpen: There is no such connection.
            WrongUse: It takes no messages, or not yet.
        """
        return cast(int, self._child.call("inject", [bytes(frame) for frame in frames], to_target, connection))

    # What happened

    @property
    def connections(self) -> list[ConnectionReport]:
        """All connections, in the order in which they were opened; also those that are closed."""
        return cast("list[ConnectionReport]", self._child.call("connections"))

    @property
    def target_problem(self) -> str:
        """Why the target is not reached; empty if it is, or nobody has tried."""
        return cast(str, self._child.call("target_problem"))

    def messages(
        self, pattern: PatternSource | None, direction: FaultDirection, formats: FrameFormats
    ) -> list[ProxyMessage]:
        """The messages that came in, are kept, and match."""
        if pattern is None or pattern.number is None:
            seen = self._kept(pattern, direction)
        else:
            seen = [m for m in self._kept(None, direction) if self._patterns.matches(pattern, m.frames)]
        return self.as_messages(seen, formats)

    def sightings(self, pattern: PatternSource | None, direction: FaultDirection) -> Sightings:
        """What is known of messages that match.

        Raises:
            PatternTooSlow: A comparison took too long.
        """
        if pattern is None or pattern.number is None:
            return cast("Sightings", self._child.call("sightings", pattern, direction))
        from .sightings import sightings

        there = cast("Sightings", self._child.call("sightings", None, direction))
        encrypted = {report.number for report in self.connections if report.encrypted}
        return sightings(there.found, self._patterns.kept(pattern), (), encrypted, there.forgotten)

    def _kept(self, pattern: PatternSource | None, direction: FaultDirection) -> list[SeenMessage]:
        return cast("list[SeenMessage]", self._child.call("messages", pattern, direction))

    def last_messages(self, count: int, formats: FrameFormats) -> list[ProxyMessage]:
        """The last messages that came in."""
        return self.as_messages(cast("list[SeenMessage]", self._child.call("last_messages", count)), formats)

    def take_messages(self, since: int) -> tuple[int, list[SeenMessage]]:
        """The messages from a number on, and the number of the next one; for recordings."""
        return cast("tuple[int, list[SeenMessage]]", self._child.call("take_messages", since))

    def take_events(self, since: int) -> tuple[int, list[ConnectionEvent]]:
        """What happened to connections from a number on, and the number of the next event; for recordings."""
        return cast("tuple[int, list[ConnectionEvent]]", self._child.call("take_events", since))

    def wait_message(
        self, pattern: PatternSource | None, direction: FaultDirection, formats: FrameFormats, deadline: Deadline
    ) -> ProxyMessage | None:
        """The first message that matches, also one that came before; None if there is none in time."""
        if pattern is None or pattern.number is None:
            found = self._wait("wait_message", pattern, direction, deadline=deadline)[0]
        else:
            found = self._first_that_matches(pattern, direction, deadline)
        return self.as_messages([cast("SeenMessage", found)], formats)[0] if found else None

    def _first_that_matches(
        self, pattern: PatternSource, direction: FaultDirection, deadline: Deadline
    ) -> SeenMessage | None:
        """Holds patterns that stay in the library against what came; the proxy has only to say when there is more."""
        position = 1
        while True:
            position, seen = self.take_messages(position)
            there = (message for message in seen if direction.includes(message.to_target))
            found = next((message for message in there if self._patterns.matches(pattern, message.frames)), None)
            if found or not deadline.remaining():
                return found
            self._wait("wait_message", None, direction, position, deadline=deadline)

    def wait_subscription(self, topic: bytes, count: int, deadline: Deadline) -> bool:
        """Waits until publishers know so many subscribers of a topic; returns whether they do."""
        return self._wait("wait_subscription", topic, count, deadline=deadline)[1]

    def subscriptions(self, topic: bytes) -> tuple[int, list[tuple[int, list[bytes]]], str]:
        """How many subscribers of a topic are known to publishers, the topics by connection, and what hides others."""
        return cast("tuple[int, list[tuple[int, list[bytes]]], str]", self._child.call("subscriptions", topic))

    def take_notes(self, limit: int) -> tuple[list[LogNote], int]:
        """Lines for the log since the last call, and how many are left out."""
        return cast("tuple[list[LogNote], int]", self._child.call("take_notes", limit))

    def pattern_source(
        self, patterns: Sequence[object], match: MatchKind, formats: FrameFormats
    ) -> PatternSource | None:
        """Patterns as the process of the proxy takes them; None for no patterns.

        Raises:
            InvalidValue: A pattern cannot be used.
        """
        return self._patterns.source(patterns, match, formats)

    def kept_pattern(self, pattern: Pattern) -> PatternSource:
        """A pattern that stays in the library's process, as that of the proxy takes it."""
        return self._patterns.keep(pattern)

    # Inside

    def _wait(self, method: str, *arguments: object, deadline: Deadline) -> tuple[object, bool]:
        """What is there already is found also when the deadline is over: the answers come in order."""
        return self._child.ask(method, *arguments, deadline=deadline, last="forget_waiters", tick=self._tick)

    def as_messages(self, seen: Sequence[SeenMessage], formats: FrameFormats) -> list[ProxyMessage]:
        """Messages as users see them."""
        addresses = {report.number: report.client for report in self.connections} if seen else {}
        receipts = {
            number: Receipt(self.name, formats, PeerProperties(address)) for number, address in addresses.items()
        }
        nobody = Receipt(self.name, formats)
        return [
            ProxyMessage(message, receipts.get(message.connection, nobody), self._hide(message.frames))
            for message in seen
        ]
