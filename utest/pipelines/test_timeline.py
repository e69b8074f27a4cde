"""When messages of a pump are due: with a clock that the test moves on."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ZmqLibrary.pipelines.schedule import SECOND, parse_schedule
from ZmqLibrary.pipelines.timeline import Timeline

MS = SECOND // 1000
BEGIN = 5 * SECOND


class Run:
    """A pump that wakes each millisecond and sends what is due."""

    def __init__(self, rate, duration=None):
        self.timeline = Timeline(parse_schedule(rate), BEGIN, duration)
        self.now = BEGIN
        self.taken = 0
        self.sent = []  # when each message was sent

    def go(self, milliseconds, step=1, blocked=False):
        for _ in range(milliseconds // step):
            amount = self.timeline.releasable(self.now, self.taken)
            if blocked and amount:
                self.timeline.refused(self.taken)
            elif amount:
                self.sent += [self.now] * amount
                self.taken += amount
            self.now += step * MS

    def most_in_100_ms(self, since=0):
        times = [time for time in self.sent if time >= since]
        most, first = 0, 0
        for last, time in enumerate(times):
            while times[first] <= time - 100 * MS:
                first += 1
            most = max(most, last - first + 1)
        return most

    @property
    def planned(self):
        return list(self.timeline.planned(0, self.taken))


def test_messages_are_due_when_they_are_planned():
    run = Run("10000")
    run.go(1000)
    assert run.taken == 9991
    assert run.planned == [BEGIN + number * MS // 10 for number in range(9991)]


@pytest.mark.parametrize("rate", ["8", "15", "40", "100/250ms", "500/100ms"])
def test_a_pump_that_wakes_for_each_message_and_seldom_else_sends_each_in_time(rate):
    timeline = Timeline(parse_schedule(rate), BEGIN)
    now, taken = BEGIN, 0
    while now < BEGIN + 20 * SECOND:
        amount = timeline.releasable(now, taken)
        assert all(now - planned <= MS for planned in timeline.planned(taken, amount))
        taken += amount
        now += max(MS, min(50 * MS, timeline.next_due(now, taken)))
    assert taken >= timeline.planned_count(now - 50 * MS)


def test_what_has_only_just_become_due_moves_with_a_pause():
    run = Run("20000")
    run.go(500)
    run.timeline.pause(run.now)
    run.now += SECOND
    run.timeline.resume(run.now, run.taken)
    run.go(100)
    assert max(sent - planned for sent, planned in zip(run.sent, run.planned)) < 2 * MS


def test_a_pause_moves_what_was_not_due_and_makes_up_for_nothing():
    run = Run("1000")
    run.go(500)
    run.timeline.pause(run.now)
    run.now += 10 * SECOND
    assert run.timeline.active(run.now) == 500 * MS
    run.timeline.resume(run.now, run.taken)
    resumed = run.now
    run.go(500)
    assert run.taken == pytest.approx(1000, abs=1)
    assert run.planned[-1] >= BEGIN + 10 * SECOND + 990 * MS
    assert run.most_in_100_ms(resumed) <= 101


def test_what_was_due_before_a_pause_keeps_its_planned_time():
    run = Run("1000")
    run.go(100, blocked=True)
    run.timeline.pause(run.now)
    run.now += SECOND
    run.timeline.resume(run.now, run.taken)
    run.go(2000)
    planned = run.planned
    assert planned[:100] == [BEGIN + number * MS for number in range(100)]
    assert planned[101] == BEGIN + 1101 * MS


@pytest.mark.parametrize("blocked", [True, False], ids=["blocked", "asleep"])
@pytest.mark.parametrize("rate", ["1000", "10000", "50"])
def test_after_a_stall_no_100_ms_have_more_than_120_percent(rate, blocked):
    run = Run(rate)
    run.go(300)
    if blocked:
        run.go(1000, blocked=True)
    else:
        run.now += SECOND
    resumed = run.now
    run.go(15_000)
    assert run.most_in_100_ms(resumed) <= (int(rate) * 0.12 if int(rate) > 100 else 7)  # where one is 20 percent
    assert run.taken == run.timeline.planned_count(run.now - MS)  # all is made up for by now
    assert run.planned == [BEGIN + number * SECOND // int(rate) for number in range(run.taken)]


@given(st.lists(st.integers(1, 40), min_size=5, max_size=60))
def test_a_pump_that_wakes_late_again_and_again_never_bursts(steps):
    run = Run("10000")
    for step in steps * 3:
        run.go(step, step=step)
    assert run.most_in_100_ms() <= 1200


@pytest.mark.parametrize("step", [5, 15, 30])
def test_a_pump_that_a_busy_machine_wakes_seldom_holds_its_rate(step):
    run = Run("1000")
    run.go(3000, step=step)
    assert run.taken >= 0.96 * run.timeline.planned_count(run.now)
    assert run.most_in_100_ms() <= 120


def test_a_new_rate_holds_from_now_on_without_catching_up():
    run = Run("1000")
    run.go(1000)
    run.timeline.change(parse_schedule("500"), run.now, run.taken)
    changed = run.now
    run.go(2000)
    assert run.taken == pytest.approx(2000, abs=2)
    assert run.most_in_100_ms(changed) <= 51
    gaps = {later - earlier for earlier, later in pairwise(run.planned[1001:])}
    assert gaps == {2 * MS}


def test_a_rate_given_during_a_stall_leaves_the_debt():
    run = Run("1000")
    run.go(200, blocked=True)
    run.timeline.change(parse_schedule("100"), run.now, run.taken)
    run.go(10_000)
    assert run.taken == pytest.approx(200 + 1000, abs=2)
    assert run.planned[:200] == [BEGIN + number * MS for number in range(200)]


def test_a_profile_ends():
    run = Run("1000:1s,2000:500ms")
    run.go(1400)
    assert not run.timeline.over(run.now, run.taken)
    run.go(400)
    assert run.taken == 2000
    assert run.timeline.over(run.now, run.taken)


def test_nothing_is_planned_after_the_duration():
    run = Run("1000", duration=3 * SECOND)
    run.go(5000)
    assert run.taken == 3000
    assert run.timeline.over(run.now, run.taken)
    assert run.timeline.expired(run.now)


def test_what_is_owed_at_the_end_of_the_duration_is_still_sent():
    run = Run("500", duration=2 * SECOND)
    run.go(1900)
    run.now += 200 * MS
    run.go(1000)
    assert run.taken == 1000


def test_bursts_come_at_once_and_owed_ones_one_after_the_other():
    run = Run("100/250ms")
    run.go(10)
    assert run.taken == 100
    run.go(990, blocked=True)
    resumed = run.now
    run.go(3000)
    assert run.most_in_100_ms(resumed) == 100


def test_steps_and_ramps_may_change_while_it_runs():
    run = Run("100")
    for rate in ("1000:1s,100", "50..500:2s", "20/10ms:1s,5"):
        run.go(700)
        run.timeline.change(parse_schedule(rate), run.now, run.taken)
    run.go(3000)
    assert run.planned == sorted(run.planned)
    assert all(sent >= planned for sent, planned in zip(run.sent, run.planned))
