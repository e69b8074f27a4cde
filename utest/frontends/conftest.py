"""A remote server in a process of its own, and clients that speak as Robot's Remote library does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from robot.libraries.Remote import Remote

ROOT = Path(__file__).resolve().parents[2]


class RunningServer:
    """`python -m ZmqLibrary remote` at a free port."""

    def __init__(self, *arguments: str, environment: dict[str, str] | None = None) -> None:
        command = [sys.executable, "-m", "ZmqLibrary", "remote", "--port", "0", *arguments]
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **(environment or {})},
        )
        line = self.process.stdout.readline()
        assert line.startswith("ZmqLibrary is served at "), line + self.process.stderr.read()
        self.url = line.split()[-1]

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def client(self, path: str = "") -> Remote:
        return Remote(self.url + path)

    def children(self) -> list[int]:
        text = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(number) for number in text.split()]

    def end(self, number: int = signal.SIGTERM) -> str:
        """Ends it; returns what it has written to standard error."""
        self.process.send_signal(number)
        return self.process.communicate(timeout=120)[1]


@pytest.fixture
def serving() -> Iterator[Callable[..., RunningServer]]:
    with ExitStack() as stack:

        def start(*arguments: str, **more: dict[str, str]) -> RunningServer:
            server = RunningServer(*arguments, **more)
            stack.callback(server.process.communicate, timeout=120)  # a process that is left holds its output open
            stack.callback(server.process.kill)
            return server

        yield start


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    """One for all tests of a module; each takes a path of its own."""
    running = RunningServer("timeout=60s", environment={"ZMQ_TEST_SECRET": "hush-hush"})
    yield running
    running.end()


@pytest.fixture(scope="module")
def impatient() -> Iterator[RunningServer]:
    """One whose clients may be silent for half a second; each test takes a path of its own."""
    running = RunningServer("--grace", "500ms")
    yield running
    running.end()


@pytest.fixture
def call(server, request) -> Callable[..., object]:
    """Calls keywords of the module's server: `call("Send Message", "text", socket="a")`."""
    remote = server.client(f"/{request.node.name.encode('ascii', 'ignore').hex()}")
    return lambda name, *args, **named: remote.run_keyword(name, args, named)


class Command(subprocess.Popen[str]):
    """`python -m ZmqLibrary …`, which does not outlive a test that fails."""

    def __init__(self, *words: object, **options: object) -> None:
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": ROOT}
        super().__init__([sys.executable, "-m", "ZmqLibrary", *map(str, words)], **{**pipes, **options})

    def __exit__(self, kind: object, *rest: object) -> None:
        if kind:
            self.kill()
        super().__exit__(kind, *rest)


@pytest.fixture
def started() -> Iterator[Callable[..., Command]]:
    """Starts a command as a shell does: `started("send", endpoint, "text")`."""
    commands: list[Command] = []

    def start(*words: object, **options: object) -> Command:
        commands.append(Command(*words, **options))
        return commands[-1]

    yield start
    for command in commands:
        with command:
            command.kill()


@pytest.fixture
def ran(started) -> Callable[..., tuple[int, str, str]]:
    """Runs a command to its end: its exit code, what is data, what is not."""

    def run(*words: object) -> tuple[int, str, str]:
        process = started(*words)
        output, errors = process.communicate(timeout=120)
        return process.returncode, output, errors

    return run
