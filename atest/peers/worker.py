"""The middle of a pipeline: `worker.py IN OUT FAULT=VALUE …` takes messages at IN and passes them on at OUT.

Faults, each for the messages whose number (counted as they come, from 1) is a multiple of the value: `lose`, `double`,
`swap` (with the next one), `damage` (one byte of the last frame's payload), `damage_number` (one byte of a stamp's
number). `swallow=N` swallows what comes after the first N. `delay=SECONDS` passes everything on so much later.
`stall_at=N` with `stall=SECONDS` reads nothing for so long before message N. `listen=no` connects to IN and OUT.
"""

import select
import sys
import time
from collections import deque

import zmq

given = dict(argument.split("=") for argument in sys.argv[3:])
LISTENS = given.pop("listen", "yes") == "yes"
FAULTS = {name: float(value) for name, value in given.items()}


def hits(fault, number):
    return fault in FAULTS and number % int(FAULTS[fault]) == 0


def damaged(frames, place):
    last = bytearray(frames[-1])
    last[place] ^= 0x20
    return [*frames[:-1], bytes(last)]


def passed_on(frames, number, held):
    """The messages to pass on now; `held` is the one that waits for its neighbour."""
    if number > FAULTS.get("swallow", float("inf")) or hits("lose", number):
        return []
    if hits("damage", number):
        frames = damaged(frames, -1)
    if hits("damage_number", number):
        frames = damaged(frames, 15)
    if hits("swap", number):
        held.append(frames)
        return []
    messages = [frames] * (2 if hits("double", number) else 1) + held
    held.clear()
    return messages


def work(source, target):
    waiting, held, number = deque(), [], 0
    delay = FAULTS.get("delay", 0.0)
    while True:
        pause = None if not waiting else max(0.0, waiting[0][0] - time.monotonic()) * 1000
        if source.poll(pause):
            frames = source.recv_multipart()
            number += 1
            if number == FAULTS.get("stall_at"):
                select.select([], [], [], FAULTS["stall"])
            waiting.append((time.monotonic() + delay, passed_on(frames, number, held)))
        while waiting and waiting[0][0] <= time.monotonic():
            for message in waiting.popleft()[1]:
                target.send_multipart(message)


with zmq.Context() as context, context.socket(zmq.PULL) as source, context.socket(zmq.PUSH) as target:
    for socket, endpoint in ((source, sys.argv[1]), (target, sys.argv[2])):
        (socket.bind if LISTENS else socket.connect)(endpoint)
    print("ready", source.last_endpoint.decode(), target.last_endpoint.decode(), flush=True)
    work(source, target)
