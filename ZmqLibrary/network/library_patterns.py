"""Patterns of faults: those that the process of a proxy makes again, and those that stay in the library's process.

The latter use formats and layouts of the suite. The proxy asks about each message and waits for the answer; what the
library itself looks for among the messages of the proxy it holds against them here.
"""

from __future__ import annotations

import io
import itertools
import pickle
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

from ..errors import PatternTooSlow
from ..formats.base import BUILT_IN
from ..messages.patterns import MessagePattern, message_pattern
from ..mocks.user_functions import UserFunctions
from .faults import PatternSource

if TYPE_CHECKING:
    from ..formats import FrameFormats
    from ..messages.field_patterns import Pattern
    from ..messages.patterns import MatchKind

_IN_THE_LIBRARY = ("PROTOBUF",)
"""Formats that need modules of the user."""

_IN_EACH_PROCESS = {*sys.stdlib_module_names, "robot", __name__.partition(".")[0]}
"""Packages that the process of the proxy finds for certain."""


class LibraryPatterns:
    """The patterns of one proxy.

    Args:
        name: Of the thread that runs functions of the user.
        answer: Takes the number of a question of the proxy, and the answer: a verdict, or why there is none.
    """

    def __init__(self, name: str, answer: Callable[[int, bool | str], object]) -> None:
        self._answer = answer
        self._numbers = itertools.count(1)
        self._patterns: dict[int, Pattern] = {}
        self._caller = UserFunctions(name)
        self._open_question: int | None = None

    def source(self, patterns: Sequence[object], match: MatchKind, formats: FrameFormats) -> PatternSource | None:
        """Patterns as the process of the proxy takes them; None for no patterns.

        Raises:
            InvalidValue: A pattern cannot be used.
        """
        if not patterns:
            return None
        pattern = message_pattern(patterns, match, formats)
        names = _names_of(formats)
        source = PatternSource(tuple(patterns), match.value, names or "TEXT")
        if names and _is_portable(source):
            return source
        return self.keep(pattern)

    def keep(self, pattern: Pattern) -> PatternSource:
        """A pattern that stays here, as the process of the proxy takes it."""
        number = next(self._numbers)
        self._patterns[number] = pattern
        if isinstance(pattern, MessagePattern) and not (pattern.whole or pattern.signed):
            return PatternSource((), number=number, frames=len(pattern.frames))
        return PatternSource((), number=number)

    def matches(self, source: PatternSource, frames: Sequence[bytes]) -> bool:
        """Whether a message satisfies patterns that stay here."""
        return self.kept(source).matches(frames)

    def kept(self, source: PatternSource) -> Pattern:
        """Patterns that stay here."""
        assert source.number is not None
        return self._patterns[source.number]

    def ask(self, asked: int, number: int, frames: object) -> None:
        """The proxy asks; a function of the user runs in a thread of its own, so that it may hang.

        It asks one question after the other: where it has the next one, it has given up the one before.
        """
        if self._open_question is not None:
            self._caller.abandon()
        self._open_question = asked
        self._caller.put(lambda: self._reply(asked, PatternSource((), number=number), cast("Sequence[bytes]", frames)))

    def _reply(self, asked: int, source: PatternSource, frames: Sequence[bytes]) -> None:
        verdict: bool | str
        try:
            verdict = self.matches(source, frames)
        except PatternTooSlow as problem:
            verdict = str(problem)
        except Exception:  # a format of the user
            verdict = False
        if self._open_question == asked:
            self._open_question = None
            self._answer(asked, verdict)

    def close(self) -> None:
        """Ends the thread; bounded."""
        self._caller.close()


def _names_of(formats: FrameFormats) -> tuple[str, ...]:
    """The names of formats that every process has; none if one of them belongs to the suite."""
    repeated = [formats.repeated] if formats.repeated else []
    kinds = [kind.name.partition(":")[0] for kind in (*formats.head, *repeated, *formats.tail)]
    if formats.field_names or any(kind not in BUILT_IN or kind in _IN_THE_LIBRARY for kind in kinds):
        return ()
    return tuple(formats.names)


class _Portable(pickle.Unpickler):
    """Reads only what can be read in each process: a module of the user is not found in that of the proxy."""

    def find_class(self, module_name: str, global_name: str) -> object:
        if module_name.partition(".")[0] not in _IN_EACH_PROCESS:
            raise pickle.UnpicklingError(module_name)
        return super().find_class(module_name, global_name)


def _is_portable(source: PatternSource) -> bool:
    try:
        _Portable(io.BytesIO(pickle.dumps(source))).load()
    except Exception:  # whatever the objects of the user raise
        return False
    return True
