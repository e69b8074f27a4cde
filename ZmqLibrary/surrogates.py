"""Texts that are not what they should be: nothing that can be written, or neither yes nor no.

Python keeps half of a surrogate pair as a character, and no encoding has it. Robot leaves a text that is given for yes
or no as it is if it is neither, and any text counts as yes in Python.
"""

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


def require_yes_or_no(name: str, value: object) -> None:
    """Raises InvalidValue if an argument that is yes or no is some text."""
    if isinstance(value, str):
        raise InvalidValue(f"{name} takes yes or no, not {value!a}.")


def make_writable(error: BaseException) -> None:
    """Shows such characters in the text of an error as escapes, because Robot could not write its output otherwise."""
    error.args = tuple(_escaped(item) if isinstance(item, str) else item for item in error.args)


def _escaped(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
