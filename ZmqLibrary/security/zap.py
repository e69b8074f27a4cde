"""ZAP, the ZeroMQ authentication protocol (https://rfc.zeromq.org/spec/27): requests, answers and how both are written.

Pure functions from frames to values and back. A request that cannot be read has a way back only if it has an address
delimiter, a version and a request id: then it is answered with 400, otherwise it is dropped, because whoever sent it
could not know what the answer belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from zmq.utils import z85

from ..errors import InvalidValue
from ..formats import HiddenBytes
from ..plain_text import printable
from ..surrogates import require_text
from .zap_names import Mechanism, SpecialAnswer

STATUS_TEXTS = {200: "OK", 300: "Temporary error", 400: "Authentication failed", 500: "Internal error"}
_VERSION = b"1.0"
_MOST_BYTES = 255
_KEY_BYTES = 32
_SET_BY_LIBZMQ = ("User-Id", "Peer-Address")
_PROPERTY_NAME = r"[A-Za-z0-9_.+-]{1,255}"


class WayBack(NamedTuple):
    """What an answer begins with: routing ids and delimiter, then the request id."""

    envelope: tuple[bytes, ...]
    request_id: bytes


class Malformed(ValueError):
    """A request that is not as RFC 27 says.

    Args:
        problem: What is wrong with it.
        way_back: Where to send the 400; None if it has to be dropped.
    """

    def __init__(self, problem: str, way_back: WayBack | None = None) -> None:
        super().__init__(problem)
        self.way_back = way_back


class ZapRequest(NamedTuple):
    """What a server asks about a peer."""

    way_back: WayBack
    domain: str
    address: str
    routing_id: bytes
    mechanism: Mechanism
    username: str | None = None
    key: str | None = None
    password: HiddenBytes = HiddenBytes()

    @property
    def identity(self) -> str:
        """Who the peer says it is: key or user name; empty with NULL."""
        return self.key or self.username or ""


class Answer(NamedTuple):
    """What a server learns about a peer.

    Attributes:
        status: 200, 300, 400 or 500; None for no answer that libzmq understands.
        text: Explains the status.
        user_id: Under which name the server knows the peer.
        metadata: Further properties that the server's messages from this peer have.
        special: What else is done instead of a proper answer.
    """

    status: int | None
    text: str = ""
    user_id: str = ""
    metadata: Mapping[str, str] = MappingProxyType({})
    special: SpecialAnswer | None = None


@dataclass(frozen=True)
class AuthenticationRequest:
    """One request and its answer, as tests see it; the password is not in it.

    Attributes:
        mechanism: ``NULL``, ``PLAIN`` or ``CURVE``.
        domain: The ZAP domain of the server socket; may be empty.
        address: IP address of the peer; ``localhost:UID:GID:PID`` over ipc.
        routing_id: The routing id of the server socket: text, or bytes where it is not UTF-8.
        username: With PLAIN.
        key: The peer's public key with CURVE, as Z85 text.
        status: What was answered; None for no or a malformed answer.
        text: The text that explains the status.
        user_id: The user id that the peer was given.
        time: When it was asked.
    """

    mechanism: str
    domain: str
    address: str
    routing_id: str | bytes
    username: str | None
    key: str | None
    status: int | None
    text: str
    user_id: str
    time: datetime

    def __str__(self) -> str:
        who = f" of key {self.key}" if self.key else f" of user '{self.username}'" if self.username is not None else ""
        domain = f" for domain '{self.domain}'" if self.domain else ""
        answer = f"{self.status or 'no status'} {self.text}"
        return printable(f"{self.mechanism} request{who} from {self.address}{domain}: {answer}")


def record_of(request: ZapRequest, answer: Answer, time: datetime) -> AuthenticationRequest:
    """What is kept of a request and its answer."""
    return AuthenticationRequest(
        request.mechanism.value,
        request.domain,
        request.address,
        _text_or_bytes(request.routing_id),
        request.username,
        request.key,
        answer.status,
        answer.text,
        answer.user_id,
        time,
    )


def read_request(frames: Sequence[bytes]) -> ZapRequest:
    """Reads a request as a ROUTER gets it.

    Raises:
        Malformed: It is not as RFC 27 says.
    """
    if b"" not in frames[1:]:
        raise Malformed("there is no address delimiter")
    start = frames.index(b"", 1) + 1
    body = frames[start:]
    if len(body) < 2:
        raise Malformed("there is no request id")
    way_back = WayBack(tuple(frames[:start]), body[1])
    if body[0] != _VERSION:
        raise Malformed("the version is not 1.0", way_back)
    if len(body) < 6:
        raise Malformed(f"there are {len(body)} frames after the delimiter, not at least 6", way_back)
    domain, address, routing_id, mechanism, *credentials = body[2:]
    if len(routing_id) > _MOST_BYTES:
        raise Malformed("the routing id is longer than 255 bytes", way_back)
    name = _ascii(mechanism, "mechanism", way_back)
    if name not in Mechanism.__members__:
        raise Malformed("the mechanism is none of NULL, PLAIN and CURVE", way_back)
    return _with_credentials(
        ZapRequest(
            way_back,
            _ascii(domain, "domain", way_back),
            _ascii(address, "address", way_back),
            routing_id,
            Mechanism[name],
        ),
        credentials,
    )


def _with_credentials(request: ZapRequest, credentials: Sequence[bytes]) -> ZapRequest:
    mechanism, way_back = request.mechanism, request.way_back
    expected = {Mechanism.NULL: 0, Mechanism.PLAIN: 2, Mechanism.CURVE: 1}[mechanism]
    if len(credentials) != expected:
        raise Malformed(f"{mechanism.value} has {expected} credential frames, not {len(credentials)}", way_back)
    if mechanism is Mechanism.PLAIN:
        username = credentials[0].decode("utf-8", "backslashreplace")
        return request._replace(username=username, password=HiddenBytes(credentials[1]))
    if mechanism is Mechanism.CURVE:
        if len(credentials[0]) != _KEY_BYTES:
            raise Malformed("the key has not 32 bytes", way_back)
        return request._replace(key=z85.encode(credentials[0]).decode("ascii"))
    return request


def _ascii(frame: bytes, name: str, way_back: WayBack) -> str:
    if len(frame) > _MOST_BYTES or not frame.isascii():
        raise Malformed(f"the {name} is not ASCII text of at most 255 characters", way_back)
    return frame.decode("ascii")


def _text_or_bytes(data: bytes) -> str | bytes:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data


def answer_frames(way_back: WayBack, answer: Answer) -> list[bytes]:
    """The frames of an answer; none for no answer."""
    special = answer.special
    if special is SpecialAnswer.NONE:
        return []
    version = b"2.0" if special is SpecialAnswer.WRONG_VERSION else _VERSION
    request_id = b"not-" + way_back.request_id if special is SpecialAnswer.WRONG_REQUEST_ID else way_back.request_id
    head = [*way_back.envelope, version, request_id]
    if special is SpecialAnswer.MALFORMED:
        return head
    status = b"999" if special is SpecialAnswer.WRONG_STATUS else str(answer.status or 200).encode("ascii")
    metadata = b"\xff" if special is SpecialAnswer.WRONG_METADATA else _metadata_frame(answer.metadata)
    return [*head, status, answer.text.encode("utf-8", "replace"), answer.user_id.encode("utf-8", "replace"), metadata]


def _metadata_frame(metadata: Mapping[str, str]) -> bytes:
    values = {name: value.encode("utf-8", "replace") for name, value in metadata.items()}
    return b"".join(
        bytes([len(name)]) + name.encode("ascii") + len(data).to_bytes(4, "big") + data for name, data in values.items()
    )


def check_domain(domain: str) -> str:
    """The domain of a rule.

    Raises:
        InvalidValue: No server can have it.
    """
    if len(domain) > _MOST_BYTES or not domain.isascii():
        raise InvalidValue(
            f"domain: a ZAP domain has at most {_MOST_BYTES} characters, all of them ASCII. {domain[:80]!a} is none."
        )
    return domain


def check_property(value: str, what: str) -> str:
    """A property of a connection, such as its user id.

    Raises:
        InvalidValue: The server's messages cannot have it.
    """
    require_text(value, what)
    if "\0" in value:
        raise InvalidValue(f"{what} {value!a} cannot be used: libzmq gives programs only what is before its NUL.")
    return value


def check_metadata(metadata: Mapping[str, str]) -> dict[str, str]:
    """Properties as ZMTP takes them.

    Raises:
        InvalidValue: A name or value is not one, or libzmq sets it itself.
    """
    for name in metadata:
        if not isinstance(name, str) or not re.fullmatch(_PROPERTY_NAME, name):
            raise InvalidValue(
                f"metadata: a name has 1 to 255 letters, digits and the characters - _ . +, and {name!r} has not."
            )
        if name in _SET_BY_LIBZMQ:
            raise InvalidValue(f"metadata: libzmq sets {name} itself, and would ignore another value.")
    return {name: check_property(str(value), f"metadata: {name}") for name, value in metadata.items()}
