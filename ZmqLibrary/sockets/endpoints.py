"""Endpoints: parsed and checked before libzmq sees them, and rewritten so that a bound one can be connected to.

libzmq checks little: it connects to port 0 and to port 70000 for ever, binds port 99999 as 34463 and port 55a as 55.
What `parse_endpoint` returns has none of these faults; whether the address exists is for bind and connect to find out.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable
from enum import Enum
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Literal, NamedTuple

from ..errors import Hint, InvalidValue

Purpose = Literal["bind", "connect"]


class ReservableTransport(Enum):
    """Transports whose addresses all processes of a machine share.

    - TCP: a port.
    - IPC: a path in the temporary folder.
    """

    TCP = "TCP"
    IPC = "IPC"


class Endpoint(NamedTuple):
    """An address that libzmq takes; `str()` is what it is given.

    Attributes:
        transport: `tcp`, `ipc` or `inproc`.
        address: What follows `://`.
        host: Of tcp, without brackets; `*` is every interface. Empty for other transports.
        port: Of tcp; None if libzmq is to pick a free one, and for other transports.
    """

    transport: str
    address: str
    host: str = ""
    port: int | None = None

    def __str__(self) -> str:
        return f"{self.transport}://{self.address}"

    @property
    def needs_ipv6(self) -> bool:
        """Whether libzmq needs its option IPV6 for this address."""
        return _has_ipv6(self.host)


class _Unusable(ValueError):
    """What is wrong with an endpoint; `parse_endpoint` adds the rest."""

    def __init__(self, problem: str, hint: Hint | None = None) -> None:
        super().__init__(problem)
        self.hint = hint


_EXAMPLES = {
    "tcp": {"bind": "tcp://127.0.0.1:* or tcp://*:5555", "connect": "tcp://127.0.0.1:5555 or tcp://[::1]:5555"},
    "ipc": {"bind": "ipc:///tmp/service", "connect": "ipc:///tmp/service"},
    "inproc": {"bind": "inproc://name", "connect": "inproc://name"},
}
_KNOWN_TO_ZMQ = frozenset({"pgm", "epgm", "norm", "udp", "vmci", "ws", "wss", "tipc"})
# sockaddr_un holds 108 bytes on Linux and Windows and 104 on macOS and the BSDs, one of them the closing NUL.
_IPC_MAX = 103 if sys.platform == "darwin" or "bsd" in sys.platform else 107
# LAST_ENDPOINT of a longer one cannot be read back: pyzmq's buffer holds 255 bytes.
_INPROC_MAX = 254 - len("inproc://")
_NAME = r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9._])?"
# Names of network interfaces may end in a label (eth0:1).
_LOCAL_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]*(:[A-Za-z0-9]+)?"
_ZONE = r"[A-Za-z0-9._-]+"


def parse_endpoint(text: object, purpose: Purpose) -> Endpoint:
    """Parses and checks an endpoint.

    Args:
        text: What the user gave.
        purpose: What it is for: each takes addresses that the other does not.

    Raises:
        InvalidValue: It cannot be used; the message names the endpoint, the problem and a right example.
    """
    text = str(text) if isinstance(text, Endpoint) else text
    task = "bind to" if purpose == "bind" else "connect to"
    if not isinstance(text, str):
        raise InvalidValue(
            f"Cannot {task} {_shown(repr(text))}: an endpoint is text, not {type(text).__name__}. "
            f"Write for example {_EXAMPLES['tcp'][purpose]}."
        )
    transport = text.partition("://")[0]
    try:
        return _parse(text, purpose)
    except _Unusable as problem:
        example = _EXAMPLES.get(transport, _EXAMPLES["tcp"])[purpose]
        message = f"Cannot {task} '{_shown(text)}': {problem}. Write for example {example}."
        raise InvalidValue(message, problem.hint) from None


def _parse(text: str, purpose: Purpose) -> Endpoint:
    transport, separator, address = text.partition("://")
    if not separator:
        raise _Unusable("it has no transport (tcp://, ipc:// or inproc://)")
    if transport not in _PARSERS:
        raise _Unusable(_about_transport(transport))
    if not address:
        raise _Unusable(f"nothing follows {transport}://")
    if any(ord(c) < 32 or c == "\x7f" for c in address):
        raise _Unusable("it has a control character in it")
    return _PARSERS[transport](address, purpose)


def _about_transport(transport: str) -> str:
    if transport.lower() in _PARSERS:
        return f"the transport is written in small letters, {transport.lower()}://"
    if transport.lower() in _KNOWN_TO_ZMQ:
        return f"the transport {transport} is not supported by this library, which has tcp, ipc and inproc"
    return f"there is no transport '{_shown(transport)}'; there are tcp, ipc and inproc"


def _tcp(address: str, purpose: Purpose) -> Endpoint:
    source, semicolon, destination = address.rpartition(";")
    if semicolon and purpose == "bind":
        raise _Unusable("only connect takes a source address before ';'")
    host, port = _host_and_port(destination, purpose)
    rewritten = _join(host, port)
    if semicolon:
        rewritten = _join(*_host_and_port(source, "bind", "source ")) + ";" + rewritten
        if rewritten.startswith("*"):
            raise _Unusable("the source address must be an IP address or an interface, not *")
    return Endpoint("tcp", rewritten, host, port)


def _host_and_port(text: str, purpose: Purpose, prefix: str = "") -> tuple[str, int | None]:
    host, colon, port = text.rpartition(":")
    if not colon or port.endswith("]"):
        raise _Unusable(f"the {prefix}address has no port")
    if not host:
        raise _Unusable(f"the {prefix}address has no host")
    return _host(host, purpose), _port(port, purpose)


def _port(text: str, purpose: Purpose) -> int | None:
    if text == "*":
        if purpose == "connect":
            raise _Unusable("port * is for bind; connect needs the number", Hint.GET_ENDPOINT)
        return None
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise _Unusable(f"the port '{_shown(text)}' is not a number" if text else "the address has no port")
    number = int(text)
    if number > 65535:
        raise _Unusable(f"port {number} is too large, ports end at 65535")
    if number == 0 and purpose == "connect":
        raise _Unusable("port 0 is for bind; connect needs the number", Hint.GET_ENDPOINT)
    return number or None


def _host(text: str, purpose: Purpose) -> str:
    if text == "*":
        if purpose == "connect":
            raise _Unusable("host * is for bind; connect needs a host")
        return text
    if text.startswith("[") or text.endswith("]"):
        return _ipv6(text)
    if not text.isascii():
        raise _Unusable("host names must be ASCII" + _in_ascii(text))
    if re.fullmatch(r"[0-9.]+", text):
        return _ipv4(text)
    if _is_ipv6(text):
        raise _Unusable(f"an IPv6 address goes in brackets, [{text}]")
    if not re.fullmatch(_NAME if purpose == "connect" else _LOCAL_NAME, text) or ".." in text:
        raise _Unusable(f"'{_shown(text)}' is not a host name or address")
    if any(len(label) > 63 for label in text.split(".")) or len(text) > 253:
        raise _Unusable("the host name is too long (63 characters between dots, 253 in all)")
    return text


def _in_ascii(host: str) -> str:
    try:
        return f" ({host.encode('idna').decode()})"
    except UnicodeError:
        return ""


def _ipv4(text: str) -> str:
    try:
        return str(IPv4Address(text))
    except AddressValueError:
        raise _Unusable(f"'{_shown(text)}' is not an IPv4 address") from None


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return True


def _has_ipv6(host: str) -> bool:
    return host.count(":") > 1  # a label of an interface has one


def _ipv6(text: str) -> str:
    address, percent, zone = text[1:-1].partition("%")
    if text[0] + text[-1] != "[]" or not _is_ipv6(address) or (percent and not re.fullmatch(_ZONE, zone)):
        raise _Unusable(f"'{_shown(text)}' is not an IPv6 address in brackets")
    return address + percent + zone


def _join(host: str, port: int | None) -> str:
    return f"{f'[{host}]' if _has_ipv6(host) else host}:{'*' if port is None else port}"


def _ipc(address: str, purpose: Purpose) -> Endpoint:
    import zmq  # a quarter of the start of a proxy's process, which uses nothing else of it

    if not zmq.has("ipc"):
        raise _Unusable("this libzmq has no ipc; use tcp")
    if address == "*" and purpose == "connect":
        raise _Unusable("* is for bind; connect needs the path", Hint.GET_ENDPOINT)
    if address.startswith("@") and not sys.platform.startswith("linux"):
        raise _Unusable("abstract names (@) exist only on Linux; use a path")
    if address == "@":
        raise _Unusable("the abstract name after @ is missing")
    if (size := _size(address)) > _IPC_MAX:
        raise _Unusable(f"the path has {size} bytes, and the system takes at most {_IPC_MAX}; use a shorter directory")
    return Endpoint("ipc", address)


def _inproc(address: str, purpose: Purpose) -> Endpoint:
    if (size := _size(address)) > _INPROC_MAX:
        raise _Unusable(f"the name has {size} bytes, at most {_INPROC_MAX} can be used")
    return Endpoint("inproc", address)


def _size(address: str) -> int:
    try:
        return len(address.encode())
    except UnicodeEncodeError:
        raise _Unusable("it has a character that cannot be written as UTF-8") from None


_PARSERS: dict[str, Callable[[str, Purpose], Endpoint]] = {"tcp": _tcp, "ipc": _ipc, "inproc": _inproc}


def _shown(text: str) -> str:
    visible = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[:200])
    return visible + ("…" if len(text) > 200 else "")


def is_inproc(endpoint: str) -> bool:
    """Whether an endpoint is reached from sockets of the same context only, without connections and handshakes."""
    return endpoint.startswith("inproc:")


def reports_connections(endpoint: str) -> bool:
    """Whether libzmq reports the connections of an endpoint: inproc has none."""
    return not is_inproc(endpoint)


def connectable(last_endpoint: str) -> str:
    """Returns the address at which a socket bound to `last_endpoint` is reached from this machine."""
    transport, _, address = last_endpoint.partition("://")
    if transport == "tcp":
        host, _, port = address.rpartition(":")
        return f"tcp://{_LOOPBACK.get(host, host)}:{port}"
    if transport == "ipc" and not address.startswith(("/", "@")):
        return f"ipc://{os.path.abspath(address)}"
    return last_endpoint


# With IPV6=1, libzmq binds IPv4 addresses as IPv6 ones that hold them.
_LOOPBACK = {"*": "127.0.0.1", "0.0.0.0": "127.0.0.1", "[::]": "[::1]", "[::ffff:0.0.0.0]": "127.0.0.1"}
_BOTH = frozenset({"127.0.0.1", "::1"})
# libzmq takes IPv4 connections at the IPv6 wildcard, too.
_ALSO = {"*": _BOTH, "localhost": _BOTH, "0.0.0.0": frozenset({"127.0.0.1"}), "::": _BOTH}


def matching(endpoint: str, choices: Iterable[str]) -> list[str]:
    """Those of the choices that an endpoint means: the one that is written so, or else all of the same address."""
    same = [choice for choice in choices if same_endpoint(choice, endpoint)]
    return [endpoint] if endpoint in same else same


def same_endpoint(a: str, b: str) -> bool:
    """Whether two endpoints mean the same address on this machine.

    Wildcard hosts count as the loopback address, `localhost` as either of the two, letters of host names match in any
    case, and a source address matters only if both have one.
    """
    if a == b:
        return True
    transport, _, address = a.partition("://")
    other_transport, _, other_address = b.partition("://")
    if transport != other_transport:
        return False
    if transport == "ipc":
        return os.path.normpath(connectable(a)[6:]) == os.path.normpath(connectable(b)[6:])
    return transport == "tcp" and _same_tcp(address, other_address)


def _same_tcp(a: str, b: str) -> bool:
    source, _, destination = a.rpartition(";")
    other_source, _, other_destination = b.rpartition(";")
    if source and other_source and not _same_tcp(source, other_source):
        return False
    host, _, port = destination.rpartition(":")
    other_host, _, other_port = other_destination.rpartition(":")
    return _port_number(port) == _port_number(other_port) and bool(_hosts(host) & _hosts(other_host))


def _port_number(text: str) -> str:
    return "*" if text == "*" else text.lstrip("0") or "*"


def _hosts(text: str) -> frozenset[str]:
    host = text.lower().strip("[]")
    try:
        address = IPv6Address(host)
        host = str(address.ipv4_mapped or address)
    except AddressValueError:
        host = host.removesuffix(".")
    return _ALSO.get(host, frozenset({host}))
