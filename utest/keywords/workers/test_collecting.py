"""The keywords about collectors and workers, and what the log gets of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from assertionengine import AssertionOperator
from robot.api import logger

from ZmqLibrary import ZmqLibrary
from ZmqLibrary.errors import CheckFailed, DecodeError, InvalidValue, NotOpen, WaitTimeout, WorkerFailed, WrongUse
from ZmqLibrary.log.worker_log import METADATA
from ZmqLibrary.messages.patterns import MatchKind
from ZmqLibrary.sockets.socket_types import SocketType
from ZmqLibrary.waiting.deadline import Deadline
from ZmqLibrary.workers.collector import Collector
from ZmqLibrary.workers.drop_policy import DropPolicy

SOON = timedelta(milliseconds=20)
EQUAL = AssertionOperator["=="]


class Log(list):
    """(level, message) of each log message."""

    def of(self, level):
        return [message for logged, message in self if logged == level]


@pytest.fixture
def log(monkeypatch):
    log = Log()
    for level in ("info", "warn"):
        monkeypatch.setattr(logger, level, lambda text, html=False, level=level: log.append((level.upper(), text)))
    return log


@pytest.fixture
def feed(library):
    library.bind_zmq_socket("inproc://feed", SocketType.PULL, "sink")
    library.connect_zmq_socket("inproc://feed", SocketType.PUSH, "source")
    library.switch_zmq_socket("sink")
    source = library.session.sockets.get("source")
    return lambda *frames: source.send([str(frame).encode() for frame in frames], Deadline(30))


@pytest.fixture
def collected(library, feed):
    """Has some messages collected."""
    library.start_collecting_messages(alias="feed")
    for message in (["open"], ["price", "42"], ["price", '{"cents": 43}'], ["closed"]):
        feed(*message)
    library.collected_message_count_should_be(EQUAL, 4)
    return library


def test_the_current_socket_and_collector_are_the_defaults(library, feed):
    assert library.start_collecting_messages() == "COLLECTOR-1"
    feed("a", "b")
    assert library.wait_for_collected_message("a", "b") == ["a", "b"]
    assert library.get_collected_messages() == [["a", "b"]]
    assert library.stop_collecting_messages() == 1


def test_a_socket_that_only_sends_cannot_be_collected(library, feed):
    with pytest.raises(WrongUse, match="'source' \\(PUSH\\) cannot receive"):
        library.start_collecting_messages("source")
    with pytest.raises(NotOpen, match="There is no collector 'x'"):
        library.get_collected_messages(collector="x")
    with pytest.raises(NotOpen, match="Use `Start Collecting Messages` first"):
        library.stop_collecting_messages()


def test_a_held_socket_tells_who_holds_it(collected):
    for use in (
        collected.receive_message,
        collected.start_collecting_messages,
        lambda: collected.close_zmq_socket("sink"),
    ):
        with pytest.raises(WrongUse, match=r"held by collector 'feed'\. Stop that first"):
            use()
    assert collected.get_zmq_sockets() == ["sink", "source"]


def test_closing_all_sockets_stops_their_collectors_and_keeps_what_they_have(collected):
    collected.start_mock_server("inproc://mock", alias="m")
    collected.close_all_zmq_sockets()
    assert collected.get_zmq_sockets() == []
    assert [worker.name for worker in collected.get_workers()] == ["m"]
    assert len(collected.get_collected_messages()) == 4
    collected.stop_collecting_messages()
    collected.close_all_zmq_sockets()


def test_an_alias_used_twice_takes_the_older_socket_from_its_collector(collected, log):
    older = collected.session.socket("sink")
    collected.bind_zmq_socket("inproc://another", SocketType.PULL, "sink")
    assert older.closed
    assert collected.get_workers() == []
    assert len(collected.get_collected_messages(collector="feed")) == 4
    assert log.of("WARN") == [
        "Socket 'sink' is still open: taking it from collector 'feed' and closing it, because its alias is used again."
    ]


def test_a_sequence_check_counts_what_was_collected_before_and_after(library, feed):
    library.start_collecting_messages("sink", "numbers")
    for number in range(1, 2001):
        feed(str(number))
        if number == 1000:
            library.start_sequence_check("q", format="TEXT", socket="sink")
    library.collected_message_count_should_be(EQUAL, 2000)
    library.sequence_should_be_complete("q")
    assert library.get_sequence_report("q")["messages"] == 2000
    library.start_sequence_check("q", format="TEXT", socket="sink")
    assert library.get_sequence_report("q")["messages"] == 2000
    assert len(library.session.socket("sink").inbox.observers) == 1
    library.stop_collecting_messages()
    feed("2002")
    library.receive_message(socket="sink")
    assert library.get_sequence_report("q")["missing"] == 1


def test_after_stopping_the_socket_is_free_and_the_messages_are_there(collected, feed):
    collected.stop_collecting_messages()
    collected.stop_collecting_messages(collector="feed")
    feed("later")
    assert collected.receive_message() == "later"
    collected.collected_messages_should_contain("closed")
    collected.close_zmq_socket("sink")
    assert len(collected.get_collected_messages()) == 4


def test_a_new_collector_of_the_same_name_begins_anew(collected, log):
    collected.stop_collecting_messages()
    collected.start_collecting_messages(alias="feed")
    assert collected.get_collected_messages() == []
    assert not log.of("WARN")


def test_a_running_collector_of_the_same_name_is_stopped_with_a_warning(collected, log):
    collected.bind_zmq_socket("inproc://other", SocketType.PULL)
    collected.start_collecting_messages(alias="feed")
    assert log.of("WARN") == [
        "Collector 'feed' is still running: stopping it, because its alias is used again.",
    ]
    collected.close_zmq_socket("sink")


def test_messages_can_be_picked_and_read_in_formats(collected):
    assert collected.get_collected_messages("price") == [["price", "42"], ["price", '{"cents": 43}']]
    [message] = collected.get_collected_messages(["price", '"cents"'], match=MatchKind.REGEXP, format="TEXT,JSON")
    assert message[1] == {"cents": 43}
    with pytest.raises(DecodeError, match="`Get Collected Messages    format=BYTES` returns them"):
        collected.get_collected_messages(format="U32LE")


def test_assertions_pass_and_fail(collected):
    collected.collected_messages_should_contain("price", '{ "cents": 43 }', match=MatchKind.EXACT, format="TEXT,JSON")
    collected.collected_messages_should_not_contain("error")
    collected.collected_messages_should_be_in_order("open", ["price", "42"], "closed")
    collected.collected_messages_should_be_complete()
    with pytest.raises(CheckFailed, match=r"^Mine\nCollector 'feed' has no message like 'error'"):
        collected.collected_messages_should_contain("error", message="Mine")
    with pytest.raises(CheckFailed, match="should have no message like 'price', but has 2 such messages"):
        collected.collected_messages_should_not_contain("price")
    with pytest.raises(CheckFailed, match="like 'open', did not come after message 3"):
        collected.collected_messages_should_be_in_order("closed", "open")
    with pytest.raises(InvalidValue, match="a pattern for each message"):
        collected.collected_messages_should_be_in_order()


def test_a_count_is_waited_for(collected):
    assert collected.collected_message_count_should_be(AssertionOperator[">="], 4) == 4
    assert collected.collected_message_count_should_be(AssertionOperator["!="], 5) == 4
    with pytest.raises(CheckFailed, match=r"has 4 messages, expected == 5 in 20 milliseconds\.\nThe last ones:"):
        collected.collected_message_count_should_be(EQUAL, 5, timeout=SOON)
    with pytest.raises(CheckFailed, match=r"has 4 messages, expected < 4\."):
        collected.collected_message_count_should_be(AssertionOperator["<"], 4, timeout=timedelta(minutes=1))
    with pytest.raises(InvalidValue, match="not 'contains'"):
        collected.collected_message_count_should_be(AssertionOperator["contains"], 4)


def test_a_wait_ends_at_its_deadline_and_at_once_when_stopped(collected):
    with pytest.raises(WaitTimeout, match=r"no message like 'x' in 20 milliseconds\.\n.*has 4 messages"):
        collected.wait_for_collected_message("x", timeout=SOON)
    collected.stop_collecting_messages()
    with pytest.raises(WaitTimeout, match="no message like 'x', and it was stopped"):
        collected.wait_for_collected_message("x", timeout=timedelta(minutes=1))


def test_the_message_that_was_waited_for_is_the_received_one(collected):
    collected.wait_for_collected_message("price", "42")
    collected.received_message_should_equal("price", "42")


def test_dropped_messages_fail_the_check_until_cleared(library, feed):
    library.start_collecting_messages(limit=2, drop=DropPolicy.NEWEST)
    for number in range(5):
        feed(number)
    collector = library.session.worker(Collector, None)
    assert collector.wait_for(lambda: collector.count + collector.dropped == 5, Deadline(30))
    with pytest.raises(WaitTimeout):
        library.wait_for_collected_message("4", timeout=SOON)
    with pytest.raises(CheckFailed, match=r"has 2 messages, expected == 5 in 20.*\n3 messages more were dropped"):
        library.collected_message_count_should_be(EQUAL, 5, timeout=SOON)
    with pytest.raises(CheckFailed, match="dropped 3 messages, the newest, because it keeps 2"):
        library.collected_messages_should_be_complete()
    with pytest.raises(CheckFailed, match=r"not certain .*\n3 messages may match: it dropped the newest"):
        library.collected_messages_should_not_contain("4")
    assert library.clear_collected_messages() == 2
    library.collected_messages_should_be_complete()
    library.collected_messages_should_not_contain("4")
    assert collector.alive


def test_workers_are_listed_and_stopped_together(collected):
    [worker] = collected.get_workers()
    assert (worker.name, worker.kind, worker.socket, worker.state) == ("feed", "collector", "sink", "RUNNING")
    collected.stop_all_workers()
    collected.stop_all_workers()
    assert collected.get_workers() == []
    assert len(collected.get_collected_messages()) == 4


@pytest.fixture
def failed(collected, feed):
    """The collector has failed."""
    collector = collected.session.worker(Collector, None)
    collector.socket.inbox.observers.append(lambda message: 1 / 0)
    feed("x")
    collector._thread.join(30)
    return collected


def test_a_failed_collector_fails_the_next_keyword_and_gives_the_socket_back(failed):
    assert failed.get_workers()[0].state == "FAILED"
    with pytest.raises(WorkerFailed, match="Collector 'feed' has failed: ZeroDivisionError"):
        failed.get_collected_messages()
    with pytest.raises(WorkerFailed, match="ZeroDivisionError"):
        failed.stop_collecting_messages()
    failed.stop_collecting_messages()
    assert len(failed.get_collected_messages()) == 4
    assert failed.receive_message(socket="sink") == "x"


def test_stopping_all_workers_tells_of_a_failure_that_was_not_told(failed):
    with pytest.raises(WorkerFailed, match="ZeroDivisionError"):
        failed.stop_all_workers()
    failed.stop_all_workers()


class Suite:
    """What Robot gives a listener at the end of a suite."""

    full_name = "Suite"
    failed = False

    def __init__(self):
        self.metadata = {}


def test_a_failure_that_no_keyword_met_is_reported_at_the_end_of_the_suite(failed, log):
    failed.session.look_after()
    assert log.of("WARN") == [warning for warning in log.of("WARN") if "failed: ZeroDivisionError" in warning]
    log.clear()
    failed.session.lifetimes.end_suite(Suite(), Suite())
    assert log.of("WARN") == [
        "Collector 'feed' has failed and no keyword has used it since: ZeroDivisionError: division by zero"
    ]


def test_each_keyword_logs_what_workers_did(library, feed, log):
    library.start_collecting_messages()
    feed("price", "42")
    library.wait_for_collected_message("price")
    [logged] = [text for text in log.of("INFO") if text.startswith("What workers did")]
    assert logged.splitlines()[1].endswith("COLLECTOR-1: received 'price' | '42'")
    log.clear()
    library.get_workers()
    assert log == []


def test_a_long_log_is_folded_and_counts_what_is_left_out(collected, feed, log):
    for number in range(2000):
        feed(f"<{number}>")
    collected.wait_for_collected_message("<1999>")
    *_, logged = log.of("INFO")
    assert logged.startswith("<details>")
    assert "… 1,800 earlier left out" in logged
    assert "&lt;1999&gt;" in logged


def test_what_comes_after_the_last_keyword_is_logged_at_the_end_of_test_and_suite(library, feed, log):
    library.start_collecting_messages()
    feed("x")
    ZmqLibrary.wait_for_collected_message(library, "x")  # of the class, so that the end of no keyword logs it
    log.clear()
    suite, test = Suite(), Suite()
    test.parent, test.name = suite, "Test"
    library.session.lifetimes.end_test(test, test)
    assert "COLLECTOR-1: received 'x'" in log.of("INFO")[0]
    feed("y")
    ZmqLibrary.wait_for_collected_message(library, "y")
    library.session.lifetimes.end_suite(suite, suite)
    assert suite.metadata[METADATA].startswith("| ")
    assert suite.metadata[METADATA].endswith("COLLECTOR-1: received 'y'")


def test_evidence_of_a_held_socket_is_read_in_its_thread(collected, log):
    with pytest.raises(CheckFailed):
        collected.collected_messages_should_contain("error")
    [evidence] = [text for text in log.of("INFO") if "Evidence" in text]
    assert "Recent messages" in evidence


def test_a_collector_is_also_meant_by_its_socket(collected, feed):
    collected.bind_zmq_socket("inproc://other", SocketType.PULL, "other")
    collected.start_collecting_messages(alias="second")
    for socket in ("sink", "feed"):
        assert len(collected.get_collected_messages(socket=socket)) == 4
        collected.wait_for_collected_message("open", socket=socket)
        collected.collected_messages_should_contain("open", socket=socket)
        collected.collected_messages_should_be_in_order("open", "closed", socket=socket)
        collected.collected_messages_should_be_complete(socket=socket)
        assert collected.collected_message_count_should_be(EQUAL, 4, socket=socket) == 4
        with pytest.raises(CheckFailed):
            collected.collected_messages_should_not_contain("open", socket=socket)
    assert collected.stop_collecting_messages("feed") == 4
    collected.start_collecting_messages("sink", "again")
    feed("new")
    assert collected.wait_for_collected_message(socket="sink") == ["new"]
    assert collected.clear_collected_messages("feed") == 4
    assert collected.clear_collected_messages(socket="sink") == 1
    assert collected.stop_collecting_messages(socket="other") == 0
    with pytest.raises(InvalidValue, match="Give either collector= or socket="):
        collected.get_collected_messages(collector="feed", socket="sink")
    with pytest.raises(
        NotOpen, match=r"No collector keeps messages of socket 'x'\. Collectors: feed of sink, second of"
    ):
        collected.collected_messages_should_not_contain(socket="x")


def test_a_part_of_an_object_is_enough(collected):
    assert len(collected.get_collected_messages("price", {"cents": 43}, format="TEXT,JSON")) == 1
    collected.collected_messages_should_contain("price", '{"cents": 43}', format="TEXT,JSON")
    collected.collected_messages_should_not_contain("price", '{"cents": 42}', format="TEXT,JSON")


def test_messages_that_were_returned_stay_as_they_are_when_they_are_read_in_another_format(collected):
    as_text = collected.get_collected_messages("price", "{*", format="TEXT")
    as_json = collected.get_collected_messages("price", "{*", format="TEXT,JSON")
    assert as_text == [["price", '{"cents": 43}']]
    assert as_json == [["price", {"cents": 43}]]
