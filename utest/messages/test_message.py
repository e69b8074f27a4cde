from __future__ import annotations

import copy
import time
from datetime import datetime

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ZmqLibrary.errors import DecodeError, InvalidValue
from ZmqLibrary.formats import FormatTable
from ZmqLibrary.messages.message import Message, MessageList, PeerProperties, Receipt, read_all
from ZmqLibrary.waiting.deadline import Deadline

FORMATS = FormatTable()
NOT_UTF8 = b"ab\xff"


def message(*frames: bytes, format: str = "TEXT", peer: PeerProperties | None = None) -> Message:
    return Message(frames, Receipt("jobs", FORMATS.get(format), peer or PeerProperties()), 1700000000.25)


def test_a_message_unpacks_indexes_and_equals_a_list():
    received = message(b"topic", b'{"n": 1}', format="TEXT,JSON")
    topic, data = received
    assert (topic, data) == ("topic", {"n": 1})
    assert (received[0], received[-1], received[:1]) == ("topic", {"n": 1}, ["topic"])
    assert received == ["topic", {"n": 1}]
    assert received == ("topic", {"n": 1})
    assert received != ["topic"]
    assert received != "topic"
    assert len(received) == 2
    assert repr(received) == "['topic', {'n': 1}]"


def test_messages_are_equal_by_their_values_whatever_their_bytes():
    assert message(b'{"a": 1, "b": 2}', format="JSON") == message(b'{"b":2,"a":1}', format="JSON")
    assert message(b'{"a": 1, "b": 2}') != message(b'{"b":2,"a":1}')


@settings(deadline=None, database=None)
@given(st.lists(st.binary(), min_size=1))
def test_a_message_of_bytes_is_its_frames(frames):
    assert message(*frames, format="BYTES") == frames
    assert message(*frames).frames == frames


def test_a_message_cannot_be_changed():
    received = message(b"a", b"b")
    received.frames.append(b"c")
    received.frames[0] = b"x"
    assert received.raw == (b"a", b"b")
    with pytest.raises(TypeError):
        received[0] = "x"
    for name in ("frames", "socket", "received_at", "other"):
        with pytest.raises(AttributeError):
            setattr(received, name, "x")
    with pytest.raises(AttributeError):
        received.peer.address = "x"
    with pytest.raises(TypeError):
        received.peer.metadata["a"] = "x"


def test_a_message_has_no_hash_because_it_equals_lists():
    with pytest.raises(TypeError, match="unhashable"):
        hash(message(b"a"))


def test_a_message_knows_when_and_by_which_socket_it_was_received():
    received = message(b"a", peer=PeerProperties("127.0.0.1", "alice"))
    assert received.socket == "jobs"
    assert received.received_at == datetime.fromtimestamp(1700000000.25)
    assert received.timestamp == 1700000000.25
    assert (received.peer_address, received.user_id) == ("127.0.0.1", "alice")


@pytest.mark.parametrize(("place", "address"), [("tcp://127.0.0.1:*", "127.0.0.1"), ("inproc://message", None)])
def test_the_address_of_the_peer_is_that_of_the_connection(opened, place, address):
    pull = opened("PULL", "sink", bind=place)
    push = opened("PUSH", connect=pull.address)
    before = time.time()
    push.send([b"x"], Deadline(30))
    received = pull.receive(Deadline(30))
    assert (received.peer_address, received.user_id, received.socket) == (address, None, "sink")
    assert before <= received.timestamp <= time.time()
    assert received.peer.metadata.get("Socket-Type") == (address and "PUSH")


def test_values_are_decoded_when_they_are_asked_for_and_the_frames_stay():
    received = message(NOT_UTF8)
    assert received.frames == [NOT_UTF8]
    with pytest.raises(DecodeError, match="offset 2"):
        assert received.values
    assert received.read_as(FORMATS.get("HEX")) == ["61 62 ff"]
    assert received.frames == [NOT_UTF8]


def test_reading_in_another_format_leaves_the_message_alone():
    received = message(b"41")
    other = received.read_as(FORMATS.get("HEX"))
    assert (list(received), list(other)) == (["41"], ["34 31"])
    assert received.read_as(FORMATS.get("TEXT")) is received
    with pytest.raises(DecodeError):
        message(NOT_UTF8).read_as(FORMATS.get("JSON"))
    assert message(NOT_UTF8).meant_as(FORMATS.get("JSON")).frames == [NOT_UTF8]


def test_the_log_shows_the_bytes_of_a_message_that_does_not_have_its_format():
    received = message(b"job", NOT_UTF8)
    assert str(received) == repr(received) == r"[b'job', b'ab\xff']"
    with pytest.raises(DecodeError, match="Frame 1"):
        received[0]


def test_a_message_is_shown_although_python_writes_no_number_as_long_as_the_one_in_it():
    received = message(cbor2.dumps([1, 10**6000]), format="CBOR")
    assert str(received) == repr(received) == "[[1, <int of 19,932 bits>]]"


def test_a_frame_is_found_by_its_number():
    received = message(b"a", b"b", b"c")
    assert [received.frame(n) for n in (0, 2, -1, -3)] == [b"a", b"c", b"c", b"a"]
    assert (received.index_of(-1), received.index_of("1"), received.index_of("-1")) == (2, 1, 2)
    for index in (3, -4):
        with pytest.raises(InvalidValue, match=f"'jobs' has 3 frames, numbered from 0: there is no frame {index}"):
            received.frame(index)


def test_one_frame_is_read_although_others_do_not_have_the_format():
    received = message(NOT_UTF8, b'{"n": 1}')
    assert received.read_frame(1, FORMATS.get("JSON")) == {"n": 1}
    with pytest.raises(DecodeError, match="Frame 0"):
        received.read_frame(0, FORMATS.get("TEXT"))


def test_a_message_without_a_layout_has_no_fields():
    with pytest.raises(InvalidValue, match=r"no field 'topic', because it was not received with a layout"):
        assert message(b"a")["topic"]
    with pytest.raises(AttributeError, match="no attribute 'topic'"):
        assert message(b"a").topic


@pytest.mark.parametrize(
    ("frames", "envelope"),
    [
        ((b"id", b"", b"body"), (b"id", b"")),
        ((b"id", b"hop", b"", b"body", b"", b"x"), (b"id", b"hop", b"")),
        ((b"id", b"body"), (b"id",)),
        ((b"id",), (b"id",)),
        ((b"id", b"SET", b"key", b""), (b"id",)),
        ((b"id", b"", b""), (b"id", b"")),
        ((b"id", b""), (b"id",)),
    ],
)
def test_the_envelope_ends_with_the_first_empty_frame_or_is_the_routing_id_alone(frames, envelope):
    assert message(*frames).envelope == envelope


def test_a_message_can_be_copied():
    received = message(b"a", b"b")
    assert copy.copy(received) == ["a", "b"]
    assert copy.copy(received).socket == "jobs"


def test_a_copy_is_the_message_itself():
    received = message(b"a", peer=PeerProperties("127.0.0.1"))
    assert copy.deepcopy([received])[0] is received


def test_what_robot_logs_of_messages_at_trace_has_an_end():
    large = message(b"x" * 1_000_000)
    assert len(repr(large)) < 11_000
    assert repr(large).endswith("… (1,000,004 characters)")
    assert len(str(large)) == 1_000_004
    many = MessageList([message(b"x")] * 100_000)
    assert repr(many).endswith("['x'], … and 99,980 more]")
    assert many == list(many)


def many(*frames: bytes) -> list[Message]:
    receipts = [Receipt("sink", FORMATS.get("TEXT"), descriptor=number) for number in range(3)]
    return [Message([frame], receipts[number % 3], 0.0) for number, frame in enumerate(frames)]


def test_many_messages_in_another_format_are_other_messages_and_share_their_receipts():
    read = many(b"1", b"2", b"3", b"4")
    others = read_all(read, FORMATS.get("JSON"))
    assert [list(other) for other in others] == [[1], [2], [3], [4]]
    assert [other.receipt.descriptor for other in others] == [0, 1, 2, 0]
    assert others[0].receipt is others[3].receipt
    assert [list(message) for message in read] == [["1"], ["2"], ["3"], ["4"]]


def test_many_messages_of_which_one_does_not_fit_are_refused():
    with pytest.raises(DecodeError, match="Frame 0 is not JSON"):
        read_all(many(b"1", b"x", b"3"), FORMATS.get("JSON"))


def test_many_messages_in_the_format_that_they_have_are_the_same():
    read = many(b"1", b"2")
    assert all(other is message for other, message in zip(read_all(read, read[0].receipt.formats), read))
