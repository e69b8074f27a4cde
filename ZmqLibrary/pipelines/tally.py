"""Tally: what a sink knows of the messages that came: whose they are, whether they are whole, in order and in time."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from .histogram import Histogram
from .kept import Kept, LastMessages, frames_of
from .ledger import OWN, SHOWN, Ledger
from .measuring import SECOND
from .reading import OwnFields, Reading, StampReader
from .report import SinkSecond, latency_of
from .stamp import (
    MAGIC,
    NUMBER_BYTES,
    SIZE,
    Frames,
    damaged_byte,
    machine,
    machine_of,
    number_is_damaged,
    pump_of,
)
from .stamped_run import StampedRun
from .states import StampPlace

if TYPE_CHECKING:
    from .engine import BufferedRun
    from .settings import SinkSettings

_CANDIDATES = 64
_FUTURE_NS = 10_000_000
_MOST_AGE_NS = 24 * 3600 * SECOND
_WORTH_COLUMNS = 8
_SAMPLE = 16  # planned times that are looked at, whether many are the same
_PART_MESSAGES, _PART_BYTES = 1024, 1 << 18
_MOST_SENDERS = 1000
_ENVELOPES = {"ROUTER": 1}


class Tally:
    """Takes the messages of a sink and counts what is true of them.

    Args:
        settings: Of the sink.

    Attributes:
        received: All messages that came.
        bytes: Of all their frames.
        corrupt: Messages that are not as the pump sent them.
        unstamped: Messages without a number.
        first_corrupt: The first numbers of corrupt messages, 0 where it cannot be read.
        first: When the first message came, in monotonic ns; 0 before.
        last: When the last one came.
        strange_clock: Whether times are those of another clock.
        strange_time: Of a service's own times the first one that is so: of which message that came, and its age in ns.
    """

    def __init__(self, settings: SinkSettings) -> None:
        self.received = self.bytes = self.corrupt = self.unstamped = 0
        self.first = self.last = 0
        self.first_corrupt: list[int] = []
        self.strange_clock = False
        self.strange_time: tuple[int, int] | None = None
        self.ledgers: dict[int, Ledger] = {}
        self.latency = Histogram()
        self._kept = LastMessages(settings.keep)
        self._place = StampPlace[settings.stamp]
        self._stamps = StampReader(self._place, _ENVELOPES.get(settings.type, 0))
        self._own = OwnFields(settings)
        self._expects_stamps = False
        self._copies: StampedRun | None = None
        self._highest: dict[tuple[int, int], int] = {}
        self._early: list[Reading] = []
        self._seconds: list[SinkSecond] = []
        self._second = self._second_received = 0
        self._second_latency = Histogram()

    # What engines call

    def take(self, lane: int, messages: Sequence[Frames], arrived: int) -> None:
        """Takes messages as they came."""
        size = sum([len(frame) for frames in messages for frame in frames])
        self._count(len(messages), size, arrived)
        self._kept.take(messages, size)
        if self._own.has_number or self._own.has_time:
            self._take_own(lane, messages)
        elif self._place is StampPlace.NONE:
            self.unstamped += len(messages)
        else:
            self._take_stamped(lane, messages, arrived)

    def take_run(self, lane: int, run: BufferedRun, arrived: int) -> None:
        """Takes messages of one frame and equal size, which lie in a buffer."""
        size = run.stride - run.offset
        if self._own.has_number or self._own.has_time or not self._is_plain(run, size):
            self.take(lane, frames_of(run), arrived)
            return
        if self._place is StampPlace.NONE or size < SIZE or not self._has_stamps(run):
            self._count(run.number, size * run.number, arrived)
            self._kept.take_run(run)
            self.unstamped += run.number
            return
        for part in _parts_of(run):
            self._take_part(lane, part, arrived)

    # Stamps

    def _is_plain(self, run: BufferedRun, size: int) -> bool:
        return self._place is not StampPlace.FRAME and not (self._expects_stamps and size < SIZE)

    def _has_stamps(self, run: BufferedRun) -> bool:
        """Whether any message may have a stamp: by the first byte of each, which is a step of C for all."""
        return self._expects_stamps or MAGIC[0] in bytes(run.buffer[run.offset :: run.stride])

    def _take_part(self, lane: int, part: BufferedRun, arrived: int) -> None:
        """Takes messages at once that are of one lane of a pump and as they were sent, else one by one."""
        data, taken = bytes(part.buffer), 0
        while part.number - taken >= _WORTH_COLUMNS and (more := self._take_copies(lane, data, taken, part, arrived)):
            taken += more
        if taken:
            self._kept.take_run(_part_of(part, 0, taken))
        if taken < part.number:
            self.take(lane, frames_of(_part_of(part, taken, part.number - taken)), arrived)

    def _take_copies(self, lane: int, data: bytes, done: int, run: BufferedRun, arrived: int) -> int:
        """Takes the next messages of a run, if they are of one lane of a pump and as they were sent; how many."""
        begin = done * run.stride
        first = data[begin : begin + run.stride]
        if self._copies is None or not self._copies.is_like(first):
            self._copies = StampedRun.like(first, run.offset)
        fields = self._copies.read(data, begin)
        if fields is None:
            return 0
        taken = len(fields[0])
        self._count(taken, taken * (run.stride - run.offset), arrived)
        self._take_numbers(lane, self._copies.run, *fields, arrived)
        return taken

    def _take_stamped(self, lane: int, messages: Sequence[Frames], arrived: int) -> None:
        run = -1
        numbers: list[int] = []
        planned: list[int] = []
        read = self._stamps.read
        for frames in messages:
            reading = read(frames)
            if reading is None or reading.wrong:
                # What is damaged is judged by what came before it.
                self._take_numbers(lane, run, numbers, planned, arrived)
                numbers, planned = [], []
                self._take_doubtful(frames, reading)
                continue
            if reading.run != run:
                self._take_numbers(lane, run, numbers, planned, arrived)
                run, numbers, planned = reading.run, [], []
            numbers.append(reading.number)
            planned.append(reading.planned)
        self._take_numbers(lane, run, numbers, planned, arrived)

    def _take_numbers(self, lane: int, run: int, numbers: Sequence[int], planned: Sequence[int], arrived: int) -> None:
        """Takes numbers of one lane of a pump, in the order in which they came on a lane of the sink."""
        if not numbers:
            return
        self._expects_stamps = True
        self._note(pump_of(run), (run, lane), numbers, 1)
        self._take_latencies(run, planned, arrived)

    def _note(self, sender: int, way: tuple[int, int], numbers: Sequence[int], first: int | None) -> None:
        ledger = self.ledgers.get(sender)
        if ledger is None:
            if len(self.ledgers) >= _MOST_SENDERS:
                self.unstamped += len(numbers)
                return
            ledger = self.ledgers[sender] = Ledger(first)
            self._settle_early(sender, ledger)
        self._highest[way] = ledger.take(numbers, self._highest.get(way, -1))

    def _take_doubtful(self, frames: Frames, reading: Reading | None) -> None:
        """Takes a message without a stamp, or one whose CRC is wrong."""
        if reading is None and self._expects_stamps:
            reading = self._stamps.read(frames, damaged_too=True)
            if reading is not None and reading.wrong and damaged_byte(reading.wrong) is None:
                reading = None  # not a stamp with a damaged magic, but no stamp
        if reading is None:
            self.unstamped += 1
            return
        self.corrupt += 1
        ledger = self.ledgers.get(pump_of(reading.run))
        if ledger is None and len(self._early) < SHOWN:
            self._early.append(reading)
        readable = ledger is not None and self._number_is_readable(ledger, reading)
        if ledger is not None and readable:
            ledger.claim(reading.number)
        if len(self.first_corrupt) < SHOWN:
            self.first_corrupt.append(reading.number if readable else 0)

    def _settle_early(self, sender: int, ledger: Ledger) -> None:
        """Damaged messages that came before the first one that is whole."""
        for reading in self._early:
            if pump_of(reading.run) == sender and self._number_is_readable(ledger, reading):
                ledger.claim(reading.number)

    def _number_is_readable(self, ledger: Ledger, reading: Reading) -> bool:
        place = damaged_byte(reading.wrong)
        if place is not None:
            return place not in NUMBER_BYTES
        return not number_is_damaged(reading.stamp, reading.payload, ledger.missing_at_front(_CANDIDATES))

    # A service's own numbers and times

    def _take_own(self, lane: int, messages: Sequence[Frames]) -> None:
        if self._own.has_number:
            numbers = [number for frames in messages if (number := self._own.number(frames)) is not None]
            self.unstamped += len(messages) - len(numbers)
            if numbers:
                self._note(OWN, (OWN, lane), numbers, None)
        if self._own.has_time and not self.strange_clock:
            now = time.time_ns()
            first = self.received - len(messages) + 1
            times = ((number, self._own.sent_at(frames)) for number, frames in enumerate(messages, first))
            ages = {number: now - sent for number, sent in times if sent is not None}
            if ages and _are_strange(min(ages.values()), max(ages.values())):
                self.strange_clock = True
                self.strange_time = next((number, age) for number, age in ages.items() if _are_strange(age, age))
            else:
                self._record(list(ages.values()))

    # Times

    def _take_latencies(self, run: int, planned: Sequence[int], arrived: int) -> None:
        if self._own.has_time or self.strange_clock:
            return
        times = _different(planned)
        if machine_of(run) != machine() or _are_strange(arrived - max(times), arrived - min(times)):
            self.strange_clock = True
        elif len(times) * _SAMPLE <= len(planned):
            for at in times:
                self._second_latency.record_many(arrived - at, planned.count(at))
        else:
            self._record([arrived - at for at in planned])

    def _record(self, latencies: list[int]) -> None:
        self._second_latency.record_all(latencies)

    def _count(self, messages: int, size: int, arrived: int) -> None:
        if not self.first:
            self.first = arrived
        second = (arrived - self.first) // SECOND
        if second != self._second:
            self._close_second(second)
        self.received += messages
        self._second_received += messages
        self.bytes += size
        self.last = arrived

    def _close_second(self, next_second: int) -> None:
        self._seconds.append(self._current_second())
        self._seconds += [SinkSecond(second, 0) for second in range(self._second + 1, next_second)]
        self.latency.merge(self._second_latency)
        self._second, self._second_received, self._second_latency = next_second, 0, Histogram()

    def _current_second(self) -> SinkSecond:
        return SinkSecond(self._second, self._second_received, latency_of(self._second_latency))

    # Results

    @property
    def kept(self) -> Sequence[Kept]:
        """The last messages, as many as are to be kept."""
        return self._kept.messages

    @property
    def seconds(self) -> list[SinkSecond]:
        """Each second since the first message, also those without any."""
        return [*self._seconds, self._current_second()] if self.received else []

    def all_latencies(self) -> Histogram:
        """Of all messages, unless the clock is another one."""
        total = Histogram()
        if not self.strange_clock:
            total.merge(self.latency)
            total.merge(self._second_latency)
        return total


def _parts_of(run: BufferedRun) -> Iterator[BufferedRun]:
    """The run in parts that fit into the processor's cache, and of which a damaged message slows only one down."""
    most = max(1, min(_PART_MESSAGES, _PART_BYTES // run.stride))
    for first in range(0, run.number, most):
        yield _part_of(run, first, min(most, run.number - first))


def _part_of(run: BufferedRun, first: int, number: int) -> BufferedRun:
    if number == run.number:
        return run
    return run._replace(buffer=run.buffer[first * run.stride : (first + number) * run.stride], number=number)


def _are_strange(youngest: int, oldest: int) -> bool:
    """Whether messages of such ages, in ns, cannot have been sent then by the clock of this machine."""
    return youngest < -_FUTURE_NS or oldest > _MOST_AGE_NS


def _different(values: Sequence[int]) -> Collection[int]:
    """The values, each once, if many are the same."""
    if values.count(values[0]) == len(values):
        return values[:1]
    return values if len(set(values[:_SAMPLE])) > _SAMPLE // 4 else set(values)
