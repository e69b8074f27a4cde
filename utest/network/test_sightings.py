"""Which messages match is said only as far as it is known."""

from __future__ import annotations

import pytest

from utest.network.lanes import curve_options
from utest.network.wires import BOTH, TEXT, TO_CLIENT, TO_TARGET
from ZmqLibrary.formats import FormatTable
from ZmqLibrary.messages.field_patterns import field_pattern
from ZmqLibrary.messages.layout_definition import define_layout
from ZmqLibrary.messages.patterns import MatchKind, message_pattern
from ZmqLibrary.network.seen import SeenMessage, SeenMessages
from ZmqLibrary.network.sightings import matches
from ZmqLibrary.network.units import Chunk
from ZmqLibrary.zmtp.frames import encode


def kept_in_part(*frames, has_more=False):
    """A message of frames that are given as what is kept of them, and their size."""
    kept, sizes = zip(*frames, strict=True)
    return SeenMessage(1, 0.0, 1, True, kept, (), sum(sizes), False, sizes, has_more)


@pytest.mark.parametrize(
    ("patterns", "kind", "verdict"),
    [
        (["job", "*"], "GLOB", True),
        (["job", "*", "end"], "GLOB", True),
        (["job", "xx*", "end"], "GLOB", None),
        (["job", "*xx"], "GLOB", None),
        (["job", "y*"], "GLOB", False),
        (["job", "*", "other"], "GLOB", False),
        (["job", "*", "end", "more"], "GLOB", False),
        (["other", "xx*"], "GLOB", False),
        (["job", "xx"], "EXACT", None),
        (["job", "yy"], "EXACT", False),
        (["job", "yy"], "PREFIX", False),
        (["job", "yy"], "REGEXP", None),
    ],
    ids=str,
)
def test_a_message_that_is_kept_in_part_matches_by_what_is_known_of_it(patterns, kind, verdict):
    message = kept_in_part((b"job", 3), (b"xxx", 1000), (b"end", 3))
    pattern = message_pattern(patterns, MatchKind[kind], TEXT)
    assert matches(pattern, message, patterns) is verdict


def test_frames_that_are_not_kept_at_all_may_match():
    pattern = message_pattern(["job", "end"], MatchKind.GLOB, TEXT)
    assert matches(pattern, kept_in_part((b"job", 3), has_more=True)) is None
    assert matches(pattern, kept_in_part((b"job", 3))) is False


def test_patterns_by_field_look_at_whole_messages():
    layout = define_layout("job", {"body": "TEXT..."}, FormatTable())
    pattern = field_pattern({"body": "x"}, MatchKind.GLOB, layout)
    assert matches(pattern, kept_in_part((b"xxx", 1000))) is None


def test_the_signature_of_a_message_that_is_kept_in_part_is_not_known():
    layout = define_layout("job", {"mac": "HMAC-SHA256:body", "body": "TEXT"}, FormatTable(), "key")
    pattern = message_pattern(["*", "*"], MatchKind.GLOB, layout)
    assert matches(pattern, kept_in_part((b"00ff", 4), (b"xxx", 1000))) is None
    assert matches(pattern, kept_in_part((b"00ff", 4))) is False


@pytest.mark.parametrize("size", [3_000_000, 50_000_000])
def test_of_large_messages_it_is_not_said_what_they_are_not(wire, size):
    way = wire("PUSH", "PULL")
    way.client.send_multipart([b"job", bytes(size), b"secret"])
    way.target.recv_multipart()
    assert len(way.proxy.sightings(way.pattern("job", "*", "secret"), BOTH).found) == 1
    assert way.proxy.sightings(way.pattern("job", "*", "other"), BOTH).is_certain
    seen = way.proxy.sightings(way.pattern("job", "*secret"), BOTH)
    assert (len(seen.found), seen.partial, seen.is_certain) == (0, 1, False)
    assert way.proxy.sightings(way.pattern("other"), BOTH).is_certain
    assert len(way.proxy.sightings(way.pattern("job", "*"), BOTH).found) == 1


def test_what_is_kept_no_more_is_counted_by_direction():
    seen = SeenMessages()
    for number in range(10_500):
        seen.add(Chunk(0.0, 1, number > 300, encode([b"%d" % number]), 1, False))
    assert [seen.count_of(way) for way in (BOTH, TO_TARGET, TO_CLIENT)] == [10_500, 10_199, 301]


def test_of_messages_that_are_kept_no_more_nothing_is_certain(wire):
    way = wire("PUSH", "PULL", client_options={"SNDHWM": 0}, RCVHWM=0)
    for _ in range(10_001):
        way.client.send(b"good")
    for _ in range(10_001):
        way.target.recv()
    seen = way.proxy.sightings(way.pattern("bad"), BOTH)
    assert not seen.found
    assert seen.forgotten >= 1
    assert way.proxy.sightings(way.pattern("bad"), TO_CLIENT).is_certain


def test_what_is_encrypted_matches_no_pattern_for_certain(wire):
    client, target = curve_options()
    way = wire("PUSH", "PULL", client_options=client, **target)
    way.client.send(b"job")
    way.target.recv()
    assert way.proxy.sightings(way.pattern("job"), BOTH).encrypted == 1
    assert len(way.proxy.sightings(None, BOTH).found) == 1
