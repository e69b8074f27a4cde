"""Frames of strangers against every format and every kind of pattern: a verdict or a library error, nothing else."""

from __future__ import annotations

import os
import random
from contextlib import suppress

import pytest

from utest.hostile import broken_frames
from ZmqLibrary.errors import DecodeError, InvalidValue
from ZmqLibrary.formats import FormatTable, FrameProblem
from ZmqLibrary.messages import comparison
from ZmqLibrary.messages.patterns import MatchKind, MessagePattern, message_pattern
from ZmqLibrary.messages.values import json_difference, json_subset, value_text

FRAMES = int(os.environ.get("RANDOM_FRAMES", "2000")) // 10
TABLE = FormatTable()
TABLE.register("RAISES", lambda value: 1 / 0, lambda frame: {}[frame])
SPECS = ["TEXT", "JSON", "MSGPACK", "CBOR", "PROTOBUF:google.protobuf.struct_pb2.Struct", "STRUCT:<IhxQ3sd?", "U32LE"]
SPECS += ["HEX", "BYTES", "ROUTING_ID", "RAISES"]
PATTERNS: list[object] = [
    "*a*",
    "[ab]?*",
    '{"a": "*"}',
    {"a": [1], "b": {"c": "d*"}},
    r"(\w+)\W*b",
    "(.*){e}",
    b"\xff",
    7,
]


def patterns_for(spec: str) -> list[MessagePattern]:
    made = []
    for kind in MatchKind:
        for pattern in PATTERNS:
            try:
                made.append(message_pattern([pattern], kind, TABLE.get(spec)))
            except InvalidValue:
                continue  # It does not fit the format, and says so before anything has come.
    return made


@pytest.mark.parametrize("spec", SPECS)
def test_every_pattern_has_a_verdict_on_every_frame(spec: str) -> None:
    patterns = patterns_for(spec)
    subset, json = json_subset({"a": 1}, TABLE.get("JSON")), TABLE.get("JSON")
    for frame in broken_frames(spec, FRAMES):
        for pattern in patterns:
            assert bool(pattern.difference([frame])) != pattern.matches([frame])
        json_difference([frame], 0, subset, json)


@pytest.mark.parametrize("spec", SPECS)
def test_every_frame_can_be_compared_and_written(spec: str) -> None:
    formats, kind = TABLE.get(spec), TABLE.format(spec)
    frames, chance = broken_frames(spec, FRAMES), random.Random(1)
    for frame in frames:
        comparison.compare_frame(chance.choice(frames), frame, kind)
        try:
            [value] = formats.decode([frame])
        except DecodeError:
            continue
        value_text(value)
        if formats.takes_anything:
            continue
        # This format cannot write all that it reads, such as a date without a time zone.
        with suppress(InvalidValue):
            comparison.contains([frame], value, formats)


def test_whatever_a_codec_raises_is_a_problem_of_the_frame() -> None:
    raises = TABLE.format("RAISES")
    for call, argument in ((raises.encode, 1), (raises.decode, b"x")):
        with pytest.raises(FrameProblem, match=r"function failed: (ZeroDivisionError|KeyError)"):
            call(argument)  # type: ignore[operator]


def test_what_ends_a_test_goes_through() -> None:
    class TimeoutExceeded(Exception):
        """As Robot Framework before 7.5 has it."""

    def time_out(frame: bytes) -> object:
        raise TimeoutExceeded

    table = FormatTable()
    table.register("SLOW", str, time_out)
    with pytest.raises(TimeoutExceeded):
        table.get("SLOW").decode([b"x"])
    with pytest.raises(TimeoutExceeded):
        message_pattern(["a*"], MatchKind.GLOB, table.get("SLOW")).matches([b"x"])
