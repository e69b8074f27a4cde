"""Options that commands have in common, and what their values may be."""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Sequence
from datetime import timedelta

from ...sockets.socket_types import SocketType

FORMATS = """\
formats of frames:
  TEXT, JSON, MSGPACK, CBOR, HEX, BASE64, BYTES, U8 to U64LE, I8 to I64BE, F32LE to F64BE, STRUCT:<IHH;
  one for all frames, or one for each: TEXT,JSON; TEXT,... repeats the last. Frames of a ROUTER begin with
  ROUTING_ID"""
FRAMES = """\
frames:
  one that begins with a dash goes behind --: zmqlibrary send tcp://127.0.0.1:5555 -- -5"""

LARGEST_PORT = 65535
ENDLESS = 10**9
"""Seconds: what waits so long waits until Ctrl-C."""


def add_common_options(
    parser: ArgumentParser, type: str | None, bind: bool = True, *, waits: bool = True, formats: bool = True
) -> None:
    """Adds what most commands take. All take `--timeout`, `--format` and `--json`; some have nothing to do for them.

    Args:
        type: The default of `--type`, and behind a comma others that make sense; None: there is no such option.
        bind: Whether there is `--bind`.
        waits: Whether the help shows `--timeout`.
        formats: Whether the help shows `--format`.
    """
    if type is not None:
        default, *others = type.split(", ")
        also = f"; or {', '.join(others)}" if others else ""
        of_type = parser.add_argument(
            "--type", type=socket_type, default=default, metavar="TYPE", help=f"socket type (default {default}{also})"
        )
        of_type.completer = lambda **_: [default, *others]  # type: ignore[attr-defined]  # of argcomplete
    if bind:
        parser.add_argument("--bind", action="store_true", help="listen at the endpoint rather than connect")
    parser.add_argument(
        "--timeout",
        type=seconds,
        default=5.0,
        metavar="TIME",
        help="how long to wait at most: 500ms, 3s, 1h (default 5s)" if waits else SUPPRESS,
    )
    told = "format of frames, see below (default TEXT)"
    parser.add_argument("--format", default="TEXT", help=told if formats else SUPPRESS)
    parser.add_argument("--json", action="store_true", help="print JSON, one object a line")


def socket_type(text: str) -> str:
    """The name of a socket type on the command line."""
    return one_of(*SocketType.__members__)(text)


def one_of(*choices: str) -> Callable[[str], str]:
    """A type of arguments: one of these words, in upper or lower case."""

    def choice(text: str) -> str:
        if text.upper() not in choices:
            raise ArgumentTypeError(f"'{text}' is none of {', '.join(choices)}.")
        return text.upper()

    return choice


def count_from(least: int, most: int = 10**12) -> Callable[[str], int]:
    """A type of arguments: a whole number of at least and at most so much."""

    def count(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise ArgumentTypeError(f"'{text}' is no whole number.") from None
        if value < least:
            raise ArgumentTypeError(f"it is {least} or more, and not {text}.")
        if value > most:
            raise ArgumentTypeError(f"it is {most:,} or less, and not {text}.")
        return value

    return count


def seconds(text: str) -> float:
    """A time of the command line in seconds."""
    from robot.utils import timestr_to_secs  # help and completion do not wait for Robot Framework

    try:
        value = float(timestr_to_secs(text))
    except (ValueError, TypeError):
        raise ArgumentTypeError(f"'{text}' is no time. Write 500ms, 3s, or a number of seconds.") from None
    if value < 0:
        raise ArgumentTypeError(f"'{text}' is negative.")
    if not value <= ENDLESS:
        raise ArgumentTypeError(f"'{text}' is too long. Write 3650d for ten years.")
    return value


def time_of(value: float | None) -> timedelta | None:
    """A time as keywords take it."""
    return None if value is None else timedelta(seconds=value)


def options_of(parser: ArgumentParser) -> dict[str, str]:
    """The options of a command by the names of their values: `sent_at` is `--sent-at`."""
    return {action.dest: action.option_strings[-1] for action in parser._actions if action.option_strings}


def with_dashed_values(parser: ArgumentParser, words: Sequence[str]) -> list[str]:
    """The words of a command line, with each value that begins with a dash joined to its option by `=`.

    By itself argparse would take it for an option, and of 85 CURVE keys one begins so.
    """
    known = {name for action in parser._actions for name in action.option_strings}
    taking = {name for action in parser._actions if action.nargs is None for name in action.option_strings}
    found: list[str] = []
    for number, word in enumerate(words):
        if word == "--":
            return [*found, *words[number:]]
        if found and found[-1] in taking and word.startswith("-") and word.partition("=")[0] not in known:
            found[-1] += f"={word}"
        else:
            found.append(word)
    return found
