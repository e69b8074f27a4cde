"""A locustfile: one pump, as fast as it goes."""

from __future__ import annotations

from ZmqLibrary.frontends.locust_user import PumpUser


class Source(PumpUser):
    pump = {"type": "PUSH", "size": 100, "alias": "source"}  # noqa: RUF012
