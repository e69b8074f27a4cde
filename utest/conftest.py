"""Real sockets: fixtures own them, and a test that leaves one open fails."""

from __future__ import annotations

import gc
import os
import signal
import socket as tcp
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
import robot
import zmq
from hypothesis import HealthCheck, settings

from ZmqLibrary import ZmqLibrary
from ZmqLibrary.log.session_log import SessionLog
from ZmqLibrary.session.session import Session
from ZmqLibrary.session.settings import LibrarySettings
from ZmqLibrary.sockets.socket_types import SocketType
from ZmqLibrary.sockets.zmq_socket import ZmqSocket
from ZmqLibrary.waiting.deadline import Deadline

# Examples, and the making of them, may take long on a busy machine, which says nothing about the code.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in what a shell script has begun with &
    signal.signal(signal.SIGINT, signal.default_int_handler)

PEER = Path(__file__).parent / "peer.py"
DESCRIPTORS = Path("/proc/self/fd")
TAKES_LONG = {"test_locust_user.py", "test_remote_server.py", "test_runner.py", "test_docs.py", "test_fault_matrix.py"}
Condition = Callable[[], object]


class Interrupted(BaseException):
    """What Robot's timeout raises in the middle of anything."""


class PeerProcess:
    """A running `peer.py`."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, str(PEER), *arguments]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.line() == "ready"

    def line(self) -> str:
        """The next line that it prints."""
        assert self._process.stdout
        return self._process.stdout.readline().rstrip("\n")

    def tell(self, text: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(text + "\n")
        self._process.stdin.flush()

    def kill(self) -> None:
        """SIGKILL, and waits until it is gone."""
        self._process.kill()
        self._process.communicate()


def count_open() -> tuple[int, int]:
    """Numbers of open file descriptors and threads."""
    return len(os.listdir(DESCRIPTORS)) if DESCRIPTORS.exists() else 0, threading.active_count()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the files that take longest first: where several run at a time, no process works on one alone at the end."""
    items.sort(key=lambda item: item.path.name not in TAKES_LONG)


@pytest.fixture(autouse=True)
def leaks() -> Iterator[None]:
    before = count_open()
    yield
    if not within(before):
        gc.collect()
    # libzmq closes descriptors in a thread of its own, which nothing tells of.
    deadline = Deadline(30)
    while not within(before) and deadline.remaining():
        threading.Event().wait(0.005)
    assert within(before), f"(descriptors, threads) were {before} and are {count_open()}"


def within(before: tuple[int, int]) -> bool:
    return all(now <= then for now, then in zip(count_open(), before))


@pytest.fixture
def open_things() -> Callable[[], tuple[int, int]]:
    """Counts open file descriptors and threads."""
    return count_open


@pytest.fixture
def session() -> Iterator[Session]:
    session = Session(LibrarySettings(timeout=30.0, linger=0.1), SessionLog(512, 200))
    yield session
    session.end()


@pytest.fixture
def opened(session: Session) -> Callable[..., ZmqSocket]:
    """Opens sockets of the library: `opened("PULL", bind=endpoint)`."""

    def open_socket(type: str, name: str | None = None, bind: str = "", connect: str = "", **options: int) -> ZmqSocket:
        socket = session.open(SocketType[type], name)
        for option, value in options.items():
            socket.raw.socket.set(getattr(zmq, option), value)
        if bind:
            socket.bind(bind)
        if connect:
            socket.connect(connect)
        return socket

    return open_socket


@pytest.fixture
def raw() -> Iterator[Callable[..., zmq.Socket[bytes]]]:
    """Opens plain pyzmq sockets, the peers of the library's."""
    with ExitStack() as stack:
        context = stack.enter_context(zmq.Context())

        def open_socket(type: str, bind: str = "", connect: str = "", **options: int | bytes) -> zmq.Socket[bytes]:
            socket = stack.enter_context(context.socket(getattr(zmq, type)))
            socket.linger = 0
            socket.rcvtimeo = socket.sndtimeo = 30_000
            for option, value in options.items():
                socket.set(getattr(zmq, option), value)
            if bind:
                socket.bind(bind)
            if connect:
                socket.connect(connect)
            return socket

        yield open_socket


@pytest.fixture
def peer() -> Iterator[Callable[..., PeerProcess]]:
    """Starts peers in processes of their own."""
    with ExitStack() as stack:

        def start(*arguments: str) -> PeerProcess:
            process = PeerProcess(*arguments)
            stack.callback(process.kill)
            return process

        yield start


@pytest.fixture
def library() -> Iterator[ZmqLibrary]:
    library = ZmqLibrary(timeout=timedelta(seconds=30), linger=timedelta(milliseconds=100))
    yield library
    library.session.end()


@pytest.fixture
def robot_output(tmp_path: Path) -> Callable[..., Path]:
    """Runs a suite in this process, since another one takes longer to start; returns its output.xml."""

    def run(suite: str, **options: str) -> Path:
        (tmp_path / "suite.robot").write_text(suite, "utf-8")
        files = {"outputdir": tmp_path, "log": "NONE", "report": "NONE"}
        with (tmp_path / "console").open("w") as console:
            robot.run(tmp_path / "suite.robot", stdout=console, stderr=console, **files, **options)
        return tmp_path / "output.xml"

    return run


@pytest.fixture
def happens() -> Callable[..., bool]:
    """Waits for a condition while a socket's events are looked at."""

    def wait(socket: ZmqSocket, condition: Condition, seconds: float = 30) -> bool:
        return bool(socket.wait_for(condition, Deadline(seconds)))

    return wait


@pytest.fixture
def closed_port() -> Iterator[str]:
    """An endpoint at which nobody listens. It is kept taken, so that nobody else gets it, but a test may bind it."""
    with tcp.socket() as holder:
        holder.setsockopt(tcp.SOL_SOCKET, tcp.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        yield f"tcp://127.0.0.1:{holder.getsockname()[1]}"


@pytest.fixture
def interrupted() -> Callable[..., object]:
    """Runs something as Robot does under a timeout; tells whether it was interrupted.

    Without garbage collections: hypothesis has a callback in them, and what a signal handler raises there is lost.
    """

    def interrupt(number: int, frame: object) -> None:
        raise Interrupted

    def run(action: Callable[[], object], seconds: float) -> bool:
        before = signal.signal(signal.SIGALRM, interrupt)
        gc.disable()
        try:
            try:
                signal.setitimer(signal.ITIMER_REAL, seconds)
                action()
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)  # the signal may come here, too
        except Interrupted:
            return True
        finally:
            signal.signal(signal.SIGALRM, before)
            gc.enable()
        return False

    return run
