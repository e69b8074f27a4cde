"""Many messages into and out of a libzmq socket, with as few steps of Python for each as pyzmq allows.

`map` calls the methods of pyzmq's binding: `Socket.send` is a function in Python around one of them, and takes twice as
long. Frames are received without a copy, since those know whether more follow: asking the socket for `RCVMORE` takes
longer than receiving the frame, and without asking, frames that were sent as one message would count as several.
A process that does nothing else receives them as objects of the binding's own type.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import repeat
from operator import attrgetter, length_hint
from typing import TypeVar, cast

import zmq

_NOWAIT, _SNDMORE = int(zmq.NOBLOCK), int(zmq.SNDMORE)
_more = attrgetter("more")
T = TypeVar("T")


def send_each(raw: zmq.Socket[bytes], messages: Iterable[bytes | memoryview], count: int) -> int:
    """Sends `count` messages of one frame until libzmq refuses one; how many it has taken."""
    return _taken(super(zmq.Socket, raw).send, messages, count)


def send_each_whole(raw: zmq.Socket[bytes], messages: Sequence[Sequence[bytes]]) -> int:
    """Sends messages of any frames until libzmq refuses one; how many it has taken."""
    return _taken(partial(_send_frames, super(zmq.Socket, raw).send), messages, len(messages))


def send_whole(raw: zmq.Socket[bytes], frames: Sequence[bytes]) -> None:
    """Sends all frames or none; if the peer goes in between, libzmq drops the message."""
    _send_frames(super(zmq.Socket, raw).send, frames, _NOWAIT)


def _send_frames(send: Callable[[bytes, int], object], frames: Sequence[bytes], flags: int) -> None:
    for frame in frames[:-1]:
        send(frame, flags | _SNDMORE)
    send(frames[-1], flags)


def _taken(send: Callable[[T, int], object], messages: Iterable[T], count: int) -> int:
    flags = repeat(_NOWAIT, count)
    try:
        deque(map(send, messages, flags), maxlen=0)
    except zmq.Again:
        return count - length_hint(flags) - 1
    return count


def use_plain_frames() -> None:
    """Has all sockets of this process receive frames of the binding's type, which take a third less time to make.

    `zmq.Frame` is a class in Python around it, which adds `frame[name]` and a text for people.
    """
    zmq.Frame = zmq.backend.Frame  # type: ignore[assignment, misc]


def receive_frames(raw: zmq.Socket[bytes], most: int) -> list[zmq.Frame]:
    """The frames of whole messages that are there: `most` frames, and what else belongs to the last message."""
    recv = cast("Callable[[int, bool], zmq.Frame]", super(zmq.Socket, raw).recv)
    frames: list[zmq.Frame] = []
    try:
        frames.extend(map(recv, repeat(_NOWAIT, most), repeat(False)))  # keeps those before one that raises
        while frames[-1].more:
            frames.append(recv(_NOWAIT, False))
    except zmq.Again:
        pass
    except zmq.ZMQError as error:
        if error.errno != zmq.EFSM:  # a REQ that has sent nothing, a REP whose reply is not sent yet
            raise
    return frames


def joined_if_alike(frames: Sequence[zmq.Frame]) -> bytes:
    """The bytes of frames that are messages of one size each; nothing if they are not."""
    alike = len(set(map(len, frames))) == 1 and not any(map(_more, frames))
    return b"".join(frames) if alike else b""  # type: ignore[arg-type]  # frames are buffers


def messages_in(frames: Iterable[zmq.Frame]) -> list[Sequence[bytes]]:
    """The messages that these are the frames of."""
    messages: list[Sequence[bytes]] = []
    message: list[bytes] = []
    for frame in frames:
        message.append(frame.bytes)
        if not frame.more:
            messages.append(message)
            message = []
    return messages
