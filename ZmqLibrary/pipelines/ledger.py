"""Ledger: which sequence numbers came: lost, duplicate, reordered; exact, in bounded memory.

What is missing below the highest number that came is kept as ranges, at most `MOST_GAPS` of them. When there are more,
the oldest are written off: their numbers stay lost, and one that comes after all counts as a duplicate; `bounded` says
that this has happened. Numbers of damaged messages are claims: they fill what is missing, and never make a gap.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from operator import lt
from typing import Any, NamedTuple

from .stamp import pump_of

MOST_GAPS = 100_000
SHOWN = 20
_WRITTEN_OFF = MOST_GAPS // 10
_MOST_CLAIMS = 100_000
HIGHEST = (1 << 63) - 1
OWN = -1
"""The sender of messages that have the service's own numbers."""


class Sent(NamedTuple):
    """What a pump has sent.

    Attributes:
        messages: How many.
        numbered: Whether the sink knows them by the numbers of their stamps.
    """

    messages: int
    numbered: bool


class Ledger:
    """The numbers of one sender.

    Args:
        first: The first number that was sent; None: the first one that comes.

    Attributes:
        duplicates: How many further copies came.
        reordered: How many came for the first time after a later number of the same lane.
        bounded: Whether gaps were written off, because there were too many.
        first_duplicates: The first numbers that came again.
        first_reordered: The first numbers that came too late.
    """

    def __init__(self, first: int | None = None) -> None:
        self.duplicates = self.reordered = 0
        self.bounded = False
        self.first_duplicates: list[int] = []
        self.first_reordered: list[int] = []
        self._begin = first
        self._next = first or 0  # one more than the highest number that came
        self._starts, self._ends = array("q"), array("q")  # what is missing: from start to before end
        self._missing = 0
        self._written_off = 0
        self._first_written_off: list[int] = []
        self._claims: set[int] = set()

    def take(self, numbers: Sequence[int], highest: int) -> int:
        """Takes numbers in the order in which they came.

        Args:
            numbers: Each at least 0.
            highest: The highest one that came before on their lane; -1 if none did.

        Returns:
            The highest one now.
        """
        if self._is_next(numbers, highest):
            self._next += len(numbers)
            return numbers[-1]
        if self._only_leaves_out(numbers, highest):
            self._add_gaps(numbers)
            return numbers[-1]
        for number in numbers:
            self._take(number, number < highest)
            highest = max(highest, number)
        return highest

    def claim(self, number: int) -> None:
        """Takes the number of a message that came damaged: it is not lost, if it is one that was sent."""
        if self._begin is None or number == self._next:
            self._take(number, False)
        elif number < self._next:
            self._fill(number)
        elif number <= HIGHEST and len(self._claims) < _MOST_CLAIMS:
            self._claims.add(number)
        else:
            self.bounded = True

    @property
    def came(self) -> int:
        """How many different numbers came, without claims above the highest one."""
        return 0 if self._begin is None else self._next - self._begin - self._missing - self._written_off

    def lost(self, last: int | None = None) -> int:
        """How many numbers never came.

        Args:
            last: The last number that was sent, where it is known: so the tail counts, too.
        """
        tail = self._tail(last)
        claimed = sum(self._next <= claim <= (last or 0) for claim in self._claims) if tail else 0
        return self._missing + self._written_off + tail - claimed

    def first_lost(self, last: int | None = None, most: int = SHOWN) -> list[int]:
        """The first numbers that never came."""
        return [number for number, _ in zip(self._all_missing(last), range(most))]

    def last_sent(self, count: int) -> int:
        """The number of the last of so many messages."""
        return count if self._begin is None else self._begin + count - 1

    def as_json(self) -> dict[str, Any]:
        """What it knows of losses, for `from_json` at the other end of a pipe."""
        return {
            "begin": self._begin,
            "next": self._next,
            "starts": self._starts.tolist(),
            "ends": self._ends.tolist(),
            "written_off": self._written_off,
            "first_written_off": self._first_written_off,
            "claims": sorted(self._claims),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Ledger:
        """A ledger with the losses that `as_json` gave."""
        ledger = cls()
        ledger._begin, ledger._next = document["begin"], document["next"]
        ledger._starts, ledger._ends = array("q", document["starts"]), array("q", document["ends"])
        ledger._missing = sum(ledger._ends) - sum(ledger._starts)
        ledger._written_off = document["written_off"]
        ledger._first_written_off = document["first_written_off"]
        ledger._claims = set(document["claims"])
        return ledger

    def missing_at_front(self, most: int) -> list[int]:
        """The numbers that may come next: the next ones, and some that are missing."""
        gaps = [number for start, _ in zip(reversed(self._starts), range(most)) for number in (start, start + 1)]
        return [*range(self._next, self._next + most), *gaps]

    def _all_missing(self, last: int | None) -> Iterator[int]:
        yield from self._first_written_off
        for start, end in zip(self._starts, self._ends):
            yield from range(start, end)
        tail = range(self._next, self._next + self._tail(last))
        yield from (number for number in tail if number not in self._claims)

    def _tail(self, last: int | None) -> int:
        return 0 if last is None else max(0, last + 1 - self._next)

    def _take(self, number: int, late: bool) -> None:
        if self._begin is None:
            self._begin = self._next = number
        if number >= self._next:
            if number > self._next:
                self._add_gap(self._next, number)
            self._next = number + 1
            if self._claims:
                self._settle(number)
        elif number < self._begin:
            self._begin_before(number)
            self._note_reordered(number)
        elif self._fill(number):
            if late:
                self._note_reordered(number)
        else:
            self.duplicates += 1
            if len(self.first_duplicates) < SHOWN:
                self.first_duplicates.append(number)

    def _is_next(self, numbers: Sequence[int], highest: int) -> bool:
        first, last = numbers[0], numbers[-1]
        if first != self._next or last - first + 1 != len(numbers) or self._begin is None or self._claims:
            return False
        follow = isinstance(numbers, range) or numbers == list(range(first, last + 1))
        return highest < first and follow

    def _only_leaves_out(self, numbers: Sequence[int], highest: int) -> bool:
        """Whether all that is wrong with the numbers is that some between them are missing."""
        if self._begin is None or self._claims or numbers[0] < self._next or highest >= numbers[0]:
            return False
        return all(map(lt, numbers, islice(numbers, 1, None)))

    def _add_gaps(self, numbers: Sequence[int]) -> None:
        """Takes numbers that ascend, the first one above all that came, at once: a sink that loses many is not slow."""
        expected = [self._next, *(number + 1 for number in numbers[:-1])]
        gaps = [gap for gap in zip(expected, numbers) if gap[0] != gap[1]]
        self._starts.extend([start for start, _ in gaps])
        self._ends.extend([end for _, end in gaps])
        self._missing += sum([end - start for start, end in gaps])
        self._next = numbers[-1] + 1
        self._stay_bounded()

    def _note_reordered(self, number: int) -> None:
        self.reordered += 1
        if len(self.first_reordered) < SHOWN:
            self.first_reordered.append(number)

    def _add_gap(self, start: int, end: int) -> None:
        self._starts.append(start)
        self._ends.append(end)
        self._missing += end - start
        self._stay_bounded()

    def _stay_bounded(self) -> None:
        while len(self._starts) > MOST_GAPS:
            self._write_off()

    def _write_off(self) -> None:
        starts, ends = self._starts[:_WRITTEN_OFF], self._ends[:_WRITTEN_OFF]
        numbers = (number for start, end in zip(starts, ends) for number in range(start, end))
        wanted = SHOWN - len(self._first_written_off)
        self._first_written_off += [number for number, _ in zip(numbers, range(wanted))]
        gone = sum(ends) - sum(starts)
        self._written_off += gone
        self._missing -= gone
        self.bounded = True
        del self._starts[:_WRITTEN_OFF], self._ends[:_WRITTEN_OFF]

    def _fill(self, number: int) -> bool:
        """Whether the number was missing; then it is not any more."""
        place = bisect_right(self._starts, number) - 1
        if place < 0 or number >= self._ends[place]:
            return False
        start, end = self._starts[place], self._ends[place]
        self._missing -= 1
        if start == number:
            self._starts[place] = number + 1
        else:
            self._ends[place] = number
            if number + 1 < end:
                self._starts.insert(place + 1, number + 1)
                self._ends.insert(place + 1, end)
        if self._starts[place] == self._ends[place]:
            del self._starts[place], self._ends[place]
        self._stay_bounded()  # within a gap it has made two of it
        return True

    def _begin_before(self, number: int) -> None:
        """A number came before which another one had come by chance."""
        begin = self._begin or 0
        if number + 1 < begin:
            self._starts.insert(0, number + 1)
            self._ends.insert(0, begin)
            self._missing += begin - number - 1
            self._stay_bounded()
        self._begin = number

    def _settle(self, number: int) -> None:
        """Claims that are not above the highest number any more."""
        self._claims.discard(number)  # the message itself came, too; the damaged one was a copy of it
        for claim in [claim for claim in self._claims if claim < self._next]:
            self._claims.discard(claim)
            self._fill(claim)


def losses(
    ledgers: Mapping[int, Ledger], sent: Mapping[int, Sent], received: int, unstamped: int
) -> tuple[int, list[int]]:
    """How many messages of all senders never came, and the first of their numbers.

    Args:
        ledgers: By sender.
        sent: What pumps have sent, as far as that is known, by the run id of their first lanes.
        received: How many messages came, also those without a number.
        unstamped: How many of these came without a number.
    """
    own = ledgers.get(OWN)
    if own is not None:
        last = own.last_sent(_total(sent))
        return own.lost(last), own.first_lost(last)
    if received and not ledgers:  # also stamps may have got lost on the way
        return max(0, _total(sent) - received), []
    known = {pump_of(run): pump.messages for run, pump in sent.items() if pump.numbered}
    senders = {**ledgers, **{sender: Ledger(1) for sender in known if sender not in ledgers}}
    lost = sum(ledger.lost(known.get(sender)) for sender, ledger in senders.items())
    lost += max(0, _total(sent, numbered=False) - unstamped)
    return lost, [number for sender, ledger in senders.items() for number in ledger.first_lost(known.get(sender))]


def all_came(run: int, came: Mapping[int, int], sent: Mapping[int, Sent], received: int, unstamped: int) -> bool:
    """Whether all messages of one pump came.

    Args:
        run: The run id of its first lane.
        came: How many different numbers came, by sender.
        sent: As for `losses`, with that pump.
        received: As for `losses`.
        unstamped: As for `losses`.
    """
    if OWN in came:
        return came[OWN] >= _total(sent)
    if not came:
        return received >= _total(sent)
    if sent[run].numbered:
        return came.get(pump_of(run), 0) >= sent[run].messages
    return unstamped >= _total(sent, numbered=False)


def _total(sent: Mapping[int, Sent], numbered: bool | None = None) -> int:
    """The messages of all pumps, or of those with or without numbers."""
    return sum(pump.messages for pump in sent.values() if numbered in (None, pump.numbered))
