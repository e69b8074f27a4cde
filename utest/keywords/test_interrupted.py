"""Receiving keywords that a signal interrupts at any moment lose nothing, return nothing twice, and keep the order."""

from __future__ import annotations

import gc
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from types import FrameType

import pytest

from ZmqLibrary import ZmqLibrary
from ZmqLibrary.messages.patterns import MatchKind
from ZmqLibrary.sockets.socket_types import SocketType
from ZmqLibrary.waiting.hand import Hand

ROUNDS = int(os.environ.get("INTERRUPTIONS", "300"))
SOON = timedelta(0)
pytestmark = [
    pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="signals of POSIX"),
    # What a destructor of pyzmq swallows the keyword raises again.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


class Interrupted(BaseException):
    pass


@pytest.fixture(params=["SIGALRM", "SIGINT", "SIGTERM"])
def soon(request) -> Iterator[Callable[[float], None]]:
    """Has a signal raise an exception after so many seconds; 0 calls that off."""
    number = getattr(signal, request.param)

    def interrupt(number: int, frame: FrameType | None) -> None:
        while frame is not None and not frame.f_globals["__name__"].startswith("ZmqLibrary.keywords."):
            frame = frame.f_back
        if frame is not None:  # else the keyword has returned, and what this test does with the value is its own affair
            raise Interrupted

    def on_alarm(*_: object) -> None:
        os.kill(os.getpid(), number)

    before = {n: signal.getsignal(n) for n in (signal.SIGALRM, number)}
    signal.signal(signal.SIGALRM, on_alarm)
    signal.signal(number, interrupt)
    gc.disable()  # what is raised in a collection is lost
    yield lambda seconds: signal.setitimer(signal.ITIMER_REAL, seconds)
    signal.setitimer(signal.ITIMER_REAL, 0)
    gc.enable()
    for n, handler in before.items():
        signal.signal(n, handler)


def test_what_a_destructor_swallows_before_anything_is_taken_is_raised_at_the_end():
    def interrupt(*_: object) -> None:
        raise Interrupted

    class Swallowing:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGALRM)

    before, hand, given_back = signal.signal(signal.SIGALRM, interrupt), Hand(), []
    try:
        hand.begin()
        Swallowing()
        hand.hold(lambda: given_back.append("message"))
        with pytest.raises(Interrupted):
            hand.finish()
        hand.give_back()
        hand.begin()
        hand.hold(lambda: given_back.append("another"))
        hand.finish()
    finally:
        signal.signal(signal.SIGALRM, before)
    assert given_back == ["message"]


@pytest.mark.parametrize("to_runner", [True, False])
def test_without_a_test_runner_a_value_on_its_way_is_given_back_to_whomever_it_goes(to_runner):
    """As in the process of a remote client: keywords are called as Robot calls them, and no Robot runs."""

    def interrupt(*_: object) -> None:
        raise Interrupted

    before, hand, given_back = signal.signal(signal.SIGALRM, interrupt), Hand(), []
    of_the_library = {"__name__": "ZmqLibrary.frontends", "hand": hand, "given_back": given_back, "signal": signal}
    keyword = f"""
hand.begin()
hand.hold(lambda: given_back.append("message"))
hand.finish({to_runner})
signal.raise_signal(signal.SIGALRM)
"""
    try:
        with pytest.raises(Interrupted):
            exec(keyword, of_the_library)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert given_back == ["message"]


def test_a_call_that_is_ended_undoes_nothing_of_calls_in_other_threads():
    hand, given_back = Hand(), []
    hand.hold(lambda: given_back.append("of this one"))
    with ThreadPoolExecutor(1) as other:
        other.submit(hand.hold, lambda: given_back.append("of the other one"))
        other.submit(hand.give_back).result()
    assert given_back == ["of the other one"]
    hand.give_back()
    assert given_back == ["of the other one", "of this one"]


KEYWORDS: dict[str, Callable[[ZmqLibrary], list[object]]] = {
    "Receive Message": lambda library: [library.receive_message(format="JSON", socket="jobs", timeout=SOON)],
    "Receive Multipart": lambda library: list(library.receive_multipart(format="JSON", socket="jobs", timeout=SOON)),
    "Try To Receive Message": lambda library: [library.try_to_receive_message(format="JSON", socket="jobs")],
    "Receive Messages": lambda library: [
        message[0] for message in library.receive_messages(20, format="JSON", socket="jobs", timeout=SOON)
    ],
    "Wait For Message": lambda library: list(
        library.wait_for_message("[0-9]+", match=MatchKind.REGEXP, format="JSON", socket="jobs", timeout=SOON)
    ),
}


@pytest.mark.parametrize("name", KEYWORDS)
def test_no_message_is_lost_returned_twice_or_out_of_order(name, soon, library, jobs):
    chance, receive = random.Random(name), KEYWORDS[name]
    sent, returned, interrupted, longest = 0, [], 0, 0.002
    for _ in range(ROUNDS):
        while sent < len(returned) + 40:
            jobs(b"%d" % sent)
            sent += 1
        soon(chance.uniform(1e-5, longest))
        try:
            returned += receive(library)
        except Interrupted:
            interrupted += 1
        finally:
            soon(0)
        longest = max(1e-4, longest * (0.97 if interrupted < _ / 2 else 1.03))
    rest = library.receive_messages(sent - len(returned), format="JSON", socket="jobs")
    returned += [message[0] for message in rest]
    assert interrupted > ROUNDS / 10
    assert returned == list(range(sent))


def start_forwarding(library: ZmqLibrary) -> None:
    library.start_mock_server("inproc://mock", SocketType.PULL)
    library.mock_forwards_to("inproc://feed")


STARTS: dict[str, Callable[[ZmqLibrary], object]] = {
    "collector": lambda library: library.start_collecting_messages(socket="feed"),
    "mock server": lambda library: library.start_mock_server("tcp://127.0.0.1:*", SocketType.REP),
    "forwarding": start_forwarding,
    "authenticator": lambda library: library.start_authenticator(),
    "socket": lambda library: library.bind_zmq_socket("tcp://127.0.0.1:*", SocketType.PULL, alias="other"),
}


@pytest.mark.parametrize("name", STARTS)
def test_a_start_or_stop_that_is_interrupted_at_any_moment_does_not_keep_the_run_from_ending(name, interrupted):
    """libzmq waits for a socket that nobody has closed, for ever."""
    library, moments = ZmqLibrary(), random.Random(name)
    library.bind_zmq_socket("inproc://feed", SocketType.PULL, alias="feed")

    def stop() -> None:
        library.stop_all_workers()
        if "other" in library.get_zmq_sockets():
            library.close_zmq_socket("other")

    def start_and_stop() -> None:
        STARTS[name](library)
        stop()

    for _ in range(ROUNDS):
        interrupted(start_and_stop, moments.uniform(1e-5, 4e-3))
        stop()
    end = threading.Thread(target=library.session.end, daemon=True)
    end.start()
    end.join(60)
    assert not end.is_alive()


def test_a_reservation_that_is_interrupted_at_any_moment_keeps_no_port(soon, library, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    chance, interrupted, lifetimes = random.Random(1), 0, library.session.lifetimes
    library.reserve_zmq_endpoint()
    lifetimes.close()
    for _ in range(ROUNDS):
        lifetimes.at_end.clear()
        soon(chance.uniform(1e-5, 1e-3))
        try:
            library.reserve_zmq_endpoint()
        except Interrupted:
            interrupted += 1
        else:
            lifetimes.close()
        finally:
            soon(0)
        assert not [*(tmp_path / "zmqlibrary-reserved").iterdir()]
    assert interrupted > ROUNDS / 20


LOOKS: dict[str, Callable[[ZmqLibrary, str], object]] = {
    "for a free port": lambda library, path: library.reserve_zmq_endpoint(),
    "for a server at a path": lambda library, path: library.bind_zmq_socket(f"ipc://{path}", SocketType.PULL),
}


@pytest.mark.parametrize("name", LOOKS)
def test_a_look_that_a_signal_ends_leaves_no_socket_open(name, soon, library, tmp_path, monkeypatch):
    looking = []

    class Interrupting(socket.socket):
        def close(self) -> None:
            looking.append(self)
            signal.raise_signal(signal.SIGALRM)
            super().close()

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind(str(tmp_path / "left.ipc"))
    monkeypatch.setattr(socket, "socket", Interrupting)
    with pytest.raises(Interrupted):
        LOOKS[name](library, str(tmp_path / "left.ipc"))
    [probe] = looking
    assert probe.fileno() == -1


SUITE = """
*** Settings ***
Library           ZmqLibrary    timeout=60s    log_messages=0    auto_close=MANUAL
Library           filling.py
Suite Setup       Open
Suite Teardown    All Came In Order
Test Template     Take

*** Test Cases ***
{tests}

*** Keywords ***
Open
    Bind Zmq Socket       inproc://jobs    PULL    jobs    receive_hwm=0
    Connect Zmq Socket    inproc://jobs    PUSH    work    send_hwm=0

Take
    [Arguments]    ${{limit}}    ${{call}}
    Fill
    TRY
        ${{got}}=    In Time    ${{limit}}    ${{call}}
        Note    ${{got}}
    EXCEPT    Keyword timeout*    type=GLOB
        Note Interruption
    END

In Time
    [Arguments]    ${{limit}}    ${{call}}
    [Timeout]    ${{limit}}
    ${{got}}=    Run Keyword    ${{call}}
    RETURN    ${{got}}

One
    ${{got}}=    Receive Message    format=JSON    socket=jobs
    RETURN    ${{got}}

Multipart
    ${{got}}=    Receive Multipart    format=JSON    socket=jobs
    RETURN    ${{got}}

Many
    ${{got}}=    Receive Messages    300    format=JSON    socket=jobs
    RETURN    ${{got}}

Matching
    ${{got}}=    Wait For Message    [0-9]*    format=JSON    socket=jobs
    RETURN    ${{got}}

All Came In Order
    ${{rest}}=    Left
    ${{messages}}=    Receive Messages    ${{rest}}    format=JSON    socket=jobs
    Check    ${{messages}}
"""
LIBRARY = """
from robot.libraries.BuiltIn import BuiltIn

ROBOT_LIBRARY_SCOPE = "GLOBAL"
sent, returned, interrupted = [], [], []

def fill():
    library = BuiltIn().get_library_instance("ZmqLibrary")
    while len(sent) < len(returned) + 400:
        library.send_message(str(len(sent)), socket="work")
        sent.append(len(sent))

def note(got):
    if isinstance(got, int):
        returned.append(got)
    else:
        returned.extend(item if isinstance(item, int) else item[0] for item in got)

def note_interruption():
    interrupted.append(1)

def left():
    return len(sent) - len(returned)

def check(messages):
    note(messages)
    assert returned == sent, [n for n, (a, b) in enumerate(zip(returned, sent)) if a != b][:5]
    print(f"*WARN* interrupted {len(interrupted)} times")
"""
CALLS = ["One", "Multipart", "Many", "Matching"]


def test_a_timeout_of_robot_loses_nothing_on_the_way_into_a_variable(tmp_path: Path) -> None:
    chance = random.Random(7)
    tests = [
        f"{number}\n    {chance.choice((1, 1, 2, 3)) / 1000:.3f}s    {chance.choice(CALLS)}" for number in range(ROUNDS)
    ]
    (tmp_path / "filling.py").write_text(LIBRARY, "utf-8")
    (tmp_path / "suite.robot").write_text(SUITE.format(tests="\n".join(tests)), "utf-8")
    command = [sys.executable, "-m", "robot", "--pythonpath", ".", "--output", "NONE", "suite.robot"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300 + ROUNDS)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr
    assert "interrupted" in run.stderr, run.stderr
