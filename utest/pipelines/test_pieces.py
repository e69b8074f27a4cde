"""Frames taken apart, so that the process of a pump only puts them together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ZmqLibrary.errors import InvalidValue
from ZmqLibrary.formats import FormatTable, Hidden, HiddenBytes
from ZmqLibrary.mocks.replies import published_template
from ZmqLibrary.pipelines.messages import filled
from ZmqLibrary.pipelines.pieces import pieces_of

TABLE = FormatTable()
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="$"), max_size=10)


@given(st.lists(st.lists(TEXTS | st.sampled_from(["${n}", "$$"]), max_size=5).map("".join), min_size=1, max_size=4),
       st.integers(1, 2**40))  # fmt: skip
def test_put_together_they_are_what_mock_servers_publish(frames, number):
    pieces, template = pieces_of(frames, "TEXT", TABLE)
    assert template == ()
    expected = published_template(frames, TABLE.get("TEXT"), TABLE).published(number)
    assert filled(pieces, b"%d" % number, b"") == list(expected)


def test_json_keeps_its_types():
    pieces, _ = pieces_of(['{"n": $n, "text": "no $n", "at": "$time"}'], "JSON", TABLE)
    assert filled(pieces, b"7", b"noon") == [b'{"n":7,"text":"no 7","at":"noon"}']


@pytest.mark.parametrize("secret", ["hush-hush", 'hu"sh', "grüße"])
def test_of_a_frame_with_a_secret_only_the_piece_that_holds_it_is_one(secret):
    pieces, _ = pieces_of([{"n": "$n", "key": Hidden(secret), "m": "$n"}], "JSON", TABLE)
    kinds = [type(piece) for piece in pieces[0]]
    assert kinds == [bytes, str, HiddenBytes, str, bytes]
    assert b"$n" not in filled(pieces, b"7", b"")[0]


def test_a_secret_that_cannot_be_sent_is_refused_as_one():
    with pytest.raises(InvalidValue, match="a secret"):
        pieces_of([{"n": "$n", "key": Hidden("\ud800")}], "JSON", TABLE)


def test_a_secret_that_a_format_has_changed_hides_all_pieces():
    table = FormatTable()
    table.register("SHOUT", lambda value: str(value).upper().encode(), lambda frame: frame.decode())
    pieces, _ = pieces_of([Hidden("hush"), "$n", "open"], "SHOUT", table)
    assert [list(map(type, frame)) for frame in pieces] == [[HiddenBytes], [str], [bytes]]


def test_frames_that_stay_the_same_may_have_any_format():
    table = FormatTable()
    table.register("SHOUT", lambda value: str(value).upper().encode(), lambda frame: frame.decode())
    assert pieces_of(["hello"], "SHOUT", table)[0] == ((b"HELLO",),)


def test_a_registered_format_that_writes_digits_may_have_numbers():
    table = FormatTable()
    table.register("QUOTED", lambda value: f"<{value}>".encode(), lambda frame: frame.decode())
    assert filled(pieces_of(["$n"], "QUOTED", table)[0], b"12", b"") == [b"<12>"]


def test_a_binary_format_is_left_to_the_process():
    pieces, template = pieces_of(["$n", "EUR"], "U32BE,TEXT", TABLE)
    assert pieces == ()
    assert template == ('["$n", "EUR"]', "U32BE,TEXT", "UTF-8")


def test_a_registered_binary_format_with_numbers_is_refused():
    table = FormatTable()
    table.register("OWN", lambda value: int(value).to_bytes(8, "big"), lambda frame: int.from_bytes(frame, "big"))
    with pytest.raises(InvalidValue, match="format=OWN cannot be used with \\$n or \\$time"):
        pieces_of(["$n"], "OWN", table)
