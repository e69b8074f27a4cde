from __future__ import annotations

import time
from datetime import timedelta

import pytest
from robot.api.types import Secret

from ZmqLibrary.errors import CheckFailed, DecodeError, InvalidValue, WaitTimeout
from ZmqLibrary.messages.patterns import MatchKind
from ZmqLibrary.sockets.socket_types import SocketType

NOW = timedelta(0)
SHORT = timedelta(milliseconds=50)
EXACT, GLOB, REGEXP, PREFIX = MatchKind.EXACT, MatchKind.GLOB, MatchKind.REGEXP, MatchKind.PREFIX


def rest(library) -> list[list[bytes]]:
    """What is left, in order."""
    found = []
    while (message := library.try_to_receive_multipart(format="BYTES")) is not None:
        found.append(message.frames)
    return found


@pytest.mark.parametrize(
    ("patterns", "match", "format", "number"),
    [
        (["done"], GLOB, None, 2),
        (["d?ne", "job-[2]"], GLOB, None, 2),
        (["*", "job*"], GLOB, None, 1),
        ([], GLOB, None, 0),
        (["done", "job-2", "*"], GLOB, None, 3),
        (["done", "job-2", "x"], EXACT, None, 3),
        (["DONE"], EXACT, None, None),
        (["*", "job-1"], EXACT, None, 1),
        (["^d", "2$"], REGEXP, None, 2),
        (["on"], REGEXP, None, 2),
        (["do"], PREFIX, None, 2),
        (["one"], PREFIX, None, None),
        ([["done", "job-2"]], GLOB, None, 2),
        (["64 6f"], PREFIX, "HEX", 2),
        (["done", '{ "n": 1 }'], EXACT, "TEXT,JSON", 4),
        (["done", "*1}"], GLOB, "TEXT,JSON", 4),
    ],
)
def test_the_first_message_that_matches_is_returned_and_the_others_stay(library, jobs, patterns, match, format, number):
    sent = [["50"], ["60", "job-1"], ["done", "job-2"], ["done", "job-2", "x"], ["done", '{"n":1}']]
    jobs(*sent)
    all_frames = [[frame.encode() for frame in frames] for frames in sent]
    if number is None:
        with pytest.raises(WaitTimeout):
            library.wait_for_message(*patterns, match=match, format=format, timeout=NOW)
    else:
        message = library.wait_for_message(*patterns, match=match, format=format, timeout=NOW)
        assert message.frames == all_frames.pop(number)
        assert library.get_received_message(format="BYTES").frames == message.frames
    assert rest(library) == all_frames


def test_waiting_again_finds_what_was_passed_over(library, jobs):
    jobs("a", "b", "c")
    assert [library.wait_for_message(text) for text in ("c", "a", "b")] == [["c"], ["a"], ["b"]]


def test_a_message_that_comes_later_is_found(library, raw):
    push = raw("PUSH", bind="tcp://127.0.0.1:*")
    library.connect_zmq_socket(push.last_endpoint.decode(), SocketType.PULL)
    for text in (b"early", b"mark"):
        push.send(text)
    library.wait_for_message("mark")
    with pytest.raises(WaitTimeout, match="1 message came but does not match"):
        library.wait_for_message("late", timeout=SHORT)
    push.send(b"late")
    assert library.wait_for_message("late") == ["late"]
    assert library.receive_message() == "early"


def test_a_frame_that_does_not_have_the_format_does_not_match(library, jobs):
    jobs(b"\xff", "a")
    assert library.wait_for_message("[a-z]", match=REGEXP) == ["a"]
    assert library.wait_for_message("*", format="BYTES").frames == [b"\xff"]
    jobs([b"\xff", "a"])
    with pytest.raises(DecodeError, match="Frame 0"):
        library.wait_for_message("*", "a")
    assert library.get_received_message(format="HEX,TEXT") == ["ff", "a"]


def test_a_pattern_that_cannot_be_used_is_refused_at_once(library, jobs):
    start = time.monotonic()
    with pytest.raises(InvalidValue, match=r"'\(' is not a regular expression"):
        library.wait_for_message("(", match=REGEXP, timeout=timedelta(minutes=10))
    with pytest.raises(InvalidValue, match="cannot be compared with a frame as HEX"):
        library.wait_for_message("xyz", match=EXACT, format="HEX", timeout=timedelta(minutes=10))
    assert time.monotonic() - start < 30


@pytest.mark.parametrize(
    ("subset", "number"),
    [
        ({"state": "done"}, 1),
        ('{"state": "done"}', 1),
        ({"result": {"lines": 7}}, 1),
        ({"tags": ["b"]}, 2),
        ({"tags": [{"k": 1}]}, 2),
        ({}, 0),
        ({"state": None}, 3),
        ({"n": True}, None),
    ],
)
def test_a_json_message_that_contains_an_object_is_found(library, jobs, subset, number):
    values = [
        '{"state": "running", "n": 1}',
        '{"state": "done", "result": {"lines": 7, "more": []}}',
        '{"tags": ["a", "b", {"k": 1, "l": 2}]}',
        '{"state": null}',
    ]
    jobs("not json", *(["topic", value] for value in values))
    if number is None:
        with pytest.raises(WaitTimeout, match=r"whose last frame contains '{\"n\":true}'"):
            library.wait_for_json_message(subset, timeout=NOW)
        assert len(rest(library)) == 5
    else:
        message = library.wait_for_json_message(subset, timeout=NOW)
        assert library.received_frame_should_equal(1, message[1], format="JSON") is None
        assert message == library.get_received_message(format="TEXT,JSON")
        left = [["not json"], *(["topic", other] for other in values if other != values[number])]
        assert rest(library) == [[frame.encode() for frame in frames] for frames in left]


def test_the_json_frame_is_chosen_by_its_number(library, jobs):
    jobs(['{"n": 1}', '{"n": 2}'], ['{"n": 2}', '{"n": 1}'])
    assert library.wait_for_json_message({"n": 2}, frame=0) == {"n": 2}
    assert library.get_received_message() == ['{"n": 2}', '{"n": 1}']
    with pytest.raises(WaitTimeout, match="It has no frame 2: 2 frames"):
        library.wait_for_json_message({"n": 1}, frame=2, timeout=NOW)


def test_silence_is_waited_for_as_long_as_asked(library, jobs):
    start = time.monotonic()
    library.no_message_should_be_received(within=SHORT)
    assert time.monotonic() - start >= 0.05


def test_a_message_that_should_not_come_fails_and_stays(library, jobs):
    jobs(["a", "b"])
    for _ in range(2):
        with pytest.raises(
            CheckFailed, match=r"'jobs' \(PULL\) received a message within 50 milli.*: 'a' \| 'b'\nIt stays"
        ):
            library.no_message_should_be_received(within=SHORT)
    assert rest(library) == [[b"a", b"b"]]


def test_messages_that_do_not_match_may_come(library, jobs):
    jobs("ok 1", "error 7", "ok 2")
    library.no_message_should_be_received("fatal*", within=SHORT)
    library.no_message_should_be_received("error", match=EXACT, within=NOW)
    with pytest.raises(
        CheckFailed, match=r"received a message that matches like 'error\*' within 0 seconds: 'error 7'"
    ):
        library.no_message_should_be_received("error*", within=NOW)
    assert rest(library) == [[b"ok 1"], [b"error 7"], [b"ok 2"]]


def test_what_is_found_by_its_json_is_a_message(library, jobs):
    jobs(["topic", '{"n": 1, "of": {"m": [2]}}', "end"])
    message = library.wait_for_json_message({"n": 1}, frame=1, timeout=NOW)
    assert message == ["topic", {"n": 1, "of": {"m": [2]}}, "end"]
    assert (message[0], message[-2], message["of"]["m"], message.json["n"]) == ("topic", message.json, [2], 1)
    assert message == {"n": 1, "of": {"m": [2]}}
    assert message.frames[2] == b"end"
    with pytest.raises(KeyError, match="other"):
        message["other"]


def test_json_that_is_no_object_has_no_names(library, jobs):
    jobs("[1, 2]")
    message = library.wait_for_json_message([2], timeout=NOW)
    assert message == [[1, 2]]
    with pytest.raises(InvalidValue, match="no field 'n'"):
        message["n"]


def test_a_hidden_value_that_is_missing_is_not_shown(library, jobs):
    jobs('{"password": "other"}')
    with pytest.raises(WaitTimeout) as failure:
        library.wait_for_json_message({"password": Secret("sesame")}, timeout=NOW)
    assert "Frame 0: a value that is not shown is missing or differs" in str(failure.value)
    assert "sesame" not in str(failure.value)


@pytest.mark.parametrize("default", ["TEXT", "TEXT,JSON", "job"])
def test_json_is_found_in_a_message_that_does_not_fit_the_default_format(library, jobs, default):
    library.define_message_layout("job", kind="TEXT", body="JSON", end="EMPTY", more="EMPTY")
    library.set_default_zmq_format(default, socket="jobs")
    jobs(["topic", b"\xff", '{"n": 1}'])
    message = library.wait_for_json_message({"n": 1}, socket="jobs", timeout=NOW)
    assert message == {"n": 1}
    assert message.frames == [b"topic", b"\xff", b'{"n": 1}']
    if default != "TEXT":
        assert message == [b"topic", b"\xff", {"n": 1}]
    assert library.get_received_message(format="BYTES").frames == message.frames
