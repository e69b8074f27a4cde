"""MockServer: a worker that answers by rules, publishes, and keeps what it received.

A REP is a ROUTER inside: so it can keep silent to one client or be slow without making all others wait, and replies to
a client that is gone are reported. Requests without the empty frame that REQ puts first are ignored, as a REP does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from ..errors import EndpointFailed, Hint, WrongUse, ZmqLibraryError, described, problem_of
from ..plain_text import printable
from ..report.words import count_of, seconds
from ..sockets import peers as connections
from ..sockets import send_diagnosis
from ..sockets.outbox import Unsendable
from ..sockets.socket_types import SocketType
from ..waiting.uninterrupted import Uninterrupted
from ..workers.sending_worker import SendingWorker
from .envelopes import possible_envelopes, up_to_empty_frame, way_to_client, without_routing_ids
from .replies import RequestNames
from .request_log import Request, RequestLog
from .rules import Script
from .user_functions import UserFunctions

if TYPE_CHECKING:
    from ..formats import FrameFormats
    from ..messages.message import Message
    from ..sockets.zmq_socket import ZmqSocket
    from ..waiting.deadline import Deadline
    from ..workers.journal import Journal
    from .envelopes import Envelope
    from .relay import Relay
    from .replies import FrameTemplate
    from .reply_sender import ReplySender
    from .rules import Rule

_RETRY_SECONDS = 0.01
_BIND_ATTEMPTS = 100
_MOST_WARNINGS = 10
_SUBSCRIPTION = (b"\x00", b"\x01")

MOCK_TYPES = {
    SocketType.REP: SocketType.ROUTER,
    SocketType.ROUTER: SocketType.ROUTER,
    SocketType.DEALER: SocketType.DEALER,
    SocketType.PAIR: SocketType.PAIR,
    SocketType.PULL: SocketType.PULL,
    SocketType.PUSH: SocketType.PUSH,
    SocketType.PUB: SocketType.PUB,
    SocketType.XPUB: SocketType.XPUB,
}
"""The types of mock servers, each with the type of the socket inside."""


class MockServer(SendingWorker):
    """A scripted server. Its methods are for its own thread, unless they say otherwise.

    Args:
        name: Its alias or generated name.
        type: What it is to its clients.
        make_socket: Opens a socket with the options of the server; again after `drop_connections`.
        socket: The first of these, bound or connected.
        journal: Where it reports what it does.
        formats: Of requests and replies where nothing else is said; None to see from the values. On a ROUTER a layout
            may begin with the routing ids.
    """

    kind = "mock server"
    is_server = True
    opener = Hint.START_MOCK_SERVER

    def __init__(
        self,
        name: str,
        type: SocketType,
        make_socket: Callable[[], ZmqSocket],
        socket: ZmqSocket,
        journal: Journal,
        formats: FrameFormats | None = None,
    ) -> None:
        super().__init__(name, socket, journal, owns_socket=True)
        self.type = type
        self._whole_formats = formats
        self.formats = self.shown_formats = self.content_formats(formats)
        self.relays: list[Relay] = []
        self.reply_sender: ReplySender | None = None
        self.script = Script()
        self.requests = RequestLog()
        self.address = socket.address
        self._make_socket = make_socket
        self._caller = UserFunctions(name)
        self._watches: list[tuple[Callable[[], object], Future[None]]] = []

    @property
    def replies(self) -> bool:
        """Whether it can reply to the sender of a message, or through another socket."""
        return self.reply_sender is not None or self.type not in (SocketType.PULL, SocketType.PUSH, SocketType.PUB)

    @property
    def sends(self) -> bool:
        """Whether this type can send without having been asked."""
        return self.type not in (SocketType.REP, SocketType.PULL)

    def content_formats(self, formats: FrameFormats | None) -> FrameFormats | None:
        """Formats for what comes behind the envelope, where they may be for the whole message."""
        routes = self.socket.type is SocketType.ROUTER
        return without_routing_ids(formats) if formats is not None and routes else formats

    def until(self, condition: Callable[[], object], deadline: Deadline) -> bool:
        """Waits, in another thread, until a condition holds; it is looked at in this thread.

        Returns:
            Whether it did in time.
        """
        done: Future[None] = Future()
        self.post(lambda: self._watches.append((condition, done)))
        try:
            return bool(self.wait_for(done.done, deadline)) and done.result() is None
        finally:
            with Uninterrupted():
                done.cancel()

    def requests_until(self, deadline: Deadline) -> Iterator[Sequence[Request]]:
        """The requests that there are, and then new ones as they come; for another thread.

        They are looked at outside of the wait, which holds up this thread, and once more after the deadline.
        """
        next_number, is_last = 1, False
        while not is_last:
            is_last = not deadline.remaining()
            new = self.requests.since(next_number)
            yield new
            next_number = new[-1].number + 1 if new else next_number
            if not self.wait_for(partial(self.requests.has, next_number), deadline):
                return

    def count_peers(self, topic: bytes | None = None) -> int:
        """How many peers are connected; or how many get messages of a topic."""
        return connections.count_peers(self.socket) if topic is None else self.socket.subscribers.count(topic)

    # Receiving

    def handle(self, message: Message) -> None:
        """A request: keeps it, finds its rule and does what that says."""
        request, found = self._find(self._request_of(message))
        self.note("received", request.raw, at=request.timestamp)
        # Added only now, with `wanted` and `problem` already set.
        self.requests.add(request)
        if request.problem:
            self.warn(f"request {request.number} was not answered: {request.problem}", request.raw)
        elif not request.wanted:
            self.note(f"request {request.number} is taken by no rule{_because(request)}")
        if found is None:
            return
        rule, count = found
        if rule.delay:
            self.later(rule.delay, lambda: self._act(request, rule, count))
        else:
            self._act(request, rule, count)

    def _find(self, request: Request) -> tuple[Request, tuple[Rule, int] | None]:
        """A request as its rule reads it, with the rule and how often it was used; without a rule it says why."""
        if self.type is SocketType.REP and b"" not in request.envelope:
            request.wanted, request.problem = False, "a REP ignores it, because there is no empty frame before it"
            return request, None
        readings = request.readings
        try:
            found = self.script.find(*(reading.raw for reading in readings))
            if found is None:
                reasons = (self.script.wrong_signature(reading.raw) for reading in readings)
                request.reason = next(filter(None, reasons), "")
            elif request.doubtful:
                request = next((other for other in readings if found[0].pattern.matches(other.raw)), request)
        except ZmqLibraryError as error:
            request.problem = str(error)
            return request, None
        request.wanted = found is not None or (self.type is SocketType.XPUB and request.raw[0][:1] in _SUBSCRIPTION)
        return request, found

    def _request_of(self, message: Message) -> Request:
        envelopes = self._envelopes_of(message)
        envelope = envelopes[0]
        if envelope:
            self.remember_client(way_to_client(message, envelope))
        frames = message.raw[len(envelope) :]
        receipt = message.receipt if self.formats is None else message.receipt._replace(formats=self.formats)
        number = self.requests.next_number
        return Request(frames, receipt, message.timestamp, envelope, number, len(envelopes) > 1)

    def _envelopes_of(self, message: Message) -> Sequence[Envelope]:
        if self.type is SocketType.REP:
            return (up_to_empty_frame(message.raw),)
        return possible_envelopes(message, self._whole_formats) if self.socket.type is SocketType.ROUTER else ((),)

    def _act(self, request: Request, rule: Rule, count: int) -> None:
        try:
            rule.act(request, rule, count)
        except Exception as error:
            self._fail_request(request, problem_of(error))

    def _fail_request(self, request: Request, problem: str) -> None:
        self.requests.fail(request, problem)
        self.warn(f"request {request.number} was not answered: {problem}", request.raw)
        self.notify()

    def conclude(self) -> None:
        """Warns of requests that no rule has taken and no wait has returned; may be called in any thread."""
        not_kept, unwanted = self.requests.more_unwanted, self.requests.take_unwanted()
        for request in unwanted[:_MOST_WARNINGS]:
            text = f"request {request.number} is not expected: no rule wants it{_because(request)}:"
            hops = request.envelope[1:] if request.doubtful else ()
            self.note(text, (*hops, *request.raw), warning=True, at=request.timestamp, envelope=len(hops))
        if more := len(unwanted[_MOST_WARNINGS:]) + not_kept:
            self.note(f"{count_of(more, 'more request')} that no rule wants", warning=True)

    def reset(self) -> None:
        """Forgets rules and requests and ends what is sent again and again."""
        self.conclude()
        self.script.clear()
        self.requests.clear()
        self.stop_sending()

    # What rules do

    def reply(self, template: FrameTemplate, request: Request, rule: Rule, count: int) -> None:
        """Sends back what the template makes of the request."""
        self.answer(request.envelope, template.frames(RequestNames(request, rule, count), request.raw))

    def answer(self, envelope: Sequence[bytes], frames: Sequence[bytes]) -> None:
        """Sends to the client of an envelope, or through another socket; a client that is gone is noted."""
        if sender := self.reply_sender:
            if not sender.alive:
                raise WrongUse(f"the socket '{printable(sender.socket.name)}' that replies go through was taken away")
            sender.put(frames)
            return
        if not envelope and self.socket.type is SocketType.ROUTER:
            raise WrongUse("it is for no client, because no request came before it")
        try:
            self.send([*envelope, *frames])
        except Unsendable as refusal:
            problem = send_diagnosis.refused(self.socket, envelope or frames, refusal)
            self.note(f"could not answer, the client is gone: {problem}", frames)

    def answer_late(self, request: Request | None, frames: Sequence[bytes]) -> None:
        """As `answer`, when the rule is done; what is wrong then becomes the problem of the request.

        Args:
            request: None for what a real server has sent before any request.
            frames: Without the envelope.
        """
        try:
            self.answer(request.envelope if request is not None else (), frames)
        except Exception as error:
            if request is not None:
                self._fail_request(request, problem_of(error))
            else:
                self.warn(f"dropped what came before any request: {problem_of(error)}", frames)

    def forward(self, target: str, request: Request) -> None:
        """Passes a request on to the real server.

        Raises:
            WrongUse: The socket to it is gone.
        """
        relay = self.relay_to(target)
        if relay is None:
            raise WrongUse(f"the socket '{printable(target)}' that requests are forwarded to was taken away")
        relay.forward(request)

    def relay_to(self, target: str) -> Relay | None:
        """The way to a real server; may be called in any thread."""
        return next((relay for relay in self.relays if relay.alive and relay.socket.name == target), None)

    def call_user(self, function: Callable[[Request], Sequence[bytes] | None], limit: float, request: Request) -> None:
        """Runs a function of the user in another thread and sends back what it returns.

        Args:
            function: Returns frames, or None for no answer.
            limit: Seconds after which it is left to itself.
            request: What it gets.
        """
        outcome: Future[Sequence[bytes] | None] = Future()

        def run() -> None:
            self.post(lambda: self.later(limit, lambda: self._give_up(outcome, limit, request)))
            try:
                result = function(request)
            except BaseException as error:
                problem = described(error)
                self.post(lambda: self._called(outcome, request, None, problem))
            else:
                self.post(lambda: self._called(outcome, request, result, ""))

        self._caller.put(run)

    def _called(
        self, outcome: Future[Sequence[bytes] | None], request: Request, frames: Sequence[bytes] | None, problem: str
    ) -> None:
        if outcome.cancelled():
            self.note(f"the function called for request {request.number} has returned too late")
            return
        outcome.set_result(frames)
        if problem:
            self._fail_request(request, f"the function that was called for it raised {problem}")
        elif frames is not None:
            self.answer_late(request, frames)

    def _give_up(self, outcome: Future[Sequence[bytes] | None], limit: float, request: Request) -> None:
        if outcome.cancel():
            self._caller.abandon()
            self._fail_request(request, f"the function that was called for it has not returned in {seconds(limit)}")

    def drop_connections(self) -> None:
        """Closes the socket and opens it again at the same addresses; peers that connected come back by themselves."""
        old, new = self.socket, self._make_socket()
        new.inbox.observers = old.inbox.observers
        new.take(self)
        new.ownership.enter_thread()
        self.socket = new  # from here on other threads find it
        bound, connected = list(old.places.bound), list(old.places.connected)
        old.close()
        old.ownership.give_back()
        self.forget_clients()
        self.note("dropped its connections")
        self._join(bound, connected, _BIND_ATTEMPTS)

    def _join(self, bound: list[str], connected: list[str], attempts: int) -> None:
        try:
            while bound:
                self.socket.bind(bound[0])
                del bound[0]
        except EndpointFailed:
            # The address can be in use for some milliseconds after a close.
            if attempts <= 1:
                raise
            self.later(_RETRY_SECONDS, lambda: self._join(bound, connected, attempts - 1))
            return
        for address in connected:
            self.socket.connect(address)

    # The worker

    def _turn(self) -> None:
        super()._turn()
        waiting = [watch for watch in self._watches if not self._is_over(*watch)]
        if len(waiting) < len(self._watches):
            self._watches = waiting
            self.notify()

    def _is_over(self, condition: Callable[[], object], done: Future[None]) -> bool:
        """Whether nobody waits any more; ends a wait whose condition holds, or cannot be looked at."""
        with suppress(InvalidStateError):  # who has waited may give up at any moment
            try:
                if not done.done() and condition():
                    done.set_result(None)
            except Exception as error:
                done.set_exception(error)
        return done.done()

    def finish(self) -> None:
        """Leaves the thread of the user's functions to itself: one that hangs cannot be ended."""
        self.conclude()
        self._caller.close()


def _because(request: Request) -> str:
    return f" ({request.reason})" if request.reason else ""
