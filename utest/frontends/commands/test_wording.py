"""Errors of keywords as the command line words them."""

from __future__ import annotations

import pytest

from ZmqLibrary.errors import Hint, InvalidValue
from ZmqLibrary.frontends.commands.wording import in_options
from ZmqLibrary.keywords.hints import KEYWORD_HINTS

OPTIONS = {name: f"--{name.replace('_', '-')}" for name in ("rate", "replies", "source", "plain_username", "format")}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("rate=5 cannot be used.", "--rate 5 cannot be used."),
        ("rate=1:1s,2:1s cannot be used", "--rate 1:1s,2:1s cannot be used"),
        ("source='/a b' cannot be read", "--source '/a b' cannot be read"),
        ("replies=yes is for REQ", "--replies is for REQ"),
        ("Give format=, or none.", "Give --format, or none."),
        ("PLAIN needs plain_username.", "PLAIN needs --plain-username."),
        ("every=0 cannot be used", "--drop-every 0 cannot be used"),
        ("unknown=5 and some_name stay", "unknown=5 and some_name stay"),
        ("'rate=5' is what a frame says", "'rate=5' is what a frame says"),
        ("not what the rate is", "not what the rate is"),
    ],
)
def test_arguments_are_options_and_values_stay(text, told):
    assert in_options(InvalidValue(text), OPTIONS) == told


@pytest.mark.parametrize("hint", Hint)
def test_no_hint_names_a_keyword(hint):
    assert "`Start" not in in_options(InvalidValue("Wrong.", hint), OPTIONS)


def test_hints_that_keywords_have_worded_are_worded_again():
    error = InvalidValue("Wrong.", Hint.GENERATE_KEYS)
    error.word_hint(KEYWORD_HINTS)
    assert in_options(error, OPTIONS) == "Wrong. `zmqlibrary keys` makes keys; the file of one will do as well."
