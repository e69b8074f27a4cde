"""No character of a peer does anything but stand in a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from robot.utils import html_format

from ZmqLibrary.plain_text import listed, printable, without_markup, written

HOSTILE = "x\n\x1b[31mFORGED\x1b[0m\x00\u202etxt.exe\r\x9b1m\u2028\ud800"


@given(st.text())
def test_what_is_printable_stays_and_everything_else_is_an_escape(text):
    shown = printable(text)
    assert shown.isprintable()
    assert (shown == text) == (text.isprintable() and "script://" not in text.lower())


def test_escapes_tell_which_character_it_was():
    assert printable(HOSTILE) == (r"x\n\x1b[31mFORGED\x1b[0m\x00\u202etxt.exe\r\x9b1m\u2028\ud800")


def test_a_script_is_no_link():
    assert (
        printable("see JavaScript://%0aalert(1), http://example") == r"see JavaScript\x3a//%0aalert(1), http://example"
    )


@given(st.text())
def test_texts_of_the_library_keep_their_lines_and_can_be_written(text):
    lines = f"first\n\t{text}"
    assert written(lines).startswith("first\n\t")
    written(lines).encode()
    assert all(c.isprintable() or c in "\n\t" for c in written(lines))


@pytest.mark.parametrize(
    "text",
    [
        "[javascript:alert(1)|click]",
        "'[a' | 'b]'",
        "[http://evil.example/x.png]",
        "http://evil.example/x.png",
        "see ('javascript://evil.example')",
        "*bold*",
        " '_italic_'",
        "``code``",
        "| a | b |",
        "---",
        "= heading =",
        "- item",
        "data:image/png;base64,AAAA",
        "[data:image/png;base64,AAAA|x]",
    ],
)
def test_robot_makes_nothing_of_text_in_metadata(text):
    shown = html_format(f"| {without_markup(text)}")
    assert shown.startswith("<pre>")
    assert shown.count("<") == 2, shown


@given(st.text(alphabet="[]|*_`:/. '\"(){}ahtp-=\n", max_size=30))
def test_robot_makes_nothing_of_any_text_in_metadata(text):
    shown = html_format(f"| {without_markup(text)}")
    assert shown.count("<") == 2, shown


def test_lists_have_an_end():
    assert listed(["a", "b"]) == "a, b"
    assert listed(map(str, range(1000)), most=3) == "0, 1, 2, … and 997 more"
