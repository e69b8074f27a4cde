"""TapeWriter: hands what is recorded to the process that writes it, so that the traffic does not wait for the disk.

A thread wakes when there is something, waits a moment for what comes with it, and hands all of it over at once: so a
line is in the file within 100 ms, and a flood of messages costs little more than noting them. What waits is bounded;
what is beyond that, and what the disk does not take, is counted and reported by `check`.
"""

from __future__ import annotations

import marshal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from ..errors import Hint, InvalidValue, WorkerFailed
from ..report.words import count_of
from ..waiting.deadline import Deadline
from ..waiting.threads import has_ended, is_alive, is_set_within
from ..waiting.uninterrupted import Uninterrupted
from . import tape_lines

_PAUSE = 0.03
_POLL = 0.03
_MOST_WAITING = 100_000
_MOST_BYTES = 64 * 2**20
_MOST_IN_BATCH = 10_000
_SMALL = 1024  # smaller messages are bounded by their number
_STOP_SECONDS = 20.0

Raw = tuple[int, float, Sequence[bytes]]
"""A message as it was sent: number of the head of its line, seconds since the epoch, frames."""

Slow = Callable[[], Iterable[object]]
"""Makes what is written in its place: lines, heads, raw messages. Is called in the thread."""


class TapeWriter:
    """Writes lines to a file, which it keeps from the beginning: nobody else can write it.

    Args:
        path: The file; an older one is replaced.
        header: The first line, which is written at once.
        started: When the recording began, in seconds since the epoch.

    Attributes:
        sources: Are asked for lines again and again, and at the end, in the thread.

    Raises:
        InvalidValue: It cannot be written.
    """

    def __init__(self, path: Path, header: str, started: float) -> None:
        self.path = path
        self.sources: Sequence[Callable[[], Iterable[object]]] = ()
        self._waiting: deque[Raw | Slow] = deque()
        self._flushes: deque[threading.Event] = deque()
        self._bytes = 0
        self._full = self._awake = self._reported = False
        self._left_out = 0
        self._problem = ""
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._started = started
        self._process: subprocess.Popen[bytes]
        self._thread = threading.Thread(target=self._run, name=f"recording {path}", daemon=True)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a", encoding="utf-8", newline="\n")
            self._begin(header)
        except OSError as error:
            raise InvalidValue(f"The recording {path} cannot be written: {error.strerror or error}.") from None

    def _begin(self, header: str) -> None:
        if not tape_lines.take(self._file):
            self._file.close()
            raise InvalidValue(
                f"The recording {self.path} is being written by another process or library. Give each a path of its "
                "own.",
                Hint.GIVE_OWN_PATH,
            )
        self._file.truncate(0)
        self._file.write(header)
        self._file.flush()

    def let_go(self) -> None:
        """Lets others have the file, unless it was started."""
        self._file.close()

    def start(self) -> None:
        """Starts the process and the thread, which `stop` ends. The process has the file, with the lock, from here."""
        inherits = sys.platform != "win32"
        target = str(self._file.fileno()) if inherits else str(self.path.absolute())
        with Uninterrupted(), self._file:
            self._process = subprocess.Popen(
                [sys.executable, "-I", tape_lines.__file__, target, repr(self._started)],
                pass_fds=[self._file.fileno()] if inherits else [],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C ends the library, which ends this
            )
            self._thread.start()

    def put(self, item: Raw | Slow, frames: Sequence[bytes]) -> None:
        """Has something written; never waits. Is called in the threads of all sockets, with each message.

        Args:
            item: What is written.
            frames: What it holds.
        """
        waiting = self._waiting
        if self._full or len(waiting) >= _MOST_WAITING:
            self._left_out += 1
            return
        size = len(frames[0]) if len(frames) == 1 else sum(map(len, frames))
        if size > _SMALL:
            self._bytes += size
            self._full = self._bytes > _MOST_BYTES
        waiting.append(item)
        if not self._awake:
            self._awake = True
            self._wake.set()

    @property
    def failed(self) -> bool:
        """Whether something is not in the file, and that was not reported yet."""
        return bool(self._problem or self._left_out) and not self._reported

    def check(self) -> None:
        """Reports once what has gone wrong.

        Raises:
            WorkerFailed: Lines were not written; the traffic went on without them.
        """
        if self.failed:
            self._reported = True
            reason = self._problem or "messages came faster than the disk takes them"
            left_out = f"; it lacks {count_of(self._left_out, 'message')}" if self._left_out else ""
            raise WorkerFailed(f"The recording {self.path} is not complete: {reason}{left_out}.")

    def flush(self) -> None:
        """Waits until what was put so far is in the file; bounded."""
        done = threading.Event()
        self._flushes.append(done)
        self._wake.set()
        deadline = Deadline(_STOP_SECONDS)
        while not is_set_within(done, deadline.slice()) and is_alive(self._thread) and deadline.remaining():
            pass

    def ask_to_stop(self) -> None:
        """Has what is left written and the process ended, without waiting for it."""
        self._stopping.set()
        self._wake.set()

    def stop(self) -> None:
        """Writes what is left and ends the process; bounded. Stopping twice does nothing."""
        self.ask_to_stop()
        if not has_ended(self._thread, Deadline(_STOP_SECONDS)):
            self._problem = f"the disk has not taken the last messages in {_STOP_SECONDS:g} seconds"
            self._process.kill()

    # In the thread

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._wake.wait(_POLL)
                self._stopping.wait(_PAUSE)
                self._wake.clear()
                self._awake = False
                self._write()
            self._write()
        except Exception as error:  # nothing may end the thread silently: sockets go on without it
            self._fail(f"{type(error).__name__}: {error}")
        self._end()

    def _write(self) -> None:
        """Hands over what waits now; what comes meanwhile comes next time.

        Who waits for the file is told at the end, because the thread of another socket notes what it has sent a moment
        after its peer may have received that, and asked for the file. Who asks for it once the sources were asked
        waits for the next time.
        """
        waiters = [self._flushes.popleft() for _ in range(len(self._flushes))]
        self._bytes = 0  # What comes from here on waits for the next time: while messages flow, something always does.
        self._full = bool(self._problem)
        batch = [item for source in self.sources for item in source()]
        for _ in range(len(self._waiting)):
            item = self._waiting.popleft()
            if isinstance(item, tuple):
                batch.append(item)
            else:
                batch += item()
            if len(batch) >= _MOST_IN_BATCH:
                self._send(batch)
                batch = []
        self._send(batch)
        if waiters:
            self._await_answer()
        for waiter in waiters:
            waiter.set()

    def _send(self, batch: list[object]) -> None:
        if batch and not self._problem:
            self._hand_over(marshal.dumps(batch))

    def _await_answer(self) -> None:
        """Waits until the process has written all that it was given."""
        if not self._problem:
            self._hand_over(marshal.dumps([]))
        if not self._problem and self._process.stdout and (answer := self._process.stdout.read(1)) != tape_lines.DONE:
            self._fail_with_answer(answer)

    def _hand_over(self, data: bytes) -> None:
        assert self._process.stdin
        try:
            self._process.stdin.write(tape_lines.LENGTH.pack(len(data)) + data)
            self._process.stdin.flush()
        except OSError:
            self._fail_with_answer(self._process.stdout.read(1) if self._process.stdout else b"")

    def _fail_with_answer(self, answer: bytes) -> None:
        reason = self._process.stdout.read() if answer == tape_lines.FAILED and self._process.stdout else b""
        self._fail(reason.decode("utf-8", "replace") or "the process that writes it has ended")

    def _fail(self, problem: str) -> None:
        self._problem = self._problem or problem
        self._full = True

    def _end(self) -> None:
        self._await_answer()
        with suppress(OSError):
            if self._process.stdin:
                self._process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_SECONDS)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()
