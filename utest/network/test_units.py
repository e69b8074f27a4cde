from __future__ import annotations

from ZmqLibrary.network.units import Chunk, UnitKind, units_of
from ZmqLibrary.zmtp.commands import Command
from ZmqLibrary.zmtp.frames import encode

PING = Command("PING", b"\0\0").encode()


def test_a_command_between_frames_goes_before_its_message():
    data = encode([b"x"]) + b"\1\1a" + PING + b"\0\1b" + encode([b"y"])
    chunk = Chunk(0.0, 1, True, data, 3, False)
    found = list(units_of(data, chunk))
    assert [unit.kind for unit in found] == [
        UnitKind.MESSAGES,
        UnitKind.COMMAND,
        UnitKind.MESSAGES,
        UnitKind.MESSAGES,
    ]
    assert [bytes(unit.wire) for unit in found[1:3]] == [PING, encode([b"a", b"b"])]
    assert [unit.first for unit in found] == [0, 0, 1, 2]
    assert [head.frames for head in chunk.messages()] == [[b"x"], [b"a", b"b"], [b"y"]]
