"""Drops: what a socket drops because a queue is full or nobody has the routing id, which libzmq does without an error.

libzmq is asked to refuse such messages (XPUB_NODROP, ROUTER_MANDATORY); what it refuses is dropped here and counted.
"""

from __future__ import annotations

import time


class Drops:
    """Counts what one socket has dropped. May be read by another thread.

    Attributes:
        full: How often a queue was full; a publisher may have dropped more messages each time.
        full_at: When that was last, in seconds since the epoch.
        high_water_mark: SNDHWM at that time.
        unknown: How many messages were for routing ids that nobody had.
        last_unknown: The last one of these routing ids.
    """

    def __init__(self) -> None:
        self.full = self.unknown = self.high_water_mark = 0
        self.full_at = 0.0
        self.last_unknown = b""

    def queue_was_full(self, high_water_mark: int) -> None:
        """A message was dropped for a peer whose queue is full."""
        self.full += 1
        self.full_at = time.time()
        self.high_water_mark = high_water_mark

    def nobody_has(self, routing_id: bytes) -> None:
        """A message was dropped, because no peer has its routing id."""
        self.unknown += 1
        self.last_unknown = routing_id
