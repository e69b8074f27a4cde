"""What all commands have in common: options, exit codes, and how they print."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from robot.utils import timestr_to_secs

from ...errors import (
    CheckFailed,
    ConnectFailed,
    EndpointFailed,
    Hint,
    InvalidValue,
    MissingPackage,
    WaitTimeout,
    WorkerFailed,
    WrongUse,
    ZmqLibraryError,
)

if TYPE_CHECKING:
    from ... import ZmqLibrary

OK, NOT_MET, USAGE, NO_PEER = 0, 1, 2, 3
# The first that fits counts.
_EXIT_CODES: tuple[tuple[type[ZmqLibraryError], int], ...] = (
    (ConnectFailed, NO_PEER),
    (WaitTimeout, NO_PEER),
    (CheckFailed, NOT_MET),
    (WorkerFailed, NOT_MET),
    (InvalidValue, USAGE),
    (EndpointFailed, USAGE),
    (MissingPackage, USAGE),
    (WrongUse, USAGE),
    (ZmqLibraryError, NOT_MET),
)


# What to do about an error, in options; of others, the error itself says enough.
_HINTS = dict.fromkeys(Hint, "") | {
    Hint.SUBSCRIBE: "Give --subscribe.",
    Hint.ADDRESS_A_PEER: "Give it as the first frame, with --format.",
}
_AS_OPTIONS = (
    (
        ", give it more time with timeout=, or connect without waiting with lazy=yes.",
        ", or give it more time with --timeout.",
    ),
    ("timeout=", "--timeout"),
)


@dataclass(frozen=True)
class Subcommand:
    """One command.

    Attributes:
        name: The first word of the command line.
        summary: What it does, in a line.
        example: A line that shows how it is used.
        add_options: Adds its own arguments and options to the parser.
        run: Does it; returns the exit code.
    """

    name: str
    summary: str
    example: str
    add_options: Callable[[ArgumentParser], object]
    run: Callable[[Namespace], int]

    def main(self, words: Sequence[str]) -> int:
        """Reads the words of the command line and does it.

        Returns:
            The exit code.
        """
        parser = self.parser()
        try:
            options = parser.parse_intermixed_args(words)
        except SystemExit as end:  # argparse has printed its help, or what is wrong
            return end.code if isinstance(end.code, int) else USAGE
        try:
            return self.run(options)
        except ZmqLibraryError as error:
            sys.stdout.flush()
            error.word_hint(_HINTS)
            print(f"zmqlibrary {self.name}: {_as_options(str(error))}", file=sys.stderr)
            return next(code for kind, code in _EXIT_CODES if isinstance(error, kind))

    def parser(self) -> ArgumentParser:
        """Its arguments and options."""
        parser = ArgumentParser(
            f"zmqlibrary {self.name}",
            description=f"{self.summary[:1].upper()}{self.summary[1:]}.",
            epilog=f"example:\n  zmqlibrary {self.example}",
            formatter_class=RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        self.add_options(parser)
        return parser


def _as_options(text: str) -> str:
    """An error with the arguments of keywords that it names as options."""
    for argument, option in _AS_OPTIONS:
        text = text.replace(argument, option)
    return text.rstrip()


def add_common_options(parser: ArgumentParser, type: str | None, bind: bool = True) -> None:
    """Adds what most commands take.

    Args:
        type: The default of `--type`; None: there is no such option.
        bind: Whether there is `--bind`.
    """
    if type is not None:
        parser.add_argument("--type", default=type, metavar="TYPE", help=f"socket type (default {type})")
    if bind:
        parser.add_argument("--bind", action="store_true", help="listen at the endpoint rather than connect")
    parser.add_argument(
        "--timeout",
        type=seconds,
        default=5.0,
        metavar="TIME",
        help="how long to wait at most: 500ms, 3s (default 5s)",
    )
    parser.add_argument("--format", default="TEXT", help="format of frames (default TEXT)")
    parser.add_argument("--json", action="store_true", help="print JSON, one object a line")


def seconds(text: str) -> float:
    """A time of the command line in seconds."""
    try:
        value = float(timestr_to_secs(text))
    except (ValueError, TypeError):
        raise ArgumentTypeError(f"'{text}' is no time. Write 500ms, 3s, or a number of seconds.") from None
    if value < 0:
        raise ArgumentTypeError(f"'{text}' is negative.")
    return value


def time_of(value: float | None) -> timedelta | None:
    """A time as keywords take it."""
    return None if value is None else timedelta(seconds=value)


def print_json(document: object) -> None:
    """Prints one line of JSON."""
    print(json.dumps(document, ensure_ascii=False), flush=True)


@contextmanager
def library(timeout: float) -> Iterator[ZmqLibrary]:
    """The library, and its end: nothing is left behind."""
    from ... import ZmqLibrary

    opened = ZmqLibrary(timeout=timedelta(seconds=timeout))
    try:
        yield opened
    finally:
        opened.session.end()
