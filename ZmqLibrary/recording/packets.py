"""Packets: from what a network interface has seen to TCP segments.

Link types are those of https://www.tcpdump.org/linktypes.html. Headers are read with `struct`, because a capture holds
up to a million packets and a parser that makes an object of each header takes 50 µs for one.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from ipaddress import ip_address
from typing import NamedTuple

from ..plain_text import address_text

FIN, SYN, RST, ACK = 1, 2, 4, 16
_TCP = 6
_IPV4, _IPV6 = 0x0800, 0x86DD
_VLAN_TAGS = (0x8100, 0x88A8, 0x9100, 0x9200)
_EXTENSIONS = (0, 43, 60, 135, 139, 140)  # IPv6: hop-by-hop, routing, destination options, mobility, HIP, Shim6
_MOST_EXTENSIONS = 8
_IPV4_HEADER = struct.Struct("!BxHxxHxB")
_TCP_HEADER = struct.Struct("!HHIIBB")

PacketAddress = tuple[bytes, int]
"""An IP address as its bytes, and a port."""


class Segment(NamedTuple):
    """A TCP segment.

    Attributes:
        source: Who sent it.
        target: Whom it was sent to.
        sequence: Number of its first byte.
        acknowledged: Up to where the other direction has arrived.
        flags: `FIN`, `SYN`, `RST`, `ACK`.
        data: What was captured of its data.
        size: How much data it had; more than that if the capture has cut it.
    """

    source: PacketAddress
    target: PacketAddress
    sequence: int
    acknowledged: int
    flags: int
    data: bytes
    size: int


def shown(address: PacketAddress) -> str:
    """An address as `host:port`."""
    return address_text(str(ip_address(address[0])), address[1])


def segment_of(packet: bytes, link_type: int) -> Segment | None:
    """The TCP segment in a packet; None if there is none, or its header is cut off.

    Args:
        packet: What was captured of it.
        link_type: One of `LINK_TYPES`.
    """
    try:
        found = LINK_TYPES[link_type](packet)
        return _read_ip(packet, *found) if found else None
    except (struct.error, IndexError):
        return None


def _read_ip(packet: bytes, protocol: int, start: int) -> Segment | None:
    if protocol == _IPV4:
        first, length, fragment, proto = _IPV4_HEADER.unpack_from(packet, start)
        header = (first & 15) * 4
        if first >> 4 != 4 or header < 20 or proto != _TCP or fragment & 0x3FFF:
            return None
        # The length is 0 where the network card cuts what is larger than 64 KB.
        end = start + length if length else len(packet)
        return _read_tcp(packet, packet[start + 12 : start + 16], packet[start + 16 : start + 20], start + header, end)
    if protocol == _IPV6:
        return _read_ipv6(packet, start)
    return None


def _read_ipv6(packet: bytes, start: int) -> Segment | None:
    if packet[start] >> 4 != 6:
        return None
    length, following = struct.unpack_from("!HB", packet, start + 4)
    position = start + 40
    for _ in range(_MOST_EXTENSIONS):
        if following not in _EXTENSIONS:
            break
        following, position = packet[position], position + 8 + packet[position + 1] * 8
    if following != _TCP:
        return None
    end = start + 40 + length if length else len(packet)
    return _read_tcp(packet, packet[start + 8 : start + 24], packet[start + 24 : start + 40], position, end)


def _read_tcp(packet: bytes, source: bytes, target: bytes, start: int, end: int) -> Segment | None:
    from_port, to_port, sequence, acknowledged, offset, flags = _TCP_HEADER.unpack_from(packet, start)
    body = start + (offset >> 4) * 4
    if body < start + 20 or body > end:
        return None
    return Segment((source, from_port), (target, to_port), sequence, acknowledged, flags, packet[body:end], end - body)


# Each finds the protocol, as Ethernet numbers it, and where its header begins.


def _ethernet(packet: bytes) -> tuple[int, int]:
    return _behind_tags(packet, 12)


def _behind_tags(packet: bytes, position: int) -> tuple[int, int]:
    (protocol,) = struct.unpack_from("!H", packet, position)
    while protocol in _VLAN_TAGS:
        position += 4
        (protocol,) = struct.unpack_from("!H", packet, position)
    return protocol, position + 2


def _loopback(packet: bytes) -> tuple[int, int] | None:
    """BSD: the family in the byte order of the machine, which is another number for IPv6 on each."""
    family = min(int.from_bytes(packet[:4], "little"), int.from_bytes(packet[:4], "big"))
    known = {2: _IPV4, 10: _IPV6, 24: _IPV6, 28: _IPV6, 30: _IPV6}.get(family)
    return (known, 4) if known else None


def _raw(packet: bytes) -> tuple[int, int]:
    return (_IPV6 if packet[0] >> 4 == 6 else _IPV4), 0


def _cooked(packet: bytes) -> tuple[int, int]:
    return _behind_tags(packet, 14)


def _cooked_2(packet: bytes) -> tuple[int, int]:
    (protocol,) = struct.unpack_from("!H", packet, 0)
    return _behind_tags(packet, 22) if protocol in _VLAN_TAGS else (protocol, 20)


LINK_TYPES: dict[int, Callable[[bytes], tuple[int, int] | None]] = {
    0: _loopback,
    1: _ethernet,
    12: _raw,
    14: _raw,
    101: _raw,
    108: _loopback,
    113: _cooked,
    228: _raw,
    229: _raw,
    276: _cooked_2,
}
"""Link types whose packets can be read: BSD and OpenBSD loopback, Ethernet, raw IP, Linux cooked."""
