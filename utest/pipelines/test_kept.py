"""The last messages of a sink, bounded in number and in bytes."""

from __future__ import annotations

import pytest

from ZmqLibrary.pipelines.engine import BufferedRun
from ZmqLibrary.pipelines.kept import MOST_BYTES, LastMessages

THIRD = MOST_BYTES // 3


def as_messages(kept, messages):
    for frame in messages:
        kept.take([(frame,)], len(frame))


def as_runs(kept, messages):
    for frame in messages:
        kept.take_run(BufferedRun(b"\1\0" + frame, len(frame) + 2, 2, 1))


@pytest.mark.parametrize("take", [as_messages, as_runs])
@pytest.mark.parametrize(
    ("most", "sizes", "last"),
    [
        (20, [10] * 30, 20),
        (20, [10] * 3, 3),
        (0, [10] * 3, 0),
        (20, [THIRD] * 10, 3),
        (20, [10, *[THIRD + 1] * 10], 2),
        (20, [10, MOST_BYTES + 1], 1),
        (20, [MOST_BYTES + 1, 10], 1),
        (2, [THIRD] * 10, 2),
    ],
)
def test_the_last_ones_are_kept_as_many_and_as_large_as_they_may_be(take, most, sizes, last):
    kept, messages = LastMessages(most), [bytes([number]) * size for number, size in enumerate(sizes)]
    take(kept, messages)
    assert [message.frames[0] for message in kept.messages] == messages[len(messages) - last :]


def test_no_more_than_twice_as_many_bytes_are_held_meanwhile():
    kept = LastMessages(1000)
    as_messages(kept, [bytes(THIRD) for _ in range(100)])
    assert len(kept._messages) <= 6
