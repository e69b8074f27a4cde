"""Text from outside is data, and bounded: what goes into errors, the log, metadata and the console goes through here.

A peer chooses the bytes of frames, topics, routing ids, user names, properties and error texts. Without this it could
write lines of its own into a log, colour a console, turn text around, or have Robot make links and pictures of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

MOST_LISTED = 20
_MARKUP = r"(?<![^ \"'(\[{])[*_`]|(?<=:)//|^(?:[=-] ?)"
_SCRIPT = r"(?i)(script):(?=//)"  # Robot makes links of all that looks like an address
_BREAK = "\u200b"  # has no width; Robot's markup does not go across it


def printable(text: str, keep: str = "") -> str:
    """A text in which every character that is not printable is an escape: control characters, surrogates, directions.

    The colon of an address that is a script is one, too.

    Args:
        text: From outside, or with text from outside in it.
        keep: Characters that stay as they are although they are not printable.
    """
    if "script://" in text.lower():
        text = re.sub(_SCRIPT, r"\1\\x3a", text)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep else _escape(c) for c in text)


def written(text: str) -> str:
    """A text of the library, of one or more lines, as it goes to Robot."""
    return printable(text, "\n\t")


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters of a text; an ellipsis shows that there are more."""
    return text if len(text) <= limit else f"{text[:limit]}…"


def listed(texts: Iterable[str], most: int = MOST_LISTED) -> str:
    """Texts with commas between them; of very many the first ones, and how many more there are."""
    known = list(texts)
    return ", ".join([*known[:most], *more_than(len(known), most)])


def more_than(count: int, most: int) -> list[str]:
    """What stands at the end of a list that is cut off: how many more there are; nothing if it has them all."""
    return [f"… and {count - most:,} more"] if count > most else []


def address_text(host: str, port: int) -> str:
    """`host:port`, with the host of IPv6 in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def without_markup(line: str) -> str:
    """A line as Robot shows it where it reads its own markup: no links, pictures, bold text or tables come of it."""
    return re.sub(_MARKUP, lambda found: _BREAK + found.group(), printable(line).replace("|", "¦"))


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
