"""A locustfile: so many requests for each user, and then no more."""

from __future__ import annotations

from gevent.event import Event
from locust import task

from ZmqLibrary.frontends.locust_user import ZmqUser

REQUESTS = 1_500


class Customer(ZmqUser):
    zmq_type = "DEALER"
    timeout = "10s"
    done = 0

    @task
    def ask(self) -> None:
        if self.done < REQUESTS:
            self.done += 1
            self.request("", "ask", name="ask")
        else:
            Event().wait(0.2)
