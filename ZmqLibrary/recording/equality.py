"""Whether two recordings have the same messages.

Messages are compared sender by sender, in their order. Times, ports and the numbers of connections differ from run to
run and never count: so a sender is the alias of a socket, or the first, second, … socket of its type.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from ..errors import InvalidValue
from ..formats import FrameProblem
from ..formats.json_text import parse_json
from ..messages import json_path
from ..messages.equality import same_value
from ..messages.json_checks import differences
from ..report.frames import first_difference, preview, summary
from ..report.words import count_of
from .recording import RecordedMessage, Recording

_SHOWN = 200
_MOST_SENDERS = 5
_ADDRESS = r".*:\d+"


class Ignored(NamedTuple):
    """What does not matter in a comparison.

    Attributes:
        paths: JSON paths, in frames that are JSON.
        frames: Numbers of frames behind the envelope; negative ones count from the end.
    """

    paths: tuple[str, ...] = ()
    frames: tuple[int, ...] = ()

    def has_frame(self, number: int, count: int) -> bool:
        """Whether a frame of a message with that many frames does not matter."""
        return number in self.frames or number - count in self.frames


class Sender(NamedTuple):
    """The messages of one sender in their order."""

    title: str
    messages: list[RecordedMessage]


def ignored(items: Sequence[object]) -> Ignored:
    """Prepares what is given as `ignore=`: JSON paths and numbers of frames.

    Raises:
        InvalidValue: One is neither.
    """
    numbers = [int(str(item)) for item in items if re.fullmatch(r"-?\d+", str(item).strip())]
    paths = [str(item).strip() for item in items if not re.fullmatch(r"-?\d+", str(item).strip())]
    for path in paths:
        if not path:
            raise InvalidValue(
                "ignore= takes JSON paths such as $.time and numbers of frames, and one of them is empty."
            )
        json_path.steps_of(path)
    return Ignored(tuple(paths), tuple(numbers))


def recording_differences(first: Recording, second: Recording, ignore: Ignored) -> list[str]:
    """What differs, as lines: for each sender the first message that does; empty if nothing does.

    Raises:
        MissingPackage: Objects differ, and deepdiff, which finds where, is not installed.
    """
    lines: list[str] = []
    pairs = _paired(_senders(first), _senders(second), ignore)
    for left, right in pairs:
        found = _sender_differences(left, right, ignore, str(second), str(first))
        if found and len(lines) >= _MOST_SENDERS * 3:
            return [*lines, "… and more senders differ."]
        lines += found
    if not lines and not pairs and (opaque := [*first.opaque, *second.opaque]):
        return [f"There are no messages to compare: {opaque[0].mechanism} encrypts connection {opaque[0]}."]
    return lines


def _senders(recording: Recording) -> list[Sender]:
    by_name: dict[str, list[RecordedMessage]] = defaultdict(list)
    for message in recording.said():
        by_name[message.sender].append(message)
    return [Sender(_title(name, messages[0].sender_type), messages) for name, messages in by_name.items()]


def _title(name: str, type: str) -> str:
    return (type or "unknown") if re.fullmatch(_ADDRESS, name) else name


def _paired(
    left: Sequence[Sender], right: Sequence[Sender], ignore: Ignored
) -> list[tuple[Sender | None, Sender | None]]:
    """Senders that belong together: of the same alias; or of the same type, those with the same messages first."""
    pairs: list[tuple[Sender | None, Sender | None]] = []
    free = list(right)
    waiting: list[Sender] = []
    for sender in left:
        alike = [other for other in free if _alike(sender, other)]
        twin = next((other for other in alike if not _sender_differences(sender, other, ignore)), None)
        if twin is None:
            waiting.append(sender)
            continue
        free.remove(twin)
        pairs.append((sender, twin))
    for sender in waiting:
        other = next((other for other in free if _alike(sender, other)), None)
        if other is not None:
            free.remove(other)
        pairs.append((sender, other))
    return pairs + [(None, other) for other in free]


def _alike(left: Sender, right: Sender) -> bool:
    return left.title == right.title or left.messages[0].sender_type == right.messages[0].sender_type != ""


def _sender_differences(
    left: Sender | None, right: Sender | None, ignore: Ignored, second: str = "", first: str = ""
) -> list[str]:
    known = left or right
    assert known is not None
    title = known.title
    ours, theirs = (left.messages if left else []), (right.messages if right else [])
    for number, (a, b) in enumerate(zip(ours, theirs), 1):
        if lines := message_differences(a.raw, b.raw, ignore):
            return [f"Message {number} of {title} differs:", *(f"  {line}" for line in lines)]
    if len(ours) == len(theirs):
        return []
    longer, where = (ours, second) if len(ours) > len(theirs) else (theirs, first)
    number = min(len(ours), len(theirs))
    counts = f"{count_of(len(ours), 'message')} of {title} in the first recording, {len(theirs):,} in the second."
    return [counts, f"  Message {number + 1} is missing in {where}: {summary(longer[number].raw, _SHOWN)}"]


def message_differences(first: Sequence[bytes], second: Sequence[bytes], ignore: Ignored) -> list[str]:
    """In what two messages differ, as lines; empty if in nothing that matters."""
    if len(first) != len(second):
        counts = f"{count_of(len(first), 'frame')} against {len(second)}"
        return [f"{counts}: {summary(first, _SHOWN)} against {summary(second, _SHOWN)}"]
    lines: list[str] = []
    for number, (left, right) in enumerate(zip(first, second)):
        if left != right and not ignore.has_frame(number, len(first)):
            lines += [f"Frame {number}: {line}" for line in _frame_differences(left, right, ignore)]
    return lines


def _frame_differences(left: bytes, right: bytes, ignore: Ignored) -> list[str]:
    values = json_of(left), json_of(right)
    if None not in values:
        kept = [json_path.without(value, ignore.paths) for value in values]
        if same_value(*kept):
            return []
        if isinstance(kept[0], type(kept[1])):
            return differences(*values, ignore=ignore.paths)
    offset = first_difference(left, right)
    return [f"{preview(left, _SHOWN)} against {preview(right, _SHOWN)} (first difference at offset {offset})"]


def json_of(frame: bytes) -> object:
    """The object or list that a frame holds as JSON; None if it holds none."""
    if frame.lstrip()[:1] not in (b"{", b"["):
        return None
    try:
        return parse_json(frame)
    except FrameProblem:
        return None
