"""Requests per second of one user: a plain gevent loop with `zmq.green`, and a ZmqUser.

Short laps of the two alternate, so that what else the machine does meets both; the medians count.
"""

from __future__ import annotations

import locust  # first: it lets gevent replace what waits

# isort: split
import json
import sys
import time
from collections.abc import Callable
from statistics import median

import zmq.green
from locust.env import Environment

from ZmqLibrary.frontends.locust_user import ZmqUser

LAPS = 60
REQUESTS = 300
PAYLOAD = "x" * 100


class Customer(ZmqUser):
    @locust.task
    def ask(self) -> None:
        self.request(PAYLOAD, name="ask")


def plain(environment: Environment, endpoint: str) -> Callable[[], None]:
    socket = zmq.green.Context().socket(zmq.REQ)
    socket.connect(endpoint)
    payload = PAYLOAD.encode()

    def ask() -> None:
        begun = time.perf_counter()
        socket.send(payload)
        reply = socket.recv()
        environment.events.request.fire(
            request_type="REQ",
            name="plain",
            response_time=(time.perf_counter() - begun) * 1000,
            response_length=len(reply),
            exception=None,
            context={},
        )

    return ask


def lap(ask: Callable[[], None]) -> float:
    begun = time.perf_counter()
    for _ in range(REQUESTS):
        ask()
    return REQUESTS / (time.perf_counter() - begun)


def main(endpoint: str) -> None:
    environment = Environment(user_classes=[Customer])
    environment.create_local_runner()
    Customer.host = endpoint
    asks = {"plain": plain(environment, endpoint), "user": Customer(environment).ask}
    for ask in asks.values():
        lap(ask)
    laps: dict[str, list[float]] = {name: [] for name in asks}
    for _ in range(LAPS):
        for name, ask in asks.items():
            laps[name].append(lap(ask))
    ratios = [user / plain for user, plain in zip(laps["user"], laps["plain"], strict=True)]
    print(json.dumps({"ratio": median(ratios), **{name: median(rates) for name, rates in laps.items()}}))


main(*sys.argv[1:])
