"""Lines in Libdoc for arguments that many keywords have in common.

Robot has no use for them while tests run, so nothing imports this module then.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from functools import cache
from inspect import cleandoc, signature

from robot.utils import printable_name

# Argument, keywords, line. The first that fits counts.
LINES = (
    (
        "format",
        "*Proxy*",
        "One for all frames, one for each, or a layout; default is TEXT, JSON for a dictionary or list. See `Formats`.",
    ),
    ("format", "*Record*", "One format for all frames, one for each, or a layout; default is TEXT. See `Formats`."),
    ("format", "Set Default *", "One format for all frames, one for each, or a layout. See `Formats`."),
    (
        "format",
        "*",
        "One format for all frames, one for each, or a layout; default is that of the socket. See `Formats`.",
    ),
    ("client", "Proxy *", "A glob for the address or routing id of the clients that it is for; default is all."),
    ("direction", "Proxy *", "``TO_TARGET``, ``TO_CLIENT`` or ``BOTH``: which way messages go."),
    ("every", "Proxy *", "It acts on every n-th message that matches."),
    ("fields", "*Proxy*", "With a layout, patterns by field. See `Patterns`."),
    ("layout", "*Proxy*", "The layout of the fields that patterns are given for, instead of ``format``."),
    ("lasting", "Proxy *", "How long; default is until the end of the test. See `Broken networks`."),
    ("match", "*Proxy*", "How the patterns are held against the frames."),
    ("message", "*", "A text of your own, put before the error."),
    ("mock", "*", "Alias of the mock server; default is the one started or switched to last."),
    ("name", "Proxy *", "Of the fault; default is a generated one."),
    ("peer", "*", "Name of the odd peer; default is the one used or started last."),
    ("probability", "Proxy *", "How likely it acts on a message that is its turn, from 0 (never) to 1 (always)."),
    ("proxy", "Switch *", "Name of the proxy."),
    ("proxy", "*", "Name of the proxy; default is the one used or started last."),
    ("pump", "*", "Name of the pump; default is the one used or started last."),
    ("recording", "*", "Name of the recording; default is the one started last."),
    ("seed", "Proxy *", "Makes the same choices again; default is a random one, which the log shows."),
    ("sink", "*", "Name of the sink; default is the one used or started last."),
    ("skip", "Proxy *", "How many messages that match pass before it begins."),
    ("socket", "*Mock*", "The same as ``mock``."),
    ("socket", "Start Collecting Messages", "Whose messages are collected; default is the current socket."),
    ("socket", "*Collect*", "The socket of the collector, instead of ``collector``."),
    ("socket", "Received *", "Whose last message is meant; default is the socket that received last."),
    ("socket", "Get Received *", "Whose last message is meant; default is the socket that received last."),
    ("socket", "Get Envelope", "Whose last message is meant; default is the socket that received last."),
    ("socket", "*", "Name of the socket; default is the current one."),
    ("times", "Proxy *", "How often it acts at most; default is no limit."),
    ("timeout", "*", "How long to wait at most; default is the ``timeout`` of the library. See `Waiting`."),
)
_ARGS = r"(?m)^Args:\n(?:    .*\n)+"
_NAMES = r"(?m)^    \*{0,2}(\w+)"
_LATER_SECTION = r"(?m)^(?:Returns|Raises|Examples?|Tags):"


@cache
def complete_docs(function: Callable[..., object]) -> str:
    """The docs of a keyword with a line for each of its arguments that has none and is among the common ones."""
    docs = cleandoc(function.__doc__ or "") + "\n\n"
    keyword = printable_name(function.__name__, code_style=True)
    section = re.search(_ARGS, docs)
    documented = re.findall(_NAMES, section[0]) if section else []
    missing = [name for name in signature(function).parameters if name not in documented]
    lines = "".join(line for name in missing for line in _lines(keyword, name))
    if lines and section:
        docs = docs[: section.end()] + lines + docs[section.end() :]
    elif lines:
        later = re.search(_LATER_SECTION, docs)
        end = later.start() if later else len(docs)
        docs = f"{docs[:end]}Args:\n{lines}\n{docs[end:]}"
    return docs.rstrip()


def _lines(keyword: str, argument: str) -> list[str]:
    fitting = (line for name, keywords, line in LINES if name == argument and fnmatchcase(keyword, keywords))
    return [f"    {argument}: {line}\n" for line in fitting][:1]
