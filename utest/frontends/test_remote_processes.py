"""Each client of a remote server has a process of its own: they wait for nobody, and none is left."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import xmlrpc.client
from contextlib import contextmanager
from pathlib import Path

import pytest
from robot.errors import RemoteError
from robot.libraries.Remote import Remote

from ZmqLibrary.frontends.remote_arrivals import HANDED_OVER, LENDS
from ZmqLibrary.frontends.remote_server import RemoteServer


def wait_until(condition, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "It did not come to that."
        threading.Event().wait(0.02)


def is_listening(endpoint: str) -> bool:
    host, _, port = endpoint.removeprefix("tcp://").rpartition(":")
    try:
        socket.create_connection((host, int(port)), 60).close()
    except OSError:
        return False
    return True


@contextmanager
def silent_service():
    """Takes connections and never says anything: who waits for a handshake waits for ever."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"tcp://127.0.0.1:{listener.getsockname()[1]}", listener


@contextmanager
def stopped(*processes: int):
    """Processes that do nothing meanwhile."""
    try:
        for process in processes:
            os.kill(process, signal.SIGSTOP)
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


def called_often(client: Remote) -> None:
    for _ in range(5):
        assert client.run_keyword("Get Zmq Sockets", [], {}) == []


@pytest.mark.skipif(not LENDS, reason="Only Linux wakes one of two processes that wait for a connection.")
def test_the_server_does_nothing_for_a_client_that_alone_calls(serving):
    server = serving()
    client = server.client("/alone")
    called_often(client)
    with stopped(server.process.pid):
        called_often(client)


@pytest.mark.parametrize("path", ["/hangs", "/other"])
def test_a_process_that_hangs_keeps_no_other_client_waiting(serving, path):
    server = serving()
    called_often(server.client("/hangs"))
    with stopped(*server.children()):
        called_often(server.client("/beside"))
    called_often(server.client(path))


def test_calls_of_one_client_at_the_same_time_are_served_one_after_the_other(server):
    client = server.client("/many")
    called_often(client)
    threads = [threading.Thread(target=client.run_keyword, args=("Open Zmq Socket", ["PULL"], {})) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(client.run_keyword("Get Zmq Sockets", [], {})) == 8


def test_a_client_whose_process_was_killed_calls_again(serving):
    server = serving()
    client = server.client()
    called_often(client)
    (child,) = server.children()
    os.kill(child, signal.SIGKILL)
    wait_until(lambda: server.children() == [])
    called_often(client)


def test_a_call_that_comes_as_the_process_dies_ends_nobody_else(serving):
    server = serving()
    client = server.client()
    client.run_keyword("Get Zmq Sockets", [], {})
    (child,) = server.children()
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        with stopped(server.process.pid):
            connection.sendall(b"POST /RPC2 HTTP/1.1\r\n\r\n")
            os.kill(child, signal.SIGKILL)
            wait_until(lambda: Path(f"/proc/{child}/stat").read_text().split()[2] == "Z")
        assert connection.recv(65_536).startswith(b"HTTP/1.0 500 ")
    called_often(client)


def test_the_port_is_free_when_the_server_was_killed(serving):
    server = serving()
    called_often(server.client())
    server.end(signal.SIGKILL)
    wait_until(lambda: not is_listening(f"tcp://127.0.0.1:{server.port}"))


def test_what_a_silent_client_has_open_is_closed_after_the_grace_period(impatient, closed_port):
    client = impatient.client("/silent")
    assert client.run_keyword("Bind Zmq Socket", [closed_port, "PULL", "sink"], {}) == "sink"
    wait_until(lambda: not is_listening(closed_port))
    wait_until(lambda: impatient.children() == [])


def test_a_client_that_comes_back_is_told_what_was_closed(impatient, capsys):
    remote = impatient.client("/back")
    remote.run_keyword("Open Zmq Socket", ["PULL", "jobs"], {})
    wait_until(lambda: impatient.children() == [])
    capsys.readouterr()
    assert remote.run_keyword("Get Zmq Sockets", [], {}) == []
    assert capsys.readouterr().out.startswith(
        "*WARN* No keyword was called from here for 0.5 seconds, and so the server has closed what was open: jobs."
    )
    remote.run_keyword("Get Zmq Sockets", [], {})
    assert "WARN" not in capsys.readouterr().out


def test_what_was_open_may_have_any_name(impatient, capsys):
    remote = impatient.client("/names")
    remote.run_keyword("Open Zmq Socket", ["PULL", b"a\0b"], {})
    wait_until(lambda: impatient.children() == [])
    capsys.readouterr()
    assert remote.run_keyword("Get Zmq Sockets", [], {}) == []
    assert r"what was open: a\x00b." in capsys.readouterr().out


def test_a_keyword_that_runs_longer_than_the_grace_period_is_no_silence(impatient):
    with silent_service() as (endpoint, _), pytest.raises(RemoteError, match=r"Cannot connect .*in 1 second"):
        impatient.client("/busy").run_keyword("Connect Zmq Socket", [endpoint, "PUSH"], {"timeout": "1s"})


def test_a_keyword_ends_when_its_client_is_gone(impatient):
    with silent_service() as (endpoint, listener):
        call = xmlrpc.client.dumps(
            ("Connect Zmq Socket", [endpoint, "PUSH"], {"timeout": "1h"}), "run_keyword"
        ).encode()
        head = b"POST /gone HTTP/1.1\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n" % len(call)
        with socket.create_connection(("127.0.0.1", impatient.port)) as connection:
            connection.sendall(head + call)
            reached = listener.accept()[0]
        reached.settimeout(60)
        with reached:
            while reached.recv(1024):
                pass
    wait_until(lambda: impatient.children() == [])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_process_is_left_however_the_server_ends(serving, number):
    server = serving()
    busy, idle = server.client("/busy"), server.client("/idle")
    address = idle.run_keyword("Bind Zmq Socket", ["tcp://127.0.0.1:*", "PULL"], {}) and idle.run_keyword(
        "Get Zmq Endpoint", [], {}
    )
    busy.run_keyword("Open Zmq Socket", ["PULL"], {})
    failed: list[Exception] = []

    def receive() -> None:
        try:
            busy.run_keyword("Receive Message", [], {"timeout": "1h"})
        except Exception as problem:
            failed.append(problem)

    thread = threading.Thread(target=receive)
    thread.start()
    children = server.children()
    assert len(children) == 2
    server.end(number)
    thread.join(120)
    assert failed
    wait_until(lambda: not any(os.path.exists(f"/proc/{child}") for child in children))
    assert not is_listening(address)


@pytest.mark.parametrize("others", [0, 1])
def test_a_call_is_not_begun_when_the_server_has_ended(closed_port, others):
    arguments = ("Connect Zmq Socket", [closed_port, "PUSH"], {"timeout": "1h"})
    call = xmlrpc.client.dumps(arguments, "run_keyword").encode()
    control, inherited = socket.socketpair()
    connection, client = socket.socketpair()
    with client, inherited, connection, control:
        client.sendall(b"POST / HTTP/1.1\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n" % len(call) + call)
        socket.send_fds(control, [HANDED_OVER], [connection.fileno()])
        for _ in range(others):  # which wait behind it
            first, second = socket.socketpair()
            with first, second:
                socket.send_fds(control, [HANDED_OVER], [first.fileno()])
        control.close()
        command = [sys.executable, "-m", "ZmqLibrary.frontends.remote_session", str(inherited.fileno()), "600", ""]
        assert subprocess.run(command, pass_fds=[inherited.fileno()], timeout=60).returncode == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_and_kill_end_without_a_traceback(serving, number, code):
    server = serving()
    assert server.end(number) == ""
    assert server.process.returncode == code


def test_at_most_so_many_clients_are_served(monkeypatch):
    monkeypatch.setattr("ZmqLibrary.frontends.remote_server.MAX_CLIENTS", 1)
    server = RemoteServer("127.0.0.1", 0, 60.0)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        assert Remote(server.url + "/first").run_keyword("Get Zmq Sockets", [], {}) == []
        with pytest.raises(Exception, match="503"):
            Remote(server.url + "/second").run_keyword("Get Zmq Sockets", [], {})
    finally:
        server.stop()
        thread.join(120)


def test_a_client_for_whom_no_process_can_be_started_is_refused_and_others_are_served(monkeypatch):
    server = RemoteServer("127.0.0.1", 0, 60.0)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        assert Remote(server.url + "/first").run_keyword("Get Zmq Sockets", [], {}) == []
        with monkeypatch.context() as patch:
            patch.setattr(sys, "executable", "/no/such/python")
            with pytest.raises(Exception, match="503"):
                Remote(server.url + "/second").run_keyword("Get Zmq Sockets", [], {})
        for path in ("/first", "/second"):
            assert Remote(server.url + path).run_keyword("Get Zmq Sockets", [], {}) == []
    finally:
        server.stop()
        thread.join(120)
