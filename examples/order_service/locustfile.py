"""Load for the order service of service.py: `locust -f locustfile.py --host tcp://127.0.0.1:5555`.

docs/many-processes-many-machines.md tells how to start it on several machines.
"""

from __future__ import annotations

from itertools import count

from locust import between, task

from ZmqLibrary.frontends.locust_user import ZmqUser


class Customer(ZmqUser):
    """Orders something now and then."""

    zmq_type = "DEALER"
    format = "JSON"
    timeout = "10s"
    wait_time = between(0.01, 0.05)

    def on_start(self) -> None:
        self.numbers = count(1)

    @task(9)
    def order_apples(self) -> None:
        self.order("apple", 3)

    @task
    def order_plums(self) -> None:
        self.order("plum", 1)

    def order(self, item: str, amount: int) -> None:
        command = {"id": next(self.numbers), "command": "order", "item": item, "count": amount}
        reply = self.request(command, name=f"order {item}")
        if reply is not None:
            assert reply[0]["id"] == command["id"], "The reply to another order came."
