"""ReplySender: the socket through which the replies of a mock server go out, where requests come on another one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import Hint, problem_of
from ..plain_text import printable
from ..sockets import send_diagnosis
from ..sockets.outbox import Unsendable
from ..workers.sending_worker import SendingWorker

if TYPE_CHECKING:
    from ..messages.message import Message
    from ..sockets.zmq_socket import ZmqSocket
    from ..workers.journal import Journal


class ReplySender(SendingWorker):
    """Takes the socket; frames go out as they are, in the order of the replies.

    Args:
        name: Its own name.
        server: The name of the mock server.
        socket: Through which the replies go.
        journal: Where it reports what it does.
    """

    kind = "reply sender"
    opener = Hint.START_MOCK_SERVER

    def __init__(self, name: str, server: str, socket: ZmqSocket, journal: Journal) -> None:
        super().__init__(name, socket, journal)
        self._server = server

    @property
    def title(self) -> str:
        """What users know of it: the mock server."""
        return f"mock server '{printable(self._server)}'"

    def put(self, frames: Sequence[bytes]) -> None:
        """Sends a reply; may be called in any thread."""
        self.post(lambda: self._put(frames))

    def _put(self, frames: Sequence[bytes]) -> None:
        try:
            self.send(frames)
        except Unsendable as refusal:
            self.warn(f"could not reply: {send_diagnosis.refused(self.socket, frames, refusal)}", frames)
        except Exception as error:
            self.warn(f"could not reply: {problem_of(error)}", frames)

    def handle(self, message: Message) -> None:
        """What comes back is logged, but it is no request."""
        self.note("ignored, because replies go out there:", message.raw, at=message.timestamp)
