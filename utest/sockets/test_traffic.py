"""What a socket remembers of its messages."""

from __future__ import annotations

import pytest

from ZmqLibrary.formats import FormatTable
from ZmqLibrary.messages.message import Message, Receipt
from ZmqLibrary.sockets.traffic import TrafficLog

LARGE = bytes(2**20)


@pytest.mark.parametrize(
    "frames",
    [[LARGE], [LARGE, b"end"], [b"start", LARGE], [b"a", LARGE, b"b"]],
    ids=["only", "first", "last", "in the middle"],
)
def test_only_the_beginning_of_large_frames_is_kept_wherever_they_are_in_a_message(frames):
    log = TrafficLog()
    log.sent(frames)
    log.sent_all([frames])
    log.received(Message(frames, Receipt("jobs", FormatTable("UTF-8").get("BYTES")), 0.0))
    for traffic in log.recent:
        assert list(map(len, traffic.frames)) == list(map(len, frames))
        assert sum(len(bytes(frame)) for frame in traffic.frames) < 2**16
