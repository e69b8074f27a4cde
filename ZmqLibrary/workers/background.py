"""Background: what everything has that runs in the background, whatever it runs in and whether it has a socket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ..plain_text import printable

if TYPE_CHECKING:
    from ..errors import Hint
    from ..sockets.zmq_socket import ZmqSocket
    from ..waiting.deadline import Deadline


class Background(Protocol):
    """Something that is started and stopped, and found by its kind and name.

    Attributes:
        kind: What it is called: `mock server`.
        opener: How one is started.
        is_server: Whether it has an address that tests connect to, with a socket of the library.
        keeps_results: Whether it can still be asked by its name after it was stopped.
        name: Its alias or generated name.
        reported: Whether its failure was reported.
    """

    kind: str
    opener: Hint
    is_server: bool
    keeps_results: bool
    name: str
    reported: bool

    @property
    def socket(self) -> ZmqSocket | None:
        """The socket of the library that it holds."""

    @property
    def listens_at(self) -> str:
        """Where it listens, or is to listen, without a socket of the library; empty if it does not."""

    @property
    def listener(self) -> str:
        """What listens there, as errors name it: `'out' (PULL)`."""

    @property
    def title(self) -> str:
        """It as errors name it: `mock server 'orders'`."""

    @property
    def heading(self) -> str:
        """The title at the beginning of a sentence: `Mock server 'orders'`."""

    @property
    def alive(self) -> bool:
        """Whether it does its work."""

    @property
    def running(self) -> bool:
        """Whether it may still use what it holds."""

    @property
    def error(self) -> BaseException | None:
        """What has ended it."""

    @property
    def unreported_error(self) -> BaseException | None:
        """What has ended it, if that was not reported yet."""

    def check(self) -> None:
        """Raises what has ended it, if something has."""

    def start(self) -> None:
        """Starts it and waits, with a bound, until it is ready."""

    def ask_to_stop(self) -> None:
        """Lets it end by itself, without waiting for it."""

    def stop(self, deadline: Deadline) -> bool:
        """Ends it, with a bound; stopping twice does nothing. Returns whether it has ended."""


class Titled:
    """How errors name what has a kind and a name."""

    kind: str
    name: str

    @property
    def title(self) -> str:
        """As errors name it: `mock server 'orders'`."""
        return f"{self.kind} '{printable(self.name)}'"

    @property
    def heading(self) -> str:
        """The title at the beginning of a sentence."""
        return self.title[:1].upper() + self.title[1:]

    @property
    def listener(self) -> str:
        """What listens for it, as errors name it."""
        return self.title
