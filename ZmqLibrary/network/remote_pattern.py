"""Patterns of a proxy that are kept in the library's process: the proxy asks there about each message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from ..errors import PatternTooSlow

_NO_ANSWER = (
    "A function of the suite, such as the decoder of a format, did not return in time when a message was held against "
    "the patterns: messages pass untouched from then on. Mend the function, or use a built-in format."
)


class Library(Protocol):
    """The library that the proxy works for."""

    def matches(self, number: int, frames: Sequence[bytes]) -> bool | str | None:
        """Holds patterns that are kept there against a message; why it cannot; None if it does not answer in time."""


class RemotePattern:
    """Patterns that are held against messages in the library's process, because formats of the suite are there.

    Args:
        library: Which is asked.
        number: Of the patterns.
        frames: How many leading frames they look at; None if they look at all.
        give_up: Called with the reason when the library does not answer in time.
    """

    def __init__(self, library: Library, number: int, frames: int | None, give_up: Callable[[str], object]) -> None:
        self._library = library
        self._number = number
        self._give_up = give_up
        self._given_up = False
        self.whole = frames is None
        self.frames = (None,) * (frames or 0)

    def matches(self, frames: Sequence[bytes]) -> bool:
        """Whether a message satisfies the patterns; none does any more once the library has not answered in time.

        Raises:
            PatternTooSlow: The comparison took too long.
        """
        if self._given_up:
            return False
        answer = self._library.matches(self._number, frames)
        if answer is None:
            self._given_up = True
            self._give_up(_NO_ANSWER)
        if isinstance(answer, str):
            raise PatternTooSlow(answer)
        return bool(answer)
