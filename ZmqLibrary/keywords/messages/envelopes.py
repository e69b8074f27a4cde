"""Keywords about the routing ids that a message comes with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from robot.api.deco import keyword

from ...errors import CheckFailed, WrongUse
from ...formats import HiddenBytes
from ...messages.message import Message
from ...report.words import with_message
from ..arguments import concealed
from ..base import KeywordGroup

if TYPE_CHECKING:
    from ...sockets.zmq_socket import ZmqSocket


class EnvelopeKeywords(KeywordGroup):
    """Envelopes of the received message."""

    @keyword
    def get_envelope(self, socket: str | None = None) -> list[object]:
        """Returns the envelope of the message received last: the frames to put before a reply.

        On a ROUTER these are the routing ids of the peer and of those that it forwards for, up to and with the first
        empty frame; or the peer's routing id alone where there is no empty frame. On other sockets they are the frames
        up to and with the first empty one, and none where there is no empty frame. An empty frame at the end of the
        message does not count.

        Returns:
            A list: text for routing ids that a peer has chosen, bytes for those that libzmq has made.

        Example:
        | Bind Zmq Socket       inproc://service    ROUTER    service
        | Connect Zmq Socket    inproc://service    REQ       client    routing_id=client-1
        | Send Message          ping
        | Receive Multipart     socket=service
        | @{envelope}=          Get Envelope
        | Should Be Equal       ${envelope}[0]    client-1
        | Send Multipart        @{envelope}    pong    socket=service
        | Receive Message       socket=client

        Tags: Getter
        """
        zmq_socket, received = self.session.last_received(socket)
        return self._readable(_envelope(zmq_socket, received))

    @keyword
    def received_message_should_come_from(
        self, routing_id: object, *, socket: str | None = None, message: str | None = None
    ) -> None:
        """Fails unless the message received last on a ROUTER comes from this peer.

        A peer may forward for others: any routing id in the envelope counts.

        Args:
            routing_id: Text, or bytes for a routing id that libzmq has made.

        Raises:
            CheckFailed: It comes from another peer.
            WrongUse: The message has no envelope, because the socket is not a ROUTER.

        Example:
        | Bind Zmq Socket       inproc://service    ROUTER    service
        | Connect Zmq Socket    inproc://service    REQ       client    routing_id=client-1
        | Send Message          ping
        | Receive Multipart     socket=service
        | Received Message Should Come From    client-1

        Tags: Assertion
        """
        zmq_socket, received = self.session.last_received(socket)
        ids = [frame for frame in _envelope(zmq_socket, received) if frame]
        if not ids:
            raise WrongUse(
                f"The message received by {zmq_socket.title} has no envelope: only ROUTER sockets know routing ids."
            )
        expected = self.session.formats.get("ROUTING_ID").encode([concealed(routing_id)])[0]
        if expected not in ids:
            sender = " for ".join(map(repr, self._readable(ids)))
            wanted = expected if isinstance(expected, HiddenBytes) else self._readable([expected])[0]
            found = f"The message received by {zmq_socket.title} comes from {sender}, expected {wanted!r}."
            raise CheckFailed(with_message(message, found))

    def _readable(self, frames: list[bytes]) -> list[object]:
        return self.session.formats.get("ROUTING_ID").decode(frames)


def _envelope(socket: ZmqSocket, received: Message) -> list[bytes]:
    return list(received.envelope) if socket.type.routes or b"" in received.raw[:-1] else []
