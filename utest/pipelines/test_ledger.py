"""The ledger against plain sets and lists."""

from __future__ import annotations

import json
import sys

from hypothesis import given
from hypothesis import strategies as st

from ZmqLibrary.pipelines.ledger import MOST_GAPS, OWN, Ledger, Sent, all_came, losses
from ZmqLibrary.pipelines.stamp import run_id


def counted(numbers):
    """Lost, duplicates and reordered of numbers that begin at 1, in the plainest way."""
    seen, highest, duplicates, reordered = set(), 0, 0, 0
    for number in numbers:
        duplicates += number in seen
        reordered += number not in seen and number < highest
        seen.add(number)
        highest = max(highest, number)
    return highest - len(seen), duplicates, reordered


def taken(chunks, first=1):
    ledger, highest = Ledger(first), -1
    for chunk in chunks:
        highest = ledger.take(chunk, highest)
    return ledger


def results(ledger, last=None):
    return ledger.lost(last), ledger.duplicates, ledger.reordered


@given(st.lists(st.lists(st.integers(1, 60), min_size=1, max_size=20), max_size=20))
def test_it_counts_as_sets_do(chunks):
    ledger = taken(chunks)
    numbers = [number for chunk in chunks for number in chunk]
    assert results(ledger) == counted(numbers)
    assert ledger.came == len(set(numbers))
    assert ledger.first_lost(most=60) == sorted(set(range(1, max(numbers, default=0))) - set(numbers))


@given(st.permutations(range(1, 40)), st.integers(0, 80))
def test_the_tail_counts_when_the_last_number_is_known(numbers, last):
    kept = [number for number in numbers if number % 5]
    ledger = taken([kept])
    beyond = len(range(max(kept) + 1, last + 1))
    assert ledger.lost(last) == ledger.lost() + beyond


@given(st.permutations(range(100, 130)))
def test_without_a_first_number_it_begins_with_the_lowest_that_came(numbers):
    ledger = taken([numbers[:-3]], first=None)
    kept = numbers[:-3]
    assert ledger.lost() == max(kept) - min(kept) + 1 - len(kept)
    assert ledger.duplicates == 0


def test_all_is_well_with_numbers_in_order():
    ledger = taken([list(range(1, 500)), list(range(500, 1001))])
    assert results(ledger, 1000) == (0, 0, 0)


def test_a_worker_that_loses_doubles_and_swaps_is_told_exactly():
    numbers = []
    for number in range(1, 100_001):
        if number % 1000:
            numbers += [number] * (2 if number % 777 == 0 else 1)
    for place in range(500, len(numbers) - 1, 1001):
        if numbers[place] != numbers[place + 1]:
            numbers[place], numbers[place + 1] = numbers[place + 1], numbers[place]
    del numbers[-37:]
    ledger = taken([numbers[at : at + 64] for at in range(0, len(numbers), 64)])
    lost, duplicates, reordered = counted(numbers)
    assert results(ledger, 100_000) == (lost + 100_000 - max(numbers), duplicates, reordered)


def test_another_lane_may_be_behind_without_being_out_of_order():
    ledger = Ledger(1)
    highest = ledger.take([1, 3, 5], -1)
    assert ledger.take([2, 4, 6], -1) == 6
    assert ledger.take([7], highest) == 7
    assert results(ledger) == (0, 0, 0)


def test_a_million_gaps_stay_bounded_and_it_says_so():
    ledger, highest, largest = Ledger(1), -1, 0
    for start in range(1, 2_000_001, 2000):
        highest = ledger.take(list(range(start, start + 2000, 2)), highest)
        largest = max(largest, sum(map(sys.getsizeof, vars(ledger).values())))
    assert largest < 10_000_000
    assert ledger.bounded
    assert ledger.lost(2_000_000) == 1_000_000
    assert ledger.first_lost(most=3) == [2, 4, 6]


def test_gaps_of_which_all_come_at_once_stay_bounded():
    ledger = taken([list(range(1, 10 * MOST_GAPS, 2))])
    assert sum(map(sys.getsizeof, vars(ledger).values())) < 10_000_000
    assert ledger.bounded
    assert ledger.lost() == 5 * MOST_GAPS - 1


def test_a_gap_that_is_filled_here_and_there_stays_bounded():
    last = 3 * MOST_GAPS
    ledger = taken([[1], [last], list(range(3, last, 2))])
    assert len(ledger.as_json()["starts"]) <= MOST_GAPS
    assert ledger.bounded
    assert ledger.lost() == last // 2 - 1
    assert ledger.first_lost(most=3) == [2, 4, 6]


def test_numbers_that_come_backwards_stay_bounded():
    ledger, highest = Ledger(), -1
    for number in range(2 * MOST_GAPS + 10, 0, -2):
        highest = ledger.take([number], highest)
    assert len(ledger.as_json()["starts"]) <= MOST_GAPS
    assert ledger.bounded
    assert ledger.lost() == MOST_GAPS + 4


def test_few_gaps_are_not_bounded():
    ledger = taken([list(range(1, 2 * MOST_GAPS, 2))])
    assert not ledger.bounded
    assert ledger.lost() == MOST_GAPS - 1


def test_a_damaged_message_whose_number_can_be_read_is_not_lost():
    ledger = taken([[1, 2]])
    ledger.claim(3)
    ledger.take([4, 5], 2)
    assert results(ledger, 5) == (0, 0, 0)


def test_a_damaged_number_invents_nothing():
    ledger = taken([[1, 2]])
    ledger.claim(2**62)
    ledger.claim(1)
    ledger.take([4], 2)
    assert results(ledger, 4) == (1, 0, 0)
    assert ledger.first_lost(4) == [3]


def test_a_damaged_message_at_the_end_is_not_lost_once_the_count_is_known():
    ledger = taken([[1, 2]])
    ledger.claim(4)
    assert results(ledger, 4) == (1, 0, 0)
    assert results(ledger) == (0, 0, 0)


def test_the_first_numbers_of_each_fault_are_kept():
    ledger = taken([[1, 3, 2, 2, 5]])
    assert (ledger.first_reordered, ledger.first_duplicates, ledger.first_lost()) == ([2], [2], [4])


@given(
    st.lists(st.lists(st.integers(1, 60), min_size=1, max_size=20), max_size=20),
    st.lists(st.integers(1, 90), max_size=5),
    st.none() | st.integers(1, 100),
)
def test_losses_are_the_same_after_a_way_through_json(chunks, claims, last):
    ledger = taken(chunks)
    for claim in claims:
        ledger.claim(claim)
    read = Ledger.from_json(json.loads(json.dumps(ledger.as_json())))
    assert (read.lost(last), read.first_lost(last), read.last_sent(7)) == (
        ledger.lost(last),
        ledger.first_lost(last),
        ledger.last_sent(7),
    )


STAMPED, ANOTHER, PLAIN = (run_id(number, 0) for number in (1, 2, 3))


def test_messages_without_numbers_are_lost_only_if_fewer_came_than_such_pumps_have_sent():
    ledgers = {STAMPED: taken([range(1, 101)])}
    sent = {STAMPED: Sent(100, True), PLAIN: Sent(100, False)}
    assert losses(ledgers, sent, 200, 100) == (0, [])
    assert losses(ledgers, sent, 190, 90) == (10, [])


def test_of_a_pump_of_which_nothing_came_all_numbers_are_lost():
    ledgers = {STAMPED: taken([range(1, 101)])}
    assert losses(ledgers, {STAMPED: Sent(100, True), ANOTHER: Sent(3, True)}, 100, 0) == (3, [1, 2, 3])
    assert losses({}, {ANOTHER: Sent(3, True)}, 0, 0) == (3, [1, 2, 3])
    assert losses({}, {PLAIN: Sent(3, False)}, 0, 0) == (3, [])


def test_where_stamps_get_lost_on_the_way_all_messages_count():
    assert losses({}, {STAMPED: Sent(100, True)}, 97, 97) == (3, [])
    assert all_came(STAMPED, {}, {STAMPED: Sent(97, True)}, 97, 97)


def test_all_of_a_pump_came_when_so_many_of_its_own_messages_came():
    sent = {STAMPED: Sent(100, True), PLAIN: Sent(50, False)}
    assert all_came(STAMPED, {STAMPED: 100}, sent, 100, 0)
    assert not all_came(STAMPED, {STAMPED: 99}, sent, 199, 100)
    assert not all_came(PLAIN, {STAMPED: 100}, sent, 149, 49)
    assert all_came(PLAIN, {STAMPED: 100}, sent, 150, 50)
    assert all_came(PLAIN, {OWN: 150}, sent, 150, 0)
