"""Many messages in one call: what they may be, and what is told when not all go."""

from __future__ import annotations

from collections import deque

import pytest
from robot.api.types import Secret

from ZmqLibrary.errors import EncodeError, InvalidValue, WaitTimeout, WrongUse


@pytest.fixture
def wire(library):
    library.bind_zmq_socket("inproc://many", "PULL", "sink")
    library.connect_zmq_socket("inproc://many", "PUSH", "source")
    return library


@pytest.mark.parametrize(
    ("messages", "format", "received"),
    [
        (["a", 1, b"c"], "TEXT", [["a"], ["1"], ["c"]]),
        ([["a", "b"], ("c",), "d"], "TEXT", [["a", "b"], ["c"], ["d"]]),
        ([{"n": 1}, [{"n": 2}, [3]]], "JSON", [[{"n": 1}], [{"n": 2}, [3]]]),
        (deque(["a", "b"]), "TEXT", [["a"], ["b"]]),
        ((str(n) for n in range(3)), "TEXT", [["0"], ["1"], ["2"]]),
        ([["tick", 7]], "TEXT,U32LE", [["tick", 7]]),
        ([Secret("x"), [Secret("y")]], "TEXT", [["x"], ["y"]]),
        ([], "TEXT", []),
    ],
)
def test_each_item_is_a_message(wire, messages, format, received):
    assert wire.send_messages(messages, format=format) == len(received)
    if received:
        assert wire.receive_messages(len(received), format=format, socket="sink") == received


def test_with_a_layout_items_are_fields(wire):
    wire.define_message_layout("job", id="TEXT", delimiter="EMPTY", body="JSON")
    wire.send_messages([{"id": "a", "body": {"n": 1}}, ["b", "", [2]]], layout="job")
    assert [m.body for m in wire.receive_messages(2, layout="job", socket="sink")] == [{"n": 1}, [2]]


def test_received_messages_are_sent_again(wire):
    wire.send_messages([["a", "b"], "c"])
    wire.send_messages(wire.receive_messages(2, socket="sink"), socket="source")
    assert wire.receive_messages(2, socket="sink") == [["a", "b"], ["c"]]


def test_nothing_of_a_list_is_sent_if_one_is_wrong(wire):
    with pytest.raises(EncodeError, match=r"Message 3: Frame 1 \(a dict\) cannot be sent as TEXT"):
        wire.send_messages(["a", "b", ["c", {"n": 1}], "d"])
    assert wire.try_to_receive_message(socket="sink") is None


def test_of_anything_else_it_is_told_how_many_were_sent(wire):
    with pytest.raises(EncodeError, match=r"(?s)1,000 messages were sent\..*Message 1,002: Frame 0"):
        wire.send_messages(value for value in ["a"] * 1001 + [None])
    assert len(wire.receive_messages(1000, socket="sink")) == 1000


@pytest.mark.parametrize("messages", ["abc", b"abc", {"a": 1}, 5, None])
def test_what_is_no_list_of_messages_is_refused(wire, messages):
    with pytest.raises(InvalidValue, match="takes a list of messages, not "):
        wire.send_messages(messages)


def test_messages_that_cannot_be_made_are_told_with_how_many_were_sent(wire):
    with pytest.raises(InvalidValue, match=r"^2,000 messages were sent\.\nThere is no message 2,501, because of Zero"):
        wire.send_messages(1 / (2_500 - number) for number in range(5_000))


def test_a_message_without_frames_is_refused(wire):
    with pytest.raises(EncodeError, match="Message 1: A message has at least one frame"):
        wire.send_messages([[]])


def test_one_deadline_and_how_many_went(library):
    library.bind_zmq_socket("inproc://full", "PULL", "full", receive_hwm=100)
    library.connect_zmq_socket("inproc://full", "PUSH", "source", send_hwm=100)
    with pytest.raises(WaitTimeout, match=r"(?s)^200 messages of 5,000 were sent\.\nCannot send.*high-water"):
        library.send_messages(["x"] * 5_000, timeout="50ms")
    assert len(library.receive_messages(200, socket="full")) == 200


def test_a_socket_with_turns_sends_one(library):
    library.bind_zmq_socket("inproc://turns", "REP", "server")
    library.connect_zmq_socket("inproc://turns", "REQ", "client")
    with pytest.raises(WrongUse, match=r"1 message of 2 was sent\.\n.*still waits for the reply"):
        library.send_messages(["a", "b"])


def test_a_router_sends_to_each(library):
    library.bind_zmq_socket("inproc://router", "ROUTER", "router")
    for name in ("anna", "bert"):
        library.connect_zmq_socket("inproc://router", "DEALER", name, routing_id=name)
        library.send_message("hello", socket=name)
    library.receive_messages(2, socket="router")
    assert library.send_messages([["anna", "1"], ["bert", "2"]], socket="router") == 2
    assert library.receive_message(socket="bert") == "2"
    with pytest.raises(WrongUse, match=r"1 message of 2 was sent\.\n.*knows no peer with the routing id 'carl'"):
        library.send_messages([["anna", "1"], ["carl", "2"]], socket="router")


def test_slow_peers_are_waited_for(library, peer):
    library.bind_zmq_socket("tcp://127.0.0.1:*", "PULL", "sink", receive_hwm=10)
    library.connect_zmq_socket(library.get_zmq_endpoint(), "PUSH", "source", send_hwm=10)
    library.start_collecting_messages("sink")
    library.start_sequence_check("all", format="TEXT", socket="sink")
    assert library.send_messages([str(n) for n in range(20_000)], socket="source", timeout="120s") == 20_000
    library.collected_message_count_should_be("==", 20_000, timeout="120s")
    library.sequence_should_be_complete("all")
