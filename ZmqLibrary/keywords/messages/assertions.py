"""Keywords that check the message received last."""

from __future__ import annotations

from collections.abc import Mapping

from assertionengine import AssertionOperator
from robot.api.deco import keyword

from ...errors import CheckFailed, EncodeError
from ...messages.patterns import MatchKind, expected_frame, message_pattern, shown_frames
from ...report.values import value_summary
from ...report.words import count_of, with_message
from ...sockets.silent_causes import conflation
from ..arguments import add_spread_hint, concealed, frames_of, given_pattern, spread_hint
from ..assertion_engine import verify_frame
from ..base import FormatArgument, KeywordGroup

_SHOWN = 200


class AssertionKeywords(KeywordGroup):
    """Assertions on the received message."""

    @keyword
    def received_message_should_equal(
        self,
        *frames: object,
        format: FormatArgument = None,
        socket: str | None = None,
        message: str | None = None,
    ) -> None:
        """Fails unless the message received last has exactly these frames.

        JSON and other structured formats compare values, so key order and white space do not matter; TEXT, BYTES, HEX
        and BASE64 compare bytes. A failure shows the message frame by frame with the first difference.

        Args:
            frames: One argument for each frame, or a single list of frames.

        Example:
        | Bind Zmq Socket       inproc://jobs    PULL    jobs
        | Connect Zmq Socket    inproc://jobs    PUSH    work
        | Send Multipart        job-1    {"n": 1, "m": 2}
        | Receive Multipart     socket=jobs
        | Received Message Should Equal    job-1    {"m": 2, "n": 1}    format=TEXT,JSON

        Tags: Assertion
        """
        from ...messages import comparison

        zmq_socket, received = self.session.last_received(socket)
        formats = self.session.formats_for(zmq_socket, format)
        try:
            differences = comparison.compare_frames(frames_of(frames), received.raw, formats)
        except EncodeError as error:
            add_spread_hint(error, frames, formats)
            raise
        if differences:
            if len(received) != len(frames_of(frames)) and (hint := spread_hint(frames, formats)):
                differences.append(hint)
            raise CheckFailed(
                with_message(
                    message,
                    f"The message received by {zmq_socket.title} is not as expected.",
                    *differences,
                    *conflation(zmq_socket),
                )
            )

    @keyword
    def received_message_should_not_equal(
        self,
        *frames: object,
        format: FormatArgument = None,
        socket: str | None = None,
        message: str | None = None,
    ) -> None:
        """Fails if the message received last has exactly these frames.

        Args:
            frames: One argument for each frame, or a single list of frames.

        Example:
        | Bind Zmq Socket       inproc://jobs    PULL    jobs
        | Connect Zmq Socket    inproc://jobs    PUSH    work
        | Send Message          job-1
        | Receive Message       socket=jobs
        | Received Message Should Not Equal    job-2

        Tags: Assertion
        """
        from ...messages import comparison

        zmq_socket, received = self.session.last_received(socket)
        formats = self.session.formats_for(zmq_socket, format)
        if not comparison.compare_frames(frames_of(frames), received.raw, formats):
            pattern = message_pattern(frames_of(frames), MatchKind.EXACT, formats)
            shown = value_summary(shown_frames(pattern, received.raw), formats, _SHOWN)
            raise CheckFailed(
                with_message(message, f"The message received by {zmq_socket.title} should not equal {shown}.")
            )

    @keyword
    def received_message_should_contain(
        self,
        value: object,
        *,
        format: FormatArgument = None,
        socket: str | None = None,
        message: str | None = None,
    ) -> None:
        """Fails unless any frame of the message received last contains the value.

        With JSON and other structured formats a part of an object or list is enough, at its place in the structure.

        Args:
            value: Text, bytes, or what the format takes.

        Example:
        | Bind Zmq Socket       inproc://jobs    PULL    jobs
        | Connect Zmq Socket    inproc://jobs    PUSH    work
        | Send Multipart        job-1    {"state": "done", "n": 1}
        | Receive Multipart     socket=jobs
        | Received Message Should Contain    job
        | Received Message Should Contain    {"n": 1}    format=JSON

        Tags: Assertion
        """
        from ...messages import comparison

        zmq_socket, received = self.session.last_received(socket)
        formats = self.session.formats_for(zmq_socket, format)
        if not comparison.contains(received.raw, concealed(value), formats):
            shown = comparison.shown_value(concealed(value), received.raw, formats)
            raise CheckFailed(
                with_message(
                    message,
                    f"No frame of the message received by {zmq_socket.title} contains {shown}.",
                    f"Received: {value_summary(received.raw, formats, _SHOWN)}",
                    *conflation(zmq_socket),
                )
            )

    @keyword
    def received_message_should_match(
        self,
        *patterns: object,
        format: FormatArgument = None,
        layout: str | None = None,
        socket: str | None = None,
        message: str | None = None,
        **fields: object,
    ) -> None:
        """Fails unless the frames of the message received last match glob patterns, one for each frame.

        Args:
            patterns: ``*`` stands for any text, ``?`` for any character, ``[abc]`` for one of these. Case matters. With
                JSON an object stands for all that contain it, see `Patterns`.
            layout: The layout of the fields that patterns are given for, instead of ``format``.
            fields: With a layout, patterns by field: ``header={"type": "status"}``. See `Patterns`.

        Example:
        | Bind Zmq Socket       inproc://jobs    PULL    jobs
        | Connect Zmq Socket    inproc://jobs    PUSH    work
        | Send Multipart        job-17    done
        | Receive Multipart     socket=jobs
        | Received Message Should Match    job-??    *

        Tags: Assertion
        """
        self._should_match(patterns, fields, MatchKind.GLOB, format, layout, socket, message)

    @keyword
    def received_message_should_match_regexp(
        self,
        *patterns: object,
        format: FormatArgument = None,
        layout: str | None = None,
        socket: str | None = None,
        message: str | None = None,
        **fields: object,
    ) -> None:
        """Fails unless the frames of the message received last match regular expressions, one for each frame.

        Args:
            patterns: Python regular expressions, found anywhere in the frame; ``*`` alone stands for any frame.
            layout: The layout of the fields that patterns are given for, instead of ``format``.
            fields: With a layout, patterns by field: ``id=^job-[0-9]+$``. See `Patterns`.

        Example:
        | Bind Zmq Socket       inproc://jobs    PULL    jobs
        | Connect Zmq Socket    inproc://jobs    PUSH    work
        | Send Multipart        job-17    done
        | Receive Multipart     socket=jobs
        | Received Message Should Match Regexp    ^job-[0-9]+$    *

        Tags: Assertion
        """
        self._should_match(patterns, fields, MatchKind.REGEXP, format, layout, socket, message)

    @keyword
    def received_message_should_have_frames(
        self, count: int, *, socket: str | None = None, message: str | None = None
    ) -> None:
        """Fails unless the message received last has this number of frames.

        Args:
            count: How many frames.

        Example:
        | Bind Zmq Socket       inproc://jobs    PULL    jobs
        | Connect Zmq Socket    inproc://jobs    PUSH    work
        | Send Multipart        job-17    done
        | Receive Multipart     socket=jobs
        | Received Message Should Have Frames    2

        Tags: Assertion
        """
        zmq_socket, received = self.session.last_received(socket)
        if len(received) != count:
            found = f"has {count_of(len(received), 'frame')}, expected {count}"
            raise CheckFailed(
                with_message(
                    message,
                    f"The message received by {zmq_socket.title} {found}.",
                    f"Received: {value_summary(received.raw, received.receipt.formats, _SHOWN)}",
                    *conflation(zmq_socket),
                )
            )

    @keyword
    def received_frame_should_equal(
        self,
        index: int,
        value: object,
        *,
        format: FormatArgument = None,
        socket: str | None = None,
        message: str | None = None,
    ) -> None:
        """Fails unless one frame of the message received last equals the value.

        Args:
            index: Number of the frame, from 0; negative ones count from the end.
            value: Text, bytes, or what the format takes.

        Example:
        | Bind Zmq Socket       inproc://jobs    PULL    jobs
        | Connect Zmq Socket    inproc://jobs    PUSH    work
        | Send Multipart        job-17    done
        | Receive Multipart     socket=jobs
        | Received Frame Should Equal    -1    done

        Tags: Assertion
        """
        from ...messages import comparison

        zmq_socket, received = self.session.last_received(socket)
        formats = self.session.formats_for(zmq_socket, format)
        frame = received.frame(index)
        kind = formats.fitting(received.raw)[index]
        result = comparison.compare_frame(expected_frame(concealed(value), kind), frame, kind)
        if not result.equal:
            raise CheckFailed(
                with_message(
                    message,
                    f"Frame {index} of the message received by {zmq_socket.title} is not as expected.",
                    *result.describe(index % len(received)),
                )
            )

    @keyword
    def get_received_frame(
        self,
        index: int,
        operator: AssertionOperator | None = None,
        expected: object = None,
        *,
        format: FormatArgument = None,
        socket: str | None = None,
        message: str | None = None,
    ) -> object:
        """Returns one frame of the message received last and optionally checks it.

        See [https://github.com/MarketSquare/AssertionEngine|AssertionEngine] for the operators.

        Args:
            index: Number of the frame, from 0; negative ones count from the end.
            operator: ``==``, ``!=``, ``contains``, ``matches``, ``validate``, ``then`` and others.
            expected: What the operator compares with; it is brought to the type of the format.

        Returns:
            The value of the frame in the format; with ``then`` the result of the expression.

        Example:
        | Bind Zmq Socket       inproc://jobs    PULL    jobs
        | Connect Zmq Socket    inproc://jobs    PUSH    work
        | Send Multipart        job-17    {"n": 1}
        | Receive Multipart     socket=jobs
        | Get Received Frame    0    matches    job-[0-9]+
        | ${n}=                 Get Received Frame    1    then    value["n"]    format=JSON
        | Should Be Equal       ${n}    ${1}

        Tags: Assertion, Getter
        """
        zmq_socket, received = self.session.last_received(socket)
        formats = self.session.formats_for(zmq_socket, format)
        received.frame(index)
        kind = formats.fitting(received.raw)[index]
        value = received.read_frame(index, formats)
        return verify_frame(value, operator, expected, kind, f"Frame {index} of {zmq_socket.title}", message)

    def _should_match(
        self,
        patterns: tuple[object, ...],
        fields: Mapping[str, object],
        kind: MatchKind,
        format: FormatArgument,
        layout: str | None,
        socket: str | None,
        message: str | None,
    ) -> None:
        zmq_socket, received = self.session.last_received(socket)
        formats = self.session.formats_for(zmq_socket, format, layout=layout)
        given = patterns if fields else frames_of(patterns)
        pattern = given_pattern(given, fields, kind, formats, whole=True)
        if difference := pattern.difference(received.raw):
            raise CheckFailed(
                with_message(
                    message,
                    f"The message received by {zmq_socket.title} does not match.",
                    difference,
                    f"Received: {value_summary(shown_frames(pattern, received.raw), formats, _SHOWN)}",
                    *conflation(zmq_socket),
                )
            )
