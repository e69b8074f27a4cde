"""Worker: a thread that owns a socket.

Rules: from `start` to the end of `stop` only the worker's thread touches the socket; a thread that does not end in time
keeps it, and gives it up itself (`Handover`). Everything else asks for it with `call` or `post`, which run a function
in that thread. `start`, `call` and `stop` wait with a bound, and no burst of messages holds them up. An exception in
the thread is kept and raised by `check`, which comes first wherever the worker is used. Locks are held in the main
thread only while Robot's timeout signal is held back: it would leave them locked.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import zmq

from ..errors import Hint, WorkerFailed, described
from ..sockets.raw_socket import BURST
from ..waiting.deadline import SLICE, Deadline, Patience
from ..waiting.threads import is_set_by
from ..waiting.timers import Timers
from ..waiting.uninterrupted import Uninterrupted
from .handover import Handover
from .journal import JournalEntry
from .service_thread import START_SECONDS, STOP_SECONDS, ServiceThread

if TYPE_CHECKING:
    from ..formats import FrameFormats
    from ..messages.message import Message
    from ..sockets.zmq_socket import ZmqSocket
    from .journal import Journal

_IDLE_SECONDS = 60.0
_MOST_WARNINGS = 20


class Worker(ServiceThread):
    """A thread that owns a socket; subclasses say what it does with the messages.

    Args:
        name: Its alias or generated name.
        socket: The socket that it takes.
        journal: Where it reports what it does.
        owns_socket: Whether the socket is closed when the worker stops, rather than given back.

    Attributes:
        shown_formats: In which messages are shown in the log; None if they are not known.
    """

    opener = Hint.START_MOCK_SERVER
    is_server = False  # whether it has an address that tests connect to
    keeps_results = False  # whether it can still be asked by its name after it was stopped
    listens_at = ""  # its socket may listen, and is named itself
    shown_formats: FrameFormats | None = None

    def __init__(self, name: str, socket: ZmqSocket, journal: Journal, owns_socket: bool = False) -> None:
        super().__init__(name, socket.raw.context)
        self.socket = socket
        self.journal = journal
        self._owns_socket = owns_socket
        self._timers = Timers()
        self._started = threading.Event()
        self._handover = Handover()
        self._has_socket = False
        self._stopping = False
        self._warned = 0

    # Called from outside

    @property
    def collected(self) -> Sequence[Message]:
        """What it has received and keeps as it came."""
        return ()

    def start(self) -> None:
        """Takes the socket and starts the thread.

        Raises:
            WrongUse: Another worker has the socket.
            WorkerFailed: The thread did not get ready.
        """
        with Uninterrupted():
            self.socket.take(self)
            self._has_socket = True
            self._wakeup.open()
            self._thread.start()
        if not is_set_by(self._started, Patience(START_SECONDS)):
            raise WorkerFailed(f"{self.heading} did not start in {START_SECONDS:g} seconds.")
        self.check()

    def ask_to_stop(self) -> None:
        """Lets the thread end by itself, without waiting for it."""
        if self.running:
            self._handover.ask()
            self.post(self._leave)

    def stop(self, deadline: Deadline | None = None) -> bool:
        """Ends the thread and gives the socket back; stopping twice does nothing.

        If an exception comes in between, such as Robot's timeout, `stop` can be called again.

        Args:
            deadline: How long to wait for the thread; a second if not given.

        Returns:
            Whether the thread has ended. If not, the socket stays taken and open until it does.
        """
        deadline = deadline or Patience(STOP_SECONDS)
        self.ask_to_stop()
        while self.running:
            step = deadline.slice()
            if not step and self._handover.leave_behind():
                return False
            self._handover.wait(step or SLICE)
        with Uninterrupted():
            if self._thread.ident is not None:
                self._thread.join(SLICE)
            self._release()
        return True

    @property
    def running(self) -> bool:
        """Whether the thread may still use the socket."""
        return self._thread.ident is not None and not self._handover.over

    def inherit(self) -> bool:
        """Leaves the socket to the thread, to be closed when that ends; it must have been left behind.

        Returns:
            Whether it will be closed so.
        """
        return self._handover.inherit()

    def _release(self) -> None:
        self._wakeup.close()
        if self._has_socket:
            self._has_socket = False
            try:
                if self._owns_socket or self._handover.inherits:
                    self.socket.close()
            finally:
                self.socket.ownership.give_back()

    def conclude(self) -> None:
        """Called at the end of a test or suite: reports what is only known then."""

    # Called in the thread

    def prepare(self) -> None:
        """Called before any message."""

    def handle(self, message: Message) -> None:
        """Called with each received message."""

    def handled(self) -> None:
        """Called after a burst of messages."""

    def finish(self) -> None:
        """Called last, also after an exception."""

    def later(self, seconds: float, action: Callable[[], object]) -> None:
        """Runs a function in this thread after some time."""
        self._timers.add(seconds, action)

    def note(
        self,
        text: str,
        frames: Sequence[bytes] = (),
        *,
        warning: bool = False,
        at: float | None = None,
        envelope: int = 0,
    ) -> None:
        """Writes to the journal."""
        when = time.time() if at is None else at
        self.journal.add(JournalEntry(when, self.name, text, frames, warning, self.shown_formats, envelope))

    def warn(self, text: str, frames: Sequence[bytes] = ()) -> None:
        """Writes to the journal, the first ones as warnings; a flood of them would bury the log."""
        self._warned += 1
        self.note(text, frames, warning=self._warned <= _MOST_WARNINGS)

    def _leave(self) -> None:
        self._stopping = True

    def _run(self) -> None:
        try:
            self.socket.ownership.enter_thread()
            self.prepare()
            self._started.set()
            while not (self._stopping or self._handover.urgent):
                self._turn()
        except BaseException as error:
            self._fail(error)
        for step in (self.finish, self._end):
            try:
                step()
            except BaseException as error:
                self._fail(error)
        self._ended = True
        self._started.set()
        self.notify()
        self._handover.finish()

    def _end(self) -> None:
        if self._handover.begin():
            self.note("has ended late")
            self._release()

    def _fail(self, error: BaseException) -> None:
        if self._error is None:
            self._error = error
        self.note(f"failed: {described(error)}", warning=True)

    def _turn(self) -> None:
        # A PUB has its subscriptions to read although it receives no messages.
        pause = 0.0 if self.socket.inbox.messages else self._timers.pause(_IDLE_SECONDS)
        self.socket.loop.poll(zmq.POLLIN, pause, also=self._wakeup.ear)
        self._wakeup.heard()
        while self._actions and not self._handover.urgent:
            self._actions.popleft()()
        self._timers.run(self._is_asked)
        self.socket.loop.take_in()
        if self.socket.type.receives and self.socket.inbox.take_all(self.handle, BURST, self._is_asked):
            self.handled()
            self.notify()

    def _is_asked(self) -> bool:
        return bool(self._actions) or self._handover.urgent
