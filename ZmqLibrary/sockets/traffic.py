"""What was sent and received, as evidence for a failure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple


class Traffic(NamedTuple):
    """A message that was sent or received, as evidence for a failure."""

    direction: Literal["sent", "received"]
    time: float
    frames: Sequence[bytes]
