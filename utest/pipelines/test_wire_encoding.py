from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ZmqLibrary.pipelines.messages import Batch, SameMessages
from ZmqLibrary.pipelines.stamp import read_stamp
from ZmqLibrary.pipelines.states import StampPlace
from ZmqLibrary.pipelines.wire_encoding import WireEncoder, evenly
from ZmqLibrary.zmtp.frames import encode, messages

bodies = st.one_of(st.binary(max_size=20), st.binary(min_size=220, max_size=300))
frame_lists = st.lists(bodies, min_size=1, max_size=3)


def batch_of(frames, place, count):
    return Batch(SameMessages(frames, place, False), 7, 1, range(100, 100 + count))


def read(encoded):
    data = bytes(encoded.data)
    return [[data[frame.body : frame.end] for frame in message] for message in messages(data)]


@given(
    frame_lists,
    st.sampled_from([StampPlace.NONE, StampPlace.FRAME, StampPlace.PREFIX]),
    st.integers(1, 5),
    st.booleans(),
)
def test_a_batch_is_its_messages_behind_each_other(frames, place, count, delimited):
    batch = batch_of(frames, place, count)
    encoded = WireEncoder(delimited).encode(batch)
    made = [[*([b""] if delimited else []), *message] for message in batch.messages()]
    assert read(encoded) == made
    lengths = [len(encode(message)) for message in made]
    assert [end - begin for begin, end in zip([0, *encoded.ends], encoded.ends)] == lengths
    assert encoded.payload(count) == sum(len(frame) for message in made for frame in message)


@given(frame_lists, st.integers(2, 6), st.data())
def test_a_part_is_made_of_whole_messages(frames, count, data):
    encoded = WireEncoder().encode(batch_of(frames, StampPlace.FRAME, count))
    start = data.draw(st.integers(0, count - 1))
    stop = data.draw(st.integers(start + 1, count))
    part = encoded.part(start, stop)
    assert [read_stamp(message[-1]).sequence for message in read(part)] == list(range(start + 1, stop + 1))
    assert (len(part.ends), part.ends[-1]) == (stop - start, len(part.data))
    assert part.payload(stop - start) == sum(len(frame) for message in read(part) for frame in message)


@given(frame_lists, st.integers(1, 5))
def test_what_a_part_of_the_bytes_begins_is_counted(frames, count):
    encoded = WireEncoder().encode(batch_of(frames, StampPlace.NONE, count))
    for size in range(len(encoded.data) + 1):
        assert encoded.begun(size) == sum(begin < size for begin in [0, *encoded.ends][:-1])


def test_the_same_messages_are_not_made_twice():
    encoder, source = WireEncoder(), SameMessages([b"12345678"], StampPlace.NONE, False)
    first = encoder.encode(Batch(source, 7, 1, range(100)))
    second = encoder.encode(Batch(source, 7, 101, range(50)))
    assert first.data.obj is second.data.obj
    assert second.ends == evenly(10, 50)
