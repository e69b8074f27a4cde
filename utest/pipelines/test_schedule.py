"""Rate profiles as planned times."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ZmqLibrary.errors import InvalidValue
from ZmqLibrary.pipelines.schedule import SECOND, parse_schedule

MS = SECOND // 1000
PROFILES = ["10000", "3", "0.5", "333.3", "1000:1s,4000:1s,2000:1s", "1000..3000:1s", "0..100:2s",
            "100..0:2s", "1e3", "1e2..3E+2:1s", "100/250ms", "10/100ms:1s,50:1s", "1000:500ms,1000..2000:1s,50",
            "1_000:1min"]  # fmt: skip


@pytest.mark.parametrize("text", PROFILES)
def test_what_is_due_are_the_messages_planned_until_then(text):
    schedule = parse_schedule(text)
    count = min(schedule.count or 5000, 5000)
    times = list(schedule.planned(0, count))
    assert times == sorted(times)
    assert times[0] >= 0
    for number, time in enumerate(times):
        same_time = sum(other == time for other in times[number + 1 : number + 200])
        assert schedule.due(time) >= number + 1 + same_time
        assert "/" in text or schedule.due(time - 1) <= number


@pytest.mark.parametrize("text", PROFILES)
@given(start=st.integers(0, 2000), count=st.integers(1, 500))
def test_planned_times_are_the_same_in_any_pieces(text, start, count):
    schedule = parse_schedule(text)
    most = schedule.count or 10_000
    start, count = min(start, most - 1), max(1, min(count, most - start))
    assert [*schedule.planned(start, count)] == [*schedule.planned(0, start + count)][start:]


@pytest.mark.parametrize(
    ("text", "count", "length"),
    [
        ("10000", None, None),
        ("1000:1s,4000:1s,2000:1s", 7000, 3 * SECOND),
        ("1000..3000:1s", 2000, SECOND),
        ("100/250ms", None, None),
        ("100/250ms:1s", 400, SECOND),
        ("100:1s,50", None, None),
        ("1000:1", 1000, SECOND),
    ],
)
def test_a_profile_has_its_number_of_messages_and_its_length(text, count, length):
    schedule = parse_schedule(text)
    assert (schedule.count, schedule.length) == (count, length)


def test_bursts_are_planned_at_once():
    assert list(parse_schedule("2/250ms").planned(0, 5)) == [0, 0, 250 * MS, 250 * MS, 500 * MS]


def test_a_ramp_is_even():
    times = parse_schedule("1000..3000:1s").planned(0, 2000)
    first_half = sum(time < SECOND / 2 for time in times)
    assert abs(first_half - 750) <= 1
    assert times[-1] < SECOND


def test_numbers_are_taken_as_such():
    assert parse_schedule(10_000).due(SECOND - 1) == 10_000
    assert parse_schedule(0.5).due(3 * SECOND) == 2


def test_nothing_is_due_before_the_beginning():
    assert parse_schedule("100").due(-1) == 0


WRONG = ["-1", "0", "", "1000:x", "1000:1s,", "abc", "1000..", "1000..3000", "0..0:1s", "1.5/250ms", "100/0s", "100:0s",
         "100,200:1s", "1e400", "nan", "inf", "99999999999", "1000:-1s", "1000::1s", "٣",
         "1_", "1__0", "1:0.1us_", f"1:{'9' * 400}s", "1:1e3s",
         "1e", "1e-300..1e-300:1s"]  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_profile_is_refused_with_the_forms_that_there_are(text):
    with pytest.raises(InvalidValue, match=r"rate=.*Write a number \(10000\), steps .*, a ramp .* or bursts"):
        parse_schedule(text)


@pytest.mark.parametrize("rate", [0.00001, "0.0001", 2e9])
def test_a_rate_that_no_pump_can_keep_is_refused_with_the_reason(rate):
    with pytest.raises(InvalidValue, match=r"a rate is above 0, from 0\.001 to 1,000,000,000\."):
        parse_schedule(rate)


@given(st.text(max_size=20))
def test_any_text_is_a_profile_or_refused(text):
    try:
        schedule = parse_schedule(text)
    except InvalidValue:
        return
    assert schedule.due(0) >= 0
