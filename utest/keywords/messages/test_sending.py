from __future__ import annotations

from datetime import timedelta

import pytest
from robot.api.types import Secret

from ZmqLibrary.errors import DecodeError, EncodeError, InvalidValue, WaitTimeout, WrongUse
from ZmqLibrary.sockets.socket_types import SocketType

PULL, PUSH, REQ, REP, DEALER, ROUTER = (SocketType[name] for name in ("PULL", "PUSH", "REQ", "REP", "DEALER", "ROUTER"))
NOW = timedelta(0)
SHORT = timedelta(milliseconds=50)


@pytest.fixture
def jobs(library):
    """A PULL `jobs`; what it receives is told as frames."""
    library.bind_zmq_socket("inproc://jobs", PULL, "jobs")
    library.connect_zmq_socket("inproc://jobs", PUSH, "work")

    def received() -> list[bytes] | None:
        message = library.try_to_receive_multipart(socket="jobs", format="BYTES")
        library.switch_zmq_socket("work")
        return message and message.frames

    return received


@pytest.fixture
def service(library):
    """Connects a client of a type to a server `server` of a type; the client is current."""

    def open_both(server: SocketType, client: SocketType) -> None:
        library.bind_zmq_socket("inproc://service", server, "server")
        library.connect_zmq_socket("inproc://service", client, "client")

    return open_both


@pytest.mark.parametrize(
    ("payload", "format", "frame"),
    [
        ("grün", None, "grün".encode()),
        (7, None, b"7"),
        (1.5, None, b"1.5"),
        (b"\x00\xff", None, b"\x00\xff"),
        (bytearray(b"ab"), "BYTES", b"ab"),
        ("00 ff", "HEX", b"\x00\xff"),
        ("AP8=", "BASE64", b"\x00\xff"),
        ('{"a":  1}', "JSON", b'{"a":  1}'),
        ({"a": [1, None]}, "JSON", b'{"a":[1,null]}'),
        (Secret("hunter2"), None, b"hunter2"),
        ({"key": Secret("hunter2")}, "JSON", b'{"key":"hunter2"}'),
        ("", None, b""),
    ],
)
def test_a_payload_becomes_a_frame(library, jobs, payload, format, frame):
    library.send_message(payload, format=format)
    assert jobs() == [frame]
    assert library.try_to_send_message(payload, format=format)
    assert jobs() == [frame]


@pytest.mark.parametrize(
    ("frames", "format", "sent"),
    [
        (("a", "b"), None, [b"a", b"b"]),
        ((["a", "b"],), None, [b"a", b"b"]),
        ((("a", ""),), None, [b"a", b""]),
        (("a", {"b": 1}), "TEXT,JSON", [b"a", b'{"b":1}']),
        (("41", "42"), ["HEX", "TEXT"], [b"A", b"42"]),
    ],
)
def test_frames_are_sent_as_one_message(library, jobs, frames, format, sent):
    library.send_multipart(*frames, format=format)
    assert jobs() == sent
    assert library.try_to_send_multipart(*frames, format=format)
    assert jobs() == sent


def test_what_looks_like_a_named_argument_is_a_frame(library, jobs):
    library.send_multipart("a", key="value=1")
    assert jobs() == [b"a", b"key=value=1"]
    with pytest.raises(InvalidValue, match="'key' is given as a field, but no layout is"):
        library.send_multipart(key=1)


@pytest.mark.parametrize(
    ("keyword", "names"),
    [
        ("try_to_send_multipart", "timeout within"),
        ("no_message_should_be_received", "timeout"),
        ("wait_for_message", "within"),
    ],
)
def test_a_time_that_a_keyword_does_not_wait_is_no_frame(library, jobs, keyword, names):
    for name in names.split():
        with pytest.raises(
            InvalidValue, match=rf"This keyword has no argument '{name}'.* write {name}\\=… if it is meant"
        ):
            getattr(library, keyword)("a", **{name: "2s"})
        assert jobs() is None
        library.send_multipart("a", f"{name}=2s")
        assert jobs() == [b"a", f"{name}=2s".encode()]


@pytest.mark.parametrize(
    ("frames", "format"),
    [
        (("a", None), None),
        (("a", True), None),
        (("a", ["b"], "c"), None),
        (("a", 5), "BYTES"),
        (("a", "xyz"), "TEXT,HEX"),
        (("a", "{"), "TEXT,JSON"),
        (("a", object()), "TEXT,JSON"),
        (("a", "\ud800"), None),
    ],
)
def test_a_frame_that_does_not_fit_is_named_and_nothing_is_sent(library, jobs, frames, format):
    for send in (library.send_multipart, library.try_to_send_multipart):
        with pytest.raises(EncodeError, match=r"(?s)Frame 1 .*Nothing was sent"):
            send(*frames, format=format)
    assert jobs() is None


def test_a_message_that_nobody_takes_times_out_and_trying_says_so(library):
    library.bind_zmq_socket("inproc://nobody", PUSH)
    assert library.try_to_send_message("x") is False
    assert library.try_to_send_multipart("x", "y") is False
    for timeout in (NOW, SHORT):
        with pytest.raises(WaitTimeout, match="There is no peer"):
            library.send_message("x", timeout=timeout)
        with pytest.raises(WaitTimeout, match="There is no peer"):
            library.send_multipart("x", "y", timeout=timeout)


def test_a_negative_timeout_is_refused(library, jobs):
    with pytest.raises(InvalidValue, match="timeout cannot be negative"):
        library.send_message("x", timeout=timedelta(seconds=-1))


def test_what_is_sent_is_logged_and_secrets_are_not(library, jobs, caplog):
    caplog.set_level("INFO")
    library.send_multipart("topic", Secret("hunter2"), b"\x00")
    assert r"Sent from 'work' (PUSH): 'topic' | <secret> | '\x00'" in caplog.text
    assert "hunter2" not in caplog.text


def test_a_request_returns_its_reply_in_the_format_of_the_request_or_its_own(library, raw):
    server = raw("REP", bind="tcp://127.0.0.1:*")
    library.connect_zmq_socket(server.last_endpoint.decode(), DEALER)
    for n in range(2):
        library.send_multipart("", '{"early": true}')
        assert server.recv_json() == {"early": True}
        server.send_json({"n": n})
    reply = library.send_request("", '{"later": 1}', format="TEXT,JSON", reply_format="BYTES")
    assert reply == [b"", b'{"n": 0}']
    assert library.receive_multipart(format="TEXT,JSON") == ["", {"n": 1}]


def test_a_request_that_is_not_answered_times_out_and_the_late_reply_is_there(library, service):
    service(REP, REQ)
    with pytest.raises(WaitTimeout, match="No message from 'client'"):
        library.send_request("ping", timeout=SHORT)
    assert library.receive_message(socket="server") == "ping"
    library.reply("pong", socket="server")
    assert library.receive_message(socket="client") == "pong"


def test_a_rep_replies_to_what_it_received_last_whichever_socket_is_current(library, service):
    service(REP, REQ)
    library.send_message("ping")
    library.receive_message(socket="server")
    library.switch_zmq_socket("client")
    library.reply("pong", "again")
    assert library.receive_multipart() == ["pong", "again"]
    with pytest.raises(WrongUse, match="Receive a request first"):
        library.reply("twice", socket="server")


@pytest.mark.parametrize("client", [REQ, DEALER])
def test_a_router_replies_with_the_envelope(library, service, client):
    service(ROUTER, client)
    library.send_message("ping")
    request = library.receive_multipart(socket="server")
    assert len(request) == (3 if client is REQ else 2)
    library.reply("pong")
    assert library.receive_multipart(socket="client") == ["pong"]


@pytest.mark.parametrize("fields", [{"d": "EMPTY", "a": "JSON", "b": "TEXT"}, {"d": "EMPTY", "a": "U64LE"}])
def test_a_router_answers_a_request_that_does_not_fit_its_layout(library, service, fields):
    library.define_message_layout("job", id="ROUTING_ID", **fields)
    service(ROUTER, REQ)
    library.send_message("ping")
    with pytest.raises(DecodeError, match=r"is for 4 frames|is not U64LE"):
        library.receive_multipart(layout="job", socket="server")
    (routing_id, empty) = library.get_envelope(socket="server")
    assert empty == ""
    library.received_message_should_come_from(routing_id, socket="server")
    library.reply("bad request", socket="server")
    assert library.receive_multipart(socket="client") == ["bad request"]


def test_a_router_replies_to_several_hops(library, service):
    service(ROUTER, DEALER)
    library.send_multipart("hop", "", "ping")
    library.receive_multipart(socket="server")
    library.reply({"n": 1}, format="JSON")
    assert library.receive_multipart(socket="client") == ["hop", "", '{"n":1}']


def test_an_empty_frame_at_the_end_ends_no_envelope(library, service):
    service(ROUTER, DEALER)
    library.send_multipart("SET", "key", "")
    library.receive_multipart(socket="server")
    assert len(library.get_envelope()) == 1
    library.reply("done")
    assert library.receive_multipart(socket="client") == ["done"]


def test_there_has_to_be_something_to_reply_to(library, service):
    service(REP, REQ)
    with pytest.raises(WrongUse, match="No message has been received yet"):
        library.reply("x")
    with pytest.raises(WrongUse, match=r"'server' \(REP\) has not received a message yet"):
        library.reply("x", socket="server")
