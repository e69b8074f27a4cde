from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import threading
import xmlrpc.client
from contextlib import closing

import pytest
from robot.errors import RemoteError

from ZmqLibrary.frontends.remote_server import SerialServer


def test_keywords_work_over_the_wire(call):
    call("Bind Zmq Socket", "tcp://127.0.0.1:*", "REP", "server")
    call("Connect Zmq Socket", call("Get Zmq Endpoint"), "REQ", "client")
    call("Send Message", "grüße", socket="client")
    assert call("Receive Multipart", socket="server") == ["grüße"]
    call("Reply", "x" * 1_000_000)
    assert len(call("Receive Message", socket="client")) == 1_000_000


def test_failures_are_whole(call):
    with pytest.raises(RemoteError, match=r"There is no socket 'nobody'") as caught:
        call("Receive Message", socket="nobody")
    assert "NotOpen" in caught.value.details or "nobody" in str(caught.value)


def test_clients_with_different_paths_share_nothing(server):
    first, second = server.client("/first"), server.client("/second?x=1")
    first.run_keyword("Open Zmq Socket", ["PULL", "jobs"], {})
    assert second.run_keyword("Get Zmq Sockets", [], {}) == []
    assert server.client("/first").run_keyword("Get Zmq Sockets", [], {}) == ["jobs"]


def test_clients_that_alternate_find_their_own_sockets(server):
    clients = {name: server.client(f"/alternating/{name}") for name in ("a", "b", "c")}
    for name, client in clients.items():
        client.run_keyword("Open Zmq Socket", ["PULL", name], {})
    for times in (1, 5, 1, 6):
        for name, client in clients.items():
            for _ in range(times):
                assert client.run_keyword("Get Zmq Sockets", [], {}) == [name]


def test_a_client_does_not_wait_for_another_one(server):
    slow = server.client("/slow")
    endpoint = slow.run_keyword("Open Zmq Socket", ["PULL"], {}) and slow.run_keyword(
        "Bind To Endpoint", ["tcp://127.0.0.1:*"], {}
    )
    got: list[object] = []
    thread = threading.Thread(target=lambda: got.append(slow.run_keyword("Receive Message", [], {"timeout": "60s"})))
    thread.start()
    quick = server.client("/quick")
    quick.run_keyword("Connect Zmq Socket", [endpoint, "PUSH"], {})
    quick.run_keyword("Send Message", ["for you"], {})
    thread.join(120)
    assert got == ["for you"]


def test_a_password_is_read_on_the_side_of_the_server(call):
    call("Start Authenticator")
    call("Allow Plain User", "me", r"%{ZMQ_TEST_SECRET}")
    call("Bind Zmq Socket", "tcp://127.0.0.1:*", "PULL", plain_server=True)
    address = call("Get Zmq Endpoint")
    assert call("Connect Zmq Socket", address, "PUSH", plain_username="me", plain_password="hush-hush")
    with pytest.raises(RemoteError, match=r"came as the text <secret>.*%\{VARIABLE\}"):
        call("Connect Zmq Socket", address, "PUSH", plain_username="me", plain_password="<secret>")


def test_robot_sees_what_a_library_of_its_own_has(server, tmp_path):
    suite = tmp_path / "suite.robot"
    suite.write_text(
        f"""
*** Settings ***
Library    Remote    {server.url}/robot    AS    ZmqLibrary

*** Test Cases ***
Works
    Bind Zmq Socket    tcp://127.0.0.1:*    PULL    sink    timeout=1s
""",
        "utf-8",
    )
    run = subprocess.run(
        [sys.executable, "-m", "robot", "--output", "NONE", "--log", "NONE", "--report", "NONE", str(suite)],
        capture_output=True,
        text=True,
    )
    assert "There is no socket option 'timeout'" in run.stdout


def test_more_than_loopback_is_served_with_a_warning_only(serving):
    server = serving("--host", "0.0.0.0")
    text = server.end()
    assert "XML-RPC has neither encryption nor password" in text
    assert f"ssh -L {server.port}:127.0.0.1:{server.port}" in text
    assert serving().end() == ""


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["timeout=red"], "Cannot import ZmqLibrary with"),
        (["timout=2s"], "ZmqLibrary has no import argument 'timout'. It has: timeout, linger, encoding"),
        (["--host", "192.0.2.1"], "Cannot listen on 192.0.2.1, port 0"),
        (["--grace", "soon"], "'soon' is no time."),
    ],
)
def test_what_cannot_be_served_is_told(arguments, error):
    command = [sys.executable, "-m", "ZmqLibrary", "remote", "--port", "0", *arguments]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 2
    assert error in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    ("method", "headers", "body", "status"),
    [
        ("GET", {}, b"", 405),
        ("POST", {"Content-Type": "text/plain"}, b"x", 415),
        ("POST", {"Content-Type": "text/xml", "Content-Length": "nan"}, b"", 411),
    ],
)
def test_browsers_call_no_keywords(server, method, headers, body, status):
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    with closing(connection):
        connection.request(method, "/browser", body, headers)
        assert connection.getresponse().status == status


@pytest.mark.parametrize("body", [b"", b"<", b"<methodCall/>", b"\xff\xfe", b"<methodCall><methodName>a</methodName>"])
def test_what_is_no_call_is_answered_by_a_fault(server, body):
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    with closing(connection):
        connection.request("POST", "/faults", body, {"Content-Type": "text/xml"})
        with pytest.raises(xmlrpc.client.Fault):
            xmlrpc.client.loads(connection.getresponse().read())


def test_who_connects_and_says_nothing_disturbs_nobody(server):
    silent = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(20)]
    try:
        silent[0].sendall(b"x")
        assert server.client("/beside").run_keyword("Get Zmq Sockets", [], {}) == []
    finally:
        for connection in silent:
            connection.close()


def test_a_server_that_cannot_hand_over_serves_all_by_itself(raw):
    server = SerialServer("127.0.0.1", 0, 60.0)
    code = f"""
from robot.libraries.Remote import Remote
remote = Remote({server.url!r})
remote.run_keyword("Open Zmq Socket", ["PULL", "jobs"], {{}})
print(remote.run_keyword("Get Zmq Sockets", [], {{}}))
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as client:
        reader = threading.Thread(target=lambda: (client.wait(), server.stop()))
        reader.start()
        server.serve()
        reader.join(120)
        assert client.stdout.read().endswith("['jobs']\n")


def test_a_message_of_a_peer_comes_through(call, raw):
    pub = raw("PUSH", bind="tcp://127.0.0.1:*")
    call("Connect Zmq Socket", pub.last_endpoint.decode(), "PULL")
    pub.send_multipart([b"a", b"\x00"])
    assert call("Receive Multipart", format="BYTES") == [b"a", b"\x00"]
