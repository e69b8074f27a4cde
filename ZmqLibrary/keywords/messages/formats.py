"""Keywords about formats and layouts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from robot.api.deco import keyword

from ...formats import Hidden
from ...log import logger
from ..base import FormatArgument, KeywordGroup
from ..secrets import revealed, secret_bytes

if TYPE_CHECKING:
    from ...formats import FrameFormats


class FormatKeywords(KeywordGroup):
    """Formats of one's own, defaults and layouts."""

    @keyword
    def register_zmq_format(self, name: str, encode: object, decode: object, *, by_value: bool = True) -> None:
        """Adds a format that can be named in every ``format`` from then on.

        The two functions are Python callables: from a variable file, a library, or ``${{ }}``. Whatever they raise
        becomes an error about the frame. Authors of libraries use ``ZmqLibrary.formats.frame_format`` instead.

        Args:
            name: Letters, digits, ``_``, ``-`` and ``.``; case does not matter. A format that was registered before
                is replaced, a built-in one is not.
            encode: Takes a value and returns the frame: bytes, or text in the encoding of the library.
            decode: Takes the frame as bytes and returns the value.
            by_value: Whether assertions compare decoded values rather than bytes.

        Raises:
            InvalidValue: The name is taken or cannot be used, or a function is none.

        Example:
        | Register Zmq Format    UPPER    ${{ str.upper }}    ${{ lambda frame: frame.decode().lower() }}
        | Bind Zmq Socket        inproc://jobs    PULL    jobs
        | Connect Zmq Socket     inproc://jobs    PUSH    work
        | Send Message           hello    format=UPPER
        | ${text}=               Receive Message    format=UPPER    socket=jobs
        | Should Be Equal        ${text}    hello
        | Received Message Should Equal    HELLO

        Tags: Format
        """
        # What cannot be called is refused there.
        encoder, decoder = cast("Callable[[object], object]", encode), cast("Callable[[bytes], Any]", decode)
        self.session.formats.register(name, encoder, decoder, by_value)

    @keyword
    def set_default_zmq_format(self, format: FormatArgument, socket: str | None = None) -> str | list[str]:
        """Sets the format that keywords use on the socket when they are given none; also a layout.

        The socket keeps it as it is now: where `Define Message Layout` or `Register Zmq Format` replaces it later on,
        it has to be set again.

        Returns:
            The one before, which can be set back: its name, or a list of names where one of them has a comma.

        Example:
        | Bind Zmq Socket       inproc://jobs    PULL    jobs
        | Connect Zmq Socket    inproc://jobs    PUSH    work
        | Send Message          {"n": 1}
        | ${old}=               Set Default Zmq Format    JSON    socket=jobs
        | Should Be Equal       ${old}    TEXT
        | ${job}=               Receive Message    socket=jobs
        | Should Be Equal       ${job}[n]    ${1}

        Tags: Format
        """
        zmq_socket = self.session.socket(socket)
        before, old = zmq_socket.formats, _settable(zmq_socket.formats)
        zmq_socket.formats = self.session.formats.get(format if format is not None else old)
        logger.debug(f"Default format of {zmq_socket.title}: {zmq_socket.formats.spec}, before {before.spec}.")
        return old

    @keyword
    def define_message_layout(
        self, name: str, /, *, hmac_key: Hidden | object = None, **fields: Hidden | object
    ) -> None:
        """Names the frames of a message: what ``layout=`` and ``format=`` take from then on.

        See `Layouts` for what fields can be.

        Args:
            name: Name of the layout; one that was defined before is replaced.
            hmac_key: Key of the field with the signature; text, bytes or a Robot ``Secret``; no log shows it. An empty
                one stands for messages that are not signed.
            fields: The fields in their order, as ``field=FORMAT``.

        Raises:
            InvalidValue: A name, format or key cannot be used, or a key is missing.

        Example:
        | Define Message Layout    task    hmac_key=swordfish    id=TEXT    delimiter=EMPTY
        | ...                      mac=HMAC-SHA256:head..body    head=JSON    body=JSON    blobs=BYTES...
        | Bind Zmq Socket          inproc://tasks    PULL    tasks
        | Connect Zmq Socket       inproc://tasks    PUSH    work
        | Send Multipart           layout=task    id=job-1    head={"type": "run"}    body={"n": 1}
        | ${task}=                 Receive Multipart    layout=task    socket=tasks
        | Should Be Equal          ${task.id}    job-1
        | Should Be Equal          ${task.head}[type]    run
        | Length Should Be         ${task.mac}    64

        Tags: Format
        """
        from ...messages.layout_definition import define_layout

        key = None if revealed(hmac_key) is None else secret_bytes(hmac_key, "The hmac_key")
        specs = {field: spec.value if isinstance(spec, Hidden) else spec for field, spec in fields.items()}
        layout = define_layout(name, specs, self.session.formats, key)
        logger.debug(f"Layout '{name}': {', '.join(map(str, layout.fields))}.")


def _settable(formats: FrameFormats) -> str | list[str]:
    """What sets these formats again: what was written, or the list of names where commas do not separate them."""
    is_clear = all("," not in name and name == name.strip() for name in formats.names)
    return formats.spec if is_clear else formats.names
