from __future__ import annotations

import socket
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ZmqLibrary.frontends.http_call import MAX_BODY, BadCall, read_body

HEAD = b"POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\n"


def read(*pieces: bytes) -> bytes:
    near, far = socket.socketpair()
    with near, far:
        for piece in pieces:
            far.sendall(piece)
        far.shutdown(socket.SHUT_WR)
        return read_body(near)


def test_a_body_is_read_by_its_length():
    assert read(HEAD + b"Content-Length: 3\r\n\r\n", b"abcdef") == b"abc"


def test_names_of_fields_have_any_case():
    assert read(b"POST / HTTP/1.0\r\ncontent-TYPE: Text/XML; charset=utf-8\r\ncontent-length:1\r\n\r\nx") == b"x"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 405),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx", 415),
        (b"POST / HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\nx", 415),
        (HEAD + b"\r\n", 411),
        (HEAD + b"Content-Length: -1\r\n\r\n", 411),
        (HEAD + b"Content-Length: %d\r\n\r\n" % (MAX_BODY + 1), 413),
        (HEAD + b"Content-Length: %s\r\n\r\n" % (b"9" * 5000), 413),
        (HEAD + b"Content-Length: 3\r\n\r\nab", 400),
        (HEAD, 400),
        (b"", 400),
        (b"x" * 200_000, 431),
    ],
)
def test_what_is_no_call_is_refused(request_, status):
    with pytest.raises(BadCall) as caught:
        read(request_)
    assert caught.value.status == status


@given(st.binary(max_size=300))
def test_any_bytes_are_a_call_or_refused(data):
    with suppress(BadCall):
        assert isinstance(read(data), bytes)
