"""What a sink knows of the messages that came, whole or damaged, one by one or in runs."""

from __future__ import annotations

import re
import time
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ZmqLibrary.errors import InvalidValue
from ZmqLibrary.pipelines.engine import BufferedRun
from ZmqLibrary.pipelines.ledger import Sent, losses
from ZmqLibrary.pipelines.messages import Batch, messages_of
from ZmqLibrary.pipelines.reading import epoch_ns
from ZmqLibrary.pipelines.settings import PumpSettings, SinkSettings
from ZmqLibrary.pipelines.stamp import run_id, stamped
from ZmqLibrary.pipelines.tally import Tally

RUN = run_id(1, 0)


def tally_of(type="PULL", **values):
    return Tally(SinkSettings("out", "tcp://127.0.0.1:1", type, **{"stamp": "AUTO", **values}))


def pumped(count=10, run=RUN, planned=None, **values):
    settings = PumpSettings("source", "tcp://127.0.0.1:1", "PUSH", **{"stamp": "PREFIX", "size": 60, **values})
    planned = planned or [time.monotonic_ns()] * count
    return [list(message) for message in Batch(messages_of(settings), run, 1, planned).messages()]


def counts(tally, sent=None):
    lost, _ = losses(tally.ledgers, {RUN: Sent(sent, True)} if sent else {}, tally.received, tally.unstamped)
    ledgers = tally.ledgers.values()
    duplicates = sum(ledger.duplicates for ledger in ledgers)
    return lost, duplicates, sum(ledger.reordered for ledger in ledgers), tally.corrupt, tally.unstamped


def damaged(message, place):
    last = bytearray(message[-1])
    last[place] ^= 0xFF
    return [*message[:-1], bytes(last)]


def run_of(messages):
    data = b"".join(bytes([0, len(frame)]) + frame for (frame,) in messages)
    return BufferedRun(memoryview(data), len(messages[0][0]) + 2, 2, len(messages))


@pytest.mark.parametrize("stamp", ["PREFIX", "FRAME"])
def test_whole_messages_are_whole(stamp):
    tally = tally_of()
    tally.take(0, pumped(stamp=stamp), time.monotonic_ns())
    assert counts(tally, 10) == (0, 0, 0, 0, 0)
    assert tally.all_latencies().count == 10


@pytest.mark.parametrize("number", [2, 8, 9, 30])
@pytest.mark.parametrize("values", [{}, {"frames": ((b"a",), (b"b",), (b"c",)), "stamp": "FRAME"}])
def test_of_messages_that_a_worker_has_joined_all_but_the_last_are_lost(number, values):
    tally = tally_of()
    messages = pumped(number * 3, **values)
    joined = [[*chain.from_iterable(messages[first : first + number])] for first in range(0, len(messages), number)]
    tally.take(0, joined, time.monotonic_ns())
    assert counts(tally, number * 3) == (number * 3 - 3, 0, 0, 0, 0)


@pytest.mark.parametrize("envelope", [[b"id"], [b"id", b""], [b"one", b"two", b""]])
@pytest.mark.parametrize("type", ["ROUTER", "DEALER", "PULL"])
def test_what_brokers_put_before_a_message_does_not_damage_it(envelope, type):
    tally = tally_of(type)
    tally.take(0, [[*envelope, *message] for message in pumped(stamp="FRAME")], time.monotonic_ns())
    assert counts(tally, 10) == (0, 0, 0, 0, 0)


@given(st.integers(0, 59), st.integers(0, 9))
def test_any_damaged_byte_makes_one_corrupt_message_and_nothing_else(place, number):
    messages = pumped()
    messages[number] = damaged(messages[number], place)
    tally = tally_of()
    tally.take(0, messages, time.monotonic_ns())
    lost, duplicates, reordered, corrupt, unstamped = counts(tally, 10)
    if number == 0 and place < 4:  # nothing says yet that there should be a stamp
        assert (corrupt, unstamped, lost) == (0, 1, 1)
    else:
        assert (corrupt, unstamped, lost) == (1, 0, 1 if place < 16 else 0)
    assert (duplicates, reordered) == (0, 0)


@pytest.mark.parametrize("number", [0, 1, 2**63, 2**64 - 1])
def test_a_number_that_was_overwritten_invents_nothing(number):
    messages = pumped()
    last = messages[5][-1]
    messages[5] = [last[:8] + number.to_bytes(8, "big") + last[16:]]
    tally = tally_of()
    tally.take(0, messages, time.monotonic_ns())
    assert counts(tally, 10) == (1, 0, 0, 1, 0)


def test_runs_count_as_single_messages_do():
    messages = pumped(100)
    del messages[40:45]
    messages[60], messages[61] = messages[61], messages[60]
    messages.insert(20, messages[10])
    one, other = tally_of(), tally_of()
    one.take(0, messages, time.monotonic_ns())
    other.take_run(0, run_of(messages), time.monotonic_ns())
    assert counts(one, 100) == counts(other, 100) == (5, 1, 1, 0, 0)
    assert (one.received, one.bytes) == (other.received, other.bytes)
    assert [kept.frames[0] for kept in other.kept] == [message[0] for message in messages[-20:]]


def test_a_damaged_message_in_a_run_is_found():
    messages = pumped(50)
    messages[7] = damaged(messages[7], 40)
    tally = tally_of()
    tally.take_run(0, run_of(messages), time.monotonic_ns())
    assert counts(tally, 50) == (0, 0, 0, 1, 0)
    assert tally.first_corrupt == [8]


@pytest.mark.parametrize("size", [8, 100])
def test_runs_without_stamps_are_counted(size):
    tally = tally_of()
    tally.take_run(0, run_of([[b"x" * size]] * 1000), time.monotonic_ns())
    assert (tally.received, tally.unstamped, tally.bytes) == (1000, 1000, 1000 * size)


def test_two_pumps_are_told_apart():
    tally = tally_of()
    tally.take(0, pumped(10), time.monotonic_ns())
    tally.take(0, pumped(10, run=run_id(2, 0))[3:], time.monotonic_ns())
    assert counts(tally, 10) == (3, 0, 0, 0, 0)


def test_the_clock_of_another_machine_gives_no_latency():
    tally = tally_of()
    tally.take(0, pumped(run=RUN ^ 1 << 26), time.monotonic_ns())
    assert tally.strange_clock
    assert tally.all_latencies().count == 0


def test_times_in_the_future_are_those_of_another_clock():
    tally = tally_of()
    tally.take(0, pumped(planned=[time.monotonic_ns() + 10**11] * 3), time.monotonic_ns())
    assert tally.strange_clock


def test_seconds_without_messages_are_there_too():
    tally = tally_of()
    begin = time.monotonic_ns()
    tally.take(0, pumped(3), begin)
    tally.take(0, pumped(5), begin + 2_500_000_000)
    assert [(second.second, second.received) for second in tally.seconds] == [(0, 3), (1, 0), (2, 5)]


@pytest.mark.parametrize(
    "value", [1_700_000_000.5, 1_700_000_000_500, 1_700_000_000_500_000, 1_700_000_000_500_000_000]
)
def test_the_size_of_a_time_tells_its_unit(value):
    assert epoch_ns(float(value)) == pytest.approx(1_700_000_000_500_000_000, abs=1000)


@pytest.mark.parametrize("number", [2**63 - 1, 2**63, 2**64 - 1])
def test_a_number_that_no_pump_has_counted_to_is_none(number):
    tally = tally_of()
    tally.take(0, pumped(2), time.monotonic_ns())
    tally.take(0, [[stamped(RUN, number, time.monotonic_ns(), 0)]], time.monotonic_ns())
    assert counts(tally) == (0, 0, 0, 0, 1)
    data = b"".join(b"\0\x1c" + stamped(RUN, number, time.monotonic_ns(), 0) for _ in range(20))
    tally.take_run(0, BufferedRun(memoryview(data), 30, 2, 20), time.monotonic_ns())
    assert counts(tally) == (0, 0, 0, 0, 21)


@given(st.lists(st.lists(st.binary(max_size=80), min_size=1, max_size=5), min_size=1, max_size=20))
def test_nothing_that_comes_from_the_wire_ends_a_sink(messages):
    for values in ({}, {"sequence": "$.id", "sent_at": "$.at"}, {"sequence": "1"}, {"sequence": "-1", "sent_at": "0"}):
        tally = tally_of(**values)
        tally.take(0, pumped(2), time.monotonic_ns())
        tally.take(0, messages, time.monotonic_ns())
        assert tally.received == len(messages) + 2


@pytest.mark.parametrize("place", ["--1", "1.5", "abc", "id", "+1"])
@pytest.mark.parametrize("argument", ["sequence", "sent_at"])
def test_what_is_neither_a_json_path_nor_the_number_of_a_frame_is_refused(argument, place):
    with pytest.raises(InvalidValue, match=rf"{argument}={re.escape(place)} cannot be used: give a JSON path .*\$\.id"):
        tally_of(**{argument: place})


@pytest.mark.parametrize("age", [-0.5, 2 * 24 * 3600, 1e9])
def test_a_time_of_sending_by_another_clock_gives_no_latency(age):
    tally = tally_of(sent_at="$.t")
    tally.take(0, [[b'{"t": %f}' % (time.time() - back)] for back in (0.2, age)], time.monotonic_ns())
    tally.take(0, [[b'{"t": %f}' % (time.time() - 0.2)]], time.monotonic_ns())
    assert tally.strange_clock
    assert tally.all_latencies().count == 0


@pytest.mark.parametrize("place", ["$['--1']", "$.--1", "0", "-1"])
def test_a_number_is_found_by_path_or_frame(place):
    tally = tally_of(sequence=place)
    tally.take(0, [[b"3" if place in ("0", "-1") else b'{"--1": 3}']], time.monotonic_ns())
    assert counts(tally) == (0, 0, 0, 0, 0)
