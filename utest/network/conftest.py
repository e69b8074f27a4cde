"""Proxies between plain pyzmq sockets."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from utest.network.wires import Wire
from ZmqLibrary.network.fault_options import LIMIT
from ZmqLibrary.network.fault_proxy import FaultProxy
from ZmqLibrary.sockets.endpoints import parse_endpoint
from ZmqLibrary.waiting.deadline import Deadline
from ZmqLibrary.workers.journal import Journal


@pytest.fixture
def new_endpoint() -> Iterator[Callable[[str], str]]:
    """Endpoints to bind, over tcp or ipc."""
    with tempfile.TemporaryDirectory() as directory:
        numbers = iter(range(100))
        yield (
            lambda transport: (
                "tcp://127.0.0.1:*" if transport == "tcp" else f"ipc://{Path(directory) / str(next(numbers))}"
            )
        )


@pytest.fixture
def new_proxy() -> Iterator[Callable[..., FaultProxy]]:
    with ExitStack() as stack:

        def start(target: str, listen: str = "tcp://127.0.0.1:*", **options: Any) -> FaultProxy:
            ends = parse_endpoint(target, "connect"), parse_endpoint(listen, "bind")
            proxy = FaultProxy("link", *ends, Journal(), **options)
            stack.callback(proxy.stop)
            proxy.start()
            return proxy

        yield start


@pytest.fixture
def wire(raw: Any, new_proxy: Any, new_endpoint: Any) -> Callable[..., Wire]:
    """A client and a target that are connected through a proxy: `wire("PUSH", "PULL")`."""

    def connect(
        client_type: str,
        target_type: str,
        transport: str = "tcp",
        client_options: dict[str, Any] | None = None,
        limit: int = LIMIT,
        **options: Any,
    ) -> Wire:
        target = raw(target_type, bind=new_endpoint(transport), **options)
        target.rcvtimeo = 60_000
        proxy = new_proxy(target.last_endpoint.decode(), new_endpoint(transport), limit=limit)
        client = raw(client_type, connect=proxy.endpoint, **(client_options or {}))
        client.rcvtimeo = 60_000
        if client_type == "SUB":
            assert proxy.wait_subscription(b"", 1, Deadline(60)) if client_options else True
        return Wire(client, target, proxy)

    return connect
