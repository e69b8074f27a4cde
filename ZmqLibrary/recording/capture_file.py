"""Capture files: the packets in pcap files and pcapng files (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng).

dpkt (extra `pcap`) reads pcap files and the options of pcapng; it is imported when a capture is first read. Its reader
of pcapng files knows one interface only, so blocks are walked here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

from ..formats import load_package

PCAP_MAGICS = frozenset(
    magic
    for number in (0xA1B2C3D4, 0xA1B23C4D, 0xA1B2CD34)
    for magic in (number.to_bytes(4, "big"), number.to_bytes(4, "little"))
)
PCAPNG_MAGIC = b"\x0a\x0d\x0d\x0a"

_SECTION, _INTERFACE, _OLD_PACKET, _SIMPLE_PACKET, _PACKET = 0x0A0D0D0A, 1, 2, 3, 6
_BYTE_ORDERS = {b"\x1a\x2b\x3c\x4d": ">", b"\x4d\x3c\x2b\x1a": "<"}
_LARGEST = 256 * 1024 * 1024
_RESOLUTION, _OFFSET = 9, 14


class Packet(NamedTuple):
    """What an interface has seen.

    Attributes:
        time: Seconds since the epoch.
        link_type: What its first bytes are.
        data: What was captured of it.
    """

    time: float
    link_type: int
    data: bytes


class Interface(NamedTuple):
    """An interface that packets were captured at; times count from `offset` in units of `1 / resolution` seconds."""

    link_type: int
    resolution: float = 1e6
    offset: int = 0


class BadCapture(ValueError):
    """What is wrong with a capture file."""


def packets_in(file: BinaryIO) -> Iterator[Packet]:
    """The packets of a pcap or pcapng file; those before the place where it is cut off.

    Raises:
        MissingPackage: dpkt is not installed.
        BadCapture: It breaks the rules of its format.
    """
    dpkt = load_package("dpkt", needed_for="Reading captures", package="dpkt", extra="pcap")
    magic = file.read(4)
    file.seek(0)
    if magic == PCAPNG_MAGIC:
        pcapng = load_package("dpkt.pcapng", needed_for="Reading captures", package="dpkt", extra="pcap")
        yield from _pcapng(file, pcapng)
    else:
        pcap = load_package("dpkt.pcap", needed_for="Reading captures", package="dpkt", extra="pcap")
        yield from _pcap(file, pcap, dpkt.UnpackError)


class _BoundedReads:
    """A file as dpkt reads it: as many bytes at once as a record announces.

    Args:
        file: The file.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.name = file.name
        self._file = file

    def read(self, size: int) -> bytes:
        """Reads that many bytes; raises BadCapture if no packet has so many."""
        if size > _LARGEST:
            raise BadCapture(f"a packet has the impossible length {size}")
        return self._file.read(size)


def _pcap(file: BinaryIO, pcap: Any, problems: type[Exception]) -> Iterator[Packet]:
    try:
        reader = pcap.Reader(_BoundedReads(file))
    except (problems, ValueError) as error:
        raise BadCapture(f"its header is cut off or not that of a pcap file ({error})") from None
    link_type = reader.datalink() & 0xFFFF  # above: how many bytes of checksum follow a frame
    packets = iter(reader)
    while True:
        try:
            time, data = next(packets)
        except (StopIteration, problems):
            return
        yield Packet(float(time), link_type, data)


def _pcapng(file: BinaryIO, pcapng: Any) -> Iterator[Packet]:
    order, interfaces, time = "<", list[Interface](), 0.0
    while len(head := file.read(8)) == 8:
        if head[:4] == PCAPNG_MAGIC:
            mark = file.read(4)
            if mark not in _BYTE_ORDERS:
                if len(mark) < 4:
                    return
                raise BadCapture(f"a section does not give its byte order: {mark.hex(' ')}")
            order, interfaces = _BYTE_ORDERS[mark], []
            head += mark
        kind, length = struct.unpack(f"{order}II", head[:8])
        if not 12 <= length <= _LARGEST or length % 4:
            raise BadCapture(f"a block of type {kind} has the impossible length {length}")
        body = file.read(length - len(head))
        if len(body) < length - len(head):
            return
        if kind == _INTERFACE:
            interfaces.append(_interface(head + body, order, pcapng))
        elif kind in (_PACKET, _OLD_PACKET, _SIMPLE_PACKET):
            packet = _packet(kind, body, order, interfaces, time)
            time = packet.time
            yield packet


def _interface(block: bytes, order: str, pcapng: Any) -> Interface:
    kind = pcapng.InterfaceDescriptionBlockLE if order == "<" else pcapng.InterfaceDescriptionBlock
    try:
        described = kind(block)
        options = {option.code: option.data for option in described.opts}
        step = options.get(_RESOLUTION, b"\x06")[0]
        base = 2.0 if step & 0x80 else 10.0
        (offset,) = struct.unpack(f"{order}q", options.get(_OFFSET, bytes(8)))
    except Exception as error:  # dpkt raises whatever it meets with
        raise BadCapture(f"the description of an interface cannot be read ({error})") from None
    return Interface(described.linktype, base ** (step & 0x7F), offset)


def _packet(kind: int, body: bytes, order: str, interfaces: list[Interface], time: float) -> Packet:
    number, high, low, size, start = 0, 0, 0, len(body) - 8, 4
    if kind != _SIMPLE_PACKET:
        if len(body) < 20:
            raise BadCapture("the block of a packet is too short")
        number, high, low, size = struct.unpack_from(f"{order}{'IIII' if kind == _PACKET else 'HxxIII'}", body)
        start = 20
    if number >= len(interfaces):
        raise BadCapture(f"a packet is of interface {number}, and {len(interfaces)} are described before it")
    link_type, resolution, offset = interfaces[number]
    if kind != _SIMPLE_PACKET:
        time = offset + ((high << 32) + low) / resolution
    return Packet(time, link_type, body[start : start + size])
