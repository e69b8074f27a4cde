from __future__ import annotations

import socket
import threading
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ZmqLibrary.frontends.http_call import MAX_BODY, BadCall, is_loopback, read_body

HEAD = b"POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\n"


def read(*pieces: bytes) -> bytes:
    near, far = socket.socketpair()
    with near, far:
        for piece in pieces:
            far.sendall(piece)
        far.shutdown(socket.SHUT_WR)
        return read_body(near, 60.0)


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


def test_who_sends_on_and_on_is_left_when_the_time_is_over():
    near, far = socket.socketpair()
    with near, far:
        over = threading.Event()

        def drip() -> None:
            with suppress(OSError):
                far.sendall(HEAD + b"Content-Length: 100000\r\n\r\n")
                while not over.wait(0.001):
                    far.sendall(b"x")

        thread = threading.Thread(target=drip)
        thread.start()
        with pytest.raises(TimeoutError):
            read_body(near, 0.1)
        over.set()
        thread.join()


@pytest.mark.parametrize(("host", "is_let_in"), [("localhost", True), ("evil.example", False)])
def test_a_name_that_was_made_to_lead_here_is_refused(host, is_let_in):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as far, listener.accept()[0] as near:
            far.sendall(HEAD.replace(b"Host: x", f"Host: {host}:{port}".encode()) + b"Content-Length: 1\r\n\r\nx")
            if is_let_in:
                assert read_body(near, 60.0) == b"x"
                return
            with pytest.raises(BadCall) as caught:
                read_body(near, 60.0)
            assert caught.value.status == 421


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("127.8.9.10", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("a", False)],
)
def test_loopback_is_told_from_other_hosts(host, expected):
    assert is_loopback(host) is expected


@given(st.binary(max_size=300))
def test_any_bytes_are_a_call_or_refused(data):
    with suppress(BadCall):
        assert isinstance(read(data), bytes)
