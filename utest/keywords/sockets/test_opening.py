from __future__ import annotations

import logging
import random
import signal
from datetime import timedelta

import pytest

from ZmqLibrary.errors import ConnectFailed, EndpointFailed, InvalidValue, NotOpen, WrongUse
from ZmqLibrary.sockets.socket_types import SocketType

PULL, PUSH, SUB, DEALER, ROUTER = (SocketType[name] for name in ("PULL", "PUSH", "SUB", "DEALER", "ROUTER"))
TCP = "tcp://127.0.0.1:*"
SHORT = timedelta(milliseconds=100)


def test_opening_returns_the_alias_or_a_generated_name(library):
    assert library.open_zmq_socket(PUSH, "jobs") == "jobs"
    assert [library.open_zmq_socket(PUSH) for _ in range(2)] == ["PUSH-1", "PUSH-2"]
    assert library.bind_zmq_socket("inproc://a", PULL) == "PULL-1"
    assert library.connect_zmq_socket("inproc://a", SocketType["XREQ"]) == "DEALER-1"
    assert library.get_zmq_sockets() == ["jobs", "PUSH-1", "PUSH-2", "PULL-1", "DEALER-1"]


def test_the_socket_opened_last_is_current_until_another_is_switched_to(library):
    for name in ("first", "second", "third"):
        library.open_zmq_socket(PUSH, name)
    assert library.session.socket(None).name == "third"
    assert library.switch_zmq_socket("first") == "third"
    assert library.session.socket(None).name == "first"
    library.close_zmq_socket()
    assert library.session.socket(None).name == "third"
    assert library.get_zmq_sockets() == ["second", "third"]
    with pytest.raises(NotOpen, match=r"'first' was closed. Open: second, third"):
        library.switch_zmq_socket("first")


def test_an_eager_connect_waits_for_the_handshake(library):
    library.bind_zmq_socket(TCP, PULL)
    library.connect_zmq_socket(library.get_zmq_endpoint(), PUSH)
    assert library.get_connection_state() == "CONNECTED"


def test_a_lazy_connect_does_not_wait(library, closed_port):
    library.connect_zmq_socket(closed_port, PUSH, lazy=True)
    assert library.get_connection_state() == "CONNECTING"
    library.session.close_all()


def test_whether_a_connect_is_lazy_is_set_for_the_library(library, closed_port):
    library.session.settings = library.session.settings._replace(lazy_connect=True)
    library.connect_zmq_socket(closed_port, PUSH)
    with pytest.raises(ConnectFailed):
        library.connect_zmq_socket(closed_port, PUSH, lazy=False, timeout=SHORT)
    assert library.get_zmq_sockets() == ["PUSH-1"]


def test_arguments_become_options_of_the_socket(library):
    library.bind_zmq_socket(
        TCP, ROUTER, routing_id="me", send_hwm=3, receive_hwm=4, handshake_ivl="20 s", ZMQ_SNDBUF="9"
    )
    options = {name: library.get_zmq_socket_option(name) for name in ("routing_id", "sndhwm", "rcvhwm", "handshakeivl")}
    assert options == {"routing_id": b"me", "sndhwm": 3, "rcvhwm": 4, "handshakeivl": "20 seconds"}
    assert library.get_zmq_socket_option("SNDBUF") == 9


def test_a_routing_id_is_how_the_router_knows_the_peer(library):
    library.bind_zmq_socket("inproc://router", ROUTER, "router")
    library.connect_zmq_socket("inproc://router", DEALER, routing_id=b"\x01\x02")
    library.send_message("x")
    assert library.receive_multipart(socket="router").frames == [b"\x01\x02", b"x"]


@pytest.mark.parametrize(("subscribe", "topics"), [("a", [b"a"]), (["a", b"\xff"], [b"a", b"\xff"]), ("", [b""])])
def test_a_sub_subscribes_when_it_is_opened(library, subscribe, topics):
    library.bind_zmq_socket("inproc://sub", SUB, subscribe=subscribe)
    assert library.session.socket(None).subscriptions.topics == topics


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("tcp://127.0.0.1:70000", PULL), InvalidValue),
        (("inproc://x", PULL, None, {"nosuch": 1}), InvalidValue),
        (("inproc://x", PULL, None, {"subscribe": "a"}), WrongUse),
        (("ipc:///nosuch/directory/x", PULL), EndpointFailed),
    ],
)
def test_a_socket_that_cannot_be_set_up_is_not_left_behind(library, arguments, error):
    library.open_zmq_socket(PUSH, "before")
    with pytest.raises(error):
        library.bind_zmq_socket(*arguments[:3], **(arguments[3] if arguments[3:] else {}))
    assert library.get_zmq_sockets() == ["before"]
    assert library.session.socket(None).name == "before"


def test_an_alias_used_twice_closes_the_older_socket_with_a_warning(library, caplog):
    library.bind_zmq_socket("inproc://twice", PULL, "x")
    older = library.session.socket("x")
    library.bind_zmq_socket("inproc://twice", PULL, "x")
    assert older.closed
    assert library.get_zmq_sockets() == ["x"]
    [warning] = [r.message for r in caplog.records if r.levelno == logging.WARNING]
    assert warning == "Socket 'x' is still open: closing it, because its alias is used again."


def test_a_bad_argument_does_not_cost_the_older_socket_of_that_alias(library):
    library.bind_zmq_socket("inproc://kept", PULL, "x")
    for use in (library.bind_zmq_socket, library.connect_zmq_socket):
        with pytest.raises(InvalidValue):
            use("tcp://nowhere", PULL, "x")
        with pytest.raises(InvalidValue):
            use("inproc://other", PULL, "x", linger="perhaps")
        with pytest.raises(WrongUse, match=r"Socket 'x' \(PULL\) has no subscriptions"):
            use("inproc://other", PULL, "x", subscribe="a")
    with pytest.raises(WrongUse, match=r"Socket 'x' \(PULL\) has no subscriptions"):
        library.open_zmq_socket(PULL, "x", subscribe="a")
    with pytest.raises(InvalidValue, match="timeout cannot be negative"):
        library.connect_zmq_socket("inproc://other", PULL, "x", timeout=timedelta(seconds=-1))
    with pytest.raises(WrongUse, match=r"Cannot use 'x' \(PULL\) as a PLAIN server"):
        library.bind_zmq_socket(TCP, PULL, "x", plain_server=True)
    assert library.get_zmq_endpoint(socket="x") == "inproc://kept"


def test_alias_and_address_can_be_used_again_at_once_after_a_close(library):
    library.bind_zmq_socket(TCP, PULL, "x")
    address = library.get_zmq_endpoint()
    for _ in range(10):
        library.close_zmq_socket("x")
        library.bind_zmq_socket(address, PULL, "x")
    library.close_all_zmq_sockets()
    library.close_all_zmq_sockets()
    assert library.get_zmq_sockets() == []


def test_a_conflating_receiver_warns_of_what_it_loses(library, caplog):
    library.open_zmq_socket(PULL, "x", conflate="yes")
    assert "'x' (PULL) has CONFLATE: it gets only the last frame of a message." in caplog.text


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="Windows has no SIGALRM")
def test_an_opening_that_is_interrupted_at_any_moment_leaves_no_socket(library, closed_port, interrupted):
    moments = random.Random(1)
    for _ in range(300):
        assert interrupted(lambda: library.connect_zmq_socket(closed_port, PUSH), moments.uniform(1e-5, 1.5e-3))
        assert library.get_zmq_sockets() == []
