"""All workers together: names, order, stopping and what is left behind."""

from __future__ import annotations

import threading
import time

import pytest

from ZmqLibrary.errors import EndpointFailed, NotOpen, WorkerFailed, WrongUse
from ZmqLibrary.waiting.deadline import Deadline
from ZmqLibrary.workers.service_thread import STOP_SECONDS
from ZmqLibrary.workers.worker import Worker
from ZmqLibrary.workers.worker_registry import WorkerRegistry
from ZmqLibrary.workers.worker_status import WorkerStatus


class Plain(Worker):
    kind = "plain worker"


class Rememberer(Worker):
    kind = "rememberer"
    keeps_results = True


@pytest.fixture
def workers(session) -> WorkerRegistry:
    return session.workers


@pytest.fixture
def started(workers, opened):
    def start(name, kind=Plain):
        worker = kind(name, opened("PULL", bind=f"inproc://{kind.kind} {name}"), workers.journal)
        workers.start(worker, [].append)
        return worker

    return start


@pytest.fixture
def block():
    """Keeps threads busy until the test ends."""
    release = threading.Event()
    busy = []

    def keep_busy(worker):
        entered = threading.Event()
        worker.post(lambda: (entered.set(), release.wait()))
        assert entered.wait(30)
        busy.append(worker)
        return release

    yield keep_busy
    release.set()
    for worker in busy:
        worker.ask_to_stop()
        worker._thread.join(30)


def test_workers_are_known_by_kind_and_name(workers, started):
    first, second = started("first"), started("second", Rememberer)
    assert workers.all == [first, second]
    assert workers.of(Plain).get() is first
    assert workers.of(Rememberer).get("second") is second
    assert workers.holder_of(second.socket) is second
    assert workers.statuses[0] == WorkerStatus("first", "plain worker", first.socket.name, "RUNNING")


def test_a_stopped_worker_is_forgotten(workers, started):
    worker = started("x")
    workers.stop(worker)
    workers.stop(worker)
    assert workers.all == []
    with pytest.raises(NotOpen, match="Plain worker 'x' was closed"):
        workers.of(Plain).get("x")


def test_a_retired_worker_that_keeps_results_keeps_its_name(workers, started):
    plain, rememberer = started("x"), started("x", Rememberer)
    workers.retire(plain)
    workers.retire(rememberer)
    assert "x" not in workers.of(Plain)
    assert workers.of(Rememberer).get("x") is rememberer
    assert workers.all == []
    assert workers.holder_of(rememberer.socket) is None
    workers.stop(rememberer)
    assert "x" not in workers.of(Rememberer)


def test_a_worker_that_does_not_start_is_not_kept(workers, started):
    first, owned = started("x"), []
    with pytest.raises(WrongUse, match="held by plain worker 'x'"):
        workers.start(Plain("y", first.socket, workers.journal), owned.append)
    assert workers.all == [first]
    assert first.alive
    assert owned == []


def test_who_owns_a_worker_can_stop_it(workers, opened):
    owned = []
    workers.start(Plain("x", opened("PULL", bind="inproc://x"), workers.journal), owned.append)
    owned[0]()
    assert workers.all == []


def test_a_worker_that_a_signal_has_come_to_at_the_end_of_its_start_is_not_kept(workers, opened):
    def interrupt(stop):
        raise KeyboardInterrupt

    socket = opened("PULL", bind="inproc://x")
    with pytest.raises(KeyboardInterrupt):
        workers.start(Plain("x", socket, workers.journal), interrupt)
    assert workers.all == []
    assert "x" not in workers.of(Plain)
    assert socket.holder is None


def test_all_are_stopped_although_some_hang_and_they_share_the_time(workers, started, block):
    hanging = [started(f"hanging {n}") for n in range(20)]
    others = [started(f"other {n}") for n in range(3)]
    for worker in hanging:
        release = block(worker)
    begun = time.monotonic()
    with pytest.raises(WorkerFailed, match=r"(?s)Plain worker 'hanging 19' did not stop in time.*hanging 0"):
        workers.stop_all()
    assert time.monotonic() - begun < len(hanging) / 2 * STOP_SECONDS
    assert not any(worker.alive for worker in others)
    assert workers.left_behind == hanging[::-1]
    release.set()
    for worker in hanging:
        worker._thread.join(30)
    assert workers.left_behind == []
    assert not any(worker.socket.holder for worker in hanging)


def test_a_stop_that_a_timeout_interrupts_leaves_the_worker_to_be_stopped_again(workers, started, block, interrupted):
    worker = started("x")
    release = block(worker)
    assert interrupted(lambda: workers.stop(worker), 0.05)
    assert workers.all == [worker]
    release.set()
    workers.stop(worker)
    assert workers.all == []
    assert worker.socket.holder is None


def test_failures_that_no_keyword_has_told_are_told_once(workers, started):
    told, silent, gone = started("told"), started("silent"), started("gone")
    for worker in (told, silent, gone):
        worker.post(lambda: 1 / 0)
        worker._thread.join(30)
    with pytest.raises(WorkerFailed):
        told.check()
    workers.stop(gone)
    assert workers.statuses[1].state == "FAILED"
    assert [worker for worker, _ in workers.take_failures()] == [gone, silent]
    assert workers.take_failures() == []


def test_what_looks_at_a_held_socket_runs_in_its_thread(workers, started):
    worker = started("x")
    assert workers.consult(worker.socket, threading.get_ident) == worker._thread.ident
    workers.stop(worker)
    assert workers.consult(worker.socket, threading.get_ident) == threading.get_ident()


def test_a_session_ends_with_a_hanging_worker(session, opened, block):
    held, free = opened("PULL", "held", bind="inproc://x"), opened("PULL", "free", bind="inproc://y")
    worker = Plain("x", held, session.workers.journal)
    session.start(worker)
    release = block(worker)
    with pytest.raises(WorkerFailed, match="Plain worker 'x' did not stop in time"):
        session.end()
    assert free.closed
    assert not held.closed
    release.set()
    worker._thread.join(30)
    assert held.closed
    session.end()


def test_sockets_are_closed_although_the_holder_of_one_hangs(session, started, opened, block):
    worker, free = started("x"), opened("PULL", "free", bind="inproc://free")
    release = block(worker)
    with pytest.raises(WorkerFailed, match="Plain worker 'x' did not stop in time"):
        session.close_all()
    assert free.closed
    assert session.sockets.names == []
    again = opened("PULL", worker.socket.name)
    with pytest.raises(EndpointFailed, match=r"in use by socket 'PULL-1', which plain worker 'x' holds\."):
        again.bind("inproc://plain worker x")
    release.set()
    worker._thread.join(30)
    assert worker.socket.closed
    again.bind("inproc://plain worker x")
    session.close_owned(worker.socket)
    assert session.sockets.names == [again.name]


@pytest.mark.parametrize("kind", [Plain, Rememberer])
def test_the_end_of_a_socket_stops_its_holder_first(session, started, kind):
    worker = started("x", kind)
    session.close_owned(worker.socket)
    assert worker.socket.closed
    assert session.workers.all == []
    assert ("x" in session.workers.of(kind)) == kind.keeps_results


def test_workers_that_idle_stop_when_they_are_asked(workers, started):
    for number in range(40):
        started(f"w{number}")
    workers.stop_all()  # raises if they do not end in time


def test_a_worker_of_the_same_name_takes_the_place_of_the_older_one(session, opened):
    first = Plain("x", opened("PULL", bind="inproc://a"), session.workers.journal)
    second = Plain("x", opened("PULL", bind="inproc://b"), session.workers.journal)
    session.start(first)
    session.start(second)
    assert session.worker(Plain, "x") is second
    assert first.socket.holder is None
    second.post(lambda: 1 / 0)
    second._thread.join(30)
    with pytest.raises(WorkerFailed, match="division by zero"):
        session.worker(Plain, None)


def test_deadlines_bound_a_call(started, block):
    worker = started("x")
    block(worker)
    with pytest.raises(WorkerFailed, match=r"did not answer in 0\.1 seconds"):
        worker.consult(lambda: None, timeout=0.1)
    assert not worker.wait_for(lambda: False, Deadline(0.01))
