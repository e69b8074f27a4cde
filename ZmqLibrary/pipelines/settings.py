"""What a pump or sink is to do: frozen values that go to its process as JSON."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

T = TypeVar("T", bound="PeerSettings")
_BYTES = "base64"


@dataclass(frozen=True)
class PeerSettings:
    """What pumps and sinks have in common.

    Attributes:
        name: The alias, or a generated name.
        endpoint: As the user gave it.
        type: Of the socket: `PUSH`.
        engine: `WIRE` or `SOCKET`; `AUTO` is decided before.
        bind: Whether it listens rather than connects.
        connections: How many lanes.
        replies: A pump waits for the reply to each message; a sink answers each message with itself.
        stamp: `NONE`, `FRAME`, `PREFIX`; for a sink also `AUTO`.
        lazy: Whether not to wait for the peer.
        timeout: Seconds for the connection, and for the reply to each request.
        options: Socket options by name as libzmq takes them: `("SNDHWM", 10)`.
    """

    name: str
    endpoint: str
    type: str
    engine: str = "SOCKET"
    bind: bool = False
    connections: int = 1
    replies: bool = False
    stamp: str = "NONE"
    lazy: bool = False
    timeout: float = 5.0
    options: tuple[tuple[str, int | bytes], ...] = ()

    def option(self, name: str, default: int | bytes) -> int | bytes:
        """The value of a socket option, or the default."""
        return dict(self.options).get(name, default)

    def as_json(self) -> dict[str, Any]:
        """For `read_settings` at the other end of a pipe."""
        return {name: _packed(value) for name, value in asdict(self).items()}


@dataclass(frozen=True)
class PumpSettings(PeerSettings):
    """What a pump does.

    Attributes:
        size: Bytes of the body that the pump makes, where it does.
        frames: The frames of each message, each as pieces: bytes, `n` or `time`.
        source: The file whose lines or messages are sent.
        line_format: What the lines of the file are values of: format and encoding; empty where they are bytes.
        template: Frames that the process has to make itself, because numbers in them are not text: values,
            format, encoding.
        count: How many messages; None: until stopped.
        duration: Seconds; None: until stopped.
        rate: The profile as text; None: as fast as it goes.
    """

    size: int = 100
    frames: tuple[tuple[bytes | str, ...], ...] = ()
    source: str = ""
    line_format: tuple[str, ...] = ()
    template: tuple[Any, ...] = ()
    count: int | None = None
    duration: float | None = None
    rate: str | None = None


@dataclass(frozen=True)
class SinkSettings(PeerSettings):
    """What a sink does.

    Attributes:
        subscribe: The topics of a SUB.
        sequence: Where the service's own number is: a JSON path in the last frame, or the number of a frame.
        sent_at: Where the service's own time is.
        format: Of a frame that `sequence` or `sent_at` gives by number.
        encoding: Of TEXT.
        keep: How many messages are kept at most, the last ones.
        rate: At most so many messages are read in a second; None: as fast as it goes.
    """

    subscribe: tuple[bytes, ...] = ()
    sequence: str = ""
    sent_at: str = ""
    format: str = "TEXT"
    encoding: str = "UTF-8"
    keep: int = 20
    rate: float | None = None


def read_settings(kind: type[T], document: dict[str, Any]) -> T:
    """What `as_json` gave."""
    return kind(**{field.name: _unpacked(document[field.name]) for field in fields(kind)})


def _packed(value: Any) -> Any:
    if isinstance(value, bytes):
        return {_BYTES: b64encode(value).decode("ascii")}
    return [_packed(item) for item in value] if isinstance(value, (list, tuple)) else value


def _unpacked(value: Any) -> Any:
    if isinstance(value, dict):
        return b64decode(value[_BYTES])
    return tuple(_unpacked(item) for item in value) if isinstance(value, list) else value
