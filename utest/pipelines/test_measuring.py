"""Whether a pump was too slow itself."""

from __future__ import annotations

import pytest

from ZmqLibrary.pipelines.measuring import bottleneck

MS = 1_000_000


@pytest.mark.parametrize(
    ("busy", "lag", "held_up", "found"),
    [
        (0.5, 9 * MS, 0.0, ""),
        (0.95, 0, 0.5, "its core was busy (95%)"),
        (0.5, 11 * MS, 0.0, "it was late by 11 milliseconds at p99"),
        (0.5, 300 * MS, 0.01, ""),  # 0.3 s without its service, of 30: as many messages as p99 is about
    ],
)
def test_it_was_not_if_the_slowest_hundredth_of_its_messages_had_to_wait_for_its_peer(busy, lag, held_up, found):
    assert bottleneck(busy, lag, held_up) == found
