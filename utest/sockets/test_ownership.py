from __future__ import annotations

import gc
import threading
import time
import weakref

import pytest
import zmq

from ZmqLibrary.errors import InvalidValue, NotOpen, WrongUse
from ZmqLibrary.sockets.option_table import find_option
from ZmqLibrary.sockets.socket_types import SocketType
from ZmqLibrary.sockets.zmq_socket import ZmqSocket
from ZmqLibrary.waiting.deadline import Deadline

TCP = "tcp://127.0.0.1:*"


class Somebody:
    """Holds a socket and answers questions about it."""

    def __init__(self, title):
        self.title = title
        self.asked = 0

    def consult(self, action):
        self.asked += 1
        return "what the worker's thread saw"

    def wait_for(self, condition, deadline):
        return condition()


def test_a_socket_that_a_worker_holds_is_for_its_thread_only(opened):
    socket = opened("PULL", "jobs")
    socket.take(Somebody("collector 'c'"))
    with pytest.raises(WrongUse, match=r"'jobs' \(PULL\) is held by collector 'c'. Stop that first"):
        socket.receive(Deadline(0))
    usable = []

    def run():
        socket.ownership.enter_thread()
        usable.append(socket.try_receive())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert usable == [None]
    with pytest.raises(WrongUse):
        socket.take(Somebody("another"))
    socket.ownership.give_back()
    assert socket.try_receive() is None


def test_who_only_looks_asks_the_worker_that_holds_the_socket(opened):
    socket, holder = opened("PULL", "jobs"), Somebody("collector 'c'")
    assert socket.ask(lambda: "seen here") == "seen here"
    socket.take(holder)
    assert socket.ask(lambda: "seen here") == "what the worker's thread saw"
    assert socket.observe(lambda: "seen here", Deadline(0)) == "what the worker's thread saw"
    assert holder.asked == 2
    socket.ownership.give_back()


def test_a_closed_socket_says_so(session, opened):
    socket = opened("PULL", "jobs")
    session.close("jobs")
    socket.close()
    for use in (socket.try_receive, lambda: socket.bind(TCP), lambda: socket.connect(TCP)):
        with pytest.raises(NotOpen, match=r"'jobs' \(PULL\) is closed"):
            use()


def test_a_worker_does_not_look_after_the_sockets_of_others(session):
    ticks = []
    session.tick = lambda: ticks.append(threading.get_ident())
    socket = session.open(SocketType.PULL, None)
    socket.take(Somebody("worker"))

    def run():
        socket.ownership.enter_thread()
        socket.wait_for(lambda: False, Deadline(0.3))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    socket.ownership.give_back()
    assert not ticks
    assert socket.wait_for(lambda: ticks, Deadline(30))


def test_a_condition_that_holds_is_returned_at_once(opened):
    start = time.monotonic()
    assert opened("PULL").wait_for(lambda: "found", Deadline(60)) == "found"
    assert time.monotonic() - start < 30


def test_inproc_needs_no_monitor(opened):
    socket = opened("PAIR", bind="inproc://watched")
    assert socket.monitor.attached is False
    socket.bind(TCP)
    assert socket.monitor.attached


def test_a_pub_is_an_xpub_inside_and_says_pub(opened):
    socket = opened("PUB", "news")
    assert socket.title == "'news' (PUB)"
    assert socket.get_option(find_option("TYPE")) == zmq.PUB


def test_options_that_libzmq_refuses_are_explained(opened):
    socket = opened("PULL", "jobs")
    with pytest.raises(InvalidValue, match=r"'jobs' \(PULL\) does not take -5 for option SNDBUF"):
        socket.set_option(find_option("SNDBUF"), -5)


def test_the_verbosity_that_a_publisher_needs_cannot_be_switched_off(opened, raw):
    socket = opened("PUB", bind=TCP)
    socket.set_option(find_option("XPUB_VERBOSER"), 0)
    for _ in range(2):
        raw("SUB", connect=socket.address).subscribe("")
    assert socket.wait_for(lambda: socket.count_subscribers() == 2, Deadline(30), zmq.POLLIN)


def test_200_sockets_are_watched_at_the_same_time(opened):
    pulls = [opened("PULL", bind=TCP) for _ in range(100)]
    pushes = [opened("PUSH", connect=pull.address) for pull in pulls]
    for pull, push in zip(pulls, pushes):
        push.wait_connected(pull.address, Deadline(30))
        push.send([b"x"], Deadline(30))
        assert pull.receive(Deadline(30)).frames == [b"x"]


@pytest.mark.parametrize("type", [SocketType.PULL, SocketType.XPUB])
def test_a_socket_that_nobody_has_any_more_goes_at_once(session, type):
    """Parts that held each other in a circle would keep it open until a collection of garbage."""
    gc.disable()
    try:
        socket = ZmqSocket(session.context, "private", type, session.private_settings)
        socket.bind("tcp://127.0.0.1:*")
        socket.close()
        gone = weakref.ref(socket)
        del socket
        assert gone() is None
    finally:
        gc.enable()


def test_its_monitor_which_may_live_longer_does_not_hold_it(session):
    gc.disable()
    try:
        socket = ZmqSocket(session.context, "private", SocketType.PULL, session.private_settings)
        socket.bind("tcp://127.0.0.1:*")
        gone, monitor, raw = weakref.ref(socket), socket.monitor, socket.raw
        del socket
        assert gone() is None
        monitor.close()
        raw.close()
    finally:
        gc.enable()


def test_1000_sockets_leave_no_descriptor_and_no_thread(session, happens, open_things):
    def open_and_close(count: int) -> None:
        for _ in range(count):
            socket = session.open(SocketType.PULL, None)
            socket.bind(TCP)
            session.close(socket.name)

    watcher = session.open(SocketType.PULL, None)
    watcher.bind(TCP)
    open_and_close(10)
    seen = [open_things()]

    def settled() -> bool:
        """libzmq closes in the background: twice the same means that it is done."""
        seen.append(open_things())
        return seen[-2] == seen[-1]

    assert happens(watcher, settled)
    before = seen[-1]
    open_and_close(1000)
    assert happens(watcher, lambda: open_things() <= before)
