from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ZmqLibrary.errors import ProtocolError
from ZmqLibrary.zmtp import commands
from ZmqLibrary.zmtp.commands import Command, name_of, read_command, read_metadata
from ZmqLibrary.zmtp.frames import Frame, scan

names = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=255)
property_names = st.text("abcXYZ019-_.+", min_size=1, max_size=255)


def whole(data):
    return Frame(4, 0, 0, len(data))


def offset_of_error(read):
    """Where the error is; 7 if there is none."""
    try:
        read()
    except ProtocolError as error:
        return error.offset
    return 7


@given(names, st.binary(max_size=300))
def test_a_command_is_read_as_it_was_written(name, data):
    written = Command(name, data).encode()
    (frame,) = scan(written)
    assert frame.is_command
    assert read_command(written, frame) == Command(name, data)
    assert name_of(written, frame) == name


@given(st.dictionaries(property_names, st.binary(max_size=300), max_size=5))
def test_metadata_is_read_as_it_was_written(metadata):
    assert read_metadata(commands.encode_metadata(metadata)) == metadata


def test_the_names_of_properties_are_the_same_in_any_case():
    assert read_metadata(b"\x0bsocket-TYPE\0\0\0\4PUSH\x08identity\0\0\0\1x") == {
        "Socket-Type": b"PUSH",
        "Identity": b"x",
    }


@given(st.binary(max_size=255), st.binary(max_size=255))
def test_who_it_is_is_read_as_it_was_written(username, password):
    assert commands.read_hello(commands.hello(username, password)) == (username, password)


@given(st.integers(0, 65535), st.binary(max_size=16))
def test_a_ping_is_read_as_it_was_written(tenths, context):
    assert commands.read_ping(commands.ping(tenths / 10, context)) == (tenths / 10, context)


def test_the_reason_of_an_error_is_read_as_it_was_written():
    assert commands.read_error(commands.error("Invalid client")) == "Invalid client"
    assert len(commands.error("x" * 1000).data) == 256


@settings(max_examples=500)
@given(st.binary(max_size=60))
def test_any_bytes_are_a_command_or_an_error(data):
    for read in (
        lambda: read_command(data, whole(data), 7),
        lambda: read_metadata(data, 7),
        lambda: commands.read_hello(Command("HELLO", data), 7),
        lambda: commands.read_ping(Command("PING", data), 7),
        lambda: commands.read_error(Command("ERROR", data), 7),
    ):
        assert 7 <= offset_of_error(read) <= 7 + len(data)
    name_of(data, whole(data))


@pytest.mark.parametrize(
    ("read", "offset", "rule"),
    [
        (lambda: read_command(b"", whole(b""), 5), 5, "has a name"),
        (lambda: read_command(b"\5PI", whole(b"\5PI"), 5), 5, "announces 5 bytes of 2"),
        (lambda: read_metadata(b"\1a\0\0\0\1", 5), 7, "announces 1 bytes, and 4 follow"),
        (lambda: read_metadata(b"\1 \0\0\0\0", 5), 5, "letters, digits"),
        (lambda: commands.read_hello(Command("HELLO", b"\1a"), 5), 7, "password of a HELLO .* is missing"),
        (lambda: commands.read_hello(Command("HELLO", b"\0\0x"), 5), 7, "more follows"),
        (lambda: commands.read_ping(Command("PING", b"\0"), 5), 5, "time to live of 2 bytes"),
        (lambda: commands.read_ping(Command("PING", bytes(19)), 5), 7, "at most 16 bytes"),
    ],
)
def test_an_error_names_the_byte_and_the_rule(read, offset, rule):
    with pytest.raises(ProtocolError, match=rule) as raised:
        read()
    assert raised.value.offset == offset


def test_an_error_as_libzmq_writes_it_is_one():
    data = b"^RROR\x03400"
    assert read_command(data, whole(data)) == commands.error("400")
    assert name_of(data, whole(data)) == "ERROR"
