from __future__ import annotations

import pytest

from ZmqLibrary.errors import InvalidValue
from ZmqLibrary.formats import FormatTable
from ZmqLibrary.recording.equality import Ignored, ignored, recording_differences
from ZmqLibrary.recording.recording import RecordedConnection, Recording, Track
from ZmqLibrary.recording.reel import Reel

TEXT = FormatTable("UTF-8").get("TEXT")


def recorded(*messages, **more) -> Recording:
    """A recording of (track, *frames)."""
    reel, tracks = Reel(), []
    for number, (track, *frames) in enumerate(messages):
        tracks += [] if track in tracks else [track]
        reel.add(number, tracks.index(track), frames)
    return Recording("r.jsonl", 0.0, reel, tracks, more.get("connections", []), [], [], TEXT)


def push(name: str, number: int = 1, seen_by: str = "") -> Track:
    return Track(number, name, "sink", ("PUSH", "PULL"), seen_by)


def differences(first, second, *ignore) -> str:
    return "\n".join(recording_differences(first, second, ignored(ignore)))


def test_times_ports_and_connections_never_count():
    first = recorded((push("10.0.0.1:4000", 1), b"a"), (push("10.0.0.1:4001", 2), b"b"))
    second = recorded((push("10.0.0.9:7001", 3), b"b"), (push("10.0.0.9:7000", 1), b"a"))
    assert differences(first, second) == ""


def test_the_order_of_each_sender_counts_and_that_between_senders_does_not():
    first = recorded((push("a"), b"1"), (push("a"), b"2"), (push("b"), b"3"))
    assert differences(first, recorded((push("b"), b"3"), (push("a"), b"1"), (push("a"), b"2"))) == ""
    assert "Message 1 of a differs" in differences(
        first, recorded((push("a"), b"2"), (push("a"), b"1"), (push("b"), b"3"))
    )


def test_a_message_that_both_ends_have_seen_counts_once():
    twice = recorded((push("a", 1, "a"), b"1"), (push("a", 2, "sink"), b"1"))
    assert differences(twice, recorded((push("a"), b"1"))) == ""


def test_the_difference_names_message_path_and_both_values():
    first = recorded((push("a"), b"x", b'{"n": 1}'), (push("a"), b"x", b'{"n": 2, "at": 1}'))
    second = recorded((push("a"), b"x", b'{"n":1}'), (push("a"), b"x", b'{"n": 3, "at": 2}'))
    found = differences(first, second, "$.at")
    assert "Message 2 of a differs" in found
    assert "Frame 1: $.n: expected 2, received 3" in found
    assert "$.at" not in found


def test_ignored_paths_and_frames_do_not_count():
    first = recorded((push("a"), b"signature", b'{"id": 1, "list": [{"t": 1, "n": 1}]}'))
    second = recorded((push("a"), b"other", b'{"id": 2, "list": [{"t": 2, "n": 1}]}'))
    assert differences(first, second, "0", "$.id", "$.list[*].t") == ""
    assert differences(first, second, "-2", "$.id", "$..t") == ""
    found = differences(first, second, "$")
    assert "Frame 0: 'signature' against 'other' (first difference at offset 0)" in found
    assert "Frame 1" not in found


def test_missing_and_additional_messages_and_senders_are_told():
    one, two = recorded((push("a"), b"1")), recorded((push("a"), b"1"), (push("a"), b"2"))
    assert "1 message of a in the first recording, 2 in the second" in differences(one, two)
    assert "Message 2 is missing in r.jsonl: '2'" in differences(one, two)
    assert "Message 1 is missing" in differences(one, recorded())


def test_other_types_of_json_and_numbers_of_frames_differ():
    assert "1 frame against 2" in differences(recorded((push("a"), b"1")), recorded((push("a"), b"1", b"2")))
    assert differences(recorded((push("a"), b"[1]")), recorded((push("a"), b'{"a": 1}')))
    assert differences(recorded((push("a"), b"[1]")), recorded((push("a"), b"[true]")))
    assert differences(recorded((push("a"), b"[1]")), recorded((push("a"), b"[1.0]"))) == ""


def test_recordings_that_are_encrypted_have_nothing_to_compare():
    opaque = [RecordedConnection(1, "a", "b", mechanism="CURVE", opaque=True)]
    assert "CURVE" in differences(recorded(connections=opaque), recorded(connections=opaque))


@pytest.mark.parametrize("wrong", ["", "$..[", "$.a b c["])
def test_what_is_no_path_is_refused(wrong):
    with pytest.raises(InvalidValue):
        ignored([wrong])


def test_nothing_is_ignored_by_default():
    assert ignored([]) == Ignored()
