from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ZmqLibrary.errors import ProtocolError
from ZmqLibrary.zmtp.commands import Command
from ZmqLibrary.zmtp.frames import LARGEST, bounds_of, encode, encode_batch, header, messages, scan
from ZmqLibrary.zmtp.runs import Extent, measure, runs

bodies = st.one_of(st.binary(max_size=20), st.binary(min_size=250, max_size=260))
message_lists = st.lists(st.lists(bodies, min_size=1, max_size=4), max_size=12)
wire = st.one_of(
    st.binary(max_size=300),
    st.lists(st.sampled_from([b"\0\0", b"\0\1x", b"\1\0", b"\2", b"\4\3\2ab", b"\5", b"\x80", b"\xff" * 9])).map(
        b"".join
    ),
)


def bodies_of(data, found):
    return [[bytes(data[frame.body : frame.end]) for frame in frames] for frames in found]


def bodies_of_runs(data, found):
    return [
        [bytes(data[frame.body + shift : frame.end + shift]) for frame in run.frames]
        for run in found
        for shift in range(0, run.size * run.messages, run.size)
    ]


def outcome(read, data, end):
    """What was read, or the error, without the rule's words."""
    try:
        return read(data, 0, end)
    except ProtocolError as error:
        return error.offset


@given(message_lists)
def test_what_was_encoded_is_found_again(sent):
    data = encode_batch(sent)
    assert bodies_of(data, messages(data)) == sent
    assert bodies_of_runs(data, runs(data)) == sent
    payload = sum(len(body) for message in sent for body in message)
    assert measure(data) == Extent(len(data), len(sent), 0, payload)


@given(message_lists, st.integers(0, 3), st.integers(1, 40))
def test_messages_of_one_shape_are_one_run_wherever_they_stand(others, where, times):
    message = [b"topic", b"x" * 300]
    before, behind = encode_batch(others[:where]), encode_batch(others[where:])
    data = before + encode(message) * times + behind
    assert bodies_of_runs(data, runs(data)) == others[:where] + [message] * times + others[where:]


@given(message_lists, st.data())
def test_half_a_message_is_left_for_the_next_call(sent, data):
    whole = encode_batch(sent)
    cut = data.draw(st.integers(0, len(whole)))
    ends = [0]
    for message in sent:
        ends.append(ends[-1] + len(encode(message)))
    complete = sum(end <= cut for end in ends[1:])
    assert bodies_of(whole, messages(whole, 0, cut)) == sent[:complete]
    assert bodies_of_runs(whole, runs(whole, 0, cut)) == sent[:complete]
    assert measure(whole, 0, cut)[:2] == (ends[complete], complete)


@settings(max_examples=1000)
@given(wire)
def test_any_bytes_give_the_same_in_all_ways_to_read_them(data):
    ways = [outcome(read, data, len(data)) for read in (messages, runs, measure)]
    if isinstance(ways[0], int):
        assert ways[0] == ways[1] == ways[2]
    else:
        assert bodies_of(data, ways[0]) == bodies_of_runs(data, ways[1])
        assert len(ways[0]) == ways[2].messages + ways[2].commands
        assert ways[2].end == (ways[0][-1][-1].end if ways[0] else 0)


@given(wire, st.integers(0, 50))
def test_every_kind_of_buffer_is_read_alike(data, before):
    shifted = b"\xee" * before + data
    results = [
        outcome(lambda data, _, end: measure(data, before, end, offset=-before), kind(shifted), len(shifted))
        for kind in (bytes, bytearray, memoryview)
    ]
    assert results[0] == results[1] == results[2]


@pytest.mark.parametrize(
    ("data", "offset", "rule"),
    [
        (b"\x08\0", 0, "bits 3 to 7"),
        (b"\0\0\x80\0", 2, "bits 3 to 7"),
        (b"\x05\0", 0, "a command is one frame"),
        (b"\x02\x80\0\0\0\0\0\0\0", 0, "63 bits"),
        (b"\0\1x\x02" + (LARGEST + 1).to_bytes(8, "big"), 3, f"at most {LARGEST} bytes"),
    ],
)
def test_an_error_names_the_byte_and_the_rule(data, offset, rule):
    start = offset if data[0:1] != b"\1" else 0
    for read in (messages, runs, measure):
        with pytest.raises(ProtocolError, match=rule) as raised:
            read(data, start, offset=100)
        assert raised.value.offset == 100 + offset
        assert f"Byte {100 + offset} " in str(raised.value)


@pytest.mark.parametrize("flags", [b"\0", b"\1", b"\4"])
def test_a_short_frame_is_held_against_the_largest_size_too(flags):
    data = flags + b"\x33" + bytes(51) + encode([b"x"])
    for read in (messages, runs, measure, scan):
        assert read(data, largest=51) == read(data)
        assert read(data[:1], largest=50) == read(data[:1])
        with pytest.raises(ProtocolError, match="at most 50 bytes here, and this one announces 51") as raised:
            read(data, largest=50)
        assert raised.value.offset == 0
        assert read(encode([b"good"]) + data, largest=50) == read(encode([b"good"]))
        if read is not scan:
            assert read(encode([b"good"]) * 1000 + data, largest=50) == read(encode([b"good"]) * 1000)


def test_a_command_between_frames_comes_before_its_whole_message():
    command = Command("PING", b"\0\0").encode()
    torn = b"\1\1a" + command + b"\1\0" + command + b"\0\1b"
    data = encode([b"a", b"", b"b"]) + torn + encode([b"a", b"", b"b"]) * 2
    shapes = [(run.is_command, len(run.frames), run.messages) for run in runs(data)]
    assert shapes == [(False, 3, 1), (True, 1, 1), (True, 1, 1), (False, 3, 1), (False, 3, 2)]
    assert (
        bodies_of(data, messages(data)) == [[b"a", b"", b"b"], [command[2:]], [command[2:]]] + [[b"a", b"", b"b"]] * 3
    )
    assert runs(data)[3].wire(data) == encode([b"a", b"", b"b"])
    assert [run.is_interrupted for run in runs(data)] == [False, False, False, True, False]
    assert measure(data) == Extent(len(data), 4, 2, 8)
    assert measure(data * 10) == Extent(len(data) * 10, 40, 20, 80)
    for cut in range(len(torn)):
        assert runs(torn, 0, cut) == messages(torn, 0, cut) == []
        assert measure(torn, 0, cut) == Extent(0, 0, 0, 0)


def test_messages_before_a_broken_one_are_found_first():
    data = encode([b"good"]) + b"\xff\xff"
    assert bodies_of(data, messages(data)) == [[b"good"]]
    assert bodies_of_runs(data, runs(data)) == [[b"good"]]
    assert measure(data) == Extent(6, 1, 0, 4)
    assert len(scan(data)) == 1


def test_a_command_among_messages_ends_a_run():
    data = encode([b"x"]) * 3 + Command("PING", b"\0\0").encode() + encode([b"x"]) * 2
    assert [(run.messages, run.is_command) for run in runs(data)] == [(3, False), (1, True), (2, False)]
    assert measure(data) == Extent(len(data), 5, 1, 5)


def test_a_call_returns_no_more_frames_than_asked_for_but_whole_messages():
    data = encode([b"a", b"b", b"c"]) * 3
    assert len(messages(data, most=1)) == 1
    assert len(scan(data, most=4)) == 4


@pytest.mark.parametrize("size", [0, 1, 255, 256, 70000])
def test_the_size_of_a_header_fits_the_body(size):
    assert len(header(size)) == (2 if size <= 255 else 9)
    data = encode([bytes(size)])
    assert scan(data)[0][1:] == (0, len(header(size)), len(data))


@pytest.mark.parametrize("data", [b"\0", b"\1", b"\2", b"\2\0\0\0\0\0\0\0"])
def test_a_frame_whose_header_is_not_whole_ends_behind_the_buffer(data):
    assert bounds_of(data, 0, len(data))[1] == len(data) + 1
    assert bounds_of(data + b"\xff" * 9, 0, len(data))[1] == len(data) + 1


class Counted(bytearray):
    """Counts the bytes that are looked at."""

    looked_at = 0

    def __getitem__(self, where):
        self.looked_at += len(range(*where.indices(len(self)))) if isinstance(where, slice) else 1
        return super().__getitem__(where)


@pytest.mark.parametrize(
    "unit", [b"\0\0", b"\1\0" * 50 + b"\0\0", b"\0\0\0\1x", b"\0\0" * 17 + b"\0\1x", b"\1\0\4\2\1A\0\0"]
)
@pytest.mark.parametrize("read", [runs, measure, messages])
def test_no_byte_is_looked_at_again_and_again(read, unit):
    data = Counted(unit * (100_000 // len(unit)))
    read(data)
    assert data.looked_at < 20 * len(data)
