"""Sequence checks: a counter in each message shows what was lost, came twice or came late.

A `SequenceCheck` is called with each message, by one thread at a time; any thread may read its figures meanwhile.
Memory is bounded: gaps and topics beyond a limit are counted, but not listed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import InvalidValue, ZmqLibraryError, described, ends_test
from ..formats import FrameProblem
from ..plain_text import printable
from ..report.frames import quote
from ..report.values import bounded_text
from ..report.words import count_of
from .counters import Counter, NoCounter, whole_number
from .json_path import getter

if TYPE_CHECKING:
    from ..formats import FrameFormats
    from .message import Message

MAX_TOPICS = 10_000
_MOST_TOPICS_SHOWN = 20
_MOST_BITS = 1024
_SHOWN = 60


@dataclass(frozen=True)
class SequenceSettings:
    """Where the counter is and how it goes on.

    Attributes:
        frame: Number of the frame that holds it; negative ones count from the end.
        formats: The format of that frame, or the formats of all.
        path: Place of the counter in the frame's value, as a simple JSON path; empty if the value is the counter.
        step: By how much it goes on.
        wrap: The number at which it begins anew from 0; None if it never does.
        per_topic: Whether each topic (frame 0, unless that holds the counter) has a counter of its own.
    """

    frame: int
    formats: FrameFormats
    path: str = ""
    step: int = 1
    wrap: int | None = None
    per_topic: bool = True

    def __post_init__(self) -> None:
        if self.step == 0:
            raise InvalidValue("A counter with step 0 does not go on. Use step=1.")
        if self.wrap is not None and self.wrap < 2 * abs(self.step):
            raise InvalidValue(f"wrap={self.wrap} is too small: it is the number of different values, such as 2**32.")


class SequenceCheck:
    """Watches the counter in messages.

    Args:
        name: The user's name for the check.
        settings: Where the counter is.
    """

    def __init__(self, name: str, settings: SequenceSettings) -> None:
        self.name = name
        self.settings = settings
        self.unreadable = self.unwatched = 0
        self.problem = ""
        self.counters: dict[bytes, Counter] = {}
        self._frame = settings.frame
        self._step = settings.step
        self._wrap = settings.wrap or 0
        self._per_topic = settings.per_topic
        formats = settings.formats
        self._decode = formats.repeated.decode if formats.repeated and formats.least == 0 else None
        self._at = getter(settings.path) if settings.path else None

    def __call__(self, message: Message) -> None:
        """Takes the next message: once for each message of a bulk receive, so the expected case stays short.

        What is wrong with it is noted, never raised.
        """
        frames = message.raw
        try:
            value = self._decode(frames[self._frame]) if self._decode else self._read(frames)
            number = value if type(value) is int and not self._at else self._integer(value)
            topic = frames[0] if self._per_topic and self._frame % len(frames) else b""
            counter = self.counters.get(topic)
            if counter is not None and number == counter.expected:
                counter.messages += 1
                counter.position += 1
                counter.expected = (number + self._step) % self._wrap if self._wrap else number + self._step
            else:
                self._take(topic, number)
        except Exception as problem:
            if ends_test(problem):
                raise
            self._note_unreadable(frames, problem)

    def _take(self, topic: bytes, value: int) -> None:
        if value.bit_length() > _MOST_BITS:
            raise NoCounter(f"{bounded_text(value, _SHOWN)} is larger than counters are: {_MOST_BITS} bits")
        if self._wrap and not 0 <= value < self._wrap:
            raise NoCounter(f"{value} is not a counter that wraps at {self._wrap}")
        counter = self.counters.get(topic)
        if counter is not None:
            counter.take(value)
        elif len(self.counters) < MAX_TOPICS:
            self.counters[topic] = Counter(value, self._step, self.settings.wrap)
        else:
            self.unwatched += 1

    def _read(self, frames: Sequence[bytes]) -> object:
        return self.settings.formats.decode_frame(frames, self._frame)

    def _integer(self, value: object) -> int:
        if self._at is not None:
            try:
                value = self._at(value)
            except LookupError:
                raise NoCounter(f"there is nothing at {self.settings.path}") from None
        number = whole_number(value)
        if number is None:
            raise NoCounter(f"{bounded_text(value, _SHOWN)} is not a whole number")
        return number

    def _note_unreadable(self, frames: Sequence[bytes], problem: Exception) -> None:
        self.unreadable += 1
        if not self.problem:
            self.problem = f"in a message of {count_of(len(frames), 'frame')}: {self._reason(problem)}"

    def _reason(self, problem: Exception) -> str:
        if isinstance(problem, LookupError):
            return f"there is no frame {self._frame}"
        is_own = isinstance(problem, (NoCounter, FrameProblem, ZmqLibraryError))
        return str(problem) if is_own else described(problem)

    @property
    def messages(self) -> int:
        """How many messages were seen."""
        return self.unreadable + self.unwatched + sum(counter.messages for counter in list(self.counters.values()))

    def report(self) -> dict[str, object]:
        """The figures, all together and by topic."""
        counters = list(self.counters.items())
        return {
            "messages": self.messages,
            "missing": sum(counter.missing for _, counter in counters),
            "duplicates": sum(counter.duplicates for _, counter in counters),
            "reordered": sum(counter.late for _, counter in counters),
            "unreadable": self.unreadable,
            "complete": not self.problems(),
            "topics": {_topic_name(topic): counter.figures() for topic, counter in counters},
        }

    def report_lines(self) -> list[str]:
        """What it knows, as lines."""
        problems = self.problems()
        state = f"is {'not ' if problems else ''}complete, in {count_of(self.messages, 'message')}"
        return [
            f"Sequence '{printable(self.name)}' {state}{':' if problems else '.'}",
            *(f"  {line}" for line in problems),
        ]

    def problems(self) -> list[str]:
        """Why the sequence is not complete, one line each; empty if it is."""
        faulty = [(topic, counter) for topic, counter in list(self.counters.items()) if counter.faults]
        lines = [f"{_where(topic)}{'; '.join(counter.describe())}." for topic, counter in faulty[:_MOST_TOPICS_SHOWN]]
        if len(faulty) > len(lines):
            lines.append(f"… and {count_of(len(faulty) - len(lines), 'more topic')} with faults.")
        if self.unreadable:
            lines.append(f"{count_of(self.unreadable, 'message')} without a counter, the first {self.problem}.")
        if self.unwatched:
            lines.append(f"{count_of(self.unwatched, 'message')} of topics beyond {MAX_TOPICS:,} were not watched.")
        if not self.messages:
            lines.append("No message has come since the check was started.")
        return lines


def _where(topic: bytes) -> str:
    return f"Topic {quote(topic)}: " if topic else ""


def _topic_name(topic: bytes) -> str:
    return topic.decode("utf-8", errors="backslashreplace")
