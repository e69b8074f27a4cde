"""The process of a proxy: reads calls from standard input, runs them in the proxy's loop, writes the answers."""

from __future__ import annotations

import faulthandler
import gc
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from functools import partial
from operator import attrgetter
from queue import Empty, SimpleQueue
from typing import BinaryIO

from ..errors import ZmqLibraryError
from .proxy_server import ProxyServer

ANSWER_SECONDS = 5.0
_ORPHAN_SECONDS = 0.5
_FROZEN_SECONDS = 15.0
_WAITING = ("wait_message", "wait_subscription")
"""Methods that answer later."""


class Channel:
    """The two pipes to the library. Each has a thread, so that the proxy waits for neither.

    Args:
        calls: Where calls come from.
        answers: Where answers go.
    """

    def __init__(self, calls: BinaryIO, answers: BinaryIO) -> None:
        self._calls = calls
        self._answers = answers
        self._outgoing: SimpleQueue[bytes | None] = SimpleQueue()
        self._verdicts: SimpleQueue[tuple[int, bool | str]] = SimpleQueue()
        self._asked = 0
        self._server: ProxyServer | None = None
        self._writer = threading.Thread(target=self._write, daemon=True)
        self._writer.start()

    def matches(self, number: int, frames: Sequence[bytes]) -> bool | str | None:
        """Asks the library whether patterns match that are kept there; None if it does not answer in time.

        Why they cannot be held against the message comes as text.

        Each answer proves that neither of them is frozen, however long a burst of messages takes.
        """
        self._asked += 1
        self._send(self._asked, "asks", (number, frames))
        end = time.monotonic() + ANSWER_SECONDS
        while (left := end - time.monotonic()) > 0:
            try:
                asked, verdict = self._verdicts.get(timeout=left)
            except Empty:
                break
            if asked == self._asked:
                faulthandler.dump_traceback_later(_FROZEN_SECONDS, exit=True)
                return verdict
        return None

    def serve(self) -> None:
        """Makes the proxy of the first call, and works until the library is gone."""
        number, _, (path, settings) = pickle.load(self._calls)
        sys.path[:] = path
        try:
            self._server = ProxyServer(settings, self)
        except ZmqLibraryError as error:
            self._send(number, "fails", error)
            self._finish()
            return
        self._send(number, "answers", self._server.endpoint)
        threading.Thread(target=self._read, daemon=True).start()
        self._look_for_parent(os.getppid())
        gc.freeze()
        self._server.run()
        self._finish()

    def _finish(self) -> None:
        self._outgoing.put(None)
        self._writer.join(ANSWER_SECONDS)

    def _look_for_parent(self, parent: int) -> None:
        """Ends without the library, also where another process that was forked from its keeps the pipe open.

        A regular expression can freeze all threads of a process; this one is then ended from outside of Python.
        """
        assert self._server
        faulthandler.dump_traceback_later(_FROZEN_SECONDS, exit=True)
        if os.getppid() != parent:
            self._server.stop()
        self._server.loop.later(time.monotonic() + _ORPHAN_SECONDS, lambda: self._look_for_parent(parent))

    def _read(self) -> None:
        assert self._server
        while True:
            try:
                number, method, arguments = pickle.load(self._calls)
            except Exception as error:
                if not isinstance(error, (EOFError, OSError)):
                    traceback.print_exc()  # the last words of this process
                self._verdicts.put((self._asked, False))
                self._server.loop.ask(self._server.stop)
                return
            if method is None:
                self._verdicts.put((number, *arguments))
            else:
                self._server.loop.ask(partial(self._run, number, method, arguments))

    def _run(self, number: int, method: str, arguments: Sequence[object]) -> None:
        function = attrgetter(method)(self._server)
        try:
            if method in _WAITING:
                function(lambda value: self._send(number, kind_of(value), value), *arguments)
            else:
                self._send(number, "answers", function(*arguments))
        except ZmqLibraryError as error:
            self._send(number, "fails", error)

    def _send(self, number: int, kind: str, value: object) -> None:
        self._outgoing.put(pickle.dumps((number, kind, value)))

    def _write(self) -> None:
        while (data := self._outgoing.get()) is not None:
            try:
                self._answers.write(data)
                self._answers.flush()
            except OSError:
                return


def kind_of(value: object) -> str:
    """What an answer is that comes later."""
    return "fails" if isinstance(value, ZmqLibraryError) else "answers"


def main() -> None:
    """Runs the proxy of this process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the test run, which then ends the proxy.
    code = 1
    try:
        Channel(sys.stdin.buffer, sys.stdout.buffer).serve()
        code = 0
    except Exception:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)  # Python itself would wait for the thread that reads calls.
