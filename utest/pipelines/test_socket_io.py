"""Many messages into and out of libzmq sockets at once."""

from __future__ import annotations

import pytest
import zmq
from hypothesis import given
from hypothesis import strategies as st

from ZmqLibrary.pipelines.socket_io import joined_if_alike, messages_in, receive_frames, send_each, send_each_whole

frames = st.binary(max_size=40)


@pytest.fixture
def pair(raw):
    """A PUSH and a PULL that are connected, with so much room between them: `pair(10)`."""

    def connect(room=0):
        pull = raw("PULL", bind="inproc://pair", RCVHWM=room)
        return raw("PUSH", connect="inproc://pair", SNDHWM=room), pull

    return connect


def received(pull, most=1000):
    return messages_in(receive_frames(pull, most))


@pytest.mark.parametrize("count", [1, 19, 20, 21, 500])
def test_it_is_known_how_many_messages_libzmq_has_taken(pair, count):
    push, pull = pair(10)
    bodies = [b"%d" % number for number in range(count)]
    taken = send_each(push, iter(bodies), count)
    assert taken == min(count, 20)  # the room of both ends, as ever over inproc
    assert received(pull) == [[body] for body in bodies[:taken]]


def test_of_messages_of_several_frames_all_frames_are_taken_or_none(pair):
    push, pull = pair(10)
    messages = [[b"%d" % number, b"", b"end"] for number in range(30)]
    taken = send_each_whole(push, messages)
    assert 0 < taken < 30
    assert received(pull) == messages[:taken]


@pytest.mark.parametrize("most", [1, 2, 7, 1000])
def test_a_burst_ends_with_a_whole_message(pair, most):
    push, pull = pair()
    messages = [[b"x"] * (1 + number % 4) for number in range(50)]
    assert send_each_whole(push, messages) == 50
    found = []
    while burst := receive_frames(pull, most):
        assert not burst[-1].more
        found += messages_in(burst)
    assert found == messages


def test_what_came_before_there_was_no_more_is_kept(pair):
    push, pull = pair()
    assert received(pull) == []
    push.send(b"one")
    assert received(pull) == [[b"one"]]
    assert received(pull) == []


def test_a_socket_whose_turn_it_is_not_has_nothing(raw):
    rep = raw("REP", bind="tcp://127.0.0.1:*")
    req = raw("REQ", connect=rep.last_endpoint.decode())
    assert receive_frames(req, 10) == []
    req.send(b"ask")
    rep.poll(30_000)
    assert received(rep, 1) == [[b"ask"]]
    assert receive_frames(rep, 1) == []


@given(st.lists(st.lists(frames, min_size=1, max_size=3), min_size=1, max_size=20))
def test_only_messages_of_one_frame_and_one_size_are_joined(messages):
    with zmq.Context() as context, context.socket(zmq.PUSH) as push, context.socket(zmq.PULL) as pull:
        pull.bind("inproc://joined")
        push.connect("inproc://joined")
        send_each_whole(push, messages)
        burst = receive_frames(pull, 1000)
    assert messages_in(burst) == messages
    alike = {len(message) for message in messages} == {1} and len({len(frame) for (frame,) in messages}) == 1
    assert joined_if_alike(burst) == (b"".join(frame for (frame,) in messages) if alike else b"")
