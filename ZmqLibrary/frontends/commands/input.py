"""What commands read from files or standard input: messages, a line each, and whole recordings."""

from __future__ import annotations

import shutil
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from itertools import islice, repeat
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TextIO

from ...errors import EncodeError, InvalidValue, ZmqLibraryError

if TYPE_CHECKING:
    from ...formats import FrameFormats

STANDARD_INPUT = "-"
_SHOWN = "standard input"


def add_frames_options(parser: ArgumentParser, what: str) -> None:
    """Adds the frames of a message, and where else messages come from.

    Args:
        what: `message` or `request`.
    """
    parser.add_argument("frames", nargs="*", default=[], help=f"the frames of the {what}")
    parser.add_argument(
        "--source", metavar="FILE", help=f"instead of frames: each line of a file is a {what}; - is standard input"
    )


def messages_of(options: Namespace, formats: FrameFormats) -> Iterator[list[bytes]]:
    """The messages of a command line: its frames so often, or the lines of its source, each as soon as it is read.

    Raises:
        InvalidValue: There are none, or from both, one does not have its format, or the file cannot be read.
    """
    if bool(options.frames) == (options.source is not None):
        raise InvalidValue("Give either frames or --source FILE.")
    if options.frames:
        return repeat(formats.encode(options.frames), options.count or 1)
    return islice(_encoded_lines(options.source, _opened(options.source), formats), options.count)


def _encoded_lines(source: str, file: TextIO, formats: FrameFormats) -> Iterator[list[bytes]]:
    for number, line in enumerate(_lines(source, file), 1):
        try:
            yield formats.encode([line])
        except EncodeError as error:
            raise EncodeError(f"Line {number} of {_named(source)}: {error}") from None


def _named(source: str) -> str:
    return _SHOWN if source == STANDARD_INPUT else source


def _opened(source: str) -> TextIO:
    try:
        return sys.stdin if source == STANDARD_INPUT else open(source, encoding="utf-8", newline="\n")
    except OSError as error:
        raise InvalidValue(f"--source {source} cannot be read: {error.strerror}.") from None


def _lines(source: str, file: TextIO) -> Iterator[str]:
    try:
        with nullcontext() if file is sys.stdin else file:
            yield from (line.rstrip("\r\n") for line in file)
    except UnicodeDecodeError:
        raise InvalidValue(f"--source {source} is not UTF-8 text. Give lines with --format BASE64 or HEX.") from None
    except OSError as error:
        raise InvalidValue(f"--source {source} cannot be read: {error.strerror}.") from None


@contextmanager
def whole_file(path: str) -> Iterator[str]:
    """The path of a recording or capture; what comes from standard input is in a file for that time."""
    if path != STANDARD_INPUT:
        yield path
        return
    with TemporaryDirectory(prefix="zmqlibrary-") as folder:
        file = Path(folder, "input")
        with file.open("wb") as copy:
            shutil.copyfileobj(sys.stdin.buffer, copy)
        try:
            yield str(file)
        except ZmqLibraryError as error:
            error.args = (str(error).replace(str(file), _SHOWN),)
            raise
