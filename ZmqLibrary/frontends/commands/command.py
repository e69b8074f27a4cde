"""What all commands have in common: exit codes, help, and how they print."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

from ...errors import (
    CheckFailed,
    ConnectFailed,
    EndpointFailed,
    InvalidValue,
    MissingPackage,
    WaitTimeout,
    WorkerFailed,
    WrongUse,
    ZmqLibraryError,
)
from ...plain_text import written
from ..interrupts import INTERRUPTED, TERMINATED, Interruptible
from .options import options_of, with_dashed_values

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


@dataclass(frozen=True)
class Subcommand:
    """One command.

    Attributes:
        name: The first word of the command line.
        summary: What it does, in a line.
        example: A line that shows how it is used.
        add_options: Adds its own arguments and options to the parser.
        run: Does it; returns the exit code.
        notes: What its help says besides, a paragraph each.
        uses_library: Whether it runs keywords.
    """

    name: str
    summary: str
    example: str
    add_options: Callable[[ArgumentParser], object]
    run: Callable[[Namespace], int]
    notes: tuple[str, ...] = ()
    uses_library: bool = True

    def main(self, words: Sequence[str]) -> int:
        """Reads the words of the command line and does it.

        Returns:
            The exit code.
        """
        parser = self.parser()
        try:
            options = parser.parse_intermixed_args(with_dashed_values(parser, words))
        except SystemExit as end:  # argparse has printed its help, or what is wrong
            return end.code if isinstance(end.code, int) else USAGE
        if self.uses_library:  # imported while there is nothing to end yet
            import_module("...library", __package__)
        interrupts = Interruptible()
        try:
            with interrupts:
                code = self._exit_code(options, parser)
        except KeyboardInterrupt:
            code = INTERRUPTED
        return TERMINATED if interrupts.terminated and code == INTERRUPTED else code

    def _exit_code(self, options: Namespace, parser: ArgumentParser) -> int:
        try:
            return self.run(options)
        except ZmqLibraryError as error:
            from .wording import in_options  # which has the words of all keywords

            sys.stdout.flush()
            print(written(f"zmqlibrary {self.name}: {in_options(error, options_of(parser))}"), file=sys.stderr)
            return next(code for kind, code in _EXIT_CODES if isinstance(error, kind))

    def parser(self) -> ArgumentParser:
        """Its arguments and options."""
        parser = _Parser(
            f"zmqlibrary {self.name}",
            description=f"{self.summary[:1].upper()}{self.summary[1:]}.",
            epilog="\n\n".join([f"example:\n  zmqlibrary {self.example}", *self.notes]),
            formatter_class=RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        self.add_options(parser)
        return parser


class _Parser(ArgumentParser):
    def error(self, message: str) -> NoReturn:
        head, _, words = message.partition("unrecognized arguments: ")
        if options := [word.partition("=")[0] for word in words.split() if word.startswith("-")]:
            message = (
                f"{head}unrecognized arguments: {' '.join(options)}"  # without their values: one may be a password
            )
        if words and "frames" in (action.dest for action in self._actions):
            message += ". A frame that begins with a dash goes behind --"
        super().error(message)


def print_json(document: object) -> None:
    """Prints one line of JSON, in which characters that a terminal would act on are escapes."""
    unicode = (sys.stdout.encoding or "").upper().startswith("UTF")
    text = json.dumps(document, ensure_ascii=not unicode)
    if not text.isprintable():
        text = "".join(character if character.isprintable() else json.dumps(character)[1:-1] for character in text)
    print(text, flush=True)


@contextmanager
def library(timeout: float) -> Iterator[ZmqLibrary]:
    """The library, and its end: nothing is left behind."""
    from ... import ZmqLibrary

    opened = ZmqLibrary(timeout=timedelta(seconds=timeout))
    try:
        yield opened
    finally:
        opened.session.end()
