"""What a socket drops is counted, and its routing ids and limits are those of the last time."""

from __future__ import annotations

from ZmqLibrary.sockets.drops import Drops


def test_drops_are_counted_by_cause():
    drops = Drops()
    drops.queue_was_full(10)
    drops.queue_was_full(20)
    drops.nobody_has(b"a")
    assert (drops.full, drops.high_water_mark, drops.unknown, drops.last_unknown) == (2, 20, 1, b"a")
    assert drops.full_at > 0


def test_a_publisher_counts_and_one_that_may_not_drop_does_not(opened):
    assert opened("PUB").raw.drops is not None
    assert opened("ROUTER").raw.drops is None
