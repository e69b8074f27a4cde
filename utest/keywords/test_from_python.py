"""Keywords that are called from Python take what they take from Robot."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ZmqLibrary import ZmqLibrary
from ZmqLibrary.errors import InvalidValue, WaitTimeout
from ZmqLibrary.keywords.from_python import converting
from ZmqLibrary.session.lifetimes import AutoClose
from ZmqLibrary.sockets.socket_types import SocketType


def takes(
    place: int,
    *rest: float,
    timeout: timedelta | None = None,
    switch: bool = False,
    type: SocketType | None = None,
    value: object = None,
    **others: int,
) -> tuple[object, ...]:
    return place, rest, timeout, switch, type, value, others


call = converting(takes)


@pytest.mark.parametrize(("given", "taken"), [("200ms", 0.2), (0.2, 0.2), (3, 3.0), (timedelta(seconds=1), 1.0)])
def test_times_are_given_in_each_form(given, taken):
    assert call(1, timeout=given)[2] == timedelta(seconds=taken)


def test_each_kind_of_argument_is_converted():
    taken = call("1", "2.5", 3, switch="yes", type="pull", value="200ms", more="7", other=8)
    assert taken == (1, (2.5, 3.0), None, True, SocketType.PULL, "200ms", {"more": 7, "other": 8})


def test_none_stays_where_it_is_the_default():
    assert call(1, timeout=None, type=None)[2:5] == (None, False, None)


def test_a_value_that_cannot_be_converted_is_named():
    with pytest.raises(InvalidValue, match="Argument 'timeout' got value 'soon'"):
        call(1, timeout="soon")
    with pytest.raises(InvalidValue, match=r"Argument 'type' got value 'CLIENT'.*'DEALER'"):
        call(1, type="CLIENT")
    with pytest.raises(InvalidValue, match="Argument 'more' got value 'x'"):
        call(1, more="x")


def test_import_arguments_are_converted():
    library = ZmqLibrary(timeout="2s", linger=0.1, lazy_connect="no", auto_close="manual", log_limit="64")
    settings = library.session.settings
    assert (settings.timeout, settings.linger, settings.lazy_connect) == (2.0, 0.1, False)
    assert (settings.auto_close, settings.log_limit) == (AutoClose.MANUAL, 64)
    with pytest.raises(InvalidValue, match="Argument 'linger' got value 'long'"):
        ZmqLibrary(linger="long")


def test_keywords_of_all_groups_are_converted(library):
    library.bind_zmq_socket("tcp://127.0.0.1:*", "PULL", "sink", receive_hwm="10")
    library.connect_zmq_socket(library.get_zmq_endpoint(), "push", "source", timeout="30s", lazy="no")
    library.wait_until_connected(count="1", timeout=30, socket="sink")
    library.send_multipart("a", 1, timeout="30s")
    library.wait_for_message("a", match="exact", socket="sink", timeout=30.5)
    library.received_frame_should_equal("1", 1)
    assert library.get_received_frame("0", "==", "a") == "a"
    with pytest.raises(WaitTimeout):
        library.receive_message(socket="sink", timeout="10ms")
    library.start_collecting_messages("sink", limit="3", drop="newest")
    assert library.collected_message_count_should_be("==", "0", timeout="10ms") == 0
    library.start_mock_server("inproc://mock", "rep")
    library.when_mock_receives("ping", reply="pong", times="1", delay="1ms")
    library.connect_zmq_socket("inproc://mock", "REQ")
    assert library.send_request("ping", timeout="30s") == ["pong"]


def test_what_is_called_from_python_is_no_keyword(library):
    assert not hasattr(library.send_message, "robot_name")
    assert library.robot_send_message.robot_name == "Send Message"
