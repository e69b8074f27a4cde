"""The tape: a recording as a file of JSON lines, readable up to its last whole line when the run was killed.

    {"format": "zmq-recording", "version": 1, "started": "2026-01-31T12:00:00.123456+00:00", "by": "ZmqLibrary 1.0"}
    {"time": 1200345, "connection": 1, "from": "client", "to": "127.0.0.1:5555", "types": ["PUSH", "PULL"],
     "seen_by": "client", "frames": ["am9i", "NDI="]}
    {"time": 1200999, "connection": 1, "from": …, "to": …, "types": …, "seen_by": …, "event": "DISCONNECTED"}

`time` counts nanoseconds since `started`. `frames` are base64; `envelope` holds those before the content, if there are
any, and `faults` the names of those that a proxy had for the message. The event CONNECTION comes before the first line
of each connection, and again once the type of the peer is known, and goes from who connected to who accepted; it has a
`mechanism`, `opaque` (whether its messages are encrypted and therefore not there), and `addresses` where known.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, BinaryIO

from ..version import __version__
from .recording import LATEST_START, NANOSECONDS, RecordedConnection, RecordedEvent, Recording, Track
from .reel import Reel

if TYPE_CHECKING:
    from ..formats import FrameFormats

FORMAT = "zmq-recording"
VERSION = 1
BEGINNING = b'{"format": "zmq-recording"'
_CONNECTION = "CONNECTION"
_MOST_NUMBER = 2**31
_LATEST = 2**63


class BadTape(ValueError):
    """What is wrong with a recording, with the number of the line."""


# Writing


def header_line(started: float) -> str:
    """The first line."""
    moment = datetime.fromtimestamp(started, timezone.utc).isoformat(timespec="microseconds")
    return (
        f"{json.dumps({'format': FORMAT, 'version': VERSION, 'started': moment, 'by': f'ZmqLibrary {__version__}'})}\n"
    )


def line_head(track: Track) -> str:
    """What all lines of a track have between the time and the frames."""
    fields = {
        "connection": track.connection,
        "from": track.sender,
        "to": track.receiver,
        "types": [type or None for type in track.types],
        **({"seen_by": track.seen_by} if track.seen_by else {}),
    }
    return json.dumps(fields)[1:-1]


def event_line(time: int, head: str, event: str, **more: object) -> str:
    """An event."""
    return f'{{"time": {time}, {head}, {json.dumps({"event": event, **more})[1:-1]}}}\n'


def connection_line(time: int, head: str, mechanism: str, opaque: bool, addresses: Sequence[str]) -> str:
    """What is known of a connection, from who connected to who accepted."""
    return event_line(time, head, _CONNECTION, mechanism=mechanism, opaque=opaque, addresses=list(addresses))


# Reading


def load_tape(file: BinaryIO, path: str, port: int | None, formats: FrameFormats) -> Recording:
    """Reads a recording.

    Args:
        file: The file, opened as bytes.
        path: How errors name it.
        port: Only connections of this port; None for all.
        formats: Of the values of messages.

    Raises:
        BadTape: A line is not one of a recording.
    """
    reader = _TapeReader()
    notes: list[str] = []
    for number, line in enumerate(file, 1):
        try:
            if not line.endswith(b"\n") and _is_cut_off(line, first=number == 1):
                notes.append("Its last line is cut off and was left out.")
                break
            reader.take(number, _parsed(line))
        except BadTape as problem:
            raise BadTape(f"line {number}: {problem}") from None
    return reader.finish(path, port, notes, formats)


def _is_cut_off(line: bytes, first: bool) -> bool:
    """Whether a line without an end is no JSON; but not every such file is a recording whose header is cut off."""
    if first and not BEGINNING.startswith(line[: len(BEGINNING)]):
        return False
    try:
        _parsed(line)
    except BadTape:
        return True
    return False


def _parsed(line: bytes) -> Mapping[str, object]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadTape(f"it is not JSON ({str(error)[:100]})") from None
    if not isinstance(value, dict):
        raise BadTape("it is no JSON object")
    return value


class _TapeReader:
    def __init__(self) -> None:
        self._started = 0.0
        self._reel = Reel()
        self._tracks: dict[Track, int] = {}
        self._connections: dict[int, RecordedConnection] = {}
        self._events: list[RecordedEvent] = []

    def take(self, number: int, line: Mapping[str, object]) -> None:
        if number == 1:
            self._take_header(line)
            return
        time = _number(line, "time", _LATEST, least=-_LATEST)
        track = Track(
            _number(line, "connection", _MOST_NUMBER),
            _text(line, "from"),
            _text(line, "to"),
            _types(line),
            _text(line, "seen_by", ""),
        )
        if "frames" not in line:
            self._take_event(time, track, line)
            return
        if track.connection not in self._connections:
            self._connections[track.connection] = _connection(track)
        envelope = _frames(line, "envelope") if "envelope" in line else []
        frames = [*envelope, *_frames(line, "frames")]
        if len(frames) == len(envelope):
            raise BadTape("its frames are an empty list, and a message has at least one")
        number_of_track = self._tracks.setdefault(track, len(self._tracks))
        self._reel.add(time, number_of_track, frames, len(envelope))

    def _take_header(self, line: Mapping[str, object]) -> None:
        if line.get("format") != FORMAT:
            raise BadTape(f"it is not the first line of a recording, which names the format {FORMAT}")
        if line.get("version") != VERSION:
            raise BadTape(f"it is of version {str(line.get('version'))[:20]}, and this library reads version {VERSION}")
        try:
            self._started = datetime.fromisoformat(_text(line, "started").replace("Z", "+00:00")).timestamp()
        except (ValueError, OverflowError, OSError):
            self._started = -1.0
        if not 0 <= self._started < LATEST_START:
            raise BadTape(f"'started' is no time from 1970 to 8999: {_text(line, 'started')[:40]}")

    def _take_event(self, time: int, track: Track, line: Mapping[str, object]) -> None:
        event = _text(line, "event")
        if event == _CONNECTION:
            addresses = line.get("addresses", ["", ""])
            pair = addresses if isinstance(addresses, list) and len(addresses) == 2 else ["", ""]
            self._connections[track.connection] = replace(
                _connection(track),
                mechanism=_text(line, "mechanism", ""),
                opaque=line.get("opaque") is True,
                addresses=(_plain(pair[0]), _plain(pair[1])),
            )
            return
        detail = _text(line, "detail", "")
        self._events.append(
            RecordedEvent(time / NANOSECONDS, track.connection, event, track.sender, track.receiver, detail)
        )

    def finish(self, path: str, port: int | None, notes: list[str], formats: FrameFormats) -> Recording:
        addresses = {c.client: c.addresses[0] for c in self._connections.values()}
        addresses |= {c.server: c.addresses[1] for c in self._connections.values()}
        tracks = [
            track._replace(
                types=self._types_of(track),
                addresses=(addresses.get(track.sender, ""), addresses.get(track.receiver, "")),
            )
            for track in self._tracks
        ]
        recording = Recording(
            path, self._started, self._reel, tracks, list(self._connections.values()), self._events, notes, formats
        )
        return recording if port is None else recording.of_port(port)

    def _types_of(self, track: Track) -> tuple[str, str]:
        """The types of both ends; what was not known yet when a message was written, the connection knows."""
        connection = self._connections[track.connection]
        known = {connection.client: connection.client_type, connection.server: connection.server_type}
        sender, receiver = track.types
        return sender or known.get(track.sender, ""), receiver or known.get(track.receiver, "")


def _connection(track: Track) -> RecordedConnection:
    return RecordedConnection(track.connection, track.sender, track.receiver, *track.types, seen_by=track.seen_by)


def _number(line: Mapping[str, object], name: str, limit: int, least: int = 0) -> int:
    value = line.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value < limit:
        raise BadTape(f"'{name}' is a whole number, and it is {str(value)[:40]!r}")
    return value


def _text(line: Mapping[str, object], name: str, default: str | None = None) -> str:
    value = line.get(name, default)
    if not isinstance(value, str):
        raise BadTape(f"'{name}' is a text, and it is {str(value)[:40]!r}")
    return _plain(value)


def _plain(value: object) -> str:
    """Text that can be written: JSON may hold half of a surrogate pair."""
    return str(value).encode("utf-8", "replace").decode("utf-8")


def _types(line: Mapping[str, object]) -> tuple[str, str]:
    value = line.get("types", [None, None])
    if not isinstance(value, list) or len(value) != 2 or not all(isinstance(v, (str, type(None))) for v in value):
        raise BadTape(f"'types' are two socket types, and it is {str(value)[:40]!r}")
    return _plain(value[0] or ""), _plain(value[1] or "")


def _frames(line: Mapping[str, object], name: str) -> list[bytes]:
    value = line[name]
    if not isinstance(value, list):
        raise BadTape(f"'{name}' is a list of texts in base64, and it is {str(value)[:40]!r}")
    try:
        return [b64decode(frame, validate=True) for frame in value]
    except (TypeError, ValueError) as error:
        raise BadTape(f"'{name}' has a frame that is not base64 ({error})") from None
