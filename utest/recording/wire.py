"""Captures made in code: packets of a TCP connection that speaks ZMTP, in any link type, and files of them."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from pathlib import Path

from ZmqLibrary.recording.packets import ACK, FIN, SYN
from ZmqLibrary.zmtp.commands import ready
from ZmqLibrary.zmtp.frames import encode
from ZmqLibrary.zmtp.greeting import Greeting, Version

CLIENT, SERVER = ("10.0.0.1", 40001), ("10.0.0.2", 5555)
STEP = 0.001


def tcp(source: int, target: int, sequence: int, flags: int, data: bytes) -> bytes:
    return struct.pack("!HHIIBBHHH", source, target, sequence % 2**32, 0, 5 << 4, flags, 65535, 0, 0) + data


def ipv4(source: tuple[str, int], target: tuple[str, int], sequence: int, flags: int, data: bytes) -> bytes:
    segment = tcp(source[1], target[1], sequence, flags, data)
    addresses = b"".join(bytes(map(int, host.split("."))) for host, _ in (source, target))
    return struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(segment), 0, 0, 64, 6, 0) + addresses + segment


def ethernet(packet: bytes, protocol: int = 0x0800, tags: bytes = b"") -> bytes:
    return bytes(12) + tags + protocol.to_bytes(2, "big") + packet


def hello(type: str, mechanism: str = "NULL") -> bytes:
    return Greeting(Version.ZMTP_3_1, mechanism).encode() + ready({"Socket-Type": type.encode()}).encode()


class Talk:
    """A connection whose two sides send bytes, as IPv4 packets in the order sent."""

    def __init__(
        self, types: Sequence[str] = ("PUSH", "PULL"), client=CLIENT, server=SERVER, first: int = 1000
    ) -> None:
        self.packets: list[bytes] = []
        self._ends = {client: server, server: client}
        self._next = {client: first, server: 77}
        self.client, self.server = client, server
        self._send(client, b"", SYN)
        self._send(server, b"", SYN | ACK)
        for side, type in zip((client, server), types):
            if type:
                self.send(side, hello(type))

    def _send(self, side, data: bytes, flags: int = ACK) -> None:
        self.packets.append(ipv4(side, self._ends[side], self._next[side], flags, data))
        self._next[side] += len(data) + bool(flags & (SYN | FIN))

    def send(self, side, data: bytes, size: int = 1400) -> None:
        for start in range(0, len(data), size):
            self._send(side, data[start : start + size])

    def say(self, *frames: bytes, side=None, size: int = 1400) -> None:
        self.send(side or self.client, encode(frames), size)

    def close(self) -> None:
        self._send(self.client, b"", FIN | ACK)
        self._send(self.server, b"", FIN | ACK)


def pcap(packets: Iterable[bytes], link_type: int = 101, order: str = "<", magic: int = 0xA1B2C3D4) -> bytes:
    parts = [struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, 262144, link_type)]
    unit = 10**9 if magic == 0xA1B23C4D else 10**6
    for number, packet in enumerate(packets):
        seconds, rest = divmod(round(number * STEP * unit), unit)
        parts.append(struct.pack(f"{order}IIII", 1_700_000_000 + seconds, rest, len(packet), len(packet)) + packet)
    return b"".join(parts)


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    body += bytes(-len(body) % 4)
    size = struct.pack(f"{order}I", len(body) + 12)
    return struct.pack(f"{order}I", kind) + size + body + size


def section(order: str = "<") -> bytes:
    return block(0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(link_type: int, order: str = "<", resolution: int | None = None) -> bytes:
    options = b"" if resolution is None else struct.pack(f"{order}HHBxxxHH", 9, 1, resolution, 0, 0)
    return block(1, struct.pack(f"{order}HHI", link_type, 0, 0) + options, order)


def enhanced(packet: bytes, time: int, number: int = 0, order: str = "<") -> bytes:
    head = struct.pack(f"{order}IIIII", number, time >> 32, time & 0xFFFFFFFF, len(packet), len(packet))
    return block(6, head + packet, order)


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
