"""Requests under way: which reply belongs to which."""

from __future__ import annotations

from ZmqLibrary.pipelines.requests import Requests
from ZmqLibrary.pipelines.stamp import stamped

SECOND = 1_000_000_000


def requests(lanes=1):
    made = Requests(lanes, 5 * SECOND)
    for lane in range(lanes):
        made.sent(lane, 1 + lane * 10, [0, 1, 2], 10)
    return made


def test_replies_without_a_stamp_are_for_the_oldest_request():
    made = requests()
    made.reply(0, [b"done"], 100)
    assert (made.replies, made.under_way, made.latency.max) == (1, 2, 100)


def test_replies_with_a_stamp_are_for_the_request_of_that_number():
    made = requests()
    made.reply(0, [b"done", stamped(7, 3, 2, 0)], 102)
    assert made.latency.max == 100
    made.reply(0, [b"done", stamped(7, 3, 2, 0)], 500)  # a second copy
    assert (made.replies, made.under_way) == (1, 2)


def test_what_takes_too_long_is_lost_unless_it_comes_after_all():
    made = requests(lanes=2)
    made.reply(0, [stamped(7, 1, 0, 0)], 50)
    assert made.give_up(4 * SECOND) == []
    assert sorted(made.give_up(6 * SECOND)) == [0, 0, 1, 1, 1]
    assert (made.lost, made.under_way) == (5, 0)
    made.reply(0, [stamped(7, 2, 1, 0)], 7 * SECOND)
    assert (made.lost, made.replies) == (4, 2)


def test_a_reply_to_nothing_does_not_count():
    made = Requests(1, SECOND)
    made.reply(0, [], 5)
    made.reply(0, [b"hello"], 5)
    assert made.replies == 0


def test_a_second_reply_to_an_earlier_request_leaves_the_lane_waiting():
    made = Requests(1, SECOND)
    made.sent(0, 1, [0], 0)
    assert made.reply(0, [stamped(7, 1, 0, 0)], 5)
    made.sent(0, 2, [10], 10)
    assert not made.reply(0, [stamped(7, 1, 0, 0)], 15)
    assert made.reply(0, [stamped(7, 2, 10, 0)], 20)
    assert made.reply(0, [stamped(7, 2, 10, 0)], 25)
    assert (made.replies, made.under_way, made.latency.max) == (2, 0, 10)


def test_a_number_that_was_not_sent_yet_is_none():
    made = requests()
    assert not made.reply(0, [stamped(7, 2**60, 0, 0)], 100)
    assert (made.replies, made.under_way) == (1, 2)
