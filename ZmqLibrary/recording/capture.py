"""Captures: what tcpdump and Wireshark have seen of ZeroMQ connections, as a recording.

TCP segments are put together, ZMTP is decoded. A stream whose beginning or middle is missing is read again from the
next place where a message begins for certain. What is not ZeroMQ is left out; what is encrypted is shown as opaque.
"""

from __future__ import annotations

from itertools import count
from operator import attrgetter
from typing import TYPE_CHECKING, BinaryIO

from ..errors import InvalidValue
from .capture_file import BadCapture, packets_in
from .conversation import Conversation
from .packets import ACK, LINK_TYPES, SYN, PacketAddress, Segment, segment_of
from .recording import LATEST_START, NANOSECONDS, Recording
from .reel import Reel

if TYPE_CHECKING:
    from ..formats import FrameFormats

_LATEST = 2**63 - 1
_MOST_SILENT = 2_000
"""How many connections are kept that have not yet spoken ZeroMQ: a packet of 40 bytes makes one."""

_Ends = frozenset[PacketAddress]


def load_capture(file: BinaryIO, path: str, port: int | None, formats: FrameFormats) -> Recording:
    """Reads a capture.

    Args:
        file: A pcap or pcapng file.
        path: How errors name it.
        port: Only connections of this port; None for all.
        formats: Of the values of messages.

    Raises:
        MissingPackage: dpkt is not installed.
        BadCapture: It breaks the rules of its format.
        InvalidValue: None of its packets can be read, because of the link type of its interfaces.
    """
    reader = _CaptureReader(port)
    for packet in packets_in(file):
        reader.take(packet.time, packet.link_type, packet.data)
    return reader.finish(path, formats)


class _CaptureReader:
    def __init__(self, port: int | None) -> None:
        self._port = port
        self._reel = Reel()
        self._open: dict[_Ends, Conversation] = {}
        self._silent: dict[_Ends, Conversation] = {}
        self._ended: list[Conversation] = []
        self._numbers = count()
        self._tracks = count(step=2)
        self._started: float | None = None
        self._unreadable: dict[int, int] = {}
        self._packets = 0

    def take(self, time: float, link_type: int, data: bytes) -> None:
        self._packets += 1
        if self._started is None:
            if not 0 <= time < LATEST_START:
                raise BadCapture(f"its first packet is of the time {time:g}, in seconds since 1970")
            self._started = time
        if link_type not in LINK_TYPES:
            self._unreadable[link_type] = self._unreadable.get(link_type, 0) + 1
            return
        segment = segment_of(data, link_type)
        if segment is None or (self._port is not None and self._port not in (segment.source[1], segment.target[1])):
            return
        since = min(max(round((time - self._started) * NANOSECONDS), 0), _LATEST)
        self._conversation(segment).take(since, segment)

    def _conversation(self, segment: Segment) -> Conversation:
        key = frozenset((segment.source, segment.target))
        found = self._open.get(key)
        begins = segment.flags & (SYN | ACK) == SYN
        if found is None or (begins and not found.is_begun_by(segment)):
            self._end(key)
            client, server = self._roles(segment)
            found = Conversation(client, server, next(self._numbers), self._tracks, self._reel, self._port is not None)
            self._open[key] = self._silent[key] = found
            if len(self._silent) > _MOST_SILENT:
                self._look_at_oldest()
        return found

    def _look_at_oldest(self) -> None:
        """Whoever speaks ZeroMQ has done so by now: what is silent ends here."""
        key, oldest = next(iter(self._silent.items()))
        del self._silent[key]
        if not oldest.is_zeromq:
            self._end(key)

    def _end(self, key: _Ends) -> None:
        """Nothing more comes on a connection; one that is not ZeroMQ is forgotten."""
        self._silent.pop(key, None)
        ended = self._open.pop(key, None)
        if ended is not None:
            ended.finish()
            if ended.is_zeromq:
                self._ended.append(ended)

    def _roles(self, segment: Segment) -> tuple[PacketAddress, PacketAddress]:
        """Who connected to whom. Without the first segment the lower port is most likely the one that listens."""
        source, target = segment.source, segment.target
        if segment.flags & SYN:
            return (target, source) if segment.flags & ACK else (source, target)
        listening = self._port if self._port is not None else min(source[1], target[1])
        return (target, source) if source[1] == listening != target[1] else (source, target)

    def finish(self, path: str, formats: FrameFormats) -> Recording:
        if self._packets and self._packets == sum(self._unreadable.values()):
            kinds = ", ".join(map(str, self._unreadable))
            raise InvalidValue(
                f"{path} cannot be read: its packets are of link type {kinds}, and only Ethernet, Linux cooked, "
                "loopback and raw IP can be read. Capture at an interface such as lo, eth0 or any."
            )
        for key in list(self._open):
            self._end(key)
        spoken = list(enumerate(sorted(self._ended, key=attrgetter("number")), 1))
        connections = [conversation.described(number) for number, conversation in spoken]
        events = [event for number, conversation in spoken for event in conversation.events(number)]
        tracks = {conversation.first_track: conversation.tracks(number) for number, conversation in spoken}
        return Recording(
            path,
            self._started or 0.0,
            self._reel,
            [track for first in sorted(tracks) for track in tracks[first]],
            connections,
            sorted(events, key=lambda event: event.time),
            self._notes(),
            formats,
        )

    def _notes(self) -> list[str]:
        return [f"{count:,} packets of link type {kind} cannot be read." for kind, count in self._unreadable.items()]
