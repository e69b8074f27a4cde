"""What ten seconds cost, measured in a process of its own: `python -m utest.ten_seconds what endpoint` prints JSON."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from ZmqLibrary import ZmqLibrary
from ZmqLibrary.errors import WaitTimeout
from ZmqLibrary.sockets.socket_types import SocketType

SECONDS = 10
TIMEOUT = timedelta(seconds=SECONDS)
WARM_UP = 3
ENOUGH_FOR_A_RATE = 4
STATM = Path("/proc/self/statm")


def resident() -> int:
    """Bytes of this process that are in memory; 0 where the system does not tell."""
    return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if STATM.exists() else 0


def moving(library: ZmqLibrary, seconds: float = SECONDS) -> dict[str, float]:
    """Sends and receives. Memory grows at first in any process."""
    library.bind_zmq_socket("tcp://127.0.0.1:*", SocketType.PULL, "sink")
    library.connect_zmq_socket(library.get_zmq_endpoint(), SocketType.PUSH, "source")
    begin = time.monotonic()
    warm, end = begin + WARM_UP, begin + seconds
    before = rounds = 0
    while (start := time.monotonic()) < end:
        if start > warm and not before:
            before = resident()
        library.send_message("x", socket="source")
        library.receive_message(socket="sink")
        rounds += 1
    return {"rate": rounds / seconds, "grown": resident() - before}


def alone(endpoint: str) -> dict[str, float]:
    """Sends and receives, and nothing else happens."""
    return moving(ZmqLibrary(), ENOUGH_FOR_A_RATE)


def refused(endpoint: str) -> dict[str, float]:
    """Sends and receives while another socket is refused again and again."""
    library = ZmqLibrary()
    library.connect_zmq_socket(endpoint, SocketType.PUSH, "refused", lazy=True, reconnect_ivl="1ms")
    measured = moving(library)
    monitor = library.session.socket("refused").monitor
    return {**measured, "retries": monitor.counts["CONNECT_RETRIED"], "events": len(monitor.history)}


def receiving(library: ZmqLibrary) -> None:
    """Waits for a message."""
    library.bind_zmq_socket("tcp://127.0.0.1:*", SocketType.PULL)
    library.receive_message(timeout=TIMEOUT)


def collecting(library: ZmqLibrary) -> None:
    """Waits for a message that a worker is to receive."""
    library.bind_zmq_socket("tcp://127.0.0.1:*", SocketType.PULL)
    library.start_collecting_messages()
    library.wait_for_collected_message("never", timeout=TIMEOUT)


def subscribers(library: ZmqLibrary) -> None:
    """Waits for a subscriber."""
    library.bind_zmq_socket("tcp://127.0.0.1:*", SocketType.PUB)
    library.wait_for_subscriber("news", timeout=TIMEOUT)


def waiting(keyword: Callable[[ZmqLibrary], None]) -> dict[str, float]:
    """Waits in vain."""
    library = ZmqLibrary()
    cpu, begin = time.process_time(), time.monotonic()
    with suppress(WaitTimeout):
        keyword(library)
    return {"cpu": time.process_time() - cpu, "seconds": time.monotonic() - begin}


if __name__ == "__main__":
    what, endpoint = sys.argv[1:]
    print(json.dumps(globals()[what](endpoint) if what in ("alone", "refused") else waiting(globals()[what])))
