"""One thing that a soak test has looked at."""

from __future__ import annotations

from typing import NamedTuple


class Check(NamedTuple):
    """What was looked at, whether it is as it should be, and what was found."""

    name: str
    holds: bool
    found: str
