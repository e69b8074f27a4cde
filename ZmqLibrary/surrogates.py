"""Texts that nothing can write: Python keeps half of a surrogate pair as a character, and no encoding has it."""

from __future__ import annotations

from .errors import InvalidValue


def require_text(text: str, what: str, secret: bool = False) -> None:
    """Raises InvalidValue if a text has half of a surrogate pair.

    Args:
        text: To be used.
        what: What it is, as the error begins.
        secret: Whether it must not be shown.
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        shown = "" if secret else f" {text!a}"
        position = error.start
        raise InvalidValue(
            f"{what}{shown} cannot be used: character {position} is U+{ord(text[position]):04X}, half of a surrogate "
            "pair, which is not text. Give the whole character."
        ) from None
