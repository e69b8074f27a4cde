"""Reel: messages one after the other in little memory.

A capture can hold millions of small messages, and a `Message` takes hundreds of bytes. So the frames lie behind each
other in one buffer, as ZMTP writes them, and everything else in columns of numbers.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import pairwise

from ..zmtp.frames import Buffer, encode, scan


class Reel:
    """Messages in the order in which they were added."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._ends = array("Q")
        self._times = array("q")
        self._tracks = array("I")
        self._envelopes = array("I")

    def __len__(self) -> int:
        return len(self._ends)

    def add(self, time: int, track: int, frames: Sequence[bytes], envelope: int = 0) -> None:
        """Adds a message.

        Args:
            time: Nanoseconds since the recording began.
            track: Number of its track.
            frames: All its frames.
            envelope: How many of them are no content but say where it goes.
        """
        self.add_encoded(time, track, encode(frames), envelope)

    def add_encoded(self, time: int, track: int, message: Buffer, envelope: int = 0) -> None:
        """As `add`, with the frames as they went over the wire."""
        self._data += message
        self._ends.append(len(self._data))
        self._times.append(time)
        self._tracks.append(track)
        self._envelopes.append(envelope)

    def add_run(self, time: int, track: int, messages: Buffer, ends: Sequence[int], envelopes: Sequence[int]) -> None:
        """As `add_encoded`, messages that came at once: where each ends in these bytes, and its envelope."""
        start, count = len(self._data), len(ends)
        self._data += messages
        self._ends.extend([start + end for end in ends])
        self._times.extend(array("q", (time,)) * count)
        self._tracks.extend(array("I", (track,)) * count)
        self._envelopes.extend(envelopes)

    def time(self, number: int) -> int:
        """When a message was seen, in nanoseconds since the recording began."""
        return self._times[number]

    def track(self, number: int) -> int:
        """Number of its track."""
        return self._tracks[number]

    def frames(self, number: int) -> tuple[bytes, ...]:
        """The frames behind its envelope."""
        return self._all_frames(number)[self._envelopes[number] :]

    def envelope(self, number: int) -> tuple[bytes, ...]:
        """The frames of its envelope."""
        count = self._envelopes[number]
        return self._all_frames(number)[:count] if count else ()

    def in_order(self) -> Sequence[int]:
        """The numbers of all messages in the order of their times."""
        if all(earlier <= later for earlier, later in pairwise(self._times)):
            return range(len(self))
        return sorted(range(len(self)), key=self._times.__getitem__)

    def _all_frames(self, number: int) -> tuple[bytes, ...]:
        start = self._ends[number - 1] if number else 0
        message = bytes(self._data[start : self._ends[number]])
        frames: list[bytes] = []
        position = 0
        while position < len(message):
            found = scan(message, position)
            frames += [message[frame.body : frame.end] for frame in found]
            position = found[-1].end
        return tuple(frames)
