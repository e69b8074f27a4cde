"""Timeline: which messages are due now, and when each was planned, through pauses, stalls and changes of rate.

It counts in *active* ns, which stand still during a pause: a pause moves all later planned times and leaves no debt.
What a blocked or delayed pump owes keeps its planned time and is sent late. After `SLACK` of lateness it releases
in steps what was planned, `CATCH_UP` times as much as time has gone by since the last step, so that a pump which a
busy machine wakes seldom holds its rate too; but never more than `MOST` in a `WINDOW`, so that no 100 ms have more than
120 percent. Messages are numbered from 0.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence

from .schedule import SECOND, Schedule

CATCH_UP = 1.1
SLACK = 4_000_000
WINDOW = 100_000_000
MOST = 118_000_000

_MARK = 1_000_000


class Timeline:
    """The planned times of a pump's messages.

    Args:
        schedule: None: as fast as it goes.
        begin: When the first message is planned, in monotonic ns.
        duration: In ns; nothing is planned after it.
    """

    def __init__(self, schedule: Schedule | None, begin: int, duration: int | None = None) -> None:
        self._duration = duration
        self._schedules: list[Schedule | None] = [schedule]
        self._firsts, self._starts = [0], [0]  # of each schedule: its first message, and when that is planned
        self._moved_from, self._moves = [0], [begin]  # from which message on: the difference to the clock
        self._paused: int | None = None
        self._horizon = self._at = 0
        # Of a window: active time, the horizon then, and up to where nothing more was planned.
        self._horizons: deque[tuple[int, int, int]] = deque()
        self._catching_up = False

    @property
    def schedule(self) -> Schedule | None:
        """The one that is followed now."""
        return self._schedules[-1]

    @property
    def paused(self) -> bool:
        """Whether time stands still."""
        return self._paused is not None

    def active(self, now: int) -> int:
        """The active time that has gone by, in ns; not beyond the duration."""
        elapsed = self._elapsed(now)
        return elapsed if self._duration is None else min(elapsed, self._duration)

    def over(self, now: int, taken: int) -> bool:
        """Whether nothing more will be planned after the messages that were taken."""
        if self._duration is not None and self.active(now) >= self._duration:
            return self.schedule is None or taken >= self.planned_count(now)
        schedule = self.schedule
        return schedule is not None and schedule.count is not None and taken >= self._firsts[-1] + schedule.count

    def expired(self, now: int) -> bool:
        """Whether the duration is over."""
        return self._duration is not None and self.active(now) >= self._duration

    def planned_count(self, now: int) -> int:
        """How many messages were planned until now."""
        return self._due(self._latest(self.active(now)))

    def pause(self, now: int) -> None:
        """Time stands still."""
        if self._paused is None:
            self._paused = now

    def resume(self, now: int, taken: int) -> None:
        """Time goes on; what was owed before keeps its planned time, unless it has only just become due."""
        if self._paused is not None:
            owes = self.active(now) - self._planned(taken, 1)[0] > SLACK
            self._moved_from.append(self.planned_count(now) if owes else taken)
            self._moves.append(self._moves[-1] + now - self._paused)
            self._paused = None

    def change(self, schedule: Schedule | None, now: int, taken: int) -> None:
        """Another schedule from now on; what is owed stays owed."""
        active = self.active(now)
        first = taken if self.schedule is None else max(taken, self.planned_count(now))
        self._schedules.append(schedule)
        self._firsts.append(first)
        self._starts.append(active)
        self._withdraw(active)

    def releasable(self, now: int, taken: int) -> int:
        """How many further messages may be sent now; where there is a schedule."""
        elapsed = self._elapsed(now)
        active = self._latest(elapsed)
        next_planned = self._planned(taken, 1)[0]
        most = self._window_end(elapsed)
        if elapsed - next_planned <= SLACK:
            self._catching_up = False
            wanted = active
        else:
            step = int(CATCH_UP * (elapsed - self._at))
            wanted = self._horizon + step if self._catching_up else next_planned + max(step, SLACK)
            self._catching_up = True
        self._horizon = min(active, max(self._horizon, min(wanted, most)))
        self._at = elapsed
        due = self._due(self._horizon)
        if not self._horizons or elapsed - self._horizons[-1][0] >= _MARK:
            self._horizons.append((elapsed, self._horizon, self._planned(due, 1)[0]))
        return max(0, due - taken)

    def refused(self, taken: int) -> None:
        """The peer did not take what was released: the catching up begins when it takes something again."""
        if self.schedule is not None:
            self._withdraw(self._planned(taken, 1)[0])

    def _withdraw(self, end: int) -> None:
        self._horizon = min(self._horizon, end)
        self._horizons = deque((at, min(horizon, end), min(idle, end)) for at, horizon, idle in self._horizons)

    def _window_end(self, elapsed: int) -> int:
        """How far the horizon may go, for what it was when the window began that ends now.

        A pump that has nothing to send is seldom awake: until the next message its horizon goes with the time.
        """
        horizons, begin = self._horizons, elapsed - WINDOW
        while len(horizons) > 1 and horizons[1][0] <= begin:
            horizons.popleft()
        if not horizons:
            return self._horizon + MOST
        _, horizon, idle = horizons[0]
        return max(horizon, min(begin, idle)) + MOST

    def planned(self, first: int, count: int) -> Sequence[int]:
        """When messages were planned, in monotonic ns."""
        times: list[int] = []
        moved = bisect_right(self._moved_from, first) - 1
        if moved == len(self._moves) - 1:
            move = self._moves[moved]
            return [time + move for time in self._planned(first, count)]
        for number, time in enumerate(self._planned(first, count), first):
            while moved + 1 < len(self._moves) and self._moved_from[moved + 1] <= number:
                moved += 1
            times.append(time + self._moves[moved])
        return times

    def next_due(self, now: int, taken: int) -> int:
        """When the next message may be sent, in ns from now."""
        if self._catching_up:
            return SLACK // 8
        return max(0, self._planned(taken, 1)[0] - self.active(now))

    def _elapsed(self, now: int) -> int:
        """Active time, also beyond the duration: what is owed then is still made up for step by step."""
        return (now if self._paused is None else self._paused) - self._moves[-1]

    def _latest(self, active: int) -> int:
        """What is planned at the very end of the duration does not belong to it."""
        return active if self._duration is None else min(active, self._duration - 1)

    def _due(self, active: int) -> int:
        number = bisect_right(self._starts, active) - 1
        while number > 0 and self._schedules[number] is None:
            return self._firsts[number]
        schedule = self._schedules[number]
        return self._firsts[number] + (schedule.due(active - self._starts[number]) if schedule else 0)

    def _planned(self, first: int, count: int) -> Sequence[int]:
        """In active time. A message after the end of its schedule is never planned."""
        number = bisect_right(self._firsts, first) - 1
        schedule, base, start = self._schedules[number], self._firsts[number], self._starts[number]
        end = self._firsts[number + 1] if number + 1 < len(self._firsts) else first + count
        if schedule is None:
            return [start] * count
        here = min(count, end - first)
        if schedule.count is not None:
            here = min(here, base + schedule.count - first)
        if here <= 0:
            return [_NEVER] * count
        times = schedule.planned(first - base, here)
        if start:
            times = [start + time for time in times]
        return times if here == count else [*times, *self._planned(first + here, count - here)]


_NEVER = SECOND * 1_000_000_000
