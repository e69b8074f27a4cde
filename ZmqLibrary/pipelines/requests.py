"""Requests under way: which replies a pump waits for, how long they took, and which are overdue."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

from .histogram import Histogram
from .stamp import MAGIC, SIZE, read_stamp

MOST_UNDER_WAY = 100_000


class _Request(NamedTuple):
    planned: int
    sent: int


class Requests:
    """The requests of a pump, for each lane in the order sent.

    Args:
        lanes: How many there are.
        timeout: In ns; a reply that takes longer is overdue.

    Attributes:
        replies: How many replies have come.
        lost: How many are overdue. A reply with a stamp that comes later all the same is taken back from these.
        latency: From the planned time of the request to the reply.
    """

    def __init__(self, lanes: int, timeout: int) -> None:
        self.replies = self.lost = 0
        self.latency = Histogram()
        self._timeout = timeout
        self._under_way: list[OrderedDict[int, _Request]] = [OrderedDict() for _ in range(lanes)]
        self._overdue: OrderedDict[int, _Request] = OrderedDict()
        self._count = self._last = 0

    @property
    def room(self) -> int:
        """How many more may be under way."""
        return MOST_UNDER_WAY - self._count

    @property
    def under_way(self) -> int:
        """How many replies are waited for."""
        return self._count

    def sent(self, lane: int, first: int, planned: Sequence[int], now: int) -> None:
        """Requests were sent; `first` is the number of the first one."""
        under_way = self._under_way[lane]
        for number, time in enumerate(planned, first):
            under_way[number] = _Request(time, now)
        self._count += len(planned)
        self._last = first + len(planned) - 1

    def reply(self, lane: int, frames: Sequence[bytes], arrived: int) -> bool:
        """A reply has come: to the request whose number its stamp has, else to the oldest one.

        Returns:
            Whether the lane waits for no more replies.
        """
        waiting = self._under_way[lane]
        number = self._number_in(frames)
        if number is not None and number in self._overdue:
            request = self._overdue.pop(number)
            self.lost -= 1
        elif number is not None and number in waiting:
            request = waiting.pop(number)
            self._count -= 1
        elif number is None and waiting:
            _, request = waiting.popitem(last=False)
            self._count -= 1
        else:
            return not waiting  # a second reply, or one to nothing
        self.replies += 1
        self.latency.record(arrived - request.planned)
        return not waiting

    def give_up(self, now: int) -> list[int]:
        """Gives up what is overdue.

        Returns:
            The lanes on which it was.
        """
        lanes = []
        for lane, waiting in enumerate(self._under_way):
            while waiting and now - next(iter(waiting.values())).sent >= self._timeout:
                number, request = waiting.popitem(last=False)
                self._overdue[number] = request
                self._count -= 1
                self.lost += 1
                lanes.append(lane)
        while len(self._overdue) > MOST_UNDER_WAY:
            self._overdue.popitem(last=False)
        return lanes

    def _number_in(self, frames: Sequence[bytes]) -> int | None:
        """The number in the stamp of a reply; None without one, or if no such request was sent."""
        last = frames[-1] if frames else b""
        number = read_stamp(last).sequence if len(last) >= SIZE and last[:4] == MAGIC else None
        return None if number is None or number > self._last else number
