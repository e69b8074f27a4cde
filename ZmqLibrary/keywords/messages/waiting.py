"""Keywords that wait for a certain message, or for none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from robot.api.deco import keyword

from ...errors import CheckFailed, InvalidValue, WaitTimeout
from ...log import logger
from ...messages.message import Message
from ...messages.patterns import MatchKind, shown_frames
from ...messages.values import json_difference, json_subset
from ...report.values import value_summary
from ...report.words import lines, seconds
from ...sockets import diagnosis
from ..arguments import concealed, given_pattern, patterns_of
from ..base import FormatArgument, KeywordGroup

if TYPE_CHECKING:
    from ...formats import FrameFormats
    from ...sockets.zmq_socket import ZmqSocket


class WaitingKeywords(KeywordGroup):
    """Picking messages out of a stream."""

    @keyword
    def wait_for_message(
        self,
        *patterns: object,
        match: MatchKind = MatchKind.GLOB,
        format: FormatArgument = None,
        layout: str | None = None,
        socket: str | None = None,
        timeout: timedelta | None = None,
        **fields: object,
    ) -> Message:
        """Waits for a message that matches and returns it.

        Messages that do not match stay, in their order, for later receives.

        Args:
            patterns: One for each frame; ``*`` stands for any frame. Fewer patterns than frames match the leading
                frames; none match every message.
            match: How the patterns are held against the frames.
            layout: The layout of the fields that patterns are given for, instead of ``format``.
            fields: With a layout, patterns by field: ``header={"type": "status"}``. See `Patterns`.

        Raises:
            WaitTimeout: No such message came in time; the message shows the last ones that did not match.

        Example:
        | Bind Zmq Socket       inproc://jobs    PULL    jobs
        | Connect Zmq Socket    inproc://jobs    PUSH    work
        | Send Multipart        progress    50
        | Send Multipart        done        job-1
        | Wait For Message      done    socket=jobs
        | ${name}    ${value}=    Receive Multipart    socket=jobs
        | Should Be Equal       ${name}    progress

        Tags: Receiving, Waiting
        """
        zmq_socket = self.session.socket(socket)
        formats = self.session.formats_for(zmq_socket, format, layout=layout)
        pattern = given_pattern(patterns_of(patterns), fields, match, formats)
        message = self._find(zmq_socket, lambda m: pattern.difference(m.raw), str(pattern), timeout)
        return self._received(zmq_socket, message, formats)

    @keyword
    def wait_for_json_message(
        self,
        subset: object,
        *,
        frame: int = -1,
        format: str = "JSON",
        socket: str | None = None,
        timeout: timedelta | None = None,
    ) -> Message:
        """Waits for a message whose JSON frame contains an object and returns it.

        Messages that do not match stay, in their order, for later receives. Of the message that is returned
        ``${message}[-1]`` is a frame, the JSON one as its value, and ``${message}[state]`` is what that value has.
        Other frames are bytes where the default format of the socket is for another number of frames.

        Args:
            subset: What the JSON has to contain: JSON text or a dictionary. Objects are compared key by key, also
                nested ones; the elements of a list may be anywhere in the received list.
            frame: Number of the JSON frame, from 0; negative ones count from the end.
            format: Another format whose values are compared in the same way, such as ``MSGPACK``.

        Raises:
            WaitTimeout: No such message came in time; the message shows the last ones that did not match.

        Example:
        | Bind Zmq Socket       inproc://jobs    PULL    jobs
        | Connect Zmq Socket    inproc://jobs    PUSH    work
        | Send Message          {"job": 1, "state": "running"}
        | Send Message          {"job": 1, "state": "done", "result": {"lines": 7}}
        | ${answer}=            Wait For Json Message    {"state": "done"}    socket=jobs
        | Should Be Equal       ${answer}[result][lines]    ${7}

        Tags: JSON, Receiving, Waiting
        """
        from ...messages.json_message import JsonMessage

        zmq_socket = self.session.socket(socket)
        json = self.session.formats.get("JSON")
        wanted = json_subset(concealed(subset), json)
        title = f"whose {'last frame' if frame == -1 else f'frame {frame}'} contains {wanted.shown}"
        kinds = self.session.formats_for(zmq_socket, format)
        message = self._find(zmq_socket, lambda m: json_difference(m.raw, frame, wanted, kinds), title, timeout)
        message = JsonMessage(message.meant_as(self._formats_of(zmq_socket, message)), frame, kinds)
        self.session.received.remember(zmq_socket, message)
        self.session.log.messages.log("Received by", zmq_socket, message.raw, message.receipt.formats)
        return message

    @keyword
    def no_message_should_be_received(
        self,
        *patterns: object,
        within: timedelta = timedelta(milliseconds=200),
        match: MatchKind = MatchKind.GLOB,
        format: FormatArgument = None,
        layout: str | None = None,
        socket: str | None = None,
        **fields: object,
    ) -> None:
        """Fails if a message that matches comes within a time; the message stays to be received.

        Args:
            patterns: As with `Wait For Message`; none mean any message.
            within: How long to wait.
            match: How the patterns are held against the frames.
            layout: The layout of the fields that patterns are given for, instead of ``format``.
            fields: With a layout, patterns by field: ``header={"type": "status"}``. See `Patterns`.

        Example:
        | Bind Zmq Socket    inproc://jobs    PULL    jobs
        | No Message Should Be Received    within=50ms

        Tags: Assertion, Waiting
        """
        zmq_socket = self.session.socket(socket)
        formats = self.session.formats_for(zmq_socket, format, layout=layout)
        pattern = given_pattern(patterns_of(patterns), fields, match, formats)
        deadline = self._deadline(within)
        message = zmq_socket.look_for(lambda m: pattern.matches(m.raw), deadline)
        if message is not None:
            wanted = f" that matches {pattern}" if patterns or fields else ""
            shown = value_summary(shown_frames(pattern, message.raw), formats, self.session.settings.log_limit)
            raise CheckFailed(
                lines(
                    f"Socket {zmq_socket.title} received a message{wanted} within {seconds(deadline.seconds)}: {shown}",
                    "It stays to be received.",
                    diagnosis.why_received(zmq_socket),
                )
            )
        logger.info(f"No message came to {zmq_socket.title} within {seconds(deadline.seconds)}.")

    def _formats_of(self, socket: ZmqSocket, message: Message) -> FrameFormats:
        """The formats of a socket, or BYTES where they are for another number of frames."""
        formats = self.session.formats_for(socket, None)
        try:
            formats.fitting(message.raw)
        except InvalidValue:
            return self.session.formats.get("BYTES")
        return formats

    def _find(
        self, socket: ZmqSocket, difference: Callable[[Message], str], wanted: str, timeout: timedelta | None
    ) -> Message:
        """Takes the first message without a difference from what is wanted."""
        deadline = self._deadline(timeout)
        passed = diagnosis.Passed()
        message = socket.find(lambda m: passed.take(difference(m)), deadline)
        if message is None:
            raise WaitTimeout(diagnosis.not_found(socket, wanted, passed, deadline.seconds))
        return message
