from __future__ import annotations

from datetime import timedelta

import pytest

from ZmqLibrary.errors import DecodeError, InvalidValue, WaitTimeout, WrongUse
from ZmqLibrary.messages.message import Message
from ZmqLibrary.sockets.socket_types import SocketType

NOW = timedelta(0)
SHORT = timedelta(milliseconds=50)


def texts(messages) -> list[list[object]]:
    return [list(message) for message in messages]


@pytest.mark.parametrize(
    ("frame", "format", "value"),
    [
        ("grün", None, "grün"),
        ("", None, ""),
        (b"\x00\xff", "BYTES", b"\x00\xff"),
        (b"\x00\xff\xa1", "HEX", "00 ff a1"),
        (b"\x00\xff", "BASE64", "AP8="),
        ('{"a": [1, true]}', "JSON", {"a": [1, True]}),
    ],
)
def test_a_frame_becomes_a_value(library, jobs, frame, format, value):
    jobs(frame, frame, [frame])
    assert library.receive_message(format=format) == value
    assert library.try_to_receive_message(format=format) == value
    assert library.receive_multipart(format=format) == [value]


def test_a_message_unpacks_and_tells_where_it_came_from(library, jobs):
    jobs(["topic", '{"n": 1}'])
    received = library.receive_multipart(format="TEXT,JSON")
    topic, data = received
    assert (topic, data["n"]) == ("topic", 1)
    assert isinstance(received, Message)
    assert (received.socket, received.frames) == ("jobs", [b"topic", b'{"n": 1}'])


def test_a_message_with_more_frames_is_not_one_value_and_stays_available(library, jobs):
    jobs(["a", "b"], ["c", "d"])
    for receive, frames in ((library.receive_message, ["a", "b"]), (library.try_to_receive_message, ["c", "d"])):
        with pytest.raises(WrongUse, match=rf"has 2 frames, not one: '{frames[0]}' \| '{frames[1]}'"):
            receive()
        assert library.get_received_message() == frames


def test_a_frame_that_cannot_be_decoded_is_named_and_the_message_is_kept(library, jobs):
    jobs(["topic", b"ab\xff"], b"\xff")
    with pytest.raises(DecodeError, match=r"(?s)Frame 1 .*offset 2.*HEX.*Get Received Message"):
        library.receive_multipart()
    assert library.get_received_message(format="BYTES") == [b"topic", b"ab\xff"]
    assert library.get_received_message(format="TEXT,HEX") == ["topic", "61 62 ff"]
    with pytest.raises(DecodeError, match="Frame 0"):
        library.try_to_receive_message()
    assert library.get_received_message(format="HEX") == ["ff"]


def test_the_format_is_checked_before_anything_is_received(library, jobs):
    jobs("a")
    with pytest.raises(InvalidValue, match="JSN"):
        library.receive_message(format="JSN")
    assert library.receive_message() == "a"


def test_trying_gives_none_when_nothing_is_there(library, jobs):
    assert library.try_to_receive_message() is None
    assert library.try_to_receive_multipart() is None
    jobs("a", ["b", "c"])
    assert library.try_to_receive_message() == "a"
    assert library.try_to_receive_multipart() == ["b", "c"]
    assert library.try_to_receive_multipart() is None


@pytest.mark.parametrize("timeout", [NOW, SHORT])
def test_a_receive_that_fails_tells_socket_place_and_time(library, jobs, timeout):
    waited = "0 seconds" if timeout == NOW else "50 milliseconds"
    for receive in (library.receive_message, library.receive_multipart):
        with pytest.raises(WaitTimeout, match=rf"No message from 'jobs' \(PULL, inproc://jobs\) in {waited}\."):
            receive(timeout=timeout)


def test_without_a_timeout_the_library_s_own_is_used(library, jobs):
    library.session.settings = library.session.settings._replace(timeout=0.05)
    with pytest.raises(WaitTimeout, match="in 50 milliseconds"):
        library.receive_message()


def test_many_messages_come_as_a_list(library, jobs):
    jobs("1", ["2", "x"], "3", "4")
    messages = library.receive_messages(3)
    assert texts(messages) == [["1"], ["2", "x"], ["3"]]
    assert library.get_received_message() == ["3"]
    assert library.receive_message() == "4"


def test_messages_that_came_before_a_timeout_are_not_lost(library, jobs):
    jobs("1", "2")
    with pytest.raises(WaitTimeout, match=r"Only 2 of 3 messages came from 'jobs' .* in 50 milliseconds"):
        library.receive_messages(3, timeout=SHORT)
    jobs("3")
    assert texts(library.receive_messages(3)) == [["1"], ["2"], ["3"]]


def test_messages_that_cannot_be_decoded_are_not_lost(library, jobs):
    jobs("1", b"\xff", "3")
    with pytest.raises(DecodeError, match="Frame 0"):
        library.receive_messages(3)
    assert texts(library.receive_messages(3, format="BYTES")) == [[b"1"], [b"\xff"], [b"3"]]


def test_messages_are_received_until_one_matches(library, jobs):
    jobs("a 1", "b 1", ["a 2", "end"], "a 3")
    assert texts(library.receive_messages(until="b*")) == [["a 1"], ["b 1"]]
    assert texts(library.receive_messages(5, until=["a*", "end"])) == [["a 2", "end"]]
    assert texts(library.receive_messages(1, until="never")) == [["a 3"]]
    jobs("a 4")
    with pytest.raises(WaitTimeout, match="Only 1 message came"):
        library.receive_messages(until="never", timeout=SHORT)
    assert library.receive_message() == "a 4"


@pytest.mark.parametrize(
    ("count", "words"), [(None, "needs a count"), (0, "count=0 cannot be used"), (-1, "count=-1 cannot be used")]
)
def test_how_many_messages_has_to_be_told(library, jobs, count, words):
    with pytest.raises(InvalidValue, match=words):
        library.receive_messages(count)


def test_the_received_message_is_read_in_any_format_as_often_as_wanted(library, jobs):
    jobs("41")
    library.receive_message()
    for _ in range(2):
        assert library.get_received_message() == ["41"]
        assert library.get_received_message(format="JSON") == [41]
        assert library.get_received_message(format="HEX") == ["34 31"]


def test_the_received_message_is_that_of_whichever_socket_or_of_one(library, jobs):
    library.bind_zmq_socket("inproc://other", SocketType.PAIR, "other")
    library.connect_zmq_socket("inproc://other", SocketType.PAIR, "end")
    library.send_message("second")
    jobs("first")
    library.receive_message(socket="jobs")
    library.receive_message(socket="other")
    library.switch_zmq_socket("jobs")
    assert library.get_received_message() == ["second"]
    assert library.get_received_message(socket="jobs") == ["first"]


def test_discarded_messages_are_counted_and_gone(library, jobs):
    assert library.discard_messages() == 0
    jobs("1", ["2", "x"], "3")
    assert library.wait_for_message("3") == ["3"]
    assert library.discard_messages() == 2
    jobs("4")
    assert library.receive_message() == "4"


def test_what_is_received_is_logged_up_to_the_log_limit(library, jobs, caplog):
    caplog.set_level("INFO")
    jobs(["topic", "x" * 1000])
    library.receive_multipart()
    line = f"Received by 'jobs' (PULL): 'topic' | '{'x' * 512}'… (1000 bytes)"
    assert line in [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize(
    ("format", "frames", "old"),
    [
        ("TEXT,JSON", ["a", "1"], "TEXT,JSON"),
        (["TEXT", "JSON"], ["a", "1"], "TEXT,JSON"),
        (["LITERAL:a,b", "JSON"], ["a,b", "1"], ["LITERAL:a,b", "JSON"]),
        (["LITERAL:a,b"], ["a,b", "a,b"], ["LITERAL:a,b..."]),
        (["LITERAL:a\n", "BYTES...", "JSON"], ["a\n", "1"], ["LITERAL:a\n", "BYTES...", "JSON"]),
        ("LITERAL:a\n", ["a\n"], "LITERAL:a\n"),
        ("job", ["a", "1"], "job"),
    ],
)
def test_a_default_format_can_be_set_back(library, jobs, format, frames, old):
    library.define_message_layout("job", kind="TEXT", body="JSON")
    library.set_default_zmq_format(format, socket="jobs")
    assert library.set_default_zmq_format("BYTES", socket="jobs") == old
    assert library.set_default_zmq_format(old, socket="jobs") == "BYTES"
    jobs(frames)
    wanted = library.session.formats.get(format).decode([frame.encode() for frame in frames])
    assert library.receive_multipart(socket="jobs") == wanted


def test_a_socket_keeps_its_default_layout_until_that_is_set_again(library, jobs):
    library.define_message_layout("job", a="TEXT")
    library.set_default_zmq_format("job", socket="jobs")
    library.define_message_layout("job", b="JSON")
    jobs(["1"], ["2"])
    assert library.receive_multipart(socket="jobs").a == "1"
    library.set_default_zmq_format("job", socket="jobs")
    assert library.receive_multipart(socket="jobs").b == 2
