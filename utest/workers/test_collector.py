"""Collectors keep what comes, in order, bounded, and give the socket back."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
import zmq
from assertionengine import AssertionOperator

from ZmqLibrary.errors import InvalidValue, WorkerFailed
from ZmqLibrary.formats import FormatTable
from ZmqLibrary.messages.patterns import MatchKind, message_pattern
from ZmqLibrary.sockets.bulk import receive_many
from ZmqLibrary.sockets.socket_types import SocketType
from ZmqLibrary.waiting.deadline import Deadline
from ZmqLibrary.workers import collector_failures as failures
from ZmqLibrary.workers.collector import Collector
from ZmqLibrary.workers.drop_policy import DropPolicy

TEXT = FormatTable().get("TEXT")


def pattern(*patterns, kind=MatchKind.GLOB):
    return message_pattern(patterns, kind, TEXT)


@pytest.fixture
def collect(session, opened):
    def start(**options):
        collector = Collector("feed", opened("PULL", "sink", bind="inproc://feed"), session.workers.journal, **options)
        session.start(collector)
        return collector

    return start


@pytest.fixture
def send(opened):
    def send_texts(*texts):
        source = session_sockets.setdefault("source", None) or opened("PUSH", connect="inproc://feed", SNDHWM=0)
        session_sockets["source"] = source
        for text in texts:
            source.send(text.encode().split(), Deadline(30))

    session_sockets = {}
    return send_texts


def wait(collector, condition):
    assert collector.wait_for(condition, Deadline(30))


def texts(messages):
    return [b" ".join(message.raw).decode() for message in messages]


def test_messages_are_kept_in_order_with_their_time(collect, send):
    before = time.time()
    collector = collect()
    send("a 1", "b 2", "c 3")
    wait(collector, lambda: collector.count == 3)
    assert texts(collector.messages) == ["a 1", "b 2", "c 3"]
    assert before <= collector.messages[0].timestamp <= time.time()


def test_collected_and_uncollected_messages_together_are_all_in_order(collect, send):
    collector = collect()
    send(*(str(n) for n in range(5000)))
    collector.wait_for(lambda: collector.count, Deadline(30))
    assert collector.stop()
    rest = receive_many(collector.socket, 5000 - collector.count, Deadline(30)) if collector.count < 5000 else []
    assert texts([*collector.messages, *rest]) == [str(n) for n in range(5000)]


@pytest.mark.parametrize(
    ("drop", "expected"), [(DropPolicy.OLDEST, ["7", "8", "9"]), (DropPolicy.NEWEST, ["0", "1", "2"])]
)
def test_beyond_the_limit_messages_are_dropped_and_counted(collect, send, drop, expected):
    collector = collect(limit=3, drop=drop)
    send(*map(str, range(10)))
    wait(collector, lambda: collector.count + collector.dropped == 10)
    assert texts(collector.messages) == expected
    assert collector.dropped == 7
    which = "oldest" if drop is DropPolicy.OLDEST else "newest"
    assert f"dropped 7 messages, the {which}, because it keeps 3" in failures.incomplete(collector)


def test_a_limit_is_at_least_one(collect):
    with pytest.raises(InvalidValue, match="1 or more, not 0"):
        collect(limit=0)


def test_a_wait_sees_each_message_once_also_when_some_are_dropped(collect, send):
    collector = collect(limit=5)
    looked_at = []

    def accepts(message):
        looked_at.append(message.raw[0])
        return message.raw[0] == b"end"

    send(*map(str, range(100)), "end")
    assert collector.find(accepts, Deadline(30)).raw == (b"end",)
    assert len(looked_at) == len(set(looked_at))


def test_a_search_ends_at_its_deadline_although_messages_keep_coming(collect, send):
    collector = collect()
    looked_at = []

    def accepts(message):
        looked_at.append(message)
        send("more")
        wait(collector, lambda: collector.count > len(looked_at))
        return len(looked_at) == 3

    send("first")
    wait(collector, lambda: collector.count == 1)
    assert collector.find(accepts, Deadline(0)) is None
    assert texts(looked_at) == ["first"]


def test_new_messages_are_told_by_number(collect, send):
    collector = collect()
    send("a", "b")
    wait(collector, lambda: collector.count == 2)
    assert texts(collector.since(1)[0]) == ["b"]
    assert collector.since(2) == ([], 2)
    assert collector.clear() == 2
    assert collector.since(0) == ([], 2)
    send("c")
    wait(collector, lambda: collector.count == 1)
    assert texts(collector.since(0)[0]) == ["c"]


def test_observers_see_each_message_once_in_the_thread(collect, send):
    collector = collect()
    seen = []
    collector.call(
        lambda: collector.socket.inbox.observers.append(lambda m: seen.append((m.raw[0], threading.get_ident())))
    )
    send(*map(str, range(1000)))
    wait(collector, lambda: collector.count == 1000)
    assert [frame for frame, _ in seen] == [b"%d" % n for n in range(1000)]
    assert {ident for _, ident in seen} == {collector._thread.ident}


def test_an_observer_that_raises_stops_the_collector_and_nothing_is_lost(collect, send):
    collector = collect()

    def refuse(message):
        if message.raw[0] == b"bad":
            raise RuntimeError("gap")

    collector.socket.inbox.observers.append(refuse)
    send("good", "bad", "later")
    with pytest.raises(WorkerFailed, match="RuntimeError: gap"):
        wait(collector, lambda: False)
    assert collector.stop()
    rest = receive_many(collector.socket, 3 - collector.count, Deadline(30))
    assert texts([*collector.messages, *rest]) == ["good", "bad", "later"]


def test_many_collectors_lose_nothing_and_stop_at_once(session, opened):
    number, each = 20, 10_000
    workers = session.workers
    for n in range(number):
        socket = opened("PULL", f"sink {n}", bind=f"inproc://many-{n}", RCVHWM=0)
        session.start(Collector(f"c{n}", socket, workers.journal))

    def flood(n):
        with session.context.socket(zmq.PUSH) as source:
            source.sndhwm = 0
            source.connect(f"inproc://many-{n}")
            for position in range(each):
                source.send(b"%d" % position)

    threads = [threading.Thread(target=flood, args=(n,)) for n in range(number)]
    for thread in threads:
        thread.start()
    for collector in workers.of(Collector):
        assert collector.wait_for(lambda collector=collector: collector.count == each, Deadline(300))
        assert texts(collector.messages) == [str(n) for n in range(each)]
    for thread in threads:
        thread.join()
    workers.stop_all()  # raises if they do not end in time
    entries, dropped = workers.journal.take()
    assert len(entries) + dropped == number * each


def test_stopping_under_a_flood_is_bounded(collect, opened):
    collector = collect()
    stop = threading.Event()
    source = opened("PUSH", connect="inproc://feed")

    def flood():
        while not stop.is_set():
            source.try_send([b"x"])

    thread = threading.Thread(target=flood)
    thread.start()
    wait(collector, lambda: collector.count > 100)
    assert collector.stop(Deadline(30))
    stop.set()
    thread.join()


# What failures say


def test_no_match_tells_counts_and_differences(collect, send):
    collector = collect(limit=3)
    send("price 40", "price 41", "price 42", "price 43")
    wait(collector, lambda: collector.count + collector.dropped == 4)
    text = failures.none_matches(collector, pattern("price", "50", kind=MatchKind.EXACT))
    assert "Collector 'feed' has no message 'price' | '50'." in text
    assert "has 3 messages of 'sink' (PULL, inproc://feed), 1 more were dropped." in text
    assert "Frame 1: '43' is not '50' (first difference at offset 0)" in text


def test_an_empty_collector_tells_what_is_known_of_the_connection(collect):
    collector = collect()
    text = failures.none_matches(collector, pattern("a"), " in 1 second")
    assert "has no message like 'a' in 1 second." in text
    assert "inproc://feed: inproc, which reports no connections." in text


def test_matches_that_should_not_be_are_shown_with_their_number(collect, send):
    collector = collect()
    send("a", "error 1", "error 2", "error 3", "error 4")
    wait(collector, lambda: collector.count == 5)
    wanted = pattern("error")
    text = failures.some_match(collector, wanted, failures.matching(collector.messages, wanted))
    assert "should have no message like 'error', but has 4 such messages:" in text
    assert "message 1, " in text
    assert "'error' | '3'" in text
    assert "'error' | '4'" not in text


def test_a_wrong_count_shows_the_last_messages(collect, send):
    collector = collect()
    send("a", "b")
    wait(collector, lambda: collector.count == 2)
    text = failures.wrong_count(collector, 2, "== 3", " in 1 second")
    assert text.startswith("Collector 'feed' has 2 messages, expected == 3 in 1 second.\nThe last ones:")
    assert text.endswith("'b'")


@pytest.mark.parametrize("patterns", [["a", "c"], ["a", "b", "c"], ["b"], ["a", "*", "c"]])
def test_messages_in_order_may_have_others_between(collect, send, patterns):
    collector = collect()
    send("a", "b", "x", "c")
    wait(collector, lambda: collector.count == 4)
    assert failures.out_of_order(collector, [pattern(p) for p in patterns]) == ""


def test_what_came_too_early_is_told(collect, send):
    collector = collect()
    send("a", "b", "c", "d")
    wait(collector, lambda: collector.count == 4)
    text = failures.out_of_order(collector, [pattern("b"), pattern("a"), pattern("c")])
    assert "Message 2 of 3 in the order, like 'a', did not come after message 1, " in text
    assert "It came before, as message 0, " in text
    assert "Frame 0: 'd' is not like 'a'" in text


def test_one_message_does_not_stand_for_two(collect, send):
    collector = collect()
    send("a")
    wait(collector, lambda: collector.count == 1)
    assert "It came before, as message 0" in failures.out_of_order(collector, [pattern("a"), pattern("a")])


def test_each_message_has_its_own_time_which_is_not_before_it_was_sent(library):
    library.bind_zmq_socket("inproc://stream", SocketType.PULL, "sink")
    library.connect_zmq_socket("inproc://stream", SocketType.PUSH, "source")
    library.start_collecting_messages("sink", alias="collector")
    for _ in range(2000):
        library.send_message(repr(time.time()), socket="source")
    library.collected_message_count_should_be(AssertionOperator["=="], 2000, timeout=timedelta(seconds=60))
    messages = library.get_collected_messages()
    assert all(float(message[0]) <= message.timestamp for message in messages)
    times = [message.timestamp for message in messages]
    assert times == sorted(times)
