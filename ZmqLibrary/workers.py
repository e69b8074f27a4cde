"""Worker: a thread that owns a socket. Journal: what workers have to tell, for the log.

Rules: from `start` to the end of `stop` only the worker's thread touches the socket. Everything else asks for it with
`call` or `post`, which run a function in that thread. `start`, `call` and `stop` wait with a bound. An exception in
the thread is kept and raised by `check`, which every keyword about the worker calls first.
"""

from __future__ import annotations

import heapq
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, TypeVar
from uuid import uuid4

import zmq

from .errors import WorkerFailed
from .waiting import Deadline
from .wire import BURST

if TYPE_CHECKING:
    from .message import Message
    from .sockets import ZmqSocket

JOURNAL_SIZE = 1_000
START_SECONDS = 5.0
STOP_SECONDS = 1.0
_IDLE_SECONDS = 60.0
Result = TypeVar("Result")


@dataclass(frozen=True)
class JournalEntry:
    """Something that a worker has done.

    Attributes:
        time: When, in seconds since the epoch.
        worker: Its name.
        text: What, in words; or what was done with `frames`.
        frames: A message that was sent or received.
        warning: Whether users should look at it.
    """

    time: float
    worker: str
    text: str
    frames: Sequence[bytes] = ()
    warning: bool = False


class Journal:
    """Collects entries from all workers until the log asks for them; bounded, and counts what it had to drop."""

    def __init__(self, size: int = JOURNAL_SIZE) -> None:
        self._entries: deque[JournalEntry] = deque()
        self._size = size
        self._dropped = 0
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return bool(self._entries)

    def add(self, entry: JournalEntry) -> None:
        """Adds an entry; without room for it the oldest goes that is not a warning."""
        with self._lock:
            self._entries.append(entry)
            if len(self._entries) > self._size:
                oldest = next((e for e in self._entries if not e.warning), self._entries[0])
                self._entries.remove(oldest)
                self._dropped += 1

    def take(self) -> tuple[list[JournalEntry], int]:
        """All entries in the order of their time, and how many were dropped since the last call."""
        with self._lock:
            entries, dropped = sorted(self._entries, key=lambda entry: entry.time), self._dropped
            self._entries.clear()
            self._dropped = 0
        return entries, dropped


class Worker:
    """A thread that owns a socket; subclasses say what it does with the messages.

    Args:
        name: Its alias or generated name.
        socket: The socket that it takes.
        journal: Where it tells what it does.
        owns_socket: Whether the socket is closed when the worker stops, rather than given back.
    """

    kind = "worker"
    opener = "Start Mock Server"

    def __init__(self, name: str, socket: ZmqSocket, journal: Journal, owns_socket: bool = False) -> None:
        self.name = name
        self.socket = socket
        self.journal = journal
        self.changed = threading.Condition()
        self._owns_socket = owns_socket
        self._actions: deque[Callable[[], object]] = deque()
        self._timers: list[tuple[float, int, Callable[[], object]]] = []
        self._numbers = count()
        self._started = threading.Event()
        self._stopping = False
        self._error: BaseException | None = None
        self._reported = False
        self._bell_lock = threading.Lock()
        self._bell, self._ear = _inproc_pair(socket.context)
        self._thread = threading.Thread(target=self._run, name=f"zmq-{self.kind}-{name}", daemon=True)

    @property
    def title(self) -> str:
        """The worker as errors name it: `mock server 'orders'`."""
        return f"{self.kind} '{self.name}'"

    # Called from outside

    def start(self) -> None:
        """Takes the socket and starts the thread.

        Raises:
            WrongUse: Another worker has the socket.
            WorkerFailed: The thread did not get ready.
        """
        self.socket.take(self.title)
        self._thread.start()
        if not self._started.wait(START_SECONDS):
            raise WorkerFailed(f"{self.title.capitalize()} did not start in {START_SECONDS:g} seconds.")
        self.check()

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    @property
    def error(self) -> BaseException | None:
        """The exception that ended the thread."""
        return self._error

    def check(self) -> None:
        """Raises what has ended the thread, if something has.

        Raises:
            WorkerFailed: The thread ended with an exception.
        """
        if self._error is not None:
            self._reported = True
            raise WorkerFailed(f"{self.title.capitalize()} has failed: {_described(self._error)}") from self._error

    @property
    def unreported_error(self) -> BaseException | None:
        """The exception that ended the thread, if no keyword has shown it yet."""
        return None if self._reported else self._error

    def post(self, action: Callable[[], object]) -> None:
        """Has a function run in the worker's thread, soon."""
        self._actions.append(action)
        with self._bell_lock:
            if not self._bell.closed:
                self._bell.send(b"", zmq.NOBLOCK)

    def call(self, action: Callable[[], Result], timeout: float = START_SECONDS) -> Result:
        """Runs a function in the worker's thread and returns its result.

        Raises:
            WorkerFailed: The thread has ended, or did not come to it in time.
            Exception: Whatever the function raises.
        """
        self.check()
        future: Future[Result] = Future()
        self.post(lambda: _fulfil(future, action))
        try:
            return future.result(timeout)
        except TimeoutError as error:
            if future.done():
                raise
            self.check()
            raise WorkerFailed(f"{self.title.capitalize()} did not answer in {timeout:g} seconds.") from error

    def wait_for(self, condition: Callable[[], Result], deadline: Deadline) -> Result | None:
        """Waits until a condition holds that the worker's thread brings about; it is looked at after each change.

        Returns:
            What the condition returned, or None at the deadline.

        Raises:
            WorkerFailed: The thread ended with an exception.
        """
        with self.changed:
            while not (result := condition()):
                self.check()
                step = deadline.slice()
                if not step:
                    return None
                self.changed.wait(step)
            return result

    def stop(self) -> bool:
        """Ends the thread and gives the socket back; stopping twice does nothing.

        Returns:
            Whether the thread has ended within a second. If not, the socket stays taken and open.
        """
        if self._thread.is_alive():
            self.post(self._leave)
            self._thread.join(STOP_SECONDS)
        if self._thread.is_alive():
            return False
        with self._bell_lock:
            self._bell.close()
        self._ear.close()
        if self.socket.holder == self.title:
            self.socket.give_back()
        if self._owns_socket:
            self.socket.close()
        return True

    # Called in the thread

    def prepare(self) -> None:
        """Comes before the first message."""

    def handle(self, message: Message) -> None:
        """Comes for each message that is received."""

    def handled(self) -> None:
        """Comes after each burst of messages."""

    def finish(self) -> None:
        """Comes at the end, also after an exception."""

    def later(self, seconds: float, action: Callable[[], object]) -> None:
        """Runs a function in this thread after some time."""
        heapq.heappush(self._timers, (time.monotonic() + seconds, next(self._numbers), action))

    def note(self, text: str, frames: Sequence[bytes] = (), *, warning: bool = False, at: float | None = None) -> None:
        """Tells the journal."""
        self.journal.add(JournalEntry(time.time() if at is None else at, self.name, text, frames, warning))

    def notify(self) -> None:
        """Wakes those who wait for a change."""
        with self.changed:
            self.changed.notify_all()

    def _leave(self) -> None:
        self._stopping = True

    def _run(self) -> None:
        try:
            self.socket.enter_thread()
            self.prepare()
            self._started.set()
            while not self._stopping:
                self._turn()
        except BaseException as error:
            self._error = error
            self.note(f"failed: {_described(error)}", warning=True)
        finally:
            self.finish()
            self._started.set()
            self.notify()

    def _turn(self) -> None:
        receives = self.socket.type.receives
        self.socket.poll(zmq.POLLIN if receives else 0, self._idle_seconds(), also=self._ear)
        while int(self._ear.get(zmq.EVENTS)) & zmq.POLLIN:
            self._ear.recv(zmq.NOBLOCK)
        while self._actions:
            self._actions.popleft()()
        while self._timers and self._timers[0][0] <= time.monotonic():
            heapq.heappop(self._timers)[2]()
        self.socket.drain()
        if receives and self.socket.take_all(self.handle, BURST):
            self.handled()
            self.notify()

    def _idle_seconds(self) -> float:
        return max(0.0, self._timers[0][0] - time.monotonic()) if self._timers else _IDLE_SECONDS


def _fulfil(future: Future[Result], action: Callable[[], Result]) -> None:
    try:
        future.set_result(action())
    except Exception as error:
        future.set_exception(error)


def _inproc_pair(
    context: zmq.Context[zmq.Socket[bytes]],
) -> tuple[zmq.Socket[bytes], zmq.Socket[bytes]]:
    address = f"inproc://zmqlibrary-worker-{uuid4()}"
    bell, ear = context.socket(zmq.PAIR), context.socket(zmq.PAIR)
    for end in (bell, ear):
        end.set(zmq.LINGER, 0)
        end.set(zmq.SNDHWM, 0)
        end.set(zmq.RCVHWM, 0)
    ear.bind(address)
    bell.connect(address)
    return bell, ear


def _described(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
