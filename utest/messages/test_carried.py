"""Messages in other processes: pickled, copied, and as Robot's remote interface passes them on."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import pytest

from ZmqLibrary.errors import InvalidValue
from ZmqLibrary.formats import FormatTable
from ZmqLibrary.messages.json_message import JsonMessage
from ZmqLibrary.messages.layout_definition import define_layout
from ZmqLibrary.messages.message import Message, PeerProperties, Receipt
from ZmqLibrary.mocks.request_log import Request

FORMATS = FormatTable()
FORMATS.register("UPPER", lambda value: value.upper(), lambda frame: frame.decode().lower())
PEER = PeerProperties("10.0.0.1", "alice", {"Socket-Type": "PUSH"})


def message(*frames: bytes, format: str = "TEXT") -> Message:
    return Message(frames, Receipt("jobs", FORMATS.get(format), PEER), 1700000000.25)


def there_and_back(received):
    return pickle.loads(pickle.dumps(received))


@pytest.mark.parametrize(
    ("frames", "format"),
    [
        ([b"a", b'{"n": [1, 2]}'], "TEXT,JSON"),
        ([b"\x93\1\2\3"], "MSGPACK"),
        ([b"\1\0\0\0"], "U32LE"),
        ([b"HELLO"], "UPPER"),
        ([], "TEXT"),
    ],
)
def test_values_frames_and_attributes_stay(frames, format):
    received = message(*frames, format=format)
    other = there_and_back(received)
    assert other == received == list(other)
    assert type(other) is Message
    assert other.frames == received.frames
    assert (other.socket, other.timestamp) == ("jobs", received.timestamp)
    assert (other.received_at, other.peer_address, other.user_id) == (received.received_at, "10.0.0.1", "alice")
    assert other.peer == received.peer
    assert there_and_back(other) == received


def test_a_message_that_is_not_in_its_format_is_bytes():
    other = there_and_back(message(b"\xff"))
    assert other == [b"\xff"]
    assert other.read_as(FORMATS.get("HEX")) == ["ff"]


def test_fields_stay():
    define_layout("carry", {"ids": "BYTES...", "delimiter": "EMPTY", "head": "JSON"}, FORMATS)
    received = message(b"a", b"b", b"", b'{"n": 1}', format="carry")
    other = there_and_back(received)
    assert (other.ids, other["head"], other.index_of("head")) == ([b"a", b"b"], {"n": 1}, 3)
    with pytest.raises(InvalidValue, match="Its fields are: ids, delimiter, head"):
        other["tail"]


def test_messages_of_other_kinds_stay_what_they_are():
    request = Request((b"a",), Receipt("mock", FORMATS.get("TEXT"), PEER), 1.5, (b"client", b""), 7)
    request.problem = "none wanted it"
    other = there_and_back(request)
    assert (type(other), other.number, other.problem, other.routing_id) == (Request, 7, "none wanted it", b"client")
    json = JsonMessage(message(b"x", b'{"state": "done"}'), -1, FORMATS.get("JSON"))
    assert there_and_back(json)["state"] == "done"


def test_copies_are_the_message_itself():
    received = message(b"a")
    assert copy.copy(received) is received
    assert copy.deepcopy([received])[0] is received


ECHO = "import pickle, sys; m = pickle.load(sys.stdin.buffer); pickle.dump((list(m), m), sys.stdout.buffer)"


def test_another_process_gets_a_message_and_gives_it_back():
    received = message(b"a", b'{"n": 1}', format="TEXT,JSON")
    run = subprocess.run([sys.executable, "-c", ECHO], input=pickle.dumps(received), capture_output=True, check=True)
    values, back = pickle.loads(run.stdout)
    assert values == ["a", {"n": 1}]
    assert back == received
