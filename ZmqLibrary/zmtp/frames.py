"""ZMTP frames: written one by one or in batches, and found in a buffer without copying.

The same in ZMTP 3.1, 3.0 and 2.0 (https://rfc.zeromq.org/spec/37, "Framing"):

    frame = flags size body
    flags   bit 0 MORE: further frames of the message follow
            bit 1 LONG: the size has 8 bytes, most significant first, instead of 1
            bit 2 COMMAND (never with MORE; not in 2.0)
            bits 3 to 7 are zero

RFC 37 has commands between messages only. libzmq sends a PING between the frames of a message as well, and takes one
there; so here, too, a command may come after any frame. It is no part of the message.

Positions are positions in the buffer that was given. What is not complete yet is not in the result: the caller keeps
the bytes from there on and asks again when there are more. `bytes` and `bytearray` are walked fastest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..errors import ProtocolError

MORE = 1
LONG = 2
COMMAND = 4

LARGEST = 2**31
"""Largest frame that is accepted unless the caller says otherwise, in bytes."""

MOST_FRAMES = 65536
"""Most frames that one call returns: empty ones take 2 bytes on the wire and a hundred times as much in a list."""

Buffer = bytes | bytearray | memoryview
_SHORT = 255


class Frame(NamedTuple):
    """Where a frame lies in its buffer.

    Attributes:
        flags: The first byte.
        start: Position of the first byte of the header.
        body: Position of the first byte of the body.
        end: Position behind the last byte of the body.
    """

    flags: int
    start: int
    body: int
    end: int

    @property
    def more(self) -> bool:
        """Whether further frames of the same message follow."""
        return bool(self.flags & MORE)

    @property
    def is_command(self) -> bool:
        """Whether it is a command and no part of a message."""
        return bool(self.flags & COMMAND)


def header(size: int, flags: int = 0) -> bytes:
    """The header of a frame with a body of `size` bytes; LONG is set where the size needs it."""
    if size <= _SHORT:
        return bytes((flags, size))
    return bytes((flags | LONG,)) + size.to_bytes(8, "big")


def encode(frames: Sequence[bytes]) -> bytes:
    """One message as it goes over the wire."""
    last = len(frames) - 1
    return b"".join(
        part for number, body in enumerate(frames) for part in (header(len(body), MORE if number < last else 0), body)
    )


def message_bytes(data: Buffer, frames: Iterable[Frame], offset: int = 0) -> bytes:
    """The bytes of a message in a buffer, without commands between its frames.

    `offset` is the position that the frames give to the first byte of `data`.
    """
    return b"".join(bytes(data[frame.start - offset : frame.end - offset]) for frame in frames)


def encode_batch(messages: Iterable[Sequence[bytes]]) -> bytes:
    """Messages behind each other, as they go over the wire."""
    return b"".join(map(encode, messages))


def scan(
    data: Buffer,
    start: int = 0,
    end: int | None = None,
    *,
    offset: int = 0,
    most: int = MOST_FRAMES,
    largest: int = LARGEST,
) -> list[Frame]:
    """Finds the whole frames of a buffer.

    Args:
        data: What came from the peer.
        start: Where the first frame begins.
        end: Where the received bytes end. Default: the end of the buffer.
        offset: How much came before position 0 of the buffer, so that errors name the byte in the stream.
        most: Most frames to return. The next call begins at the end of the last one.
        largest: Largest body that is accepted, in bytes.

    Returns:
        The whole frames, in order. Empty: more bytes are needed.

    Raises:
        ProtocolError: The first frame breaks a rule. Frames before one that does are returned first.
    """
    end = len(data) if end is None else end
    frames: list[Frame] = []
    add, make = frames.append, tuple.__new__  # Frame(…) itself takes twice as long.
    harmless = harmless_below(largest)
    position = start
    while position + 1 < end and len(frames) < most:
        flags = data[position]
        if flags < harmless:
            body = position + 2
            stop = body + data[position + 1]
        else:
            problem = problem_of(data, position, end, largest)
            if problem:
                if frames:
                    break
                raise ProtocolError(offset + position, problem)
            body, stop = bounds_of(data, position, end)
        if stop > end:
            break
        add(make(Frame, (flags, position, body, stop)))
        position = stop
    return frames


def harmless_below(largest: int) -> int:
    """Flags below this are those of frames that break no rule, whatever their size."""
    return LONG if largest >= _SHORT else 0


def bounds_of(data: Buffer, position: int, end: int) -> tuple[int, int]:
    """Begin and end of the body of the frame at `position`. An end behind the buffer where the header is not whole."""
    is_long = data[position] & LONG
    body = position + (9 if is_long else 2)
    if body > end:
        return body, end + 1
    return body, body + (int.from_bytes(data[position + 1 : body], "big") if is_long else data[position + 1])


def problem_of(data: Buffer, position: int, end: int, largest: int) -> str | None:
    """The rule that the header at `position` breaks; None if it breaks none."""
    flags = data[position]
    if flags > (MORE | LONG | COMMAND):
        return f"the bits 3 to 7 of a frame's flags are zero, and the flags are 0x{flags:02x}"
    if flags & COMMAND and flags & MORE:
        return f"a command is one frame, and the flags 0x{flags:02x} announce more"
    if flags & LONG and position + 9 <= end:
        size = int.from_bytes(data[position + 1 : position + 9], "big")
        if size >= 2**63:
            return f"the size of a frame has 63 bits, and it is {size}"
    elif not flags & LONG and position + 2 <= end:
        size = data[position + 1]
    else:
        return None
    return f"a frame has at most {largest} bytes here, and this one announces {size}" if size > largest else None


def messages(
    data: Buffer,
    start: int = 0,
    end: int | None = None,
    *,
    offset: int = 0,
    most: int = MOST_FRAMES,
    largest: int = LARGEST,
) -> list[tuple[Frame, ...]]:
    """Finds the whole messages and commands of a buffer, each as its frames; a command is one frame.

    Commands between the frames of a message come before the message, once it is whole.

    Arguments and errors are those of `scan`; `most` counts frames. A longer message is returned whole.
    """
    end = len(data) if end is None else end
    found: list[tuple[Frame, ...]] = []
    frames: list[Frame] = []
    inside: list[tuple[Frame, ...]] = []
    position = start
    try:
        while (not found or frames) and (
            scanned := scan(data, position, end, offset=offset, most=most, largest=largest)
        ):
            for frame in scanned:
                if frame.flags & COMMAND and frames:
                    inside.append((frame,))
                    continue
                frames.append(frame)
                if not frame.flags & MORE:
                    if inside:
                        found += inside
                        inside.clear()
                    found.append(tuple(frames))
                    frames.clear()
            position = scanned[-1].end
    except ProtocolError:
        if not found:
            raise
    return found
