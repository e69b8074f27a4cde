"""A process of the library's own that serves calls: how it is started, asked, and ended.

Calls and answers are pickles on the pipes of its standard input and output, between two processes of which one has
started the other. A thread of the library's process reads the answers, so that a call can be interrupted at any point;
an answer that nobody waits for any more is dropped. A call that the child does not take in time, because it stands
still, goes to it before the next one. The child ends when its standard input does, or its parent is gone.
"""

from __future__ import annotations

import itertools
import os
import pickle
import select
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress

from ..errors import WorkerFailed
from ..waiting.deadline import Deadline
from ..waiting.threads import is_set_by, is_set_within
from ..waiting.uninterrupted import Uninterrupted
from ..workers.own_package import command_of

START_SECONDS = 20.0
CALL_SECONDS = 10.0
STOP_SECONDS = 5.0
_BOUNDED = sys.platform != "win32"  # there a pipe can only be written to for as long as it takes

Asked = Callable[[int, int, object], None]


class _Slot:
    """The place of an answer."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self.value: object = None
        self.error: BaseException | None = None


class ChildProcess:
    """A process that runs `main` of a module of this package.

    Args:
        title: How errors call it: `Proxy 'link'`.
        module: Name of the module inside of the package: `network.proxy_process`.
        asked: Called in the reading thread with number, subject and value when the child asks something.
    """

    def __init__(self, title: str, module: str, asked: Asked) -> None:
        self._title = title
        self._module = module
        self._asked = asked
        self._numbers = itertools.count(1)
        self._slots: dict[int, _Slot] = {}
        self._unwritten = bytearray()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (lives as long as the process)
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._code: int | None = None

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and not self._over.is_set()

    def start(self, settings: object) -> object:
        """Starts it and hands over the settings; returns what it answers.

        Raises:
            ZmqLibraryError: What it raises.
            WorkerFailed: It does not answer.
        """
        with Uninterrupted():
            self._process = subprocess.Popen(
                command_of(self._module, isolated=True),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,  # A signal to the group of the run is for the run, which then ends the others.
            )
            if _BOUNDED and self._process.stdin:
                os.set_blocking(self._process.stdin.fileno(), False)
            self._reader = threading.Thread(target=self._read, name=f"zmq-{self._title}", daemon=True)
            self._reader.start()
        return self.call("start", sys.path, settings, seconds=START_SECONDS)

    def call(self, method: str, *arguments: object, seconds: float = CALL_SECONDS) -> object:
        """Has it run a method and returns the answer.

        Raises:
            ZmqLibraryError: What the method raises.
            WorkerFailed: It has ended, or does not answer in time.
        """
        answer, found = self.ask(method, *arguments, deadline=Deadline(seconds))
        if not found:
            raise WorkerFailed(f"{self._title} did not answer in {seconds:g} seconds ({method}).")
        return answer

    def ask(
        self,
        method: str,
        *arguments: object,
        deadline: Deadline,
        last: str = "",
        tick: Callable[[], object] = lambda: None,
    ) -> tuple[object, bool]:
        """As `call`, but that no answer in time is no error: returns the answer, and whether there is one.

        Args:
            method: What is run.
            arguments: What it takes.
            deadline: How long to wait.
            last: A method that is called when there was no answer in time, or the wait was interrupted; an answer may
                still come before its.
            tick: Called in each slice of the wait, so that others can be looked after.
        """
        number, slot = next(self._numbers), _Slot()
        self._slots[number] = slot
        try:
            self._write((number, method, arguments), deadline)
            while not is_set_within(slot.event, deadline.slice()):
                if not deadline.remaining():
                    if last:
                        self.call(last)
                    if not slot.event.is_set():
                        return None, False
                if not self.alive and not slot.event.is_set():
                    raise self.ended
                tick()
        except BaseException:
            if last:
                self._tell(last)
            raise
        finally:
            self._slots.pop(number, None)
        if slot.error is not None:
            raise slot.error
        return slot.value, True

    def answer(self, number: int, value: object) -> None:
        """Answers what the child has asked."""
        with suppress(WorkerFailed):
            self._write((number, None, (value,)), Deadline(CALL_SECONDS))

    def _tell(self, method: str) -> None:
        """Has it run a method whose answer nobody waits for."""
        with suppress(WorkerFailed):
            self._write((next(self._numbers), method, ()), Deadline(0))

    def stop(self) -> None:
        """Ends it: asks first, then kills; bounded. Stopping twice does nothing."""
        process = self._process
        if process is None:
            return
        with suppress(OSError, ValueError):
            if process.stdin:
                process.stdin.close()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_SECONDS)
        with Uninterrupted():
            self._process = None
            if self._reader:
                self._reader.join(STOP_SECONDS)
            if process.stdout:
                process.stdout.close()
            self._errors.close()

    def _write(self, message: object, deadline: Deadline) -> None:
        """Returns when the child has taken all that was to be written, or at the deadline."""
        data = pickle.dumps(message)
        with Uninterrupted(), self._lock:
            self._unwritten += data
        try:
            while self._write_on() and deadline.remaining():
                self._wait_for_room(deadline.slice())
        except (OSError, ValueError):
            is_set_by(self._over, Deadline(STOP_SECONDS))  # until it is known how it has ended
            raise self.ended from None

    def _write_on(self) -> bool:
        """Writes what the child takes now; whether something is left."""
        with Uninterrupted(), self._lock:
            process = self._process
            if process is None or process.stdin is None:
                raise WorkerFailed(f"{self._title} was stopped.")
            try:
                while self._unwritten:
                    del self._unwritten[: os.write(process.stdin.fileno(), self._unwritten)]
            except BlockingIOError:
                return True
            return False

    def _wait_for_room(self, seconds: float) -> None:
        process = self._process
        if process and process.stdin:
            poll = select.poll()
            poll.register(process.stdin, select.POLLOUT)
            poll.poll(seconds * 1000)

    def _read(self) -> None:
        """In its own thread until the child ends."""
        process = self._process
        assert process
        assert process.stdout
        while True:
            try:
                number, kind, value = pickle.load(process.stdout)  # of our own child
            except (EOFError, OSError, ValueError, pickle.UnpicklingError):
                break
            if kind == "asks":
                self._asked(number, *value)
            elif slot := self._slots.get(number):
                if kind == "fails":
                    slot.error = value
                else:
                    slot.value = value
                slot.event.set()
        with suppress(subprocess.TimeoutExpired):
            self._code = process.wait(STOP_SECONDS)
        self._over.set()
        for slot in list(self._slots.values()):
            slot.error = slot.error or self.ended
            slot.event.set()

    @property
    def ended(self) -> WorkerFailed:
        """What is to be said when it has ended by itself."""
        killed = f": its process was killed by signal {-self._code}" if self._code and self._code < 0 else ""
        return WorkerFailed(f"{self._title} has ended unexpectedly{killed}. {self._last_words()}".rstrip())

    def _last_words(self) -> str:
        with suppress(OSError, ValueError):
            self._errors.seek(0)
            lines = self._errors.read().decode("utf-8", "backslashreplace").strip().splitlines()
            return f"Its last words: {lines[-1]}" if lines else ""
        return ""
