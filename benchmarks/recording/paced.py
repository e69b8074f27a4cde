"""Messages from one socket of the library to another, with or without a recording: CPU seconds, and the rate.

Arguments: `bare` or `recorded`, messages, messages a second.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from ZmqLibrary import ZmqLibrary

BATCH = 500


def main(how: str, messages: int, rate: int) -> None:
    library = ZmqLibrary()
    library.bind_zmq_socket("tcp://127.0.0.1:*", "PULL", "jobs", receive_hwm=0)
    library.connect_zmq_socket(library.get_zmq_endpoint(), "PUSH", "work", send_hwm=0)
    work, jobs = library.session.socket("work"), library.session.socket("jobs")
    path = Path(tempfile.mkdtemp()) / "run.jsonl"
    if how == "recorded":
        library.start_recording(str(path))
    frames = [b"topic", b"x" * 20]
    received = 0
    begun, used = time.perf_counter(), time.process_time()
    for done in range(0, messages, BATCH):
        while time.perf_counter() < begun + done / rate:
            received += jobs.inbox.take_all(lambda message: None, BATCH, lambda: False)
        for _ in range(BATCH):
            work.try_send(frames)
    while received < messages:
        received += jobs.inbox.take_all(lambda message: None, BATCH, lambda: False)
    seconds = time.perf_counter() - begun
    if how == "recorded":
        library.stop_recording()
    used = time.process_time() - used
    lines = sum(1 for line in path.open("rb") if b'"frames"' in line) if how == "recorded" else 0
    print(json.dumps({"rate": messages / seconds, "cpu": used, "lines": lines}))
    library.session.end()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
