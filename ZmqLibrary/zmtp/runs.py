"""Messages of one shape behind each other, found in one step: the fast way through what a peer sends.

A message's header bytes come again at the same distance in the next message of its shape. So a column of bytes, cut out
with a step, shows for thousands of messages at once whether their headers are alike, at 100 million messages a second.
Where shapes change from message to message, each header is looked at.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from ..errors import ProtocolError
from .frames import (
    COMMAND,
    LARGEST,
    LONG,
    MORE,
    MOST_FRAMES,
    Buffer,
    Frame,
    bounds_of,
    harmless_below,
    message_bytes,
    messages,
    problem_of,
)

# After so many runs that were shorter than was worth it, headers are looked at one by one for a while.
_PATIENCE = 8
_COMPARED = 8
_GROWTH = 64
_WORTH_A_RUN = 8
_WORTH_A_STEP = 64
_WALKED_FRAMES = 1024
_WALKED_BYTES = 65536
_SHORT_BYTES = 256


class Run(NamedTuple):
    """Messages of one shape behind each other: the same number of frames, with the same sizes. Or one command.

    A message with commands between its frames is a run of its own, behind those of the commands.

    Attributes:
        frames: The frames of the first one. Those of message `n` lie `n * size` bytes further on.
        size: Bytes from the beginning of one message to that of the next.
        messages: How many there are; 1 for a command.
    """

    frames: tuple[Frame, ...]
    size: int
    messages: int

    @property
    def start(self) -> int:
        """Position of the first byte."""
        return self.frames[0].start

    @property
    def end(self) -> int:
        """Position behind the last byte."""
        return self.frames[0].start + self.size * self.messages

    @property
    def is_command(self) -> bool:
        """Whether it is a command."""
        return self.frames[0].is_command

    @property
    def is_interrupted(self) -> bool:
        """Whether commands lie between the frames."""
        if self.messages > 1 or len(self.frames) == 1:
            return False
        return any(frame.end != following.start for frame, following in pairwise(self.frames))

    def wire(self, data: Buffer) -> bytes:
        """Its bytes in the buffer, without commands between the frames."""
        return bytes(data[self.start : self.end]) if self.messages > 1 else message_bytes(data, self.frames)


class Extent(NamedTuple):
    """What lies in a stretch of whole messages and commands.

    Attributes:
        end: Position behind the last whole message or command.
        messages: How many messages there are.
        commands: How many commands there are.
        payload: Bytes of the bodies of all messages, headers not counted.
    """

    end: int
    messages: int
    commands: int
    payload: int


def runs(data: Buffer, start: int = 0, end: int | None = None, *, offset: int = 0, largest: int = LARGEST) -> list[Run]:
    """Finds the whole messages and commands of a buffer; messages of one shape behind each other are one run.

    Args:
        data: What came from the peer.
        start: Where the first message begins.
        end: Where the received bytes end. Default: the end of the buffer.
        offset: How much came before position 0 of the buffer.
        largest: Largest body of a frame that is accepted, in bytes.

    Returns:
        The runs, in order. The next call begins at the end of the last one. Empty: more bytes are needed.

    Raises:
        ProtocolError: The first message breaks a rule. Messages before one that does are returned first.
    """
    end = len(data) if end is None else end
    found: list[Run] = []
    position, misses = start, 0
    while position + 1 < end and len(found) < MOST_FRAMES:
        try:
            if misses < _PATIENCE:
                walked = _first(data, position, end, offset, largest)
            else:
                walked = messages(data, position, end, offset=offset, most=_WALKED_FRAMES, largest=largest)
        except ProtocolError:
            if found:
                break
            raise
        if not walked:
            break
        if misses == _PATIENCE or len(walked) > 1:
            found += map(_single, walked)
            misses = 0
        else:
            run = _run_from(data, walked[0], end)
            found.append(run)
            misses = misses + 1 if run.messages < _WORTH_A_RUN else 0
        position = found[-1].end
    return found


def _first(data: Buffer, start: int, end: int, offset: int, largest: int) -> list[tuple[Frame, ...]]:
    """As `messages`, for the first one and the commands in it: nearly always it is one frame, found in one step."""
    flags = data[start]
    if flags in (0, LONG):
        body, stop = bounds_of(data, start, end)
        if stop - body <= largest:
            return [(Frame(flags, start, body, stop),)] if stop <= end else []
    return messages(data, start, end, offset=offset, most=1, largest=largest)


def _single(frames: tuple[Frame, ...]) -> Run:
    return Run(frames, frames[-1].end - frames[0].start, 1)


def _run_from(data: Buffer, frames: tuple[Frame, ...], end: int) -> Run:
    """The messages from the first one on that have its shape: its header bytes come again every `size` bytes.

    The first headers are compared one by one, which is all there is to do where messages are large. Behind them the
    stretch that is looked at grows with what was found, so that short runs cost little.
    """
    start, size = frames[0].start, frames[-1].end - frames[0].start
    most = (end - start) // size
    if most == 1 or frames[0].flags & COMMAND:
        return Run(frames, size, 1)
    count = _compared(data, frames, size, min(most, _COMPARED))
    if count < _COMPARED:
        return Run(frames, size, count)
    guess = count * _GROWTH
    while count < most:
        upto = min(count + guess, most)
        count = _compared_at_once(data, frames, size, count, upto)
        if count < upto:
            break
        guess *= _GROWTH
    return Run(frames, size, count)


def _compared(data: Buffer, frames: tuple[Frame, ...], size: int, most: int) -> int:
    """How many of the first `most` messages of that size have the headers of the first one."""
    headers = [(frame.start, frame.body, data[frame.start : frame.body]) for frame in frames]
    for number in range(1, most):
        further = number * size
        for first, body, header in headers:
            if data[first + further : body + further] != header:
                return number
    return most


def _compared_at_once(data: Buffer, frames: tuple[Frame, ...], size: int, first: int, end: int) -> int:
    """As `_compared`, for the messages from `first` to before `end`: byte by byte of the header for all of them."""
    for frame in frames:
        for position in range(frame.start, frame.body):
            value = bytes((data[position],))
            column = data[position + first * size : position + end * size : size]
            if column != value * (end - first):
                end = first + len(column) - len(bytes(column).lstrip(value))
    return end


def measure(data: Buffer, start: int = 0, end: int | None = None, *, offset: int = 0, largest: int = LARGEST) -> Extent:
    """Counts the whole messages and commands of a buffer; the fastest way through it.

    Arguments and errors are those of `runs`. What comes before a message that breaks a rule is counted first.
    """
    end = len(data) if end is None else end
    counted = Extent(start, 0, 0, 0)
    if end - start <= _SHORT_BYTES:
        walked = _walk(data, counted, end, largest)
        if walked.end > start:
            return walked
    misses = 0
    while counted.end + 1 < end:
        try:
            first = _first(data, counted.end, end, offset, largest)
        except ProtocolError:
            if counted.end > start:
                break
            raise
        if not first:
            break
        for frames in first[:-1]:
            counted = _with_run(counted, _single(frames))
        run = _run_from(data, first[-1], end) if len(first) == 1 else _single(first[-1])
        counted = _with_run(counted, run)
        misses = misses + 1 if run.messages < _WORTH_A_STEP else 0
        if misses == _PATIENCE:
            counted = _walk(data, counted, min(end, counted.end + _WALKED_BYTES), largest)
            misses = 0
    return counted


def _with_run(counted: Extent, run: Run) -> Extent:
    if run.is_command:
        return Extent(run.end, counted.messages, counted.commands + 1, counted.payload)
    payload = run.messages * sum(frame.end - frame.body for frame in run.frames)
    return Extent(run.end, counted.messages + run.messages, counted.commands, counted.payload + payload)


def _walk(data: Buffer, counted: Extent, end: int, largest: int) -> Extent:
    """Goes on counting header by header. Ends before a message that is not whole or breaks a rule."""
    whole, messages, commands, payload = counted
    position, last, harmless = whole, end - 1, harmless_below(largest)
    open_payload = open_commands = 0
    inside = False
    while position < last:
        flags = data[position]
        if flags < harmless:
            size = data[position + 1]
            position += size + 2
        elif problem_of(data, position, end, largest):
            break
        else:
            body, position = bounds_of(data, position, end)
            size = position - body
        if position > end:
            break
        if flags & COMMAND:
            open_commands += 1
            if inside:
                continue
        else:
            open_payload += size
            inside = flags & MORE == MORE
            if inside:
                continue
            messages += 1
            payload += open_payload
            open_payload = 0
        commands += open_commands
        open_commands = 0
        whole = position
    return Extent(whole, messages, commands, payload)
