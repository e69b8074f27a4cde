"""Envelopes: which frames of a message to a ROUTER say who asks, and which are the request. Pure.

The first frame is the routing id of the peer. A REQ sends an empty frame before its request. A broker sends the routing
ids of those that it forwards for before that one; but a DEALER may also send a request with an empty frame in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import InvalidValue
from ..messages.layouts import MessageLayout

if TYPE_CHECKING:
    from ..formats import FrameFormats
    from ..messages.message import Message

_LONGEST_ID = 255
_GENERATED = b"\0"  # how routing ids begin that libzmq has made (RFC 28)
_GENERATED_SIZE = 5
_CORRELATION_SIZE = 4  # of what a REQ with REQ_CORRELATE sends before the empty frame

Envelope = tuple[bytes, ...]


def possible_envelopes(message: Message, formats: FrameFormats | None) -> Sequence[Envelope]:
    """The envelopes that a message to a ROUTER may have, the likeliest first.

    Args:
        message: As it came, with the routing id of the peer.
        formats: A layout that begins with routing ids decides it.
    """
    if formats is not None and _count_ids(formats):
        try:
            formats.fitting(message.raw)
        except InvalidValue:
            pass
        else:
            return (message.meant_as(formats).envelope,)
    frames = message.raw
    end = frames.index(b"") + 1 if b"" in frames else len(frames)
    hops = frames[1 : end - 1]
    if end == len(frames) or not all(map(_can_be_id, hops)):
        return (frames[:1],)
    if _is_req(message) or all(map(is_generated, hops)):
        return (frames[:end],)
    return frames[:end], frames[:1]


def way_to_client(message: Message, envelope: Envelope) -> Envelope:
    """What goes before a message that answers none: the routing id, and an empty frame if the client sends one first.

    Of a REQ it is the whole envelope, in which it gets an answer.
    """
    return envelope if _is_req(message) else envelope[: 2 if envelope[1:2] == (b"",) else 1]


def up_to_empty_frame(frames: tuple[bytes, ...]) -> Envelope:
    """The envelope as a REP knows it: all up to and with the first empty frame, or else the routing id."""
    return frames[: frames.index(b"") + 1] if b"" in frames else frames[:1]


def without_routing_ids(formats: FrameFormats) -> FrameFormats:
    """The formats of what comes behind the envelope, where they are a layout of the whole message."""
    count = _count_ids(formats)
    if not isinstance(formats, MessageLayout) or not count:
        return formats
    behind = count + (formats.fields[count].format.name == "EMPTY")
    return MessageLayout(formats.spec, formats.fields[behind:], formats.signature, formats.fallbacks)


def _count_ids(formats: FrameFormats) -> int:
    """How many fields at the beginning are routing ids; none if there is nothing behind them."""
    if not isinstance(formats, MessageLayout):
        return 0
    names = [field.format.name for field in formats.fields]
    count = next((number for number, name in enumerate(names) if name != "ROUTING_ID"), 0)
    return count if names[count:] != ["EMPTY"] else 0


def _is_req(message: Message) -> bool:
    return message.peer.metadata.get("Socket-Type") == "REQ"


def _can_be_id(frame: bytes) -> bool:
    return len(frame) <= _LONGEST_ID and (frame[:1] != _GENERATED or len(frame) in (_GENERATED_SIZE, _CORRELATION_SIZE))


def is_generated(frame: bytes) -> bool:
    """Whether a frame is a routing id that libzmq has made."""
    return frame[:1] == _GENERATED and len(frame) == _GENERATED_SIZE
