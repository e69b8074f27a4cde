"""Keywords that receive messages."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from robot.api.deco import keyword

from ...errors import DecodeError, InvalidValue, WrongUse
from ...log import logger
from ...messages.message import Message, MessageList, UnreadableMessage, read_all
from ...messages.patterns import MatchKind, message_pattern
from ...report.frames import summary
from ...report.words import count_of
from ..arguments import patterns_of, require_count
from ..base import FormatArgument, KeywordGroup

if TYPE_CHECKING:
    from ...sockets.zmq_socket import ZmqSocket


class ReceivingKeywords(KeywordGroup):
    """Receiving."""

    @keyword
    def receive_message(
        self, *, format: FormatArgument = None, socket: str | None = None, timeout: timedelta | None = None
    ) -> object:
        """Receives a message of one frame and returns its value.

        A message with more frames fails; `Get Received Message` returns it.

        Raises:
            WaitTimeout: No message came in time; the message says what is known of the cause.
            DecodeError: The frame does not have the format; `Get Received Message` returns it in another one.

        Example:
        | Bind Zmq Socket       inproc://jobs    PULL    jobs
        | Connect Zmq Socket    inproc://jobs    PUSH    work
        | Send Message          {"n": 1}
        | ${job}=               Receive Message    format=JSON    socket=jobs
        | Should Be Equal       ${job}[n]    ${1}

        Tags: Receiving
        """
        zmq_socket = self.session.socket(socket)
        formats = self.session.formats_for(zmq_socket, format)
        message = zmq_socket.receive(self._deadline(timeout))
        return _only_frame(zmq_socket, self._received(zmq_socket, message, formats))

    @keyword
    def receive_multipart(
        self,
        *,
        format: FormatArgument = None,
        layout: str | None = None,
        socket: str | None = None,
        timeout: timedelta | None = None,
    ) -> Message:
        """Receives the next message and returns it as a `Message`.

        It can be unpacked to its values, indexed and compared with a list; with a layout its values have names, too.
        See `Messages` for its attributes.

        Args:
            layout: A layout that was defined with `Define Message Layout`, instead of ``format``.

        Raises:
            WaitTimeout: No message came in time; the message says what is known of the cause.
            DecodeError: A frame does not have its format; `Get Received Message` returns it in another one.

        Example:
        | Bind Zmq Socket       inproc://jobs    PULL    jobs
        | Connect Zmq Socket    inproc://jobs    PUSH    work
        | Send Multipart        job-1    {"n": 1}
        | ${name}    ${job}=    Receive Multipart    format=TEXT,JSON    socket=jobs
        | Should Be Equal       ${job}[n]    ${1}

        Tags: Receiving
        """
        zmq_socket = self.session.socket(socket)
        formats = self.session.formats_for(zmq_socket, format, layout=layout)
        return self._received(zmq_socket, zmq_socket.receive(self._deadline(timeout)), formats)

    @keyword
    def try_to_receive_message(self, *, format: FormatArgument = None, socket: str | None = None) -> object:
        """Receives a message of one frame if one is there; never waits.

        Returns:
            Its value, or None when nothing is there.

        Example:
        | Bind Zmq Socket    inproc://jobs    PULL
        | ${job}=            Try To Receive Message
        | Should Be Equal    ${job}    ${None}

        Tags: Receiving
        """
        zmq_socket = self.session.socket(socket)
        message = self._try_to_receive(zmq_socket, format)
        return None if message is None else _only_frame(zmq_socket, message)

    @keyword
    def try_to_receive_multipart(
        self, *, format: FormatArgument = None, layout: str | None = None, socket: str | None = None
    ) -> Message | None:
        """Receives a message if one is there; never waits.

        Args:
            layout: As with `Receive Multipart`.

        Returns:
            The message, or None when nothing is there.

        Example:
        | Bind Zmq Socket    inproc://jobs    PULL
        | ${job}=            Try To Receive Multipart
        | Should Be Equal    ${job}    ${None}

        Tags: Receiving
        """
        return self._try_to_receive(self.session.socket(socket), format, layout)

    def _try_to_receive(self, socket: ZmqSocket, format: FormatArgument, layout: str | None = None) -> Message | None:
        formats = self.session.formats_for(socket, format, layout=layout)
        message = socket.try_receive()
        if message is None:
            logger.info(f"No message is there for {socket.title}.")
            return None
        return self._received(socket, message, formats)

    @keyword
    def receive_messages(
        self,
        count: int | None = None,
        until: object = None,
        *,
        format: FormatArgument = None,
        layout: str | None = None,
        socket: str | None = None,
        timeout: timedelta | None = None,
    ) -> list[Message]:
        """Receives many messages and returns them as a list.

        Args:
            count: How many messages; with ``until`` at most that many. One of the two is needed.
            until: A glob pattern for the first frame, or a list of patterns for the first frames, as with
                `Wait For Message`. The message that matches is the last one.
            layout: As with `Receive Multipart`.
            timeout: For all of them together.

        Raises:
            WaitTimeout: Too few came in time. Those that came are not lost: the next receive gets them.
            DecodeError: A frame does not have its format; the message says which of the messages, and `Get Received
                Message` returns that one in another format. All of them stay to be received.

        Example:
        | Bind Zmq Socket       inproc://jobs    PULL    jobs
        | Connect Zmq Socket    inproc://jobs    PUSH    work
        | FOR    ${n}    IN RANGE    3
        |     Send Message    job ${n}
        | END
        | Send Message          end of jobs
        | @{jobs}=              Receive Messages    2    socket=jobs
        | Should Be Equal       ${jobs}[1][0]    job 1
        | @{jobs}=              Receive Messages    until=end*    socket=jobs
        | Length Should Be      ${jobs}    2

        Tags: Receiving
        """
        from ...sockets.bulk import LastMessage, receive_many

        zmq_socket = self.session.socket(socket)
        formats = self.session.formats_for(zmq_socket, format, layout=layout)
        if count is None and until is None:
            raise InvalidValue("Receive Messages needs a count of messages, or a pattern for the last one: until=…")
        require_count(count)
        pattern = None if until is None else message_pattern(patterns_of([until]), MatchKind.GLOB, formats)
        last_one = LastMessage(pattern) if pattern else None
        messages = receive_many(zmq_socket, count, self._deadline(timeout), last_one, formats)
        self.session.received.remember(zmq_socket, messages[-1].meant_as(formats))
        logger.info(f"Received by {zmq_socket.title}: {count_of(len(messages), 'message')}.")
        try:
            return MessageList(read_all(messages, formats))
        except UnreadableMessage as error:
            unreadable, all_of_them = messages[error.place], count_of(len(messages), "message")
            self.session.hand.give_back()
            self.session.received.remember(zmq_socket, unreadable.meant_as(formats))
            raise DecodeError(f"{error} All {all_of_them} stay to be received.", error.hint) from error

    @keyword
    def get_received_message(
        self, *, format: FormatArgument = None, layout: str | None = None, socket: str | None = None
    ) -> Message:
        """Returns the message received last, in any format and as often as wanted.

        Args:
            layout: As with `Receive Multipart`.

        Raises:
            WrongUse: No message has been received yet.
            DecodeError: A frame does not have its format.

        Example:
        | Bind Zmq Socket       inproc://jobs    PULL    jobs
        | Connect Zmq Socket    inproc://jobs    PUSH    work
        | Send Message          A
        | Receive Message       socket=jobs
        | ${hex}=               Get Received Message    format=HEX
        | Should Be Equal       ${hex}[0]    41

        Tags: Getter, Receiving
        """
        zmq_socket, message = self.session.last_received(socket)
        return message.read_as(self.session.formats_for(zmq_socket, format, layout=layout))

    @keyword
    def discard_messages(self, socket: str | None = None) -> int:
        """Throws away the messages that are queued on the socket.

        Returns:
            How many messages that were.

        Example:
        | Bind Zmq Socket       inproc://jobs    PULL    jobs
        | Connect Zmq Socket    inproc://jobs    PUSH    work
        | Send Message          old job
        | ${count}=             Discard Messages    socket=jobs
        | Should Be Equal       ${count}    ${1}

        Tags: Receiving
        """
        zmq_socket = self.session.socket(socket)
        count = zmq_socket.discard()
        logger.info(f"Discarded {count_of(count, 'message')} of {zmq_socket.title}.")
        return count


def _only_frame(socket: ZmqSocket, message: Message) -> object:
    if len(message) != 1:
        raise WrongUse(
            f"The message received by {socket.title} has {count_of(len(message), 'frame')}, not one: "
            f"{summary(message.raw, 60)}. Use `Receive Multipart`; `Get Received Message` still returns this message."
        )
    return message[0]
