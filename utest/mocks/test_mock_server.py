"""Mock servers under load, and stopping them whatever they do."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from assertionengine import AssertionOperator

from ZmqLibrary import ZmqLibrary
from ZmqLibrary.errors import CheckFailed, WorkerFailed
from ZmqLibrary.mocks import request_log
from ZmqLibrary.mocks.mock_server import MockServer
from ZmqLibrary.sockets.socket_types import SocketType
from ZmqLibrary.sockets.zmq_socket import ZmqSocket
from ZmqLibrary.waiting.deadline import Deadline
from ZmqLibrary.workers import sending_worker

SERVERS = 20
MESSAGES = int(os.environ.get("FLOOD_MESSAGES", "10000"))  # `invoke soak` has more
REQUESTS = 5_000


def threads() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name.startswith("zmq-")]


def mock(library: ZmqLibrary, name: str | None = None) -> MockServer:
    return library.session.workers.of(MockServer).get(name)


@pytest.mark.slow
def test_twenty_servers_and_twenty_collectors_get_ten_thousand_messages_each(peer):
    library = ZmqLibrary()
    addresses = []
    for number in range(SERVERS):
        library.start_mock_server("tcp://127.0.0.1:*", SocketType.PULL, f"server-{number}")
        library.when_mock_receives("job *")
        addresses.append(library.get_mock_endpoint())
        library.bind_zmq_socket("tcp://127.0.0.1:*", SocketType.PULL, f"sink-{number}", receive_hwm=0)
        addresses.append(library.get_zmq_endpoint())
        library.start_collecting_messages(alias=f"collector-{number}")
    peer("spread", str(MESSAGES), *addresses)
    for number in range(SERVERS):
        library.mock_should_have_received(
            "job *", times=MESSAGES, mock=f"server-{number}", timeout=timedelta(seconds=300)
        )
        library.mock_should_have_no_unexpected_requests(mock=f"server-{number}")
        library.collected_message_count_should_be(
            AssertionOperator["=="], MESSAGES, collector=f"collector-{number}", timeout=timedelta(seconds=300)
        )
        library.collected_messages_should_be_complete(collector=f"collector-{number}")
    library.session.workers.stop_all()  # raises if they do not end in time
    library.session.end()
    assert not threads()


def test_many_requests_are_answered_in_order(library, raw):
    library.start_mock_server("tcp://127.0.0.1:*", SocketType.ROUTER)
    library.when_mock_receives("*", reply="$n")
    client = raw("DEALER", connect=library.get_mock_endpoint(), SNDHWM=0, RCVHWM=0)
    for number in range(REQUESTS):
        client.send(b"%d" % number)
    assert [client.recv() for _ in range(REQUESTS)] == [b"%d" % (n + 1) for n in range(REQUESTS)]


def test_a_client_that_does_not_read_holds_up_no_other(library, raw):
    library.start_mock_server("tcp://127.0.0.1:*", SocketType.ROUTER, sndhwm=10, sndbuf=4096)
    library.when_mock_receives("*", reply="x" * 10_000)
    slow = raw("DEALER", connect=library.get_mock_endpoint(), RCVHWM=1, RCVBUF=4096, SNDHWM=0)
    for _ in range(1_000):
        slow.send(b"more")
    library.mock_should_have_received("more", times=1_000)
    other = raw("REQ", connect=library.get_mock_endpoint())
    other.send(b"ping")
    assert len(other.recv()) == 10_000
    assert [len(slow.recv()) for _ in range(1_000)] == [10_000] * 1_000


@pytest.mark.parametrize("begin", [(), (b"",)], ids=str)
def test_what_a_router_sends_unasked_does_not_go_to_whom_its_client_has_answered(library, raw, begin):
    library.start_mock_server("tcp://127.0.0.1:*", SocketType.ROUTER)
    library.when_mock_receives()
    worker = raw("DEALER", connect=library.get_mock_endpoint(), ROUTING_ID=b"worker")
    worker.send_multipart([*begin, b"client", b"", b"answer"])
    library.mock_should_have_received()
    library.mock_sends("job", to="worker")
    library.mock_sends("job")
    library.mock_publishes("beat", count=1)
    for text in (b"job", b"job", b"beat"):
        assert worker.recv_multipart() == [*begin, text]


def test_a_late_answer_reaches_a_req_that_numbers_its_requests(library, raw):
    library.start_mock_server("tcp://127.0.0.1:*", SocketType.ROUTER)
    client = raw("REQ", connect=library.get_mock_endpoint(), ROUTING_ID=b"client", REQ_CORRELATE=1)
    client.send(b"ping")
    library.wait_for_mock_request("ping")
    library.mock_sends("pong", to="client")
    assert client.recv() == b"pong"


def test_what_is_sent_to_all_says_how_many_clients_are_forgotten(library, raw, monkeypatch, caplog):
    monkeypatch.setattr(sending_worker, "_MOST_CLIENTS", 2)
    library.start_mock_server("tcp://127.0.0.1:*", SocketType.ROUTER)
    library.when_mock_receives("hello")
    clients = [raw("DEALER", connect=library.get_mock_endpoint()) for _ in range(3)]
    for client in clients:
        client.send(b"hello")
        library.wait_for_mock_request("hello")
    for _ in range(2):
        library.mock_sends("bye")
    assert [client.recv() for client in clients[1:]] == [b"bye", b"bye"]
    text = "sends to the last 2 clients only: it has forgotten 1 that sent something before them"
    assert caplog.text.count(text) == 1


def test_requests_beyond_the_limit_drop_the_oldest(library, raw, monkeypatch):
    monkeypatch.setattr(request_log, "LIMIT", 10)
    library.start_mock_server("tcp://127.0.0.1:*", SocketType.PULL)
    library.when_mock_receives("*")
    source = raw("PUSH", connect=library.get_mock_endpoint())
    for number in range(25):
        source.send(b"%d" % number)
    library.mock_should_have_received("24")
    assert [str(request[0]) for request in library.get_mock_requests()] == [str(n) for n in range(15, 25)]
    with pytest.raises(AssertionError, match="The oldest 15 are no longer kept"):
        library.mock_should_have_received("nothing", timeout=timedelta(0))


def test_what_is_no_longer_kept_passes_no_check(library, raw, monkeypatch):
    monkeypatch.setattr(request_log, "LIMIT", 10)
    library.start_mock_server("tcp://127.0.0.1:*", SocketType.PULL)
    library.when_mock_receives("ok")
    source = raw("PUSH", connect=library.get_mock_endpoint())
    for text in (b"bad", *[b"ok"] * 12, b"worse"):
        source.send(text)
    library.mock_should_have_received("worse")
    library.mock_should_have_received("ok")
    with pytest.raises(CheckFailed, match=r"not certain .* no such request\.\n4 older requests may match"):
        library.mock_should_not_have_received("bad")
    with pytest.raises(CheckFailed, match="should not have received"):
        library.mock_should_not_have_received("ok")
    for times in (0, 9, 12):
        problem = "received this 9 times, not 0" if times == 0 else "this 9 times for certain; there may be more"
        with pytest.raises(CheckFailed, match=problem):
            library.mock_should_have_received("ok", times=times, timeout=timedelta(0))
    with pytest.raises(CheckFailed, match="this 0 times for certain; there may be more"):
        library.mock_should_have_received("bad", times=0, timeout=timedelta(0))
    with pytest.raises(CheckFailed, match="not expected, 2 requests:\n  1: 'bad'\n  14: 'worse'"):
        library.mock_should_have_no_unexpected_requests()
    library.reset_mock_server()
    library.mock_should_have_received("bad", times=0)
    library.mock_should_not_have_received("bad")
    library.mock_should_have_no_unexpected_requests()


def test_so_many_unexpected_requests_that_not_all_are_kept_are_counted(library, raw, monkeypatch, caplog):
    monkeypatch.setattr(request_log, "LIMIT", 10)
    library.start_mock_server("tcp://127.0.0.1:*", SocketType.PULL)
    source = raw("PUSH", connect=library.get_mock_endpoint())
    for number in range(25):
        source.send(b"%d" % number)
    library.mock_should_have_received("24")
    with pytest.raises(CheckFailed, match="not expected, 25 requests:\n  1: '0'\n"):
        library.mock_should_have_no_unexpected_requests()
    library.reset_mock_server()
    assert "request 1 is not expected" in caplog.text
    assert "15 more requests that no rule wants" in caplog.text


def test_requests_that_were_waited_for_take_no_room_from_others(library, raw, monkeypatch):
    monkeypatch.setattr(request_log, "LIMIT", 10)
    library.start_mock_server("tcp://127.0.0.1:*", SocketType.PULL)
    source = raw("PUSH", connect=library.get_mock_endpoint())
    for number in range(25):
        source.send(b"%d" % number)
        library.wait_for_mock_request(str(number))
    library.mock_should_have_no_unexpected_requests()


def test_a_request_that_fails_after_it_was_dropped_is_not_expected(library, raw, monkeypatch):
    monkeypatch.setattr(request_log, "LIMIT", 10)
    library.start_mock_server("tcp://127.0.0.1:*", SocketType.REP)
    go_on = threading.Event()
    library.mock_calls(lambda request: 1 / 0 if go_on.wait(30) else None, "first")
    library.when_mock_receives("*", reply="ok")
    first = raw("REQ", connect=library.get_mock_endpoint())
    first.send(b"first")
    library.wait_for_mock_request("first")
    other = raw("REQ", connect=library.get_mock_endpoint())
    for _ in range(12):
        other.send(b"x")
        other.recv()
    go_on.set()
    server = mock(library)
    assert server.until(server.requests.unexpected, Deadline(30))
    with pytest.raises(CheckFailed, match=r"1 request:\n  1: 'first': the function .* ZeroDivisionError"):
        library.mock_should_have_no_unexpected_requests()


def test_answers_to_a_client_that_is_gone_are_noted(library, raw):
    library.start_mock_server("tcp://127.0.0.1:*", SocketType.REP)
    server = mock(library)
    gone = threading.Event()
    library.mock_calls(lambda request: (gone.wait(30), "late")[1])
    client = raw("REQ", connect=library.get_mock_endpoint())
    client.send(b"ping")
    library.wait_for_mock_request("ping")
    client.close(0)
    assert server.until(lambda: server.count_peers() == 0, Deadline(30))
    # libzmq reports that a client is gone before the ROUTER has dropped it; both come before it takes in another one.
    raw("REQ", connect=library.get_mock_endpoint())
    assert server.until(lambda: server.count_peers() == 1, Deadline(30))
    journal = library.session.workers.journal
    journal.take()
    gone.set()
    assert server.until(lambda: bool(journal.added), Deadline(30))
    [entry], _ = journal.take()
    assert "could not answer, the client is gone" in entry.text
    library.mock_calls(lambda request: "fine")
    other = raw("REQ", connect=library.get_mock_endpoint())
    other.send(b"ping")
    assert other.recv() == b"fine"


def test_a_message_that_is_half_way_does_not_stop_the_stopping(library):
    library.start_mock_server("tcp://127.0.0.1:*", SocketType.PULL)
    host, port = library.get_mock_endpoint().removeprefix("tcp://").split(":")
    greeting = b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
    body = b"\x05READY\x0bSocket-Type\x00\x00\x00\x04PUSH"
    ready = b"\x04" + bytes([len(body)]) + body
    with socket.create_connection((host, int(port))) as half:
        half.sendall(greeting + ready)
        server = mock(library)
        assert server.until(lambda: server.count_peers() == 1, Deadline(30))
        half.sendall(b"\x01\x05hello" + b"\x02\x00\x00\x00\x00\x00\x01\x00\x00half")
        library.stop_mock_server()  # raises if it does not end in time


def test_stopping_twice_and_stopping_a_dead_one(library):
    library.start_mock_server("inproc://server", SocketType.REP, "server")
    server = mock(library)
    server.post(lambda: 1 / 0)
    server.wait_for(lambda: not server.alive, Deadline(30)) if server.alive else None
    with pytest.raises(WorkerFailed, match="ZeroDivisionError"):
        library.when_mock_receives("ping")
    with pytest.raises(WorkerFailed, match="ZeroDivisionError"):
        library.stop_mock_server()
    assert server.stop()
    assert server.stop()
    library.start_mock_server("inproc://server", SocketType.REP, "server")


def test_dropping_connections_shows_no_socket_that_its_thread_does_not_hold(library, raw, monkeypatch):
    library.start_mock_server("tcp://127.0.0.1:*", SocketType.REP)
    library.mock_disconnects(times=1)
    library.when_mock_receives("ping", reply="pong")
    shown, closed = [], []

    def show(server: MockServer, name: str, value: object) -> None:
        if name == "socket":
            shown.append(value.holder)
        object.__setattr__(server, name, value)

    def close(socket: ZmqSocket) -> None:
        closed.append(socket.holder)
        close_socket(socket)

    close_socket = ZmqSocket.close
    monkeypatch.setattr(MockServer, "__setattr__", show)
    monkeypatch.setattr(ZmqSocket, "close", close)
    client = raw("REQ", connect=library.get_mock_endpoint(), REQ_RELAXED=1)
    client.send(b"ping")
    server = mock(library)
    assert server.until(lambda: shown and server.count_peers(), Deadline(30))
    client.send(b"ping")
    assert client.recv() == b"pong"
    assert shown == closed == [server.title]


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="Windows has no SIGALRM")
def test_a_wait_that_is_over_is_looked_at_no_more(library, interrupted):
    library.start_mock_server("inproc://mock", SocketType.REP)
    server, looks = mock(library), []
    assert not server.until(lambda: looks.append("late"), Deadline(0.05))
    interrupted(lambda: server.until(lambda: looks.append("interrupted"), Deadline(30)), 0.05)
    server.call(lambda: None)
    looks.clear()
    for _ in range(10):
        server.call(lambda: None)
    assert not looks


def test_a_condition_that_cannot_be_looked_at_fails_the_wait_and_not_the_server(library):
    library.start_mock_server("inproc://mock", SocketType.REP)
    with pytest.raises(ZeroDivisionError):
        mock(library).until(lambda: 1 / 0, Deadline(30))
    assert mock(library).alive


def test_a_function_that_never_returns_does_not_hold_up_the_stop(raw):
    library = ZmqLibrary()
    never = threading.Event()
    library.start_mock_server("tcp://127.0.0.1:*", SocketType.REP)
    library.mock_calls(lambda request: never.wait())
    client = raw("REQ", connect=library.get_mock_endpoint())
    client.send(b"ping")
    library.wait_for_mock_request()
    library.stop_mock_server()  # raises if it does not end in time
    library.session.end()
    never.set()


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="Windows has no SIGALRM")
def test_an_interrupt_while_stopping_leaves_nothing_behind(monkeypatch):
    library = ZmqLibrary()
    library.start_mock_server("tcp://127.0.0.1:*", SocketType.REP, "server")
    server = mock(library)
    blocked = threading.Event()
    stopping = threading.Event()
    ask_to_stop = server.ask_to_stop
    monkeypatch.setattr(server, "ask_to_stop", lambda: (ask_to_stop(), stopping.set()))

    def hang() -> None:
        assert stopping.wait(30)
        os.kill(os.getpid(), signal.SIGALRM)
        blocked.wait(30)

    server.post(hang)

    class Timeout(BaseException):
        pass

    def interrupt(*_):
        blocked.set()
        raise Timeout

    old = signal.signal(signal.SIGALRM, interrupt)
    try:
        with pytest.raises(Timeout):
            library.stop_mock_server()
    finally:
        signal.signal(signal.SIGALRM, old)
    library.session.end()
    assert not threads()


SUITE = """\
*** Settings ***
Library    ZmqLibrary
*** Test Cases ***
Busy
    Start Mock Server    tcp://127.0.0.1:*    PUB
    Mock Publishes    tick    every=1ms
    Start Mock Server    tcp://127.0.0.1:*    REP
    Log To Console    running
    Wait For Mock Request    timeout=10 minutes
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for other processes")
def test_ctrl_c_ends_the_run(tmp_path):
    (tmp_path / "busy.robot").write_text(SUITE)
    command = [sys.executable, "-m", "robot", "--output", "NONE", "--log", "NONE", "--report", "NONE", "busy.robot"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as run:
        assert any("running" in line for line in run.stdout)
        start = time.monotonic()
        run.send_signal(signal.SIGINT)
        run.stdout.read()
        assert run.wait(60) != 0
    assert time.monotonic() - start < 300
