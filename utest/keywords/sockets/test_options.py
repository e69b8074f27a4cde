from __future__ import annotations

import logging
from datetime import timedelta

import pytest
import zmq

from ZmqLibrary.errors import CheckFailed, InvalidValue, NotOpen
from ZmqLibrary.sockets.option_table import find_option
from ZmqLibrary.sockets.socket_types import SocketType

PULL, DEALER = SocketType.PULL, SocketType.DEALER


def warnings(caplog) -> list[str]:
    return [record.message for record in caplog.records if record.levelno == logging.WARNING]


@pytest.mark.parametrize("name", ["RCVHWM", "rcvhwm", "ZMQ_RCVHWM", "zmq rcv hwm", "Rcv_Hwm"])
def test_an_option_is_found_in_any_spelling(library, name):
    library.open_zmq_socket(PULL)
    assert library.set_zmq_socket_option(name, "7") == 1000
    assert library.get_zmq_socket_option(name) == 7


@pytest.mark.parametrize(
    ("name", "value", "shown", "raw"),
    [
        ("linger", "200 ms", "200 milliseconds", 200),
        ("linger", 2, "2 seconds", 2000),
        ("linger", timedelta(minutes=1), "1 minute", 60_000),
        ("sndtimeo", "-1", -1, -1),
        ("ipv6", "yes", True, 1),
        ("ipv6", False, False, 0),
        ("sndhwm", "12", 12, 12),
        ("routing_id", "me", b"me", b"me"),
        ("routing_id", b"\x01\xff", b"\x01\xff", b"\x01\xff"),
    ],
)
def test_values_are_typed_by_the_option(library, name, value, shown, raw):
    library.open_zmq_socket(DEALER)
    library.set_zmq_socket_option(name, value)
    assert library.get_zmq_socket_option(name) == shown
    assert library.session.socket(None).raw.get(getattr(zmq, name.upper())) == raw


def test_setting_returns_the_old_value_where_it_can_be_read(library):
    library.open_zmq_socket(DEALER)
    assert library.set_zmq_socket_option("reconnect_ivl", "50ms") == "100 milliseconds"
    assert library.set_zmq_socket_option("reconnect_ivl", "-1") == "50 milliseconds"
    assert library.set_zmq_socket_option("reconnect_ivl", "1s") == -1
    assert library.set_zmq_socket_option("probe_router", "yes") is None


@pytest.mark.parametrize(("name", "value"), [("nosuch", "1"), ("ipv6", "perhaps"), ("sndhwm", "many"), ("linger", [])])
def test_what_an_option_does_not_take_is_refused_and_changes_nothing(library, name, value):
    library.open_zmq_socket(DEALER)
    before = library.get_zmq_socket_option("sndhwm")
    with pytest.raises(InvalidValue, match=f"(?i){name}"):
        library.set_zmq_socket_option(name, value)
    assert library.get_zmq_socket_option("sndhwm") == before


def test_an_option_that_comes_too_late_is_set_with_a_warning(library, caplog):
    library.open_zmq_socket(PULL, "x")
    library.set_zmq_socket_option("reconnect_ivl", "5ms")
    assert not warnings(caplog)
    library.bind_to_endpoint("inproc://late")
    library.set_zmq_socket_option("reconnect_ivl", "6ms")
    assert warnings(caplog) == ["Option RECONNECT_IVL acts only on later binds and connects of socket 'x' (PULL)."]
    assert library.get_zmq_socket_option("reconnect_ivl") == "6 milliseconds"


def test_an_option_that_acts_at_once_gives_no_warning(library, caplog):
    library.bind_zmq_socket("inproc://at-once", PULL)
    library.set_zmq_socket_option("linger", "1s")
    assert not warnings(caplog)


def test_a_secret_option_is_neither_logged_nor_read(library, caplog):
    caplog.set_level(logging.DEBUG)
    library.open_zmq_socket(DEALER, plain_username="anna", plain_password="hunter2")
    assert library.set_zmq_socket_option("plain_password", "hunter3") is None
    with pytest.raises(InvalidValue, match="PLAIN_PASSWORD") as caught:
        library.get_zmq_socket_option("plain_password")
    assert "hunter" not in caplog.text + str(caught.value)
    assert "PLAIN_PASSWORD" in caplog.text


@pytest.mark.parametrize("name", ["CURVE_SERVERKEY", "PLAIN_PASSWORD"])
def test_what_libzmq_refuses_is_not_shown_if_it_may_be_a_secret(library, name):
    library.open_zmq_socket(DEALER)
    with pytest.raises(InvalidValue, match=f"does not take this value for option {name}"):
        library.session.socket(None).set_option(find_option(name), b"hush" * 100)


def test_options_are_those_of_the_named_socket(library):
    library.open_zmq_socket(PULL, "a")
    library.open_zmq_socket(PULL, "b")
    library.set_zmq_socket_option("rcvhwm", 1, socket="a")
    assert [library.get_zmq_socket_option("rcvhwm", socket=name) for name in ("a", "b")] == [1, 1000]
    with pytest.raises(NotOpen, match=r"no socket 'c'. Open: a, b"):
        library.get_zmq_socket_option("rcvhwm", socket="c")


def test_the_versions_are_those_that_run(library):
    assert library.get_zmq_version() == {"libzmq": zmq.zmq_version(), "pyzmq": zmq.pyzmq_version()}


def test_what_libzmq_can_do_is_checked_and_what_it_cannot_is_told(library):
    library.zmq_should_support("curve", "ipc", "libzmq>=4.2", "pyzmq>=26")
    library.zmq_should_support()
    for missing in ("libzmq>=99", "pyzmq>=99.1"):
        with pytest.raises(CheckFailed, match="99"):
            library.zmq_should_support("curve", missing)
    with pytest.raises(InvalidValue, match="curve"):
        library.zmq_should_support("teleport")


def test_the_name_that_stands_for_all_options_is_not_suggested(library):
    with pytest.raises(InvalidValue, match=r"There is no socket option 'options'\. There are AFFINITY, "):
        library.open_zmq_socket(PULL, options={"linger": 0})
