from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ZmqLibrary.errors import ProtocolError
from ZmqLibrary.zmtp.greeting import SIGNATURE, TYPES_2, Greeting, Version, read_greeting, revision_of

greetings = st.one_of(
    st.builds(
        Greeting,
        st.sampled_from([Version.ZMTP_3, Version.ZMTP_3_1]),
        st.sampled_from(["NULL", "PLAIN", "CURVE", "GSSAPI", "X" * 20]),
        st.booleans(),
    ),
    st.builds(lambda type: Greeting(Version.ZMTP_2, socket_type=type, length=12), st.sampled_from(TYPES_2)),
)


@given(greetings, st.binary(max_size=5), st.integers(0, 9))
def test_a_greeting_is_read_as_it_was_written_wherever_it_lies(greeting, behind, before):
    data = bytes(before) + greeting.encode() + behind
    assert read_greeting(data, before) == greeting


@given(greetings, st.data())
def test_half_a_greeting_is_none_yet(greeting, data):
    whole = greeting.encode()
    assert read_greeting(whole, 0, data.draw(st.integers(0, len(whole) - 1))) is None


def position_in(data):
    """Where the greeting ends, or where the error is."""
    try:
        found = read_greeting(data)
    except ProtocolError as error:
        return error.offset + 1
    return found.length if found else 0


@given(st.binary(max_size=80), st.booleans())
def test_any_bytes_are_a_greeting_or_an_error_or_too_few(data, signed):
    data = SIGNATURE + b"\3" + data if signed else data
    assert position_in(data) <= len(data)


def test_a_greeting_to_an_older_peer_is_of_the_older_version():
    data = SIGNATURE + b"\3\x08"
    assert read_greeting(data, other=1) == Greeting(Version.ZMTP_2, socket_type="PUSH", length=12)
    assert read_greeting(data) is None


def test_a_peer_without_a_signature_is_of_version_1():
    assert revision_of(b"\x01\0") == 0
    assert read_greeting(b"\x03\0id") == Greeting(Version.ZMTP_1, length=4)
    assert read_greeting(b"\x03\0i") is None


@pytest.mark.parametrize(
    ("data", "offset", "rule"),
    [
        (b"GET / HTTP/1.1\r\n", 0, "begins with FF"),
        (b"\x16\x03\x01\x02\0", 0, "begins with FF"),
        (SIGNATURE + b"\1\x0b", 11, "socket type of a greeting is 0 to 10, and it is 11"),
        (SIGNATURE + b"\3\0" + bytes(52), 12, "capital letters"),
        (SIGNATURE + b"\3\0" + b"NULL".ljust(20, b"\0") + b"\2" + bytes(31), 32, "as-server is 0 or 1, and it is 2"),
    ],
)
def test_an_error_names_the_byte_and_the_rule(data, offset, rule):
    with pytest.raises(ProtocolError, match=rule) as raised:
        read_greeting(data)
    assert raised.value.offset == offset
