"""Socket options: name → type of value, unit, limits, who may set it and when it acts.

pyzmq knows the names, the numbers and whether a value is a number or bytes. `_table` adds what libzmq's manual says, or
what was measured with libzmq 4.3.5 (utest/sockets/test_option_table.py measures it again).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from difflib import get_close_matches
from enum import Enum
from functools import cache
from typing import NamedTuple

import zmq
from zmq.utils import z85

from ..errors import InvalidValue
from ..plain_text import shortened
from .endpoints import parse_endpoint

ToSeconds = Callable[[object], float]


class OptionKind(Enum):
    """What the value of an option is."""

    INTEGER = "a whole number"
    BOOLEAN = "yes or no"
    BYTES = "text or bytes"
    TEXT = "text"
    TIME = "a time such as 500ms or 2s"  # libzmq counts it in milliseconds
    SECONDS = "a time of at least 1s"  # libzmq counts it in seconds
    KEY = "a key of 40 Z85 characters or 32 bytes"


class SocketOption(NamedTuple):
    """One socket option of libzmq.

    `limits` are the smallest and largest number in libzmq's unit; for bytes and text, the length in bytes. `immediate`
    ones act on endpoints that are open already, others only on later binds and connects. `only_for` names the socket
    types on which it does something (None: all), `note` says what else there is to say about its values.
    """

    name: str
    number: int
    kind: OptionKind
    limits: tuple[int, int]
    note: str = ""
    readable: bool = True
    writable: bool = True
    secret: bool = False
    immediate: bool = False
    only_for: frozenset[str] | None = None

    @property
    def hidden(self) -> bool:
        """Whether its values are not shown: secrets, and all keys, because a secret one may be in a wrong place."""
        return self.secret or self.kind is OptionKind.KEY

    @property
    def secures(self) -> bool:
        """Whether it is about the security of the socket."""
        return self.name.startswith(_SECURITY)

    @property
    def takes(self) -> str:
        """The values it takes, in words."""
        spans = {_INT: " from {} to {}", _BYTES: " of {} to {} bytes", _TEXT: " of {} to {} bytes"}
        return self.kind.value + spans.get(self.kind, "").format(*self.limits) + self.note


_INT, _BOOL, _BYTES, _TEXT, _TIME, _SECONDS, _KEY = OptionKind
_SECURITY = ("CURVE_", "PLAIN_", "ZAP_")
_MAX, _MAX64 = 2**31 - 1, 2**63 - 1
_LIMITS = {_INT: (0, _MAX), _BOOL: (0, 1), _TIME: (0, _MAX), _SECONDS: (-1, 32_767)}


def _rows(
    names: str,
    kind: OptionKind,
    limits: tuple[int, int] | None = None,
    note: str = "",
    *,
    access: str = "rw",
    now: bool = False,
    secret: bool = False,
    types: str = "",
) -> Iterator[SocketOption]:
    for name in names.split():
        number = int(zmq.SocketOption[name])
        limits = limits or _LIMITS.get(kind, (1, 255))
        only_for = frozenset(types.split()) or None
        yield SocketOption(name, number, kind, limits, note, "r" in access, "w" in access, secret, now, only_for)


_NO_ZERO = " that do not begin with a zero byte"
_SYSTEM = " (or -1: as the system does)"


def _table() -> list[SocketOption]:
    return [
        *_rows("CURVE_SERVER IMMEDIATE IPV4ONLY IPV6 LOOPBACK_FASTPATH MULTICAST_LOOP", _BOOL),
        *_rows("PLAIN_SERVER ZAP_ENFORCE_DOMAIN", _BOOL),
        *_rows("RCVMORE THREAD_SAFE", _BOOL, access="r"),
        *_rows("CONFLATE", _BOOL, types="DEALER PULL PUSH SUB"),
        *_rows("INVERT_MATCHING", _BOOL, now=True, types="PUB SUB XPUB XSUB"),
        *_rows("ONLY_FIRST_SUBSCRIBE", _BOOL, access="w", types="XPUB XSUB"),
        *_rows("PROBE_ROUTER", _BOOL, access="w", now=True, types="DEALER REQ ROUTER"),
        *_rows("REQ_CORRELATE REQ_RELAXED", _BOOL, access="w", now=True, types="REQ"),
        *_rows("ROUTER_HANDOVER ROUTER_MANDATORY", _BOOL, access="w", now=True, types="ROUTER"),
        *_rows("ROUTER_RAW", _BOOL, access="w", types="ROUTER"),
        *_rows("STREAM_NOTIFY", _BOOL, access="w", types="STREAM"),
        *_rows("XPUB_MANUAL XPUB_MANUAL_LAST_VALUE", _BOOL, access="w", now=True, types="XPUB"),
        *_rows("XPUB_VERBOSE XPUB_VERBOSER", _BOOL, access="w", now=True, types="XPUB"),
        *_rows("XPUB_NODROP", _BOOL, access="w", now=True, types="PUB XPUB"),
        *_rows("TCP_KEEPALIVE", _BOOL, (-1, 1), _SYSTEM),
        *_rows("LINGER RCVTIMEO SNDTIMEO", _TIME, (-1, _MAX), " (or -1: no limit)", now=True),
        *_rows("RECONNECT_IVL", _TIME, (-1, _MAX), " (or -1: never)"),
        *_rows("CONNECT_TIMEOUT HANDSHAKE_IVL HEARTBEAT_IVL HEARTBEAT_TIMEOUT", _TIME),
        *_rows("RECONNECT_IVL_MAX RECOVERY_IVL TCP_MAXRT", _TIME),
        *_rows("HEARTBEAT_TTL", _TIME, (0, 6_553_500), ", in whole tenths of a second up to 6553.5s"),
        # Keep-alive values outside Linux's limits make every connection fail silently.
        *_rows("TCP_KEEPALIVE_IDLE TCP_KEEPALIVE_INTVL", _SECONDS, None, f", at most 32767s{_SYSTEM}"),
        *_rows("TCP_KEEPALIVE_CNT", _INT, (-1, 127), ", but not 0 (-1: as the system does)"),
        *_rows("SNDHWM RCVHWM", _INT, now=True),
        *_rows("SNDBUF RCVBUF", _INT, (-1, _MAX)),
        *_rows("AFFINITY", _INT, (0, _MAX64)),
        *_rows("MAXMSGSIZE", _INT, (-1, _MAX64)),
        *_rows("MULTICAST_HOPS MULTICAST_MAXTPDU RATE", _INT, (1, _MAX)),
        *_rows("RECONNECT_STOP", _INT, (0, 7)),
        *_rows("IPC_FILTER_GID IPC_FILTER_PID IPC_FILTER_UID", _INT, access="w"),
        *_rows("TOPICS_COUNT", _INT, access="r", types="PUB SUB XPUB XSUB"),
        # A USE_FD that is not a listening descriptor aborts the process at the next bind, so it is not set.
        *_rows("EVENTS FD MECHANISM TYPE USE_FD", _INT, access="r"),
        *_rows("LAST_ENDPOINT", _TEXT, access="r"),
        *_rows("PLAIN_USERNAME", _TEXT),
        *_rows("SOCKS_PROXY", _TEXT, None, ", such as 127.0.0.1:1080"),
        *_rows("PLAIN_PASSWORD", _TEXT, secret=True),
        *_rows("ZAP_DOMAIN", _TEXT, None, ", all of them ASCII"),  # as RFC 27 says
        *_rows("SOCKS_USERNAME", _TEXT, (0, 255)),
        *_rows("SOCKS_PASSWORD", _TEXT, (0, 255), secret=True),
        *_rows("BINDTODEVICE", _TEXT, (1, 16)),
        *_rows("METADATA", _TEXT, None, ", such as X-name:value", access="w"),
        *_rows("TCP_ACCEPT_FILTER", _TEXT, None, ", such as 10.0.0.0/8", access="w"),
        # By nature set between two connects, so it counts as acting at once.
        *_rows("CONNECT_ROUTING_ID", _BYTES, None, _NO_ZERO, access="w", now=True, types="ROUTER STREAM"),
        # XPUB: the answer to a subscription with XPUB_MANUAL.
        *_rows("SUBSCRIBE UNSUBSCRIBE", _BYTES, (0, _MAX), access="w", now=True, types="SUB XPUB"),
        *_rows("XPUB_WELCOME_MSG", _BYTES, (0, _MAX), access="w", now=True, types="PUB XPUB"),
        *_rows("CURVE_PUBLICKEY CURVE_SERVERKEY", _KEY, access="w"),
        *_rows("CURVE_SECRETKEY", _KEY, access="w", secret=True),
        *_rows("WSS_KEY_PEM", _BYTES, (0, _MAX), secret=True),
    ]


_NEEDS = {family.lower(): family for family in ("CURVE", "GSSAPI", "NORM", "VMCI", "WSS")}
_NEEDS["draft"] = "BUSY DISCONNECT HELLO HICCUP IN OUT PRIORITY ROUTER_NOTIFY XSUB"
_NOT_ON_SOCKETS = {
    "HWM": "Set SNDHWM, RCVHWM or both.",
    "BLOCKY": "It belongs to the context, and the library sets it.",
}


def _squeezed(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).upper().removeprefix("ZMQ")


@cache
def _options() -> dict[str, SocketOption]:
    described = {option.name: option for option in _table()}
    for member in zmq.SocketOption:
        if member.name not in described:
            kind = _BYTES if member._opt_type.name == "bytes" else _INT
            described.update((option.name, option) for option in _rows(member.name, kind))
    return {_squeezed(alias): described[member.name] for alias, member in zmq.SocketOption.__members__.items()}


def _lacking(option: SocketOption) -> str | None:
    # The capability that the option needs and this libzmq does not have.
    names = {option.name, option.name.partition("_")[0]}
    return next((needed for needed, of in _NEEDS.items() if names & set(of.split()) and not zmq.has(needed)), None)


def option_names() -> list[str]:
    """Returns the names of the options that this libzmq has, sorted."""
    return sorted({o.name for o in _options().values() if o.name not in _NOT_ON_SOCKETS and not _lacking(o)})


def find_option(name: str, arguments: Iterable[str] = ()) -> SocketOption:
    """Finds an option by name: case, `ZMQ_`, spaces, underscores and hyphens do not matter.

    Raises:
        InvalidValue: There is no such option, or this libzmq was built without it. It may suggest one of `arguments`.
    """
    option = (options := _options()).get(_squeezed(name))
    if option is None:
        known = {**{key: known.name for key, known in options.items()}, **{_squeezed(a): f"{a}=" for a in arguments}}
        close = dict.fromkeys(known[key] for key in get_close_matches(_squeezed(name), known, cutoff=0.7))
        hint = f"Did you mean {' or '.join(close)}?" if close else f"There are {', '.join(option_names())}."
        raise InvalidValue(f"There is no socket option '{name}'. {hint}")
    if option.name in _NOT_ON_SOCKETS:
        raise InvalidValue(f"{option.name} is not an option of a socket. {_NOT_ON_SOCKETS[option.name]}")
    if lacking := _lacking(option):
        built = f"{zmq.zmq_version()}, built without '{lacking}'"
        raise InvalidValue(f"Socket option {option.name} is not supported by this libzmq ({built}).")
    return option


def check_writable(option: SocketOption, socket_type: str) -> None:
    """Raises InvalidValue if the option is read-only, or does nothing on this type of socket."""
    if not option.writable:
        raise InvalidValue(f"Socket option {option.name} can be read, but not set.")
    _check_type(option, socket_type)


def check_readable(option: SocketOption, socket_type: str) -> None:
    """Raises InvalidValue if libzmq does not let the option be read, or does not have it for this type of socket."""
    if not option.readable:
        raise InvalidValue(f"Socket option {option.name} can be set, but libzmq does not let it be read.")
    if not option.writable:  # what can be set on one type only has a value on the others as well
        _check_type(option, socket_type)


def _check_type(option: SocketOption, socket_type: str) -> None:
    if option.name == "CONFLATE" and socket_type == "PUB":
        raise InvalidValue(
            "Socket option CONFLATE cannot be used on a PUB socket of this library: it is an XPUB inside, to know its "
            "subscribers, and an XPUB does not conflate. Set it on the SUB."
        )
    if option.only_for is not None and socket_type not in option.only_for:
        types = ", ".join(sorted(option.only_for))
        raise InvalidValue(f"Socket option {option.name} does nothing on a {socket_type} socket: it is for {types}.")


def to_libzmq(option: SocketOption, value: object, to_seconds: ToSeconds) -> int | bytes:
    """Turns what a user gives into what libzmq takes.

    Args:
        option: The option to set.
        value: What the user gave.
        to_seconds: Turns times into seconds; raises ValueError or TypeError for what is none.

    Raises:
        InvalidValue: The option does not take this value. Keys and values of secret options are not shown.
    """
    try:
        return _within_limits(option, _to_raw(option, value, to_seconds))
    except (ValueError, TypeError, OverflowError, KeyError):
        given = "what was given" if option.hidden else _shown(value)
        raise InvalidValue(f"Socket option {option.name} takes {option.takes}, not {given}.") from None


def _to_raw(option: SocketOption, value: object, to_seconds: ToSeconds) -> int | bytes:
    if option.kind is _KEY:
        return _to_key(value)
    if option.kind in (_BYTES, _TEXT):
        return _to_bytes(value)
    if option.kind is _BOOL:
        return int(value) if isinstance(value, int) else _BOOLEANS[str(value).strip().lower()]
    if option.kind is _INT or str(value).strip() == "-1":
        return _to_integer(value)
    if isinstance(value, bool) or (seconds := to_seconds(value)) < 0:
        raise ValueError
    # A time above zero must not become 0, which means "off" or "no limit" for most options.
    return max(round(seconds * (1000 if option.kind is _TIME else 1)), int(seconds > 0))


def _within_limits(option: SocketOption, raw: int | bytes) -> int | bytes:
    number = raw if isinstance(raw, int) else len(raw)
    if option.kind is not _KEY and not option.limits[0] <= number <= option.limits[1]:
        raise ValueError
    if (option.name == "HEARTBEAT_TTL" and number % 100) or (option.name.startswith("TCP_KEEPALIVE_") and not number):
        raise ValueError
    if option.name == "METADATA" and isinstance(raw, bytes) and not re.fullmatch(rb"X-[^:]+:.+", raw, re.DOTALL):
        raise ValueError
    if option.name == "ZAP_DOMAIN" and isinstance(raw, bytes) and not raw.isascii():
        raise ValueError
    if option.name == "CONNECT_ROUTING_ID" and isinstance(raw, bytes) and not raw[0]:
        raise ValueError
    if option.name == "SOCKS_PROXY" and isinstance(raw, bytes):
        if b";" in raw:
            raise ValueError
        parse_endpoint(f"tcp://{raw.decode()}", "connect")
    return raw


def _to_integer(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise TypeError
    if isinstance(value, float) and not value.is_integer():
        raise ValueError
    return int(value)


_BOOLEANS = {"yes": 1, "true": 1, "on": 1, "1": 1, "no": 0, "false": 0, "off": 0, "0": 0, "-1": -1}


def _to_bytes(value: object) -> bytes:
    if not isinstance(value, (str, bytes, bytearray, memoryview)):
        raise TypeError
    return value.encode() if isinstance(value, str) else bytes(value)


def _to_key(value: object) -> bytes:
    key = _to_bytes(value)
    # Text of 32 characters would pass as 32 bytes, but is a Z85 key that was cut.
    if (len(key) == 40 and set(key) <= set(z85.Z85CHARS)) or (len(key) == 32 and not isinstance(value, str)):
        return key
    raise ValueError


def _shown(value: object) -> str:
    text = repr(value)
    text = shortened(text, 80)
    return text if isinstance(value, (str, bytes)) else f"{text} ({type(value).__name__})"


def from_libzmq(option: SocketOption, raw: int | bytes) -> int | str | bytes | timedelta:
    """Turns what libzmq gives into what a user reads; -1 ("no limit", "as the system does") stays -1."""
    if isinstance(raw, bytes):
        return raw.decode(errors="backslashreplace") if option.kind is _TEXT else raw
    if raw == -1 or option.kind is _INT:
        return raw
    if option.kind is _BOOL:
        return bool(raw)
    return timedelta(milliseconds=raw) if option.kind is _TIME else timedelta(seconds=raw)
