"""ZmqSocket: one open socket, made of parts.

The parts know neither it nor each other's errors: they answer with values, and here these become sentences.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from typing import TypeVar

import zmq

from ..errors import AddressTaken, ConnectFailed, EndpointFailed, Hint, InvalidValue, NotOpen, WaitTimeout, WrongUse
from ..messages.message import Message, Receipt
from ..monitoring.monitor import Monitor
from ..plain_text import printable
from ..waiting.deadline import Deadline, Patience
from ..waiting.uninterrupted import Uninterrupted
from . import connect_checks, diagnosis, send_diagnosis
from .descriptors import lasting_shortage
from .drops import Drops
from .endpoints import Endpoint, parse_endpoint
from .inbox import Inbox, Search
from .ipc_files import path_taken
from .option_table import SocketOption
from .outbox import Outbox, Unsendable
from .ownership import Holder, Ownership
from .places import Places
from .raw_socket import RawSocket
from .socket_options import SocketOptions
from .socket_settings import Departed, Neighbour, SocketSettings
from .socket_types import SocketType
from .subscribers import ReportFilter, Subscribers
from .subscriptions import Subscriptions
from .traffic import TrafficLog
from .turn import Turn
from .wait_loop import WaitLoop

CLOSE_SECONDS = 5.0  # within one, the I/O thread of a busy machine has not always given up an address
_MOST_SUBSCRIPTIONS = 100_000  # that wait to be read; then TCP holds back the others
_LONGEST_READ = 1.0
Result = TypeVar("Result")


class ZmqSocket:
    """One open libzmq socket with its name, its endpoints and its messages.

    Args:
        context: The libzmq context.
        name: The user's alias, or a generated name.
        type: What the user asked for; a PUB is an XPUB inside, because only that one reports its subscribers.
        settings: What the library gives to all its sockets.
        role: What it is to users, if that is another type.

    Attributes:
        role: The type that it is to its peers: a mock server REP has a ROUTER inside.
        envelope_apart: Whether users know its messages without the envelope, as those of mock servers.
        title: The socket as errors name it: `'orders' (DEALER)`.
    """

    def __init__(
        self,
        context: zmq.Context[zmq.Socket[bytes]],
        name: str,
        type: SocketType,
        settings: SocketSettings,
        role: SocketType | None = None,
    ) -> None:
        self.name = name
        self.type = type
        self.role = (role or type).name
        self.envelope_apart = role is not None and type is SocketType.ROUTER
        self.title = f"'{printable(name)}' ({self.role})"
        self.formats = settings.formats
        self._settings = settings
        self._require_descriptors("open")
        self.raw = RawSocket(context.socket(type.libzmq_type), Receipt(name, settings.formats), settings.metadata_names)
        self.turn = Turn(type)
        self.options = SocketOptions(self.raw, type, self.turn)
        self.monitor = Monitor(self.raw.socket, self.raw.is_curve_client, self.options)
        self.ownership = Ownership()
        self.subscribers = Subscribers()
        self.loop = WaitLoop(
            self.raw, self.monitor, self.subscribers, self.ownership, settings.tick, type is SocketType.PUB
        )
        self.traffic = TrafficLog(settings.remembered)
        self.places = Places(self.raw, self.monitor, type is SocketType.PUB)
        self.subscriptions = Subscriptions(self.raw, type)
        reported = ReportFilter(self.loop.take_subscription, self.options.reports) if type is SocketType.XPUB else None
        self.inbox = Inbox(self.raw, self.turn, self.traffic, type.routes, reported, settings.hand, self.loop.heard)
        self.outbox = Outbox(self.raw, self.turn, self.traffic)
        self._set_defaults()

    def _set_defaults(self) -> None:
        self.raw.set(zmq.LINGER, round(self._settings.linger * 1000))
        if self.type.subscribes:
            # A subscription is a message to the publisher: beyond the high-water mark libzmq drops it without an error.
            self.raw.set(zmq.SNDHWM, 0)
        if self.type.publishes:
            self.raw.set(zmq.RCVHWM, _MOST_SUBSCRIPTIONS)
            self.raw.set(zmq.XPUB_VERBOSER, 1)
            self.raw.set(zmq.XPUB_NODROP, 1)
            self.raw.drops = Drops()
        if self.type is SocketType.ROUTER:
            self.raw.set(zmq.ROUTER_MANDATORY, 1)
            self.raw.set(zmq.ROUTER_HANDOVER, 1)

    @property
    def closed(self) -> bool:
        """Whether the socket was closed."""
        return self.raw.closed

    @property
    def holder(self) -> str | None:
        """The worker that has taken the socket, as errors name it; None if it is free."""
        return self.ownership.holder

    @property
    def endpoints(self) -> list[str]:
        """All endpoints, bound ones first."""
        return self.places.endpoints

    # Who may use it

    def take(self, holder: Holder) -> None:
        """Gives the socket to a worker: until it gives it back, only the worker's thread may use it.

        Raises:
            WrongUse: Another worker has it.
        """
        self.require_usable()
        self.ownership.take(holder)

    def require_usable(self) -> None:
        """Two threads on one libzmq socket abort the process, and so does a closed one.

        Raises:
            WrongUse: A worker has the socket.
            NotOpen: The socket was closed.
        """
        if self.ownership.elsewhere:
            raise WrongUse(f"Socket {self.title} is held by {self.holder}. Stop that first, then use the socket again.")
        if self.raw.closed:
            raise NotOpen(f"Socket {self.title} is closed.")

    def ask(self, action: Callable[[], Result]) -> Result:
        """Runs a function that only looks at the socket, in the thread that may do so.

        Raises:
            NotOpen: The socket was closed.
            WorkerFailed: The worker that holds the socket did not answer.
        """
        if holder := self.ownership.elsewhere:
            return holder.consult(action)
        self.require_usable()
        return action()

    @property
    def free_neighbours(self) -> list[Neighbour]:
        """The library's other sockets that no worker has."""
        return [other for other in self.others if other.holder is None and not other.raw.closed]

    @property
    def others(self) -> list[Neighbour]:
        """The library's other sockets, also those of its other imports."""
        return [other for other in self._settings.neighbours() if other.raw is not self.raw]

    @property
    def departed(self) -> list[Departed]:
        """Sockets with a routing id that were closed, the last ones."""
        return list(self._settings.departed)

    # Waiting

    def drain(self) -> None:
        """Takes in what the monitor and the subscribers have reported since the last time; never waits."""
        self.loop.drain()

    def wait_for(
        self, condition: Callable[[], Result], deadline: Deadline, flags: int = 0, serve: Iterable[RawSocket] = ()
    ) -> Result | None:
        """Waits as `WaitLoop.wait_for` does.

        Raises:
            WrongUse: A worker has the socket.
            NotOpen: The socket was closed.
        """
        self.require_usable()
        return self.loop.wait_for(condition, deadline, flags, serve)

    def observe(
        self, condition: Callable[[], Result], deadline: Deadline, flags: int = 0, serve: Iterable[RawSocket] = ()
    ) -> Result | None:
        """As `wait_for`, also while a worker holds the socket: for conditions that only look."""
        if holder := self.ownership.elsewhere:
            return holder.wait_for(lambda: holder.consult(condition), deadline)
        return self.wait_for(condition, deadline, flags, serve)

    # Options

    def set_option(self, option: SocketOption, value: int | bytes) -> None:
        """Sets a socket option; subscriptions that are set as options count like others.

        Raises:
            InvalidValue: libzmq refuses the value.
        """
        self.require_usable()
        subscribing = {"SUBSCRIBE": self.subscribe, "UNSUBSCRIBE": self.unsubscribe}
        if self.type.subscribes and option.name in subscribing and isinstance(value, bytes):
            subscribing[option.name](value)
        else:
            self._set_option(option, value)

    def _set_option(self, option: SocketOption, value: int | bytes) -> None:
        try:
            self.options.set(option, value)
        except (zmq.ZMQError, TypeError, OverflowError) as error:
            shown = "this value" if option.hidden else repr(value)
            raise InvalidValue(
                f"Socket {self.title} does not take {shown} for option {option.name}: {error}."
            ) from error

    def get_option(self, option: SocketOption) -> int | bytes:
        """Reads a socket option.

        Raises:
            InvalidValue: libzmq does not return it.
        """
        self.require_usable()
        try:
            return self.options.get(option)
        except zmq.ZMQError as error:
            raise InvalidValue(f"Option {option.name} of socket {self.title} cannot be read: {error}.") from error

    # Endpoints

    @property
    def address(self) -> str:
        """The connectable address of the last bind, or else the last connected endpoint.

        Raises:
            EndpointFailed: There is neither.
        """
        address = self.places.address
        if address is None:
            raise EndpointFailed(f"Socket {self.title} has no endpoint.", Hint.GIVE_ENDPOINT)
        return address

    def bind(self, endpoint: str) -> str:
        """Listens at an endpoint.

        Returns:
            The address that peers connect to.

        Raises:
            InvalidValue: The endpoint is malformed.
            EndpointFailed: libzmq refuses, for example because the address is in use.
        """
        self.require_usable()
        parsed = parse_endpoint(endpoint, "bind")
        self._require_descriptors("bind", parsed)
        self._require_free_path(str(parsed))
        try:
            return self.places.bind(parsed)
        except zmq.ZMQError as error:
            holder = self._settings.listener_at(str(parsed), self)
            raise diagnosis.bind_failed(self.title, parsed, error, holder) from error

    def connect(self, endpoint: str) -> str:
        """Connects to an endpoint; libzmq does the rest in the background.

        Returns:
            The endpoint as libzmq has it.

        Raises:
            InvalidValue: The endpoint is malformed.
            EndpointFailed: libzmq refuses.
        """
        self.require_usable()
        self.drain()  # what was before is no answer
        parsed = parse_endpoint(endpoint, "connect")
        self._require_descriptors("connect", parsed)
        with connect_checks.connecting(self, parsed, self._settings):
            return self.places.connect(parsed)

    def _require_descriptors(self, action: str, endpoint: Endpoint | None = None) -> None:
        """Where they run out in the middle, libzmq gives wrong reasons, or ends the process."""
        if problem := lasting_shortage():
            to = "" if endpoint is None else f" to {endpoint}"
            raise EndpointFailed(f"Cannot {action} {self.title}{to}: {problem}", Hint.CLOSE_SOCKETS)

    def wait_connected(self, address: str, deadline: Deadline, leave: bool = True) -> None:
        """Waits until the handshake on a connected endpoint is done; inproc has none.

        Raises:
            ConnectFailed: It is not done in time, or libzmq has given up. The endpoint is left then, if `leave`.
        """
        if (link := self.places.link(address)) is None:
            return
        self.wait_for(lambda: link.answered or link.hopeless, deadline)
        if not link.answered:
            problem = diagnosis.connect_failed(self, link, deadline.seconds)
            if leave:
                self.disconnect(address)
            raise ConnectFailed(problem)

    def disconnect(self, endpoint: str) -> None:
        """Leaves a connected endpoint.

        Raises:
            EndpointFailed: The socket is not connected to it.
        """
        self.require_usable()
        address = self.places.find_connected(endpoint)
        if address is None:
            raise EndpointFailed(diagnosis.not_at(self, "connected to", endpoint))
        has_peers = self._let_go(address)
        self.places.disconnect(address)
        if has_peers:
            self.places.let_peers_go()

    def unbind(self, endpoint: str) -> None:
        """Stops listening and waits at most 5 s until the address is free. libzmq drops unsent messages.

        Raises:
            EndpointFailed: The socket is not bound to it.
        """
        self.require_usable()
        actual = self.places.find_bound(endpoint)
        if actual is None:
            raise EndpointFailed(diagnosis.not_at(self, "bound to", endpoint))
        has_peers = self._let_go(actual)
        before, monitor = self.monitor.next_number, self.monitor
        watched = actual in self.places.listeners
        self.places.unbind(actual)
        if watched:
            self.wait_for(lambda: monitor.since(before, ["CLOSED"], actual), Patience(CLOSE_SECONDS))
        self.places.forget_bound(actual)
        if has_peers:
            self.places.let_peers_go()

    def _let_go(self, address: str) -> bool:
        """Whether an endpoint that is left now has peers; the cancellations of these will not say whose they are."""
        self.drain()
        gone = self.places.descriptors_at(address)
        self.subscribers.forget(gone)
        return bool(gone)

    def _require_free_path(self, address: str) -> None:
        """libzmq takes an ipc path away from other sockets, and deletes what else is there, without an error."""
        settings = self._settings
        if problem := path_taken(address, settings.socket_at(address, self), settings.worker_at(address)):
            raise AddressTaken(f"Cannot bind {self.title} to {address}: {problem}")

    # Subscriptions

    def subscribe(self, *topics: bytes) -> None:
        """Subscribes to all messages whose first frame begins with one of the topics.

        Raises:
            WrongUse: The socket is neither SUB nor XSUB.
        """
        self._require_subscriber()
        self.subscriptions.add(topics)

    def unsubscribe(self, *topics: bytes) -> None:
        """Ends a subscription to each of these topics.

        Raises:
            WrongUse: The socket is neither SUB nor XSUB.
            InvalidValue: One of the subscriptions does not exist; then none has ended.
        """
        self._require_subscriber()
        if missing := self.subscriptions.missing(topics):
            raise InvalidValue(diagnosis.no_subscription(self, missing[0]))
        self.subscriptions.remove(topics)

    def _require_subscriber(self) -> None:
        self.require_usable()
        if not self.type.subscribes:
            raise WrongUse(diagnosis.never_subscribes(self.title))

    # Subscribers

    def count_subscribers(self, topic: bytes | None = None) -> int:
        """How many peers get a message of this topic (None: how many have any subscription)."""
        self.read_subscriptions()
        return self.subscribers.count(topic)

    def read_subscriptions(self) -> None:
        """Takes in the subscriptions that have come; on an XPUB they stay to be received as well.

        Raises:
            WrongUse: The socket is neither PUB nor XPUB.
        """
        self.require_usable()
        if not self.type.publishes:
            raise WrongUse(f"Socket {self.title} has no subscribers: only PUB and XPUB sockets have.")
        self.drain()
        if self.type is SocketType.XPUB:
            self.inbox.read_all(_LONGEST_READ)

    # Sending

    def send(self, frames: Sequence[bytes], deadline: Deadline) -> None:
        """Sends one message.

        Raises:
            WrongUse: The type does not send, it is not this side's turn, or the routing id is not known.
            WaitTimeout: libzmq did not take it in time: no peer, or the high-water mark was reached.
        """
        if self.try_send(frames, True) or self.wait_for(lambda: self.try_send(frames, True), deadline, zmq.POLLOUT):
            return
        if not self.try_send(frames):  # which says why a peer is not known
            raise WaitTimeout(send_diagnosis.not_sent(self, deadline.seconds))

    def try_send(self, frames: Sequence[bytes], patient: bool = False) -> bool:
        """Sends one message if libzmq takes it at once.

        Returns:
            Whether it did; `patient`: also for a peer that is not known while a handshake goes on.

        Raises:
            WrongUse: As `send`.
        """
        self.require_sender(frames)
        try:
            return self.outbox.offer(frames)
        except Unsendable as refusal:
            if patient and send_diagnosis.may_come(self, refusal):
                return False
            raise self.explained(refusal, frames) from refusal

    def explained(self, refusal: Unsendable, frames: Sequence[bytes]) -> WrongUse:
        """Why libzmq refuses to send a message, with what is known of all peers."""
        self.drain()
        return WrongUse(send_diagnosis.send_refused(self, frames, refusal))

    def require_sender(self, frames: Sequence[bytes]) -> None:
        """Raises WrongUse unless the socket may send such a message now."""
        self.require_usable()
        if not self.type.sends:
            raise WrongUse(send_diagnosis.never_sends(self))
        if len(frames) != 2 and self.type.routes and (len(frames) < 2 or self.type is SocketType.STREAM):
            raise WrongUse(send_diagnosis.wrong_frames(self, len(frames)), Hint.ADDRESS_A_PEER)
        if len(frames) > 1 and self.options.conflates:
            raise WrongUse(f"Socket {self.title} has CONFLATE, which would keep only the last frame. Send one frame.")
        if self.turn.strict and (problem := self.turn.why_not_send()):
            raise WrongUse(f"{self.type.name} socket '{printable(self.name)}' {problem}")

    # Receiving

    def receive(self, deadline: Deadline) -> Message:
        """Takes the next message, or raises what `await_message` does."""
        self.await_message(deadline)
        return self.inbox.take()

    def await_message(self, deadline: Deadline) -> None:
        """Waits until the inbox has a message.

        Raises:
            WrongUse: The type does not receive, or this side has to send first.
            WaitTimeout: None came in time.
        """
        self.require_receiver()
        self.drain()
        if not self.inbox.has_message() and not self.wait_for(self.inbox.has_message, deadline, zmq.POLLIN):
            raise WaitTimeout(diagnosis.nothing_received(self, deadline.seconds), self.receive_hint)

    def try_receive(self) -> Message | None:
        """Takes the next message if one is there.

        Raises:
            WrongUse: As `await_message`.
        """
        self.require_receiver()
        self.drain()
        return self.inbox.take() if self.inbox.has_message() else None

    def find(self, accepts: Callable[[Message], bool], deadline: Deadline) -> Message | None:
        """Takes the first message that is accepted; the others stay for later receives, in their order.

        Returns:
            The message, or None if none came in time.

        Raises:
            WrongUse: As `await_message`.
        """
        search = Search(self.inbox, accepts)
        return self.inbox.take(search.position) if self._search(search, deadline) else None

    def look_for(self, accepts: Callable[[Message], bool], deadline: Deadline) -> Message | None:
        """As `find`, but the message stays, too."""
        search = Search(self.inbox, accepts)
        return self.inbox.messages[search.position] if self._search(search, deadline) else None

    def _search(self, search: Search, deadline: Deadline) -> bool:
        self.require_receiver()
        return bool(self.wait_for(search.go_on, deadline, zmq.POLLIN))

    def discard(self) -> int:
        """Drops what is queued; with a peer that sends without a pause, what comes within a second.

        Returns:
            How many messages that were.
        """
        self.require_receiver(turn=False)
        self.drain()
        self.inbox.read_all(_LONGEST_READ)
        return self.inbox.clear()

    def require_receiver(self, turn: bool = True) -> None:
        """Raises WrongUse unless the socket may receive now."""
        self.require_usable()
        if not self.type.receives:
            raise WrongUse(diagnosis.never_receives(self))
        if turn and self.turn.strict and not self.inbox.messages and (problem := self.turn.why_not_receive()):
            raise WrongUse(f"{self.type.name} socket '{printable(self.name)}' {problem}")

    @property
    def receive_hint(self) -> Hint | None:
        """What to do where nothing can come."""
        return Hint.SUBSCRIBE if diagnosis.never_subscribed(self) else None

    # The end

    def close(self) -> None:
        """Closes it and waits at most 5 s until its addresses are free; unsent messages are kept for the linger time.

        It is not unbound first, because that loses unsent messages. Closing twice does nothing, and after a signal has
        interrupted it, it goes on.
        """
        if self.closed:
            return
        self.places.leave_inproc()
        try:
            self._close()
        finally:
            self.places.remove_files()

    def _close(self) -> None:
        listeners = self.places.listeners
        if int(self.raw.get(zmq.LINGER)) < 0:  # without a limit a run would never end
            self.raw.set(zmq.LINGER, round(self._settings.linger * 1000))
        linger = int(self.raw.get(zmq.LINGER))
        routing_id, connected = self.options.routing_id, tuple(self.places.connected)
        with ExitStack() as afterwards:
            with Uninterrupted():
                if routing_id:
                    self._settings.departed.append(Departed(f"Socket {self.title}", routing_id, connected, time.time()))
                if listeners:
                    afterwards.callback(self._settings.lingering.add, self.monitor, linger / 1000 + CLOSE_SECONDS)
                else:
                    self.monitor.close()
                before = self.monitor.next_number
                self.raw.close()
            if listeners:
                self.monitor.wait_closed(listeners, before, Patience(CLOSE_SECONDS))
