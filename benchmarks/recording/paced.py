"""A socket of the library receives what another process sends at 100,000 messages a second, recorded or not.

Arguments: `bare` or `recorded`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from ZmqLibrary import ZmqLibrary

MESSAGES = 300_000
RATE = 100_000
BATCH = 500
SENDER = f"""
import sys, time, zmq
socket = zmq.Context().socket(zmq.PUSH)
socket.sndhwm = 0
socket.linger = -1
socket.connect(sys.argv[1])
begun = time.monotonic()
for done in range(0, {MESSAGES}, {BATCH}):
    while time.monotonic() < begun + done / {RATE}:
        pass
    for _ in range({BATCH}):
        socket.send_multipart([b"topic", b"x" * 20])
socket.close()
"""


def main(how: str) -> None:
    library = ZmqLibrary()
    library.bind_zmq_socket("tcp://127.0.0.1:*", "PULL", "jobs", receive_hwm=0)
    path = Path(tempfile.mkdtemp()) / "run.jsonl"
    if how == "recorded":
        library.start_recording(str(path))
    with subprocess.Popen([sys.executable, "-c", SENDER, library.get_zmq_endpoint()]):
        library.receive_multipart(socket="jobs", timeout=timedelta(seconds=30))
        begun = time.perf_counter()
        received = 1
        while received < MESSAGES:
            left = min(BATCH * 10, MESSAGES - received)
            received += len(library.receive_messages(left, socket="jobs", timeout=timedelta(seconds=60)))
        rate = received / (time.perf_counter() - begun)
    library.session.end()
    if how == "recorded":
        lines = sum(b'"frames"' in line for line in path.open("rb"))
        assert lines == MESSAGES, lines
    print(json.dumps({"rate": rate}))


if __name__ == "__main__":
    main(sys.argv[1])
