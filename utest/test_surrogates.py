from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ZmqLibrary.errors import InvalidValue
from ZmqLibrary.surrogates import require_text

HALF = chr(0xD83D)


@given(st.text())
def test_every_text_that_can_be_written_is_let_through(text):
    require_text(text, "Topic")


def test_half_of_a_character_is_refused_with_its_place():
    with pytest.raises(InvalidValue) as caught:
        require_text(f"ab{HALF}", "Topic")
    assert str(caught.value) == (
        r"Topic 'ab\ud83d' cannot be used: character 2 is U+D83D, half of a surrogate pair, which is not text. "
        "Give the whole character."
    )


def test_a_secret_that_is_refused_is_not_shown():
    with pytest.raises(InvalidValue, match=r"^The password cannot be used: character 6 is U") as caught:
        require_text(f"sesame{HALF}", "The password", secret=True)
    assert "sesame" not in str(caught.value)
    assert caught.value.__suppress_context__
