"""What the keyword groups about recordings share."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import InvalidValue, NotOpen
from ...session.chosen_formats import DEFAULT_FORMAT
from ...surrogates import require_text
from ..base import FormatArgument, KeywordGroup

if TYPE_CHECKING:
    from ...formats import FrameFormats
    from ...recording.recording import Recording


Names = str | Sequence[str] | None
"""Names as a list, or as text separated by commas."""


class RecordingGroup(KeywordGroup):
    """Base of the keyword groups about recordings."""

    def _recording(self, given: object) -> Recording:
        return self.session.recordings.find(given, self._recorded_formats(None))

    def _recorded_formats(self, format: FormatArgument, layout: str | None = None) -> FrameFormats:
        if layout is not None:
            return self.session.formats.layout(layout, format)
        return self.session.formats.get(DEFAULT_FORMAT if format is None else format)


def file_at(path: str) -> Path:
    """The file that a keyword was given.

    Raises:
        InvalidValue: No file can be called so.
    """
    require_text(path, "Path")
    if "\0" in path:
        raise InvalidValue(f"Path {path!a} cannot be used: the name of a file has no character U+0000.")
    try:
        os.fsencode(path)
    except UnicodeEncodeError as error:
        raise InvalidValue(
            f"Path {path!a} cannot be used: names of files are {error.encoding} in this locale, which has no "
            f"{path[error.start]!a}. Set a locale with UTF-8, such as LC_ALL=C.UTF-8."
        ) from None
    return Path(path)


def is_same_file(first: Path, second: Path) -> bool:
    """Whether two paths are those of one file, also by links, and where it is still to be made."""
    try:
        return first.samefile(second)
    except OSError:
        return os.path.realpath(first) == os.path.realpath(second)


def names_in(given: Names) -> frozenset[str] | None:
    """The names that a keyword was given; None if none was."""
    if given is None:
        return None
    names = given.split(",") if isinstance(given, str) else given
    return frozenset(str(name).strip() for name in names)


def require_known(kind: str, wanted: frozenset[str] | None, known: Collection[str]) -> None:
    """Raises NotOpen if one of the names is not known."""
    for name in sorted(wanted or ()):
        if name not in known:
            there = ", ".join(sorted(set(known))) or "none"
            raise NotOpen(f"There is no {kind} '{name}'. There is: {there}.")
