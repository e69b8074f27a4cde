from __future__ import annotations

import pytest

from ZmqLibrary.network.large_message import LargeMessage
from ZmqLibrary.network.message_stages import MessageStage
from ZmqLibrary.network.units import Chunk
from ZmqLibrary.zmtp.commands import Command

PING = Command("PING", b"\0\0").encode()


@pytest.mark.parametrize("step", [1, 7, 100])
def test_a_command_between_frames_passes_and_is_no_part_of_the_message(step):
    data = bytearray(b"\1\1a" + PING + b"\1\1b" + PING + b"\0\1c")
    passed, noted = [], []
    chunk = Chunk(0.0, 1, True, b"", 1, False)
    message = LargeMessage(chunk, lambda unit: passed.append(bytes(unit.wire)), noted.append)
    position, end, is_over = 0, 0, False
    while not is_over:
        end = min(end + step, len(data))
        position, is_over = message.take(data, position, end)
    assert b"".join(passed) == data
    assert noted == [chunk]
    (head,) = chunk.messages()
    assert (head.frames, head.size, head.whole) == ([b"a", b"b", b"c"], 3, True)


class Dropping(MessageStage):
    """Throws every large message away."""

    def __init__(self) -> None:
        pass

    def judge_large(self, frames, mark):
        return True


@pytest.mark.parametrize("step", [1, 7, 100])
def test_a_command_between_frames_passes_also_where_the_message_is_dropped(step):
    data = bytearray(b"\1\1a" + PING + b"\1\1b" + PING + PING + b"\0\1c")
    passed, noted = [], []
    message = LargeMessage(Chunk(0.0, 1, True, b"", 1, False), passed.append, noted.append)
    message.judge([Dropping()], data, 0, len(data))
    position, end, is_over = 0, 0, False
    while not is_over:
        end = min(end + step, len(data))
        position, is_over = message.take(data, position, end)
    assert b"".join(bytes(unit.wire) for unit in passed) == PING * 3
    assert not passed[-1].cuts
    assert len(noted) == 1
