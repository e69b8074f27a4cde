from __future__ import annotations

import pytest

from ZmqLibrary.errors import InvalidValue
from ZmqLibrary.formats import FormatTable
from ZmqLibrary.recording.recording import RecordedConnection, Recording, Track
from ZmqLibrary.recording.reel import Reel
from ZmqLibrary.recording.replaying import RecordedReplies, Replay, steps_of
from ZmqLibrary.sockets.socket_types import SocketType

TEXT = FormatTable("UTF-8").get("TEXT")
SECOND = 1_000_000_000


def talk(*messages, types=("REQ", "REP"), connections=(), envelope=0) -> Recording:
    """A recording of (seconds, who, *frames), where `c` is the client, `s` the server and a number is a connection."""
    reel, tracks = Reel(), []
    for time, who, *frames in messages:
        number = int(who[1:] or 1)
        ends = (f"c{number}", "s") if who[0] == "c" else ("s", f"c{number}")
        track = Track(number, *ends, types if who[0] == "c" else types[::-1])
        tracks += [] if track in tracks else [track]
        reel.add(round(time * SECOND), tracks.index(track), frames, envelope)
    return Recording("r.jsonl", 0.0, reel, tracks, connections, [], [], TEXT)


def raw(recorded) -> list[tuple[bytes, ...]]:
    return [m.raw for m in recorded]


def test_the_side_that_sent_first_is_replayed_at_its_times():
    recording = talk((1, "c", b"a"), (1.5, "s", b"A"), (2, "c2", b"b"), (4, "c", b"c"))
    steps = steps_of(recording, None, 2.0, None)
    assert [(step.due, step.message.raw) for step in steps] == [(0.0, (b"a",)), (0.5, (b"b",)), (1.5, (b"c",))]
    assert [step.due for step in steps_of(recording, None, None, 2)] == [0.0, 0.0]
    assert raw(step.message for step in steps_of(recording, "REP", None, None)) == [(b"A",)]
    assert raw(step.message for step in steps_of(recording, "c2", None, None)) == [(b"b",)]


def test_a_side_that_has_sent_nothing_is_named_with_those_that_have():
    with pytest.raises(InvalidValue, match=r"'PUSH' has sent nothing.*c1 \(REQ\)"):
        steps_of(talk((1, "c", b"a")), "PUSH", None, None)
    opaque = [RecordedConnection(1, "a", "b", mechanism="CURVE", opaque=True)]
    with pytest.raises(InvalidValue, match=r"no messages.*CURVE"):
        steps_of(talk(connections=opaque), None, None, None)


def test_only_what_libzmq_does_not_add_itself_is_sent():
    (message,) = talk((0, "c", b"", b"a"), envelope=1).messages
    assert Replay(SocketType.REQ).frames(message) == [b"a"]
    assert Replay(SocketType.DEALER).frames(message) == [b"", b"a"]


def test_a_layout_without_a_signature_is_refused():
    with pytest.raises(InvalidValue, match="no signature"):
        Replay(SocketType.PUSH, TEXT)


def test_connections_are_peers_in_their_order():
    first, second, again = talk((0, "s3", b"a"), (1, "s1", b"b"), (2, "s3", b"c")).messages
    replay = Replay(SocketType.ROUTER)
    assert [replay.place_of(m) for m in (first, second, again)] == [0, 1, 0]


def replies(*messages) -> RecordedReplies:
    return RecordedReplies(talk(*messages), lambda message: message.raw)


def test_each_time_the_next_reply_is_given_and_the_last_again():
    found = replies((0, "c", b"a"), (1, "s", b"1"), (2, "c", b"b"), (3, "s", b"x"), (4, "c", b"a"), (5, "s", b"2"))
    assert [raw(found.take((b"a",))) for _ in range(3)] == [[(b"1",)], [(b"2",)], [(b"2",)]]
    assert found.matches((b"b",))
    assert not found.matches((b"c",))
    assert found.count == 3


def test_requests_that_are_json_are_equal_by_value():
    found = replies((0, "c", b'{"a": 1, "b": [2]}'), (1, "s", b"1"))
    assert found.matches((b'{"b":[2],"a":1}',))
    assert not found.matches((b'{"b":[2],"a":true}',))


def test_replies_to_requests_under_way_come_in_order_and_further_ones_belong_to_the_last():
    found = replies((0, "c", b"a"), (1, "c", b"b"), (2, "s", b"A"), (3, "s", b"B"), (4, "s", b"more"))
    assert raw(found.take((b"a",))) == [(b"A",)]
    assert raw(found.take((b"b",))) == [(b"B",), (b"more",)]


def test_replies_to_several_clients_come_in_the_order_of_their_requests():
    asked = (0, "c1", b"a"), (1, "c2", b"a")
    found = replies(*asked, (2, "s2", b"2"), (3, "s1", b"1"), (4, "c1", b"a"), (5, "s1", b"3"))
    assert [raw(found.take((b"a",))) for _ in range(4)] == [[(b"1",)], [(b"2",)], [(b"3",)], [(b"3",)]]


def test_a_recording_without_replies_is_refused():
    with pytest.raises(InvalidValue, match="Nothing was replied"):
        replies((0, "c", b"a"))
