"""Keywords that check the JSON in the message received last."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assertionengine import AssertionOperator
from robot.api.deco import keyword
from robot.api.types import Secret

from ...errors import CheckFailed, InvalidValue
from ...formats import FrameProblem, contains_hidden, reveal
from ...messages.message import Message
from ...messages.values import missing_from, value_text
from ...plain_text import shortened
from ...report.words import with_message
from ..arguments import concealed
from ..assertion_engine import verify_frame
from ..base import KeywordGroup

if TYPE_CHECKING:
    from ...sockets.zmq_socket import ZmqSocket

_SHOWN = 500
_TEXTS = (str, bytes, bytearray, Secret)


class JsonKeywords(KeywordGroup):
    """JSON of the received message."""

    @keyword
    def received_json_should_equal(
        self,
        expected: object,
        *,
        ignore: str | list[str] | None = None,
        ignore_order: bool = False,
        frame: int | str = -1,
        format: str = "JSON",
        socket: str | None = None,
        message: str | None = None,
    ) -> None:
        """Fails unless a frame of the message received last holds exactly this JSON value.

        The failure lists the differences by their paths. Numbers are compared by value: 1 equals 1.0, but not true.

        Args:
            expected: JSON text, a dictionary, a list or another value.
            ignore: Paths of what does not matter, with all that is below it, as a list or separated by commas:
                ``$.time, $.items[0].id``, ``$.items[*].id``, ``$..id`` at any depth, ``$['a name']``.
            ignore_order: Whether the order of lists does not matter.
            frame: Number of the frame, from 0; negative ones count from the end. Or the name of its field, when the
                message was received with a layout.
            format: Another format whose values are compared in the same way, such as ``MSGPACK``.

        Raises:
            CheckFailed: The values differ.
            MissingPackage: The extra ``json`` is not installed.

        Example:
        | Bind Zmq Socket       inproc://jobs    PULL    jobs
        | Connect Zmq Socket    inproc://jobs    PUSH    work
        | Send Multipart        job    {"id": 7, "tags": ["b", "a"], "time": 12.5}
        | Receive Multipart     socket=jobs
        | Received Json Should Equal    {"id": 7, "tags": ["a", "b"]}    ignore=$.time    ignore_order=yes

        Tags: Assertion, JSON
        """
        from ...messages import json_checks, json_path

        zmq_socket, received, value = self._value(frame, format, socket)
        hidden, wanted = self._expected(expected)
        paths = json_path.paths_in(ignore) if isinstance(ignore, str) else ignore or []
        lines = json_checks.differences(wanted, value, ignore=paths, ignore_order=ignore_order, secret=hidden)
        _fail_with(lines, message, f"{_title(received, frame, zmq_socket)} is not the expected JSON:", value)

    @keyword
    def received_json_should_contain(
        self,
        subset: object,
        *,
        frame: int | str = -1,
        format: str = "JSON",
        socket: str | None = None,
        message: str | None = None,
    ) -> None:
        """Fails unless a frame of the message received last holds JSON with this part.

        Objects may have further keys, at any depth; the elements of a list may be anywhere in the received list.

        Args:
            subset: JSON text, a dictionary, a list or another value.
            frame: As with `Received Json Should Equal`.
            format: As with `Received Json Should Equal`.

        Raises:
            CheckFailed: A part is missing or differs; the message names the first one.

        Example:
        | Bind Zmq Socket       inproc://jobs    PULL    jobs
        | Connect Zmq Socket    inproc://jobs    PUSH    work
        | Send Message          {"id": 7, "result": {"lines": 12, "tags": ["a", "b"]}}
        | Receive Message       socket=jobs
        | Received Json Should Contain    {"result": {"tags": ["b"]}}

        Tags: Assertion, JSON
        """
        zmq_socket, received, value = self._value(frame, format, socket)
        hidden, wanted = self._expected(subset)
        found = missing_from(value, wanted)
        lines = ["A value that is not shown is missing or differs."] if found and hidden else [found] if found else []
        _fail_with(lines, message, f"{_title(received, frame, zmq_socket)} does not contain the expected JSON:", value)

    @keyword
    def received_json_should_match_schema(
        self,
        schema: object,
        *,
        frame: int | str = -1,
        format: str = "JSON",
        socket: str | None = None,
        message: str | None = None,
    ) -> None:
        """Fails unless a frame of the message received last holds JSON that fits a schema.

        Args:
            schema: A JSON schema (https://json-schema.org): a dictionary, JSON text, or the path of a file. References
                to other files are relative to that file; none are read from the network.
            frame: As with `Received Json Should Equal`.
            format: As with `Received Json Should Equal`.

        Raises:
            CheckFailed: The value does not fit; the message says where and why.
            InvalidValue: It is not a schema.
            MissingPackage: The extra ``json`` is not installed.

        Example:
        | Bind Zmq Socket       inproc://jobs    PULL    jobs
        | Connect Zmq Socket    inproc://jobs    PUSH    work
        | Send Message          {"id": 7}
        | Receive Message       socket=jobs
        | Received Json Should Match Schema    {"required": ["id"], "properties": {"id": {"type": "integer"}}}

        Tags: Assertion, JSON
        """
        from ...messages import json_checks

        zmq_socket, received, value = self._value(frame, format, socket)
        where = _file_of(schema)
        hidden, loaded = (False, json_checks.schema_in(where)) if where else self._expected(schema)
        lines = json_checks.violations(value, loaded, where, secret=hidden)
        _fail_with(lines, message, f"{_title(received, frame, zmq_socket)} does not fit the schema:", value)

    @keyword
    def get_received_json(
        self,
        path: str = "$",
        operator: AssertionOperator | None = None,
        expected: object = None,
        *,
        frame: int | str = -1,
        format: str = "JSON",
        socket: str | None = None,
        message: str | None = None,
    ) -> object:
        """Returns what a JSONPath finds in the message received last and optionally checks it.

        A path to one place gives the value there. A path that can find several, with ``*``, ``..``, a slice or a
        filter such as ``$.items[?(@.n > 1)].id``, gives a list.

        See [https://github.com/MarketSquare/AssertionEngine|AssertionEngine] for the operators.

        Args:
            path: The JSONPath; ``$`` is the whole value.
            operator: ``==``, ``!=``, ``contains``, ``matches``, ``validate``, ``then`` and others.
            expected: What the operator compares with: text is read as JSON, unless the value found is text itself;
                other values are compared as they are, so that the text ``"1"`` is not the number ``${1}``.
            frame: As with `Received Json Should Equal`.
            format: As with `Received Json Should Equal`.

        Returns:
            The value; with ``then`` the result of the expression.

        Raises:
            CheckFailed: There is nothing at that place.
            MissingPackage: The extra ``json`` is not installed.

        Example:
        | Bind Zmq Socket       inproc://jobs    PULL    jobs
        | Connect Zmq Socket    inproc://jobs    PUSH    work
        | Send Message          {"id": 7, "parts": [{"n": 1}, {"n": 2}]}
        | Receive Message       socket=jobs
        | ${id}=                Get Received Json    $.id    ==    7
        | Get Received Json     $.parts[*].n    ==    [1, 2]

        Tags: Assertion, Getter, JSON
        """
        from ...messages import json_checks

        zmq_socket, received, value = self._value(frame, format, socket)
        found = json_checks.find(value, path)
        is_text = isinstance(found, str) and isinstance(expected, _TEXTS)
        kind = self.session.formats.format("TEXT" if is_text else "JSON")
        subject = f"{path} in {_title(received, frame, zmq_socket)}"
        return verify_frame(found, operator, expected, kind, subject, message)

    def _value(self, frame: int | str, format: str, socket: str | None) -> tuple[ZmqSocket, Message, object]:
        zmq_socket, received = self.session.last_received(socket)
        return zmq_socket, received, received.read_frame(frame, self.session.formats.get(format))

    def _expected(self, value: object) -> tuple[bool, object]:
        """Whether an expected value has a secret in it, and the value as it would be received."""
        hidden = contains_hidden(concealed(value))
        json = self.session.formats.format("JSON")
        problem = ""
        try:
            return hidden, json.decode(json.encode(reveal(concealed(value))))
        except FrameProblem as error:
            problem = "a value that is not shown." if hidden else str(error)
        raise InvalidValue(f"The expected value is not JSON: {problem}")


def _file_of(schema: object) -> Path | None:
    if isinstance(schema, Path):
        return schema
    if isinstance(schema, str) and schema.strip() not in ("true", "false") and not schema.lstrip().startswith("{"):
        return Path(schema)
    return None


def _title(received: Message, frame: int | str, socket: ZmqSocket) -> str:
    return f"Frame {received.index_of(frame)} of the message received by {socket.title}"


def _fail_with(lines: list[str], message: str | None, title: str, value: object) -> None:
    if lines:
        came = f"Received: {shortened(value_text(value), _SHOWN)}"
        raise CheckFailed(with_message(message, title, *(f"  {line}" for line in lines), came))
