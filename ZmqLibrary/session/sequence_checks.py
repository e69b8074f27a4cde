"""SequenceChecks: the sequence checks of a library instance by name, each at the socket whose messages it sees.

The observers of a socket are never changed in place: its thread may be going through them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import Hint
from ..registry import Registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..messages.message import Message
    from ..messages.sequences import SequenceCheck
    from ..sockets.inbox import Inbox
    from ..sockets.zmq_socket import ZmqSocket
    from ..workers.worker import Worker

_CHECK_SECONDS = 30.0  # enough for a million collected messages


class SequenceChecks(Registry["SequenceCheck"]):
    """Name → check."""

    def __init__(self) -> None:
        super().__init__("sequence check", Hint.START_SEQUENCE_CHECK)
        self._inboxes: dict[str, Inbox] = {}

    def start(self, check: SequenceCheck, socket: ZmqSocket, holder: Worker | None) -> None:
        """Has a check called with each message of a socket, also those that wait to be received; an older one ends.

        Args:
            check: The check.
            socket: The socket.
            holder: The worker that has it, if one has: what that has collected is checked, too.

        Raises:
            NotOpen: The socket was closed.
            WorkerFailed: The worker did not answer.
        """
        self.end(check.name)
        if holder is None:
            socket.require_usable()
            _begin(check, socket.inbox, ())
        else:
            holder.consult(lambda: _begin(check, socket.inbox, holder.collected), _CHECK_SECONDS)
        self.add(check.name, check)
        self._inboxes[check.name] = socket.inbox

    def end(self, name: str, check: SequenceCheck | None = None) -> None:
        """Ends the check of that name, if there is one, and if it is this one."""
        if name in self and check in (None, self.get(name)):
            check = self.remove(name)
            inbox = self._inboxes.pop(name)
            inbox.observers = [observer for observer in inbox.observers if observer is not check]

    def reports(self, socket: ZmqSocket) -> list[str]:
        """What the checks of a socket know, as lines."""
        checks = [check for check in self if self._inboxes[check.name] is socket.inbox]
        return [line for check in checks for line in check.report_lines()]


def _begin(check: SequenceCheck, inbox: Inbox, collected: Sequence[Message]) -> None:
    """Is called in the thread that may use the socket, so that each message is checked once."""
    for message in (*collected, *inbox.messages):
        check(message)
    inbox.observers = [*inbox.observers, check]
