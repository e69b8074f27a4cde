from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime

import pytest
import zmq
from hypothesis import given
from hypothesis import strategies as st

from ZmqLibrary.errors import InvalidValue
from ZmqLibrary.security.zap import (
    Answer,
    Malformed,
    WayBack,
    answer_frames,
    check_metadata,
    read_request,
    record_of,
)
from ZmqLibrary.security.zap_names import ZAP_ENDPOINT, Mechanism, SpecialAnswer

PUBLIC = zmq.curve_keypair()[0]
HEAD = [b"\x00peer", b"", b"1.0", b"1", b"orders", b"127.0.0.1", b"server"]
BACK = WayBack((b"\x00peer", b""), b"1")


def test_a_null_request_is_read():
    request = read_request([*HEAD, b"NULL"])
    assert (request.mechanism, request.domain, request.address) == (Mechanism.NULL, "orders", "127.0.0.1")
    assert (request.way_back, request.routing_id, request.identity) == (BACK, b"server", "")


def test_a_plain_request_is_read_and_does_not_show_its_password():
    request = read_request([*HEAD, b"PLAIN", b"alice", b"open sesame"])
    assert (request.username, request.password) == ("alice", b"open sesame")
    assert "sesame" not in repr(request)
    assert "sesame" not in repr(record_of(request, Answer(200), datetime.now()))


def test_a_curve_request_is_read_with_its_key_as_text():
    request = read_request([*HEAD, b"CURVE", zmq.utils.z85.decode(PUBLIC)])
    assert request.key == PUBLIC.decode()


def test_the_whole_envelope_goes_back():
    request = read_request([b"a", b"b", *HEAD, b"NULL"])
    assert answer_frames(request.way_back, Answer(200, "OK", "me"))[:4] == [b"a", b"b", b"\x00peer", b""]


@pytest.mark.parametrize(
    ("frames", "problem", "answered"),
    [
        ([b"\x00peer"], "delimiter", False),
        ([b"\x00peer", b"1.0", b"1"], "delimiter", False),
        ([b"", b"1.0", b"1", b"", b"", b"", b"NULL"][:1], "delimiter", False),
        ([b"\x00peer", b"", b"1.0"], "request id", False),
        ([b"\x00peer", b"", b"1.0", b"1"], "2 frames", True),
        ([*HEAD[:2], b"2.0", *HEAD[3:], b"NULL"], "version", True),
        ([*HEAD, b"GSSAPI", b"x"], "mechanism", True),
        ([*HEAD, b"\xff"], "mechanism", True),
        ([*HEAD, b"NULL", b"x"], "0 credential", True),
        ([*HEAD, b"PLAIN", b"alice"], "2 credential", True),
        ([*HEAD, b"CURVE", b"short"], "32 bytes", True),
        ([*HEAD[:4], b"d" * 256, *HEAD[5:], b"NULL"], "domain", True),
        ([*HEAD[:5], b"\xe4", *HEAD[6:], b"NULL"], "address", True),
        ([*HEAD[:6], b"i" * 256, b"NULL"], "routing id", True),
    ],
)
def test_what_is_malformed_is_answered_if_there_is_a_request_id(frames, problem, answered):
    with pytest.raises(Malformed, match=problem) as caught:
        read_request(frames)
    assert (caught.value.way_back is not None) is answered


@given(st.lists(st.sampled_from([*HEAD, b"NULL", b"PLAIN", b"CURVE", bytes(32)]) | st.binary(max_size=300), min_size=1))
def test_any_frames_are_read_or_malformed(frames):
    try:
        request = read_request(frames)
        way_back: WayBack | None = request.way_back
    except Malformed as problem:
        way_back = problem.way_back
    assert way_back is None or way_back.request_id in frames


def test_an_answer_is_written():
    answer = Answer(200, "OK", "alice", {"Role": "admin"})
    metadata = b"\x04Role\x00\x00\x00\x05admin"
    assert answer_frames(BACK, answer) == [b"\x00peer", b"", b"1.0", b"1", b"200", b"OK", b"alice", metadata]


@pytest.mark.parametrize(
    ("special", "frames"),
    [
        (SpecialAnswer.NONE, []),
        (SpecialAnswer.MALFORMED, [b"1.0", b"1"]),
        (SpecialAnswer.WRONG_VERSION, [b"2.0", b"1", b"200", b"", b"", b""]),
        (SpecialAnswer.WRONG_REQUEST_ID, [b"1.0", b"not-1", b"200", b"", b"", b""]),
        (SpecialAnswer.WRONG_STATUS, [b"1.0", b"1", b"999", b"", b"", b""]),
        (SpecialAnswer.WRONG_METADATA, [b"1.0", b"1", b"200", b"", b"", b"\xff"]),
    ],
)
def test_wrong_answers_are_wrong_as_asked_for(special, frames):
    assert answer_frames(BACK, Answer(None, special=special))[2:] == frames


@pytest.mark.parametrize("name", ["", "a b", "ä", "x" * 256])
def test_names_of_metadata_are_checked(name):
    with pytest.raises(InvalidValue, match="metadata"):
        check_metadata({name: "value"})


def test_no_value_of_metadata_ends_the_authenticator():
    answer = Answer(200, chr(0xD800), chr(0xDC00), {"X": "a" + chr(0xD800)})
    assert answer_frames(BACK, answer)[5:] == [b"?", b"?", b"\x01X\x00\x00\x00\x02a?"]


def test_a_record_says_what_happened():
    record = record_of(read_request([*HEAD, b"PLAIN", b"bob", b"x"]), Answer(400, "Password is wrong"), datetime.now())
    assert str(record) == ("PLAIN request of user 'bob' from 127.0.0.1 for domain 'orders': 400 Password is wrong")
    assert record.routing_id == "server"


def test_what_libzmq_makes_of_properties():
    properties = {"User-Id": "bob", "Peer-Address": "::1", "Role": "admin\0 of nothing"}
    with zmq.Context() as context, ExitStack() as stack:
        handler, server, client = (
            stack.enter_context(context.socket(type)) for type in (zmq.ROUTER, zmq.PULL, zmq.PUSH)
        )
        for socket in (handler, server, client):
            socket.linger, socket.rcvtimeo = 0, 30_000
        handler.bind(ZAP_ENDPOINT)
        server.zap_domain = b"orders"
        client.connect(f"tcp://127.0.0.1:{server.bind_to_random_port('tcp://127.0.0.1')}")
        request = read_request(handler.recv_multipart())
        handler.send_multipart(answer_frames(request.way_back, Answer(200, "OK", "alice", properties)))
        client.send(b"hello")
        message = server.recv(copy=False)
    assert [message.get(name) for name in properties] == ["alice", "127.0.0.1", "admin"]
