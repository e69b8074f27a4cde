"""Peers in C on libzmq (`peers.c`), compiled where there are gcc and libzmq3-dev, and other programs like them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import zmq

SOURCE = Path(__file__).parent / "peers.c"


@contextmanager
def compiled() -> Iterator[str | None]:
    """The program in C, for a time; None, and that is told, where it cannot be compiled."""
    with TemporaryDirectory() as folder:
        target = str(Path(folder, "peers"))
        compiler = shutil.which("gcc") or shutil.which("cc") or "false"
        done = subprocess.run([compiler, "-O2", "-o", target, str(SOURCE), "-lzmq"], capture_output=True, check=False)
        if done.returncode:
            print("Without gcc and libzmq3-dev: the rows with programs in C are left out.", file=sys.stderr)
        yield None if done.returncode else target


class Program:
    """A running program that says `ready` first."""

    def __init__(self, *command: str) -> None:
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._line() == "ready"

    def result(self) -> float:
        """The number that it prints at its end."""
        found = float(self._line())
        self._process.wait()
        return found

    def stop(self) -> None:
        """Ends it; ending it twice does nothing."""
        self._process.kill()
        self._process.wait()

    def _line(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()


def free_endpoint() -> str:
    """A tcp endpoint where nobody listens."""
    with zmq.Context() as context, context.socket(zmq.PULL) as holder:
        holder.bind("tcp://127.0.0.1:*")
        return str(holder.last_endpoint.decode())


def sent_to(receiver: Program, c: str, endpoint: str, size: int, count: int) -> float:
    """Messages in a second from the sender in C to that receiver, which may be behind something else."""
    subprocess.run([c, "send", endpoint, str(size), str(count)], check=True)
    return receiver.result()
