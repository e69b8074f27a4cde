"""Authenticator: the worker that answers libzmq's question who may come in (the ZAP handler).

libzmq asks over `inproc://zeromq.zap.01` in the context of the server socket, at the handshake of each peer. A context
has one such handler. Passwords pass through here: nothing is kept of the frames, and nothing is logged of them.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import zmq

from ..errors import Hint, WaitTimeout
from ..report.words import seconds
from ..sockets.outbox import Unsendable
from ..sockets.socket_settings import SocketSettings
from ..sockets.socket_types import SocketType
from ..sockets.zmq_socket import ZmqSocket
from ..waiting.hand import Hand
from ..waiting.uninterrupted import Uninterrupted
from ..workers.worker import Worker
from .admission_rules import AdmissionRules
from .zap import (
    Answer,
    AuthenticationRequest,
    Malformed,
    WayBack,
    ZapRequest,
    answer_frames,
    read_request,
    record_of,
)
from .zap_names import ZAP_ENDPOINT

if TYPE_CHECKING:
    from ..messages.message import Message
    from ..waiting.deadline import Deadline
    from ..workers.journal import Journal

REMEMBERED = 10_000
_SHOWN = 5


class Authenticator(Worker):
    """Answers authentication requests by its rules, and remembers what was asked and answered.

    Args:
        name: Its alias or generated name.
        socket: In the libzmq context whose server sockets it serves; made by `open_socket`.
        journal: Where it reports what it does.
    """

    kind = "authenticator"
    opener = Hint.START_AUTHENTICATOR

    @staticmethod
    def open_socket(context: zmq.Context[zmq.Socket[bytes]], name: str, settings: SocketSettings) -> ZmqSocket:
        """A socket for one. It remembers no messages, because passwords are in them."""
        return ZmqSocket(context, name, SocketType.ROUTER, settings._replace(remembered=0, linger=0))

    def __init__(self, name: str, socket: ZmqSocket, journal: Journal) -> None:
        super().__init__(name, socket, journal, owns_socket=True)
        self.rules = AdmissionRules()
        self._requests: deque[AuthenticationRequest] = deque(maxlen=REMEMBERED)
        self._unclaimed: deque[AuthenticationRequest] = deque(maxlen=REMEMBERED)

    # Called from outside

    @property
    def requests(self) -> list[AuthenticationRequest]:
        """What was asked and answered, in this order; the last 10,000."""
        with Uninterrupted(), self.changed:
            return list(self._requests)

    def change(self, change: Callable[[AdmissionRules], object]) -> None:
        """Changes the rules; what is asked after this is answered by the new ones.

        Raises:
            WorkerFailed: The thread has ended with an exception.
        """
        self.call(lambda: change(self.rules))

    def wait_for_request(
        self, accepts: Callable[[AuthenticationRequest], bool], wanted: str, deadline: Deadline, hand: Hand
    ) -> AuthenticationRequest:
        """Waits for a request that is accepted and that no earlier call has returned.

        Raises:
            WaitTimeout: There was none in time; the message lists what was asked.
            WorkerFailed: The thread has ended with an exception.
        """
        found = self.wait_for(lambda: next((r for r in self._unclaimed if accepts(r)), None), deadline)
        if found is None:
            raise WaitTimeout(f"No {wanted} in {seconds(deadline.seconds)}.\n{self._requests_text()}")
        with Uninterrupted(), self.changed:
            place = self._unclaimed.index(found)
            hand.hold(partial(self._unclaimed.insert, place, found))
            del self._unclaimed[place]
        return found

    def _requests_text(self) -> str:
        requests = self.requests
        if not requests:
            return (
                "No request has come. libzmq asks when a peer connects to a CURVE or PLAIN server, or to a "
                "NULL server that has a ZAP domain."
            )
        return "\n".join([f"Requests that have come: {len(requests)}. The last ones:", *map(str, requests[-_SHOWN:])])

    # Called in the thread

    def prepare(self) -> None:
        """Takes the place where libzmq asks."""
        self.socket.bind(ZAP_ENDPOINT)

    def handle(self, message: Message) -> None:
        """Judges one request and answers it."""
        self.socket.inbox.last = None
        try:
            request = read_request(message.raw)
        except Malformed as problem:
            self._refuse(problem)
            return
        answer, delay = self.rules.judge(request)
        self._remember(record_of(request, answer, datetime.fromtimestamp(message.timestamp)))
        if delay:
            self.later(delay, lambda: self._answer(request, answer))
        else:
            self._answer(request, answer)

    def _remember(self, record: AuthenticationRequest) -> None:
        with self.changed:
            self._requests.append(record)
            self._unclaimed.append(record)
            self.changed.notify_all()
        self.note(str(record), at=time.time())

    def _refuse(self, problem: Malformed) -> None:
        self.note(f"Malformed ZAP request: {problem}" + ("" if problem.way_back else "; it is not answered"))
        if problem.way_back:
            self._send(problem.way_back, Answer(400, "Malformed ZAP request"))

    def _answer(self, request: ZapRequest, answer: Answer) -> None:
        self._send(request.way_back, answer)

    def _send(self, way_back: WayBack, answer: Answer) -> None:
        frames = answer_frames(way_back, answer)
        if not frames:
            return
        try:
            sent = self.socket.outbox.offer(frames)
        except Unsendable:  # ROUTER_MANDATORY: who asked has left, as refused clients do that come back again and again
            sent = False
        if not sent:
            self.note(f"Answer {answer.status or answer.text} was not sent: the asker is gone")
