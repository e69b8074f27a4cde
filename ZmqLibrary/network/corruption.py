"""How a message is damaged in one frame, its framing being right."""

from __future__ import annotations

import random
from collections.abc import Sequence

from .fault_options import Corruption
from .faults import Corrupt


def corrupted(frames: Sequence[bytes], effect: Corrupt, generator: random.Random) -> list[bytes]:
    """A damaged message.

    Raises:
        ValueError: It cannot be damaged so; the message says why.
    """
    if not -len(frames) <= effect.frame < len(frames):
        raise ValueError(f"A message has no frame {effect.frame}: it has {len(frames)}. It has passed untouched.")
    index = effect.frame % len(frames)
    if effect.how is Corruption.DROP_FRAME:
        if len(frames) == 1:
            raise ValueError("The only frame of a message cannot be left out. It has passed untouched.")
        return [*frames[:index], *frames[index + 1 :]]
    if not frames[index]:
        raise ValueError(f"Frame {effect.frame} of a message is empty: nothing of it can be damaged.")
    return [*frames[:index], _damaged(frames[index], effect.how, generator), *frames[index + 1 :]]


def _damaged(frame: bytes, how: Corruption, generator: random.Random) -> bytes:
    at = generator.randrange(len(frame))
    if how is Corruption.CUT_FRAME:
        return frame[:at]
    change = 1 << generator.randrange(8) if how is Corruption.FLIP_BIT else generator.randrange(1, 256)
    return frame[:at] + bytes((frame[at] ^ change,)) + frame[at + 1 :]
