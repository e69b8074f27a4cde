"""libzmq's poll for gevent: while one greenlet waits for its socket, all others run.

Locust replaces all that waits in Python by what gevent has for it (`monkey.patch_all()`). libzmq waits outside of
Python: this is the patch for that, as `zmq.green` is the one for blocking sends and receives, which the library has
not. All waiting of the library goes through `zmq.zmq_poll`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import zmq
from gevent import get_hub
from gevent.hub import Waiter

Watched = Sequence[tuple[Any, int]]

_READ = 1
# libzmq's descriptor reports a change once. Looked at now and then, one that was missed does no harm.
_LOOK_SECONDS = 1.0
_EVENTS, _POLLIN = int(zmq.EVENTS), int(zmq.POLLIN)
_poll_at_once = zmq.zmq_poll


def green_poll(watched: Watched, timeout: int = -1) -> list[tuple[Any, int]]:
    """As `zmq.zmq_poll`, with the timeout in ms, but that it lets other greenlets run while it waits."""
    ready = _poll_at_once(watched, 0)
    if ready or timeout == 0:
        return ready
    end = float("inf") if timeout < 0 else time.monotonic() + timeout / 1000
    while not ready and (left := end - time.monotonic()) > 0:
        _wait([_descriptor(item) for item, _ in watched], min(left, _LOOK_SECONDS))
        ready = _poll_at_once(watched, 0)
    return ready


def _descriptor(item: Any) -> int:
    if isinstance(item, int):
        return item
    return int(item.get(zmq.FD)) if isinstance(item, zmq.Socket) else int(item.fileno())


def _wait(descriptors: Sequence[int], seconds: float) -> None:
    """Until one can be read, or the time is over."""
    hub = get_hub()
    waiter = Waiter(hub)
    watchers = [hub.loop.io(descriptor, _READ) for descriptor in descriptors]
    watchers.append(hub.loop.timer(seconds))
    try:
        for watcher in watchers:
            watcher.start(waiter.switch, None)
        waiter.get()
    finally:
        for watcher in watchers:
            watcher.stop()
            watcher.close()


class MessageWait:
    """Waits for the next message of one socket: what is done for each request takes no longer than it has to.

    Args:
        socket: The libzmq socket.
    """

    def __init__(self, socket: zmq.Socket[bytes]) -> None:
        self._option: Callable[[int], Any] = socket.getsockopt
        self._hub = get_hub()
        self._readable = self._hub.loop.io(int(socket.get(zmq.FD)), _READ)

    def wait(self, seconds: float) -> None:
        """Returns when a message is there, or something else has come to the socket, or so many seconds later."""
        if self._option(_EVENTS) & _POLLIN:
            return
        waiter, timer = Waiter(self._hub), self._hub.loop.timer(seconds)
        try:
            self._readable.start(waiter.switch, None)
            timer.start(waiter.switch, None)
            waiter.get()
        finally:
            self._readable.stop()
            timer.close()

    def close(self) -> None:
        """Before the socket is closed: its descriptor is used again."""
        self._readable.close()


def patch_zmq() -> None:
    """Makes the library wait so in this process; a second time does nothing."""
    zmq.zmq_poll = green_poll  # type: ignore[assignment]
