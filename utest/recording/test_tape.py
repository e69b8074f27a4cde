from __future__ import annotations

import json
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ZmqLibrary.errors import InvalidValue
from ZmqLibrary.formats import FormatTable
from ZmqLibrary.recording import tape
from ZmqLibrary.recording.loading import load_recording
from ZmqLibrary.recording.recording import RecordingQuery, Track
from ZmqLibrary.recording.tape_lines import message_line

from .wire import written

MUTATED_FILES = int(os.environ.get("MUTATED_FILES", "300"))

TEXT = FormatTable("UTF-8").get("TEXT")
SENT = Track(1, "client", "127.0.0.1:5555", ("REQ", "REP"), "client")
BACK = Track(1, "127.0.0.1:5555", "client", ("REP", "REQ"), "client")
SEEN = Track(2, "client", "server", ("REQ", "REP"), "server")


def load(path, port=None):
    return load_recording(path, port, TEXT)


def small_tape() -> bytes:
    head = tape.line_head(SENT)
    lines = [
        tape.header_line(1_700_000_000.5),
        tape.connection_line(0, head, "NULL", False, ["127.0.0.1:40001", "127.0.0.1:5555"]),
        tape.event_line(5, head, "HANDSHAKE_SUCCEEDED"),
        message_line(1_000_000, head, [b"job", b"\xff\x00"], [b""]),
        message_line(2_000_000, tape.line_head(SEEN), [b"job", b"\xff\x00"], [b"id", b""]),
        message_line(3_000_000_000, tape.line_head(BACK), [b"done"]),
    ]
    return "".join(lines).encode()


def test_a_recording_is_read_as_it_was_written(tmp_path):
    recording = load(written(tmp_path / "r.jsonl", small_tape()))
    first, seen, back = recording.messages
    assert (first.raw, first.envelope, first.time) == ((b"job", b"\xff\x00"), (b"",), 0.001)
    assert (first.sender, first.receiver, first.sender_type, first.receiver_type) == (
        "client",
        "127.0.0.1:5555",
        "REQ",
        "REP",
    )
    assert seen.envelope == (b"id", b"")
    assert (back, back.time, back.timestamp) == (["done"], 3.0, 1_700_000_003.5)
    assert (recording.connections[0].client, recording.connections[0].mechanism) == ("client", "NULL")
    assert [e.event for e in recording.events] == ["HANDSHAKE_SUCCEEDED"]


def test_lines_are_the_json_that_the_documentation_tells():
    line = json.loads(message_line(7, tape.line_head(Track(3, "a", "b", ("PUSH", "PULL"))), [b"job"]))
    assert line == {
        "time": 7,
        "connection": 3,
        "from": "a",
        "to": "b",
        "types": ["PUSH", "PULL"],
        "frames": ["am9i"],
    }


def test_a_sender_gives_its_own_view_of_what_both_have_seen(tmp_path):
    recording = load(written(tmp_path / "r.jsonl", small_tape()))
    assert [m.track.seen_by for m in recording.select(RecordingQuery(sender="client"))] == ["client"]
    assert [m.track.seen_by for m in recording.select(RecordingQuery(receiver="server"))] == ["server"]
    assert [m.raw for m in recording.select(RecordingQuery(sender="rep"))] == [(b"done",)]
    assert len(list(recording.select(RecordingQuery(receiver="127.0.0.1:5555")))) == 1


def test_a_recording_cut_at_any_byte_has_all_whole_lines(tmp_path):
    whole = small_tape()
    ends = [n + 1 for n, byte in enumerate(whole) if byte == 10]
    for cut in range(1, len(whole) + 1):
        recording = load(written(tmp_path / "r.jsonl", whole[:cut]))
        # A line without its end is whole if only the end is missing.
        assert len(recording.messages) == max(0, sum(end - 1 <= cut for end in ends) - 3)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b"hello", "neither a recording nor a capture"),
        (b'{"a": 1}\n', "line 1"),
        (b'{"format": "zmq-recording", "version": 2, "started": "2026-01-01"}\n', "version 2"),
        (small_tape().replace(b"2023-11-14", b"9999-11-14"), "line 1: 'started' is no time from 1970 to 8999"),
        (small_tape().replace(b"2023-11-14", b"0001-11-14"), "line 1: 'started' is no time from 1970 to 8999"),
        (small_tape() + b"{}\n", "line 7: 'time'"),
        (small_tape() + b"[]\n{}\n", "line 7: it is no JSON object"),
        (small_tape() + b"nonsense\n", "line 7: it is not JSON"),
        (small_tape().replace(b'"am9i"', b'"a"'), "base64"),
        (small_tape().replace(b'"frames": ["am9i"', b'"frames": [1'), "base64"),
        (small_tape() + b"[" * 100_000 + b"\n", "line 7"),
        (small_tape().replace(b'"time": 5', b'"time": ' + b"9" * 5000), "line 3"),
    ],
)
def test_what_cannot_be_read_is_named_with_file_and_line(tmp_path, content, problem):
    path = written(tmp_path / "r.jsonl", content)
    with pytest.raises(InvalidValue) as caught:
        load(path)
    assert str(path) in str(caught.value)
    assert problem in str(caught.value)


def test_an_envelope_may_have_many_frames(tmp_path):
    envelope = b'"envelope": ["eA=="' + b', ""' * 70_000 + b"], "
    content = small_tape().replace(b'"frames": ["am9i"', envelope + b'"frames": ["am9i"')
    assert len(load(written(tmp_path / "r.jsonl", content)).messages[0].envelope) == 70_001


def test_the_latest_message_has_a_date(tmp_path):
    content = (
        small_tape().replace(b"2023-11-14", b"8999-12-31").replace(b'"time": 1000000,', b'"time": %d,' % (2**63 - 1))
    )
    assert load(written(tmp_path / "r.jsonl", content)).messages[-1].received_at.year == 9292


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InvalidValue, match=r"nowhere\.jsonl cannot be read: No such file"):
        load(tmp_path / "nowhere.jsonl")
    with pytest.raises(InvalidValue, match="cannot be read"):
        load(tmp_path)


def test_only_connections_of_a_port(tmp_path):
    path = written(tmp_path / "r.jsonl", small_tape())
    assert [m.connection for m in load(path, port=5555).messages] == [1, 1]
    assert load(path, port=6).messages == []
    with pytest.raises(InvalidValue, match="port=0"):
        load(path, port=0)


@given(
    cut=st.integers(1, 2000),
    changes=st.lists(st.tuples(st.integers(0, len(small_tape()) - 1), st.integers(0, 255)), max_size=8),
)
@settings(max_examples=MUTATED_FILES)
def test_a_mutated_recording_gives_messages_or_a_clear_error(tmp_path_factory, cut, changes):
    content = bytearray(small_tape())
    for place, byte in changes:
        content[place] = byte
    path = written(tmp_path_factory.getbasetemp() / "mutated.jsonl", bytes(content[:cut]))
    try:
        problem, messages = str(path), load(path).messages
    except InvalidValue as error:
        problem, messages = str(error), []
    assert str(path) in problem
    assert all(message.raw and message.received_at for message in messages)
