"""A small order service, made as something to test: `service.py COMMANDS EVENTS STOCK [PATIENCE]`.

It binds COMMANDS (ROUTER, for REQ and DEALER clients) and EVENTS (XPUB) and connects to STOCK (DEALER), a service that
answers `["reserve", JSON]` with JSON. Commands are one JSON object: `{"id", "command": "order", "item", "count"}` is
answered by `{"id", "status": "accepted", "order"}` or `{"id", "status": "rejected", "reason"}`, and each order that is
accepted is published: `["order.accepted", JSON]`. When the stock service does not answer in PATIENCE seconds (half a
second), orders are rejected with the reason `stock is down`, and `["stock.down", {}]` is published once;
`["stock.up", {}]` when it answers again. Who subscribes to events gets `welcome` first. When it is bound, it prints
`ready COMMANDS EVENTS`.
"""

from __future__ import annotations

import itertools
import json
import sys
import time
from dataclasses import dataclass

import zmq


@dataclass
class Waiting:
    envelope: list[bytes]
    command: dict
    until: float


class OrderService:
    def __init__(self, context: zmq.Context, commands: str, events: str, stock: str, patience: float) -> None:
        self.commands, self.events = context.socket(zmq.ROUTER), context.socket(zmq.XPUB)
        self.commands.bind(commands)
        self.events.setsockopt(zmq.XPUB_WELCOME_MSG, b"welcome")
        self.events.bind(events)
        self.stock = context.socket(zmq.DEALER)
        self.stock.connect(stock)
        self.patience = patience
        self.waiting: dict[int, Waiting] = {}
        self.numbers = itertools.count(1)
        self.stock_is_down = False

    def run(self) -> None:
        poller = zmq.Poller()
        poller.register(self.commands, zmq.POLLIN)
        poller.register(self.stock, zmq.POLLIN)
        poller.register(self.events, zmq.POLLIN)
        while True:
            ready = dict(poller.poll(self.milliseconds_left()))
            if self.stock in ready:
                self.on_stock(self.stock.recv_multipart())
            if self.events in ready:
                self.events.recv()  # a subscription, which libzmq has welcomed
            if self.commands in ready:
                *envelope, body = self.commands.recv_multipart()
                self.on_command(envelope, body)
            self.give_up()

    def milliseconds_left(self) -> int | None:
        ends = [waiting.until for waiting in self.waiting.values()]
        return max(0, int((min(ends) - time.monotonic()) * 1000) + 1) if ends else None

    def on_command(self, envelope: list[bytes], body: bytes) -> None:
        try:
            command = json.loads(body)
            if command["command"] != "order":
                raise ValueError(f"there is no command {command['command']}")
            number, item, count = next(self.numbers), command["item"], int(command["count"])
        except (ValueError, KeyError, TypeError) as error:
            self.answer(envelope, {"status": "rejected", "reason": f"bad command: {error}"})
            return
        self.waiting[number] = Waiting(envelope, command, time.monotonic() + self.patience)
        self.stock.send_multipart([b"", b"reserve", encoded({"order": number, "item": item, "count": count})])

    def on_stock(self, frames: list[bytes]) -> None:
        answer = json.loads(frames[-1])
        self.stock_is(down=False)
        waiting = self.waiting.pop(answer["order"], None)
        if waiting is None:
            return
        order = {"order": answer["order"], "item": waiting.command["item"], "count": waiting.command["count"]}
        if answer["reserved"]:
            self.reply(waiting, {"status": "accepted", "order": answer["order"]})
            self.events.send_multipart([b"order.accepted", encoded(order)])
        else:
            self.reply(waiting, {"status": "rejected", "reason": "sold out"})

    def give_up(self) -> None:
        now = time.monotonic()
        for number, waiting in list(self.waiting.items()):
            if waiting.until <= now:
                del self.waiting[number]
                self.stock_is(down=True)
                self.reply(waiting, {"status": "rejected", "reason": "stock is down"})

    def stock_is(self, *, down: bool) -> None:
        if down != self.stock_is_down:
            self.stock_is_down = down
            self.events.send_multipart([b"stock.down" if down else b"stock.up", b"{}"])

    def reply(self, waiting: Waiting, answer: dict) -> None:
        self.answer(waiting.envelope, {"id": waiting.command.get("id"), **answer})

    def answer(self, envelope: list[bytes], answer: dict) -> None:
        self.commands.send_multipart([*envelope, encoded(answer)])


def encoded(value: dict) -> bytes:
    return json.dumps(value).encode()


def main(commands: str, events: str, stock: str, patience: str = "0.5") -> None:
    with zmq.Context() as context:
        service = OrderService(context, commands, events, stock, float(patience))
        print("ready", *(s.last_endpoint.decode() for s in (service.commands, service.events)), flush=True)
        service.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
