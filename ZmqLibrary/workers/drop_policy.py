"""DropPolicy: what a full collector drops. A file of its own, because every library instance imports it."""

from __future__ import annotations

from enum import Enum


class DropPolicy(Enum):
    """Which messages are dropped when as many have been collected as ``limit`` says.

    - OLDEST: the first ones, so that the last ones are there.
    - NEWEST: the ones that come, so that the first ones are there.
    """

    OLDEST = "OLDEST"
    NEWEST = "NEWEST"
