"""Errors of keywords in the words of the command line: arguments of keywords are options there."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ...errors import Hint, ZmqLibraryError
from ...keywords.hints import KEYWORD_HINTS

# What to do about an error, in options; of others, the error itself says enough.
_HINTS = dict.fromkeys(Hint, "") | {
    Hint.SUBSCRIBE: "Give --subscribe.",
    Hint.ADDRESS_A_PEER: "Give it as the first frame, with --format ROUTING_ID,TEXT.",
    Hint.LOAD_PUBLIC_KEY: "Give the file itself: --curve-server-key FILE.",
    Hint.GENERATE_KEYS: "`zmqlibrary keys` makes keys; the file of one will do as well.",
}
_PHRASES = (
    (
        ", give it more time with timeout=, or connect without waiting with lazy=yes.",
        ", or give it more time with --timeout.",
    ),
    ("only SUB and XSUB sockets subscribe to topics.", "only SUB sockets subscribe to topics. Give --type SUB."),
    ("subscribe is for SUB; this", "--subscribe is for SUB; this"),
    ("or give type SUB.", "or give --type SUB."),
)
# What to do next about a reason why a connection failed; the first that fits.
_NEXT_STEPS = (
    ("INCOMPATIBLE_TYPE", "Choose with --type. `zmqlibrary probe` says what listens there."),
    ("MECHANISM_MISMATCH", "`zmqlibrary probe` says which mechanism that is."),
    ("NOT_ZEROMQ", "`zmqlibrary probe` says what listens there."),
)
_OTHER_NAMES = {"every": "--drop-every"}
_PIECES = (
    r"(?<![\w-])(?P<argument>[a-z_]+)=(?P<value>'[^'\n]*'|[\w.+%:/-]*)"  # rate=5
    r"|(?<!\w)'[^'\n]*'"  # a value in quotes, which stays as it is
    r"|(?<![\w-])(?P<name>[a-z]+(?:_[a-z]+)+)(?![\w=])"  # plain_username
)


def in_options(error: ZmqLibraryError, options: Mapping[str, str]) -> str:
    """An error as the command line prints it.

    Args:
        error: Of a keyword.
        options: The options of the command, by the names of the arguments: `sent_at` is `--sent-at`.
    """
    error.word_hint(_HINTS)
    text = str(error)
    in_keywords = [(KEYWORD_HINTS[hint], words) for hint, words in _HINTS.items()]
    for phrase, words in [*_PHRASES, *in_keywords]:
        text = text.replace(phrase, words)
    known = {**_OTHER_NAMES, **options}

    def piece(found: re.Match[str]) -> str:
        option = known.get(found["argument"] or found["name"] or "")
        if option is None:
            return found[0]
        return option if found["value"] in (None, "", "yes") else f"{option} {found['value']}"

    steps = [step for reason, step in _NEXT_STEPS if reason in text and "type" in options]
    return "\n".join([re.sub(_PIECES, piece, text).rstrip(), *steps[:1]])
