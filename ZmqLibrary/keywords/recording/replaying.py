"""Keywords that play recordings again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import zmq
from robot.api.deco import keyword

from ...errors import InvalidValue, WaitTimeout, WrongUse
from ...log import logger
from ...report.words import count_of
from ...report.words import seconds as seconds_of
from ...sockets.socket_types import SocketType
from ...waiting.deadline import Deadline
from ..arguments import require_count
from .group import RecordingGroup

if TYPE_CHECKING:
    from ...mocks.request_log import Request
    from ...mocks.rules import Rule
    from ...recording.recording import RecordedMessage
    from ...sockets.zmq_socket import ZmqSocket

_AT_ONCE = "MAX"


class ReplayKeywords(RecordingGroup):
    """Replay."""

    @keyword
    def replay_recording(
        self,
        recording: object = None,
        *,
        socket: str | None = None,
        speed: float | str = 1.0,
        sender: str | None = None,
        count: int | None = None,
        layout: str | None = None,
        timeout: timedelta | None = None,
    ) -> int:
        """Sends again what one side of a recording has sent, and returns how many messages that were.

        The socket may be a REQ, which waits for the reply to each message, or one that sends without being asked; a
        ROUTER sends to its peers in the order in which they have come. Secrets are not in a recording: in their place
        the text ``<secret>`` is sent, with a warning.

        Args:
            recording: As with `Get Recorded Messages`.
            speed: ``1`` at the recorded times, ``2`` twice as fast, ``MAX`` as fast as it goes.
            sender: Alias, socket type or ``host:port`` of the side; default is the one that sent first.
            count: How many messages at most, from the first on; default is all.
            layout: Of the messages; its signature is made anew, with the key that it has now.
            timeout: For each message to be sent, and for each reply to a REQ.

        Raises:
            WaitTimeout: A message could not be sent, or a reply did not come, in time.
            InvalidValue: There is nothing to send.

        Example:
        | Bind Zmq Socket       inproc://jobs    PULL    jobs
        | Connect Zmq Socket    inproc://jobs    PUSH    work
        | Start Recording       %{TEMPDIR=/tmp}/replay.jsonl    sockets=work
        | Send Message          job 1
        | Send Message          job 2
        | Stop Recording
        | Receive Messages      2    socket=jobs
        | ${count}=             Replay Recording    socket=work    speed=MAX
        | Should Be Equal       ${count}    ${2}
        | Receive Messages      2    socket=jobs

        Tags: Recording, Sending
        """
        # Imported here, because few suites have recordings.
        from ...recording.replaying import Replay, steps_of, without_secrets

        factor = speed_of(speed)
        require_count(count, 0)
        seconds = self._deadline(timeout).seconds
        zmq_socket = self.session.socket(socket)
        steps = steps_of(self._recording(recording), sender, factor, count)
        replay = Replay(zmq_socket.type, self.session.formats.layout(layout) if layout else None)
        messages = [replay.frames(step.message) for step in steps]
        _warn_of_secrets(f"What {zmq_socket.title} replays", without_secrets(step.message for step in steps))
        begun = time.monotonic()
        for step, frames in zip(steps, messages):
            zmq_socket.wait_for(lambda: None, Deadline(begun + step.due - time.monotonic()))
            routed = zmq_socket.type is SocketType.ROUTER
            to = [self._peer(zmq_socket, replay.place_of(step.message), seconds)] if routed else []
            self._send_again(zmq_socket, [*to, *frames], seconds)
        logger.info(f"Replayed {count_of(len(steps), 'message')} from {zmq_socket.title}.")
        return len(steps)

    @keyword
    def mock_replies_from_recording(self, recording: object = None, *, mock: str | None = None) -> None:
        """Has a mock server answer as the real one did when it was recorded.

        A request that equals a recorded one gets the reply recorded for it, the next time the next one, and then the
        last one again. JSON is compared by value. All other requests are left to the other rules of the server. Secrets
        are not in a recording: in their place the text ``<secret>`` is sent, with a warning.

        Args:
            recording: As with `Get Recorded Messages`.

        Raises:
            WrongUse: A server of this type does not reply.
            InvalidValue: Nothing was replied in the recording.

        Example:
        | Start Mock Server      inproc://real    REP    alias=real
        | When Mock Receives     ping    reply=pong
        | Connect Zmq Socket     inproc://real    REQ    client
        | Start Recording        %{TEMPDIR=/tmp}/server.jsonl    sockets=client
        | Send Request           ping
        | Stop Recording
        | Start Mock Server      inproc://copy    REP    alias=copy
        | Mock Replies From Recording    mock=copy
        | Connect Zmq Socket     inproc://copy    REQ    other
        | ${reply}=              Send Request    ping
        | Should Be Equal        ${reply}[0]    pong

        Tags: Mock, Recording
        """
        from ...mocks.mock_server import MockServer
        from ...mocks.rules import Rule
        from ...recording.replaying import RecordedReplies, without_secrets

        server = self.session.worker(MockServer, mock)
        if not server.replies:
            raise WrongUse(f"{server.heading} is of type {server.type.name}, which does not reply.")
        routes = server.socket.type is SocketType.ROUTER
        found = self._recording(recording)
        replies = RecordedReplies(found, _behind_envelope if routes else _all_frames)

        _warn_of_secrets(f"What {server.heading} replies", without_secrets(replies.messages))

        def answer(request: Request, rule: Rule, number: int) -> None:
            for reply in replies.take(request.raw):
                if server.type is SocketType.REP:
                    server.answer(request.envelope, reply.raw)
                else:
                    server.answer(request.envelope[:1], _all_frames(reply))

        title = f"`Mock Replies From Recording    {found}`"
        rule = Rule(replies, answer, key=("recording", id(replies)), title=title)
        server.call(lambda: server.script.add(rule))
        logger.info(f"{server.heading} replies to {count_of(replies.count, 'recorded request')}.")

    def _send_again(self, socket: ZmqSocket, frames: Sequence[bytes], seconds: float) -> None:
        socket.send(frames, Deadline(seconds))
        self.session.log.messages.log("Sent from", socket, frames, socket.formats)
        if socket.type is SocketType.REQ:
            socket.await_message(Deadline(seconds))
            reply = socket.inbox.hand_over()  # for good: after an interrupt nobody is to take it for a later one
            self.session.received.remember(socket, reply)
            self.session.log.messages.log("Received by", socket, reply.raw, socket.formats)

    def _peer(self, socket: ZmqSocket, place: int, seconds: float) -> bytes:
        """The routing id of a peer, once it has sent something."""
        peers = socket.wait_for(lambda: _peers_from(socket, place), Deadline(seconds), zmq.POLLIN)
        if peers is None:
            raise WaitTimeout(
                f"Socket {socket.title} does not know {count_of(place + 1, 'peer')} after {seconds_of(seconds)}: a "
                "ROUTER can send to those that have sent something to it."
            )
        return peers[place]


def _peers_from(socket: ZmqSocket, place: int) -> list[bytes]:
    known = socket.inbox.routing_ids
    if len(known) <= place:
        socket.inbox.read(1)  # What the test has not received yet says who is there; it stays in the inbox.
    return list(known) if len(known) > place else []


def speed_of(speed: float | str) -> float | None:
    """How many times as fast a `speed=` argument means; None for as fast as it goes.

    Raises:
        InvalidValue: It is no number above 0.
    """
    if str(speed).strip().upper() == _AT_ONCE:
        return None
    try:
        factor = float(speed)
    except ValueError:
        factor = 0.0
    if not 0 < factor < float("inf"):
        raise InvalidValue(f"speed={speed} cannot be used. Give a number above 0, such as 1 or 2.5, or MAX.")
    return factor


def _warn_of_secrets(what: str, count: int) -> None:
    if count:
        logger.warn(
            f"{what} has {count_of(count, 'message')} with <secret> in place of a secret, which was not recorded."
        )


def _all_frames(message: RecordedMessage) -> Sequence[bytes]:
    return (*message.envelope, *message.raw)


def _behind_envelope(message: RecordedMessage) -> Sequence[bytes]:
    """What is a request to a mock server: the frames behind the first empty one, unless that is the last."""
    frames = _all_frames(message)
    return frames[frames.index(b"") + 1 :] if b"" in frames[:-1] else frames
