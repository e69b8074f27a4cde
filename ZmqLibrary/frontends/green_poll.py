"""libzmq's poll for gevent: while one greenlet waits for its socket, all others run.

Locust replaces all that waits in Python by what gevent has for it (`monkey.patch_all()`). libzmq waits outside of
Python: this is the patch for that, as `zmq.green` is the one for blocking sends and receives, which the library has
not. All waiting of the library goes through `zmq.zmq_poll`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import zmq
from gevent import get_hub
from gevent.hub import Waiter

if TYPE_CHECKING:
    from ..messages.message import Message
    from ..sockets.zmq_socket import ZmqSocket
    from ..waiting.deadline import Deadline

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


class Receiver:
    """Receives from one socket while other greenlets run: what is done for each request takes no longer than it has to.

    Args:
        socket: The socket.
    """

    def __init__(self, socket: ZmqSocket) -> None:
        self._socket = socket
        self._option: Callable[[int], Any] = socket.raw.socket.getsockopt
        self._hub = get_hub()
        self._message = self._hub.loop.io(_descriptor(socket.raw.socket), _READ)

    def receive(self, deadline: Deadline) -> Message:
        """Takes the next message; a keyword would have to give it back if it failed.

        While it is waited for there is time to look at the connections, of which messages tell the peer. When it has
        come, they are looked at again only if something has happened to them.

        Raises:
            WrongUse: As `ZmqSocket.await_message`.
            WaitTimeout: As `ZmqSocket.await_message`.
        """
        socket = self._socket
        socket.require_receiver()
        socket.drain()
        if socket.inbox.messages or not (self._message_came(deadline.slice()) and socket.inbox.has_message()):
            socket.await_message(deadline)
        return socket.inbox.hand_over()

    def _message_came(self, seconds: float) -> bool:
        """Waits until the socket has something new; whether it has, and nothing is new of its connections."""
        if self._option(_EVENTS) & _POLLIN:
            return True
        waiter, timer = Waiter(self._hub), self._hub.loop.timer(seconds)
        try:
            self._message.start(waiter.switch, True)
            timer.start(waiter.switch, False)
            came = bool(waiter.get())
        finally:
            self._message.stop()
            timer.close()
        return came and not self._socket.monitor.source.readable()

    def close(self) -> None:
        """Before the socket is closed: its descriptors are used again."""
        self._message.close()


def patch_zmq() -> None:
    """Makes the library wait so in this process; a second time does nothing."""
    zmq.zmq_poll = green_poll  # type: ignore[assignment]
