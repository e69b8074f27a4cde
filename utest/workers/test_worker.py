"""A thread that owns a socket: started, asked, waited for, failing and stopped, always within a bound."""

from __future__ import annotations

import threading
import time

import pytest

from ZmqLibrary.errors import NotOpen, WorkerFailed, WrongUse
from ZmqLibrary.waiting.deadline import Deadline
from ZmqLibrary.workers import handover
from ZmqLibrary.workers.journal import Journal
from ZmqLibrary.workers.worker import Worker

MANY = 900  # below the high-water mark


class Keeper(Worker):
    """Keeps what it handles; fails at a message that says so."""

    kind = "keeper"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.kept = []
        self.finished = 0

    def handle(self, message):
        if message.raw[0] == b"fail":
            raise RuntimeError("told to fail")
        self.kept.append(message.raw[0])

    def finish(self):
        self.finished += 1


@pytest.fixture
def journal():
    return Journal()


@pytest.fixture
def worker(opened, journal):
    worker = Keeper("Big One", opened("PULL", "sink", bind="inproc://work"), journal)
    worker.start()
    yield worker
    worker.stop()


@pytest.fixture
def send(opened):
    source = opened("PUSH", connect="inproc://work")
    return lambda *frames: source.send(frames, Deadline(30))


def kept(worker, count):
    return worker.wait_for(lambda: len(worker.kept) >= count, Deadline(30))


def failed(worker):
    with pytest.raises(WorkerFailed):
        worker.wait_for(lambda: False, Deadline(30))


def test_messages_are_handled_in_the_thread(worker, send):
    send(b"a")
    send(b"b")
    assert kept(worker, 2)
    assert worker.kept == [b"a", b"b"]


def test_messages_that_a_wait_passed_over_are_handled_first(opened, send):
    socket = opened("PULL", bind="inproc://work")
    send(b"passed")
    send(b"found")
    assert socket.find(lambda m: m.raw[0] == b"found", Deadline(30))
    worker = Keeper("keeper", socket, Journal())
    worker.start()
    assert kept(worker, 1)
    assert worker.stop()
    assert worker.kept == [b"passed"]


def test_the_socket_is_held_until_the_worker_has_stopped(worker, send):
    with pytest.raises(WrongUse, match=r"held by keeper 'Big One'\. Stop that first"):
        worker.socket.receive(Deadline(0))
    assert worker.stop()
    assert worker.socket.holder is None
    send(b"later")
    assert worker.socket.receive(Deadline(30)).raw == (b"later",)


def test_a_held_socket_is_not_taken_twice(worker, journal):
    second = Keeper("second", worker.socket, journal)
    with pytest.raises(WrongUse, match="held by"):
        second.start()
    assert second.stop()
    assert worker.socket.holder == worker.title
    assert worker.alive


def test_an_owned_socket_is_closed_at_the_end(session, opened, journal):
    worker = Keeper("owner", opened("PULL", bind="inproc://work"), journal, owns_socket=True)
    worker.start()
    session.sockets.remove(worker.socket.name)
    assert worker.stop()
    assert worker.socket.closed
    with pytest.raises(NotOpen):
        worker.socket.receive(Deadline(0))


def test_stopping_twice_does_nothing(worker):
    assert worker.stop()
    assert worker.stop()
    assert worker.finished == 1


def test_a_function_is_called_in_the_thread(worker):
    assert worker.call(threading.get_ident) != threading.get_ident()
    assert worker.call(lambda: worker.call(threading.get_ident)) != threading.get_ident()


def test_a_called_function_may_raise_anything_and_the_worker_goes_on(worker):
    def refuse():
        raise TimeoutError("mine")

    with pytest.raises(TimeoutError, match="mine"):
        worker.call(refuse)
    assert worker.call(lambda: "alive") == "alive"


def test_a_call_ends_although_the_thread_is_busy(worker):
    release = threading.Event()
    worker.post(release.wait)
    with pytest.raises(WorkerFailed, match=r"Keeper 'Big One' did not answer in 0\.05 seconds"):
        worker.call(lambda: None, timeout=0.05)
    release.set()
    assert worker.call(lambda: "alive") == "alive"


def test_a_call_to_a_stopped_worker_says_so_at_once(worker):
    worker.stop()
    started = time.monotonic()
    with pytest.raises(WorkerFailed, match="Keeper 'Big One' has stopped"):
        worker.call(lambda: None, timeout=600)
    assert time.monotonic() - started < 300
    assert worker.consult(threading.get_ident) == threading.get_ident()


def test_a_wait_ends_when_the_worker_stops(worker):
    worker.later(0.05, worker.ask_to_stop)
    worker.post(lambda: None)
    assert worker.wait_for(lambda: False, Deadline(30)) is None
    assert not worker.alive


def test_an_exception_in_the_thread_is_kept_and_raised_by_the_next_use(worker, send, journal):
    send(b"kept")
    send(b"fail")
    send(b"left on the socket")
    failed(worker)
    assert not worker.alive
    assert worker.unreported_error is None
    with pytest.raises(WorkerFailed, match="Keeper 'Big One' has failed: RuntimeError: told to fail"):
        worker.check()
    with pytest.raises(WorkerFailed, match="told to fail"):
        worker.call(lambda: None)
    assert worker.stop()
    assert [(e.text, e.warning) for e in journal.take()[0]] == [("failed: RuntimeError: told to fail", True)]
    assert worker.socket.receive(Deadline(30)).raw == (b"left on the socket",)


def test_an_exception_that_no_keyword_has_shown_is_known(worker):
    worker.post(lambda: 1 / 0)
    worker._thread.join(30)
    assert isinstance(worker.unreported_error, ZeroDivisionError)


def test_an_exception_at_the_start_fails_the_start(opened, journal):
    class Unready(Worker):
        def prepare(self):
            raise RuntimeError("not ready")

    worker = Unready("x", opened("PULL", bind="inproc://work"), journal)
    with pytest.raises(WorkerFailed, match="not ready"):
        worker.start()
    assert worker.stop()
    assert worker.socket.holder is None


def test_an_exception_at_the_end_is_kept_too(opened, journal):
    class Careless(Worker):
        def finish(self):
            raise RuntimeError("broken end")

    worker = Careless("x", opened("PULL", bind="inproc://work"), journal)
    worker.start()
    assert worker.stop()
    assert str(worker.error) == "broken end"


def test_a_thread_that_does_not_end_keeps_its_socket_until_it_has(worker):
    release = threading.Event()
    worker.post(release.wait)
    assert not worker.stop(Deadline(0.05))
    assert worker.socket.holder == worker.title
    release.set()
    assert worker.stop()
    assert worker.socket.holder is None


@pytest.mark.parametrize("owned", [False, True])
def test_a_thread_that_ends_late_gives_up_its_socket_itself(session, opened, journal, owned):
    worker = Keeper("late", opened("PULL", "sink", bind="inproc://work"), journal, owns_socket=owned)
    worker.start()
    if owned:
        session.sockets.remove("sink")
    release = threading.Event()
    worker.post(release.wait)
    assert not worker.stop(Deadline(0.05))
    assert not worker.stop(Deadline(0.05))
    assert worker.running
    release.set()
    worker._thread.join(30)
    assert not worker.running
    assert worker.socket.holder is None
    assert worker.socket.closed == owned
    assert worker.finished == 1
    assert [entry.text for entry in journal.take()[0]] == ["has ended late"]
    assert worker.stop()


def test_a_thread_that_ends_late_closes_what_was_left_to_it(session, opened, journal):
    worker = Keeper("late", opened("PULL", "sink", bind="inproc://work"), journal)
    worker.start()
    assert not worker.inherit()
    release = threading.Event()
    worker.post(release.wait)
    assert not worker.stop(Deadline(0.05))
    assert worker.inherit()
    session.sockets.remove("sink")
    release.set()
    worker._thread.join(30)
    assert worker.socket.closed
    opened("PULL", "sink", bind="inproc://work")


def test_a_burst_of_messages_ends_when_something_is_to_be_done(opened, send):
    class Busy(Keeper):
        def handle(self, message):
            super().handle(message)
            if len(self.kept) == 1:
                self.post(lambda: self.kept.append("done"))

    socket = opened("PULL", bind="inproc://work")
    for number in range(10):
        send(b"%d" % number)
    worker = Busy("busy", socket, Journal())
    worker.start()
    assert kept(worker, 11)
    assert worker.stop()
    assert worker.kept[:3] == [b"0", "done", b"1"]


def test_a_worker_stops_in_time_however_long_its_messages_take(opened, send):
    class Slow(Keeper):
        def handle(self, message):
            super().handle(message)
            threading.Event().wait(0.02)

    socket = opened("PULL", bind="inproc://work")
    for number in range(MANY):
        send(b"%d" % number)
    worker = Slow("slow", socket, Journal())
    worker.start()
    assert kept(worker, 1)
    assert worker.stop(Deadline(60))
    assert len(worker.kept) < MANY
    assert socket.receive(Deadline(30)).raw == (b"%d" % len(worker.kept),)


def test_a_worker_stops_in_time_however_much_it_is_asked_and_has_planned(worker):
    asked, ran = threading.Event(), []

    def again():
        asked.set()
        worker.post(again)

    def plan():
        for _ in range(MANY):
            worker.later(0, lambda: ran.append(threading.Event().wait(0.02)))

    worker.call(plan)
    worker.post(again)
    assert asked.wait(30)
    assert worker.stop(Deadline(60))
    assert len(ran) < MANY


def test_what_is_there_when_a_worker_is_stopped_is_still_handled(opened, send, monkeypatch):
    monkeypatch.setattr(handover, "_GRACE_SECONDS", 60.0)
    socket = opened("PULL", bind="inproc://work")
    worker = Keeper("keeper", socket, Journal())
    worker.start()
    release = threading.Event()
    worker.post(release.wait)
    for number in range(100):
        send(b"%d" % number)
    worker.post(lambda: worker.kept.append("posted"))
    worker.ask_to_stop()
    release.set()
    assert worker.stop(Deadline(60))
    assert len(worker.kept) == 101


def test_a_stop_that_a_timeout_interrupts_can_be_repeated(worker, interrupted):
    release = threading.Event()
    worker.post(release.wait)
    assert interrupted(worker.stop, 0.05)
    release.set()
    assert worker.stop()
    assert worker.socket.holder is None


def test_timeouts_leave_no_lock_behind(worker, send, interrupted):
    for number in range(15):
        assert interrupted(lambda: worker.wait_for(lambda: worker.post(list), Deadline(30)), 0.001 + number / 5_000)
        send(b"x")
        assert kept(worker, number + 1)
    assert worker.call(lambda: "alive") == "alive"


def test_functions_run_later_in_their_order(worker, monkeypatch):
    ran = []

    def plan():
        now = time.monotonic()
        with monkeypatch.context() as stopped:
            stopped.setattr(time, "monotonic", lambda: now)
            worker.later(0.02, lambda: ran.append("second"))
            worker.later(0.01, lambda: ran.append("first"))

    worker.call(plan)
    assert worker.wait_for(lambda: (worker.post(worker.notify), len(ran) == 2)[1], Deadline(30))
    assert ran == ["first", "second"]


def test_a_function_that_repeats_itself_at_once_does_not_keep_the_thread_busy(worker, send):
    def again():
        worker.later(0, again)

    worker.post(again)
    send(b"x")
    assert kept(worker, 1)
    assert worker.stop()


def test_a_publisher_takes_its_subscriptions_in_while_it_idles(opened, journal, raw):
    socket = opened("PUB", bind="tcp://127.0.0.1:*")
    worker = Keeper("pub", socket, journal)
    worker.start()
    raw("SUB", connect=socket.endpoints[0], SUBSCRIBE=b"a")

    def subscribed():
        worker.post(worker.notify)
        return socket.subscribers.count(b"a")

    assert worker.wait_for(subscribed, Deadline(30))
    assert worker.stop()
