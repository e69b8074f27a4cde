"""Many messages in other formats at once."""

from __future__ import annotations

import pytest

from ZmqLibrary.errors import DecodeError
from ZmqLibrary.formats import FormatTable
from ZmqLibrary.messages.message import Message, Receipt, read_all

TABLE = FormatTable()


def messages(*frames: bytes) -> list[Message]:
    receipts = [Receipt("sink", TABLE.get("TEXT"), descriptor=number) for number in range(3)]
    return [Message([frame], receipts[number % 3], 0.0) for number, frame in enumerate(frames)]


def test_all_have_the_new_format_and_keep_their_receipts():
    many = messages(b"1", b"2", b"3", b"4")
    read_all(many, TABLE.get("JSON"))
    assert [list(message) for message in many] == [[1], [2], [3], [4]]
    assert [message.receipt.descriptor for message in many] == [0, 1, 2, 0]
    assert many[0].receipt is many[3].receipt


def test_one_that_does_not_fit_leaves_all_as_they_were():
    many = messages(b"1", b"x", b"3")
    with pytest.raises(DecodeError, match="Frame 0 is not JSON"):
        read_all(many, TABLE.get("JSON"))
    assert [list(message) for message in many] == [["1"], ["x"], ["3"]]


def test_values_that_were_read_before_are_read_again():
    many = messages(b"1")
    assert many[0][0] == "1"
    read_all(many, TABLE.get("BYTES"))
    assert many[0][0] == b"1"
