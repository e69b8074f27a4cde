"""A message that is larger than a read, or than faults may hold: it goes on in pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..errors import ProtocolError
from ..zmtp.frames import COMMAND, MORE, bounds_of, problem_of, scan
from .message_stages import MessageStage
from .seen import HEAD_BYTES, SHORT_HEAD
from .stages import Stage
from .units import LARGEST, Chunk, Head, Unit, raw

MOST_JUDGED = 64
"""Leading frames that are looked at in a message that is too large."""


def is_large(data: bytearray, start: int, end: int, limit: int, gathered: bool) -> bool:
    """Whether the message that begins here goes on in pieces: it is larger than a read, or than faults may hold.

    Args:
        data: Bytes that have come.
        start: Where the message begins.
        end: Where the data end.
        limit: The most bytes of a message that goes on as a whole.
        gathered: Whether it is waited for up to that limit; else what its first header says counts at once.

    Raises:
        ProtocolError: The header breaks a rule.
    """
    if problem := problem_of(data, start, end, LARGEST):
        raise ProtocolError(start, problem)
    known = end if gathered else max(end, bounds_of(data, start, end)[1])
    return known - start > limit


class LargeMessage:
    """A message that goes on in pieces, header by header.

    Args:
        chunk: The note that is kept of it.
        pass_on: Takes the pieces.
        note: Takes the note when the message is over.
    """

    def __init__(self, chunk: Chunk, pass_on: Callable[[Unit], None], note: Callable[[Chunk], None]) -> None:
        self._chunk = chunk
        self._pass = pass_on
        self._note = note
        self._thrown_away = False
        self._is_command = False
        self._between = False
        self._keeping = True
        self._left = 0
        self._more = True
        self._kept = 0
        self._size = 0
        self._frames: list[bytes] = []
        self._sizes: list[int] = []
        self._count = 0

    def judge(self, stages: Iterable[Stage], data: bytearray, start: int, end: int) -> None:
        """Asks the faults on messages whether one of them throws it away, by its first whole frames."""
        found = scan(data, start, end, most=MOST_JUDGED, largest=LARGEST)
        frames = [bytes(data[frame.body : frame.end]) for frame in found if not frame.is_command]
        for stage in stages:
            if isinstance(stage, MessageStage) and stage.judge_large(frames, self._chunk.mark):
                self._thrown_away = True
                return

    def take(self, data: bytearray, start: int, end: int) -> tuple[int, bool]:
        """Takes what there is. Commands between the frames go on also where the message does not.

        Returns:
            The position behind it, and whether the message is over.

        Raises:
            ProtocolError: A header breaks a rule. Nothing was taken then.
        """
        position, commands = start, bytearray()
        while position < end and not self._is_over:
            begin = position
            if self._left:
                size = min(self._left, end - position)
                self._keep(data, position, size)
                position += size
                self._left -= size
            else:
                body, stop = bounds_of(data, position, end)
                if body > end:
                    break
                if problem := problem_of(data, position, end, LARGEST):
                    raise ProtocolError(position, problem)
                self._begin_frame(data[position], stop - body)
                position = body
            if self._between:
                commands += data[begin:position]
        if position > start and not self._thrown_away:
            self._pass(raw(bytes(data[start:position]), chunk=self._chunk, cuts=not self._is_over))
        elif commands:
            self._pass(raw(bytes(commands), cuts=self._between and self._left > 0))
        if self._is_over and not self._is_command:
            is_whole = self._kept == self._size
            self._chunk.heads = [Head(self._frames, self._size, is_whole, self._sizes, self._count > len(self._frames))]
            self._note(self._chunk)
        return position, self._is_over

    def _begin_frame(self, flags: int, size: int) -> None:
        self._left = size
        self._between = bool(flags & COMMAND and self._frames)
        if self._between:
            self._keeping = False
            return
        self._more = bool(flags & MORE)
        self._is_command = bool(flags & COMMAND)
        self._size += size
        self._count += not self._is_command
        self._keeping = len(self._frames) < MOST_JUDGED
        if self._keeping:
            self._frames.append(b"")
            self._sizes.append(size)

    @property
    def _is_over(self) -> bool:
        return not self._left and not self._more

    def _keep(self, data: bytearray, position: int, size: int) -> None:
        if not self._keeping:
            return
        kept = min(size, max(HEAD_BYTES - self._kept, SHORT_HEAD - len(self._frames[-1])))
        if kept > 0:
            self._frames[-1] += bytes(data[position : position + kept])
            self._kept += kept
