"""Keywords that send messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from robot.api.deco import keyword

from ...errors import EncodeError, InvalidValue, WaitTimeout, WrongUse
from ...formats import combined
from ...log import logger
from ...messages.message import Message
from ...report.words import count_of
from ...sockets.socket_types import SocketType
from ..arguments import add_spread_hint, encoded_frames, encoded_payload
from ..base import FormatArgument, KeywordGroup
from .bursts import MessageBursts

if TYPE_CHECKING:
    from ...formats import FrameFormats
    from ...sockets.zmq_socket import ZmqSocket


class SendingKeywords(KeywordGroup):
    """Sending."""

    @keyword
    def send_message(
        self,
        payload: object,
        *,
        format: FormatArgument = None,
        socket: str | None = None,
        timeout: timedelta | None = None,
    ) -> None:
        """Sends a message of one frame.

        Waits while no peer takes the message: there is none yet, or its queue is full.

        Args:
            payload: Text, bytes, or a Robot ``Secret``; with TEXT also a number; with JSON anything that is JSON.

        Raises:
            EncodeError: The payload does not fit the format; nothing was sent.
            WaitTimeout: No peer took it in time; the message says what is known of the cause.

        Example:
        | Bind Zmq Socket       inproc://jobs    PULL    jobs
        | Connect Zmq Socket    inproc://jobs    PUSH    work
        | Send Message          {"command": "list"}    format=JSON

        Tags: Sending
        """
        zmq_socket = self.session.socket(socket)
        formats = self.session.formats_for(zmq_socket, format)
        frames = encoded_payload(payload, formats)
        zmq_socket.send(frames, self._deadline(timeout))
        self.session.log.messages.log("Sent from", zmq_socket, frames, formats)

    @keyword
    def send_multipart(
        self,
        *frames: object,
        format: FormatArgument = None,
        layout: str | None = None,
        socket: str | None = None,
        timeout: timedelta | None = None,
        **fields: object,
    ) -> None:
        """Sends several frames as one message.

        Waits while no peer takes the message: there is none yet, or its queue is full.

        Args:
            frames: One argument for each frame, or a single list of frames.
            layout: A layout that was defined with `Define Message Layout`, instead of ``format``.
            fields: With a layout, a value for each field, as ``field=value``.

        Raises:
            EncodeError: A frame does not fit its format, or a field is missing; nothing was sent.
            WaitTimeout: No peer took it in time; the message says what is known of the cause.

        Example:
        | Bind Zmq Socket       inproc://jobs    PULL    jobs
        | Connect Zmq Socket    inproc://jobs    PUSH    work
        | Send Multipart        job-1    {"n": 1}    format=TEXT,JSON

        Example:
        | Define Message Layout    task    id=TEXT    delimiter=EMPTY    body=JSON
        | Bind Zmq Socket          inproc://tasks    PULL    tasks
        | Connect Zmq Socket       inproc://tasks    PUSH    work
        | Send Multipart           id=job-1    body={"n": 1}    layout=task

        Tags: Sending
        """
        zmq_socket = self.session.socket(socket)
        formats = self.session.formats_for(zmq_socket, format, layout=layout)
        try:
            encoded = encoded_frames(frames, fields, formats)
        except EncodeError as error:
            add_spread_hint(error, frames, formats)
            raise
        zmq_socket.send(encoded, self._deadline(timeout))
        self.session.log.messages.log("Sent from", zmq_socket, encoded, formats)

    @keyword
    def send_messages(
        self,
        messages: object,
        *,
        format: FormatArgument = None,
        layout: str | None = None,
        socket: str | None = None,
        timeout: timedelta | None = None,
    ) -> int:
        """Sends many messages, which is many times faster than a loop of `Send Message`.

        Waits while no peer takes the next message, as `Send Message` does.

        Args:
            messages: A list, or anything else that can be iterated. Each item is a message: the value of its frame, or
                a list with the values of its frames. With a layout also a dictionary with a value for each field.
            layout: As with `Send Multipart`.
            timeout: For all of them together.

        Returns:
            How many were sent.

        Raises:
            EncodeError: A value does not fit its format; the message says in which message. If they are a list,
                nothing was sent.
            WaitTimeout: Not all were taken in time; the message says how many were sent.

        Example:
        | Bind Zmq Socket       inproc://jobs    PULL    jobs
        | Connect Zmq Socket    inproc://jobs    PUSH    work
        | ${sent}=              Send Messages    ${{ [['tick', n] for n in range(1000)] }}    format=TEXT,U32LE
        | Should Be Equal       ${sent}    ${1000}
        | @{ticks}=             Receive Messages    1000    format=TEXT,U32LE    socket=jobs
        | Should Be Equal       ${ticks}[999]    ${{ ['tick', 999] }}

        Tags: Sending
        """
        from ...sockets.bulk import send_many

        zmq_socket = self.session.socket(socket)
        formats = self.session.formats_for(zmq_socket, format, layout=layout)
        deadline, sent = self._deadline(timeout), 0
        bursts = MessageBursts(messages, formats)
        try:
            for burst in bursts:
                taken = send_many(zmq_socket, burst, deadline)
                sent += taken
                if taken < len(burst):
                    zmq_socket.send(burst[taken], deadline)  # which says why it is not taken
                    sent += 1
        except (WrongUse, WaitTimeout, InvalidValue) as error:
            error.args = (f"{_sent(sent, bursts.total)}\n{error}",)
            raise
        finally:
            logger.info(f"Sent from {zmq_socket.title}: {count_of(sent, 'message')}.")
        return sent

    @keyword
    def try_to_send_message(self, payload: object, *, format: FormatArgument = None, socket: str | None = None) -> bool:
        """Sends a message of one frame if it is taken at once; never waits.

        Args:
            payload: As with `Send Message`.

        Returns:
            Whether the message was queued.

        Example:
        | Open Zmq Socket     PUSH
        | ${sent}=            Try To Send Message    nobody listens
        | Should Not Be True    ${sent}

        Tags: Sending
        """
        zmq_socket = self.session.socket(socket)
        formats = self.session.formats_for(zmq_socket, format)
        return self._try_to_send(zmq_socket, encoded_payload(payload, formats), formats)

    @keyword
    def try_to_send_multipart(
        self,
        *frames: object,
        format: FormatArgument = None,
        layout: str | None = None,
        socket: str | None = None,
        **fields: object,
    ) -> bool:
        """Sends several frames as one message if it is taken at once; never waits.

        Args:
            frames: As with `Send Multipart`.
            layout: As with `Send Multipart`.
            fields: As with `Send Multipart`.

        Returns:
            Whether the message was queued.

        Example:
        | Bind Zmq Socket       inproc://jobs    PULL
        | Connect Zmq Socket    inproc://jobs    PUSH
        | ${sent}=              Try To Send Multipart    job-1    first
        | Should Be True        ${sent}

        Tags: Sending
        """
        zmq_socket = self.session.socket(socket)
        formats = self.session.formats_for(zmq_socket, format, layout=layout)
        return self._try_to_send(zmq_socket, encoded_frames(frames, fields, formats), formats)

    @keyword
    def reply(
        self,
        *frames: object,
        format: FormatArgument = None,
        layout: str | None = None,
        socket: str | None = None,
        **fields: object,
    ) -> None:
        """Answers the message received last.

        A REP socket replies directly. A ROUTER socket puts the envelope of the request first: all frames up to and
        with the first empty one that has frames behind it, or the routing id alone where there is none. A STREAM
        socket puts the routing id first. Other types send the frames as they are.

        Args:
            frames: As with `Send Multipart`, without the envelope.
            layout: As with `Send Multipart`; of the frames without the envelope.
            fields: As with `Send Multipart`.

        Example:
        | Bind Zmq Socket       inproc://service    ROUTER    service
        | Connect Zmq Socket    inproc://service    REQ       client
        | Send Message          ping
        | Receive Multipart     socket=service
        | Reply                 pong
        | ${answer}=            Receive Message    socket=client
        | Should Be Equal       ${answer}    pong

        Tags: Sending
        """
        zmq_socket, request = self.session.last_received(socket)
        self.session.sockets.get(zmq_socket.name)
        formats = self.session.formats_for(zmq_socket, format, layout=layout, enveloped=False)
        encoded = encoded_frames(frames, fields, formats)
        envelope = _envelope(zmq_socket, request)
        message = [*envelope, *encoded]
        zmq_socket.send(message, self._deadline(None))
        kinds = [self.session.formats.format("ROUTING_ID")] * len(envelope)
        self.session.log.messages.log(
            "Sent from", zmq_socket, message, combined(formats.spec, [*kinds, *formats.fitting(encoded)])
        )

    @keyword
    def send_request(
        self,
        *frames: object,
        format: FormatArgument = None,
        layout: str | None = None,
        reply_format: FormatArgument = None,
        socket: str | None = None,
        timeout: timedelta | None = None,
        **fields: object,
    ) -> Message:
        """Sends a request and returns the reply as `Receive Multipart` would.

        On a DEALER the next message is taken for the reply, also one that comes late to an earlier request. After a
        timeout use `Discard Messages` before the next request, or give requests an id and use `Send Multipart` and
        `Wait For Message` with it.

        Args:
            frames: As with `Send Multipart`. So a single list is spread into frames; a request of one frame that holds
                a list is ``${{[$list]}}``, or JSON text.
            layout: As with `Send Multipart`.
            reply_format: The format or layout of the reply if it is not that of the request.
            timeout: For both together.
            fields: As with `Send Multipart`.

        Raises:
            WrongUse: The socket is neither REQ nor DEALER.
            WaitTimeout: The request was not taken or the reply did not come in time.

        Example:
        | Bind Zmq Socket       inproc://service    ROUTER    service
        | Connect Zmq Socket    inproc://service    REQ       client
        | Run Keyword And Expect Error    No message from 'client'*    Send Request    ping    timeout=50ms

        Tags: Receiving, Sending
        """
        zmq_socket = self.session.socket(socket)
        if zmq_socket.type not in (SocketType.REQ, SocketType.DEALER):
            raise WrongUse(f"Socket {zmq_socket.title} cannot send a request: only REQ and DEALER sockets do.")
        formats = self.session.formats_for(zmq_socket, format, layout=layout)
        try:
            encoded = encoded_frames(frames, fields, formats)
            reply_formats = formats if reply_format is None else self.session.formats.get(reply_format)
            deadline = self._deadline(timeout)
            zmq_socket.send(encoded, deadline)
            self.session.log.messages.log("Sent from", zmq_socket, encoded, formats)
            reply = zmq_socket.receive(deadline)
        except (EncodeError, WaitTimeout) as error:
            add_spread_hint(error, frames, formats)
            raise
        return self._received(zmq_socket, reply, reply_formats)

    def _try_to_send(self, socket: ZmqSocket, frames: Sequence[bytes], formats: FrameFormats) -> bool:
        sent = socket.try_send(frames)
        if sent:
            self.session.log.messages.log("Sent from", socket, frames, formats)
        else:
            logger.info(f"Not sent from {socket.title}: no peer took the message at once.")
        return sent


def _sent(count: int, total: int | None) -> str:
    of = "" if total is None else f" of {total:,}"
    return f"{count_of(count, 'message')}{of} {'was' if count == 1 else 'were'} sent."


def _envelope(socket: ZmqSocket, request: Message) -> tuple[bytes, ...]:
    if socket.type is SocketType.STREAM:
        return request.raw[:1]
    return request.envelope if socket.type is SocketType.ROUTER else ()
