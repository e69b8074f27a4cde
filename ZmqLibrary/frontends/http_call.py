"""One HTTP request that carries an XML-RPC call, read and answered.

It is as much of HTTP (RFC 9112) as clients of XML-RPC use: one POST for each connection, with its length. Python's
`http.server` takes longer for the head of a request than the keyword takes.
"""

from __future__ import annotations

import socket
from ipaddress import ip_address

from ..waiting.deadline import Deadline

MAX_HEAD = 64 * 1024
MAX_BODY = 256 * 1024 * 1024
_FIRST_LINE = 4096
_LEAST_RATE = 100_000  # bytes a second
_LOOKS = socket.MSG_PEEK | getattr(socket, "MSG_DONTWAIT", 0)
_REASONS = {
    200: "OK",
    400: "Bad Request",
    405: "Method Not Allowed",
    411: "Length Required",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    421: "Misdirected Request",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


class BadCall(Exception):
    """What came is no XML-RPC call.

    Args:
        status: The HTTP status that says so.
        reason: For people.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def path_of(connection: socket.socket) -> str | None:
    """The path of the request that begins, None if none does. It is left to be read.

    Raises:
        BlockingIOError: Nothing has come yet.
        OSError: The client went away.
    """
    first = connection.recv(_FIRST_LINE, _LOOKS).split(b"\r\n", 1)[0]
    words = first.split(b" ")  # clients send their head in one go
    return words[1].decode("latin-1") if len(words) == 3 else None


def read_body(connection: socket.socket, seconds: float) -> bytes:
    """The body of the request.

    Args:
        connection: Where it comes.
        seconds: How long it may take; a long body has more time.

    Raises:
        BadCall: It is not what a client of XML-RPC sends. Browsers send nothing of the content type text/xml to another
            site without asking it before, so that no web page can call keywords.
        OSError: The client went away, or did not send on in time.
    """
    head, body = _read_head(connection, Deadline(seconds))
    if not head.startswith(b"POST "):
        raise BadCall(405, "XML-RPC calls are POST requests.")
    head = head.lower()
    if _field(head, b"content-type").partition(b";")[0].strip() != b"text/xml":
        raise BadCall(415, "XML-RPC calls have the content type text/xml.")
    _require_host(connection, _field(head, b"host").decode("latin-1"))
    digits = _field(head, b"content-length")
    if not digits.isdigit():
        raise BadCall(411, "XML-RPC calls need a Content-Length.")
    length = int(digits[:20])
    if length > MAX_BODY:
        raise BadCall(413, f"At most {MAX_BODY:,} bytes are taken.")
    return _read_rest(connection, body, length, Deadline(seconds + length / _LEAST_RATE))


def _require_host(connection: socket.socket, host: str) -> None:
    """Refuses a web page whose own name was made to lead here (DNS rebinding): to its browser this is no other site."""
    own = connection.getsockname()
    if host and isinstance(own, tuple) and is_loopback(own[0]):
        name = host if host.endswith("]") else host.rpartition(":")[0] or host
        if not is_loopback(name.strip("[]")):
            raise BadCall(421, "This server is called 127.0.0.1 or localhost, as only its own machine reaches it.")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a host."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _field(head: bytes, name: bytes) -> bytes:
    return head.partition(b"\r\n" + name + b":")[2].partition(b"\r\n")[0].strip()


def _read_head(connection: socket.socket, deadline: Deadline) -> tuple[bytes, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        if len(data) > MAX_HEAD:
            raise BadCall(431, f"The head of a request has at most {MAX_HEAD:,} bytes.")
        data += _some(connection, MAX_HEAD, deadline)
    head, _, rest = data.partition(b"\r\n\r\n")
    return head, rest


def _read_rest(connection: socket.socket, body: bytes, length: int, deadline: Deadline) -> bytes:
    pieces, missing = [body], length - len(body)
    while missing > 0:
        pieces.append(_some(connection, min(missing, 1024 * 1024), deadline))
        missing -= len(pieces[-1])
    return b"".join(pieces)[:length]


def _some(connection: socket.socket, most: int, deadline: Deadline) -> bytes:
    left = deadline.remaining()
    if not left:
        raise TimeoutError("The client is too slow.")
    connection.settimeout(left)
    data = connection.recv(most)
    if not data:
        raise BadCall(400, "The request ends too early.")
    return data


def send_answer(connection: socket.socket, body: bytes, status: int = 200, type: str = "text/xml") -> None:
    """Answers the request; the connection is used for no other."""
    head = f"HTTP/1.0 {status} {_REASONS[status]}\r\nContent-Type: {type}\r\nContent-Length: {len(body)}\r\n\r\n"
    connection.sendall(head.encode("ascii") + body)


def refuse(connection: socket.socket, problem: BadCall) -> None:
    """Answers what is no call."""
    send_answer(connection, f"{problem}\n".encode(), problem.status, "text/plain")
