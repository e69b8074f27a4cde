"""The other imports of the library in this run: Robot makes an instance for each set of arguments and each name.

They share nothing, but they know of each other, so that errors can say where something is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from robot.running.context import EXECUTION_CONTEXTS

from ..errors import Hint, NotOpen
from ..plain_text import printable
from .settings import LibrarySettings

if TYPE_CHECKING:
    from ..sockets.places import Places
    from ..sockets.raw_socket import RawSocket
    from ..sockets.socket_options import SocketOptions
    from ..sockets.socket_types import SocketType
    from ..sockets.subscriptions import Subscriptions
    from ..sockets.zmq_socket import ZmqSocket


class _Import(Protocol):
    settings: LibrarySettings

    def all_sockets(self) -> list[ZmqSocket]: ...

    def kind_of(self, name: str | None) -> str | None: ...


S = TypeVar("S", bound=_Import)


class NeighbourOfOther(NamedTuple):
    """A socket of another import, as a neighbour in errors."""

    name: str
    type: SocketType
    role: str
    raw: RawSocket
    places: Places
    options: SocketOptions
    subscriptions: Subscriptions
    holder: str


def other_imports(own: S) -> Iterator[tuple[str, S]]:
    """The sessions of all imports that the running suites have, but for this one, with what errors call them."""
    seen = {id(own)}
    for context in EXECUTION_CONTEXTS:
        for library in context.namespace.libraries:
            # Instances of all other scopes are made when they are asked for.
            session = getattr(library.instance, "session", None) if library.scope.name == "GLOBAL" else None
            if isinstance(session, type(own)) and id(session) not in seen:
                seen.add(id(session))
                yield _title(library.name, context.suite.full_name, session.settings, own.settings), session


def with_namesake(error: NotOpen, own: _Import, kind: str, name: str | None) -> NotOpen:
    """An error that there is none of that kind and name, which says what has that name: here, or in another import."""
    text, shown = str(error), printable(str(name))
    if namesake := own.kind_of(name):
        return NotOpen(f"{text} {namesake.capitalize()} '{shown}' is no {kind}.", error.hint)
    for title, other in other_imports(own):
        if namesake := other.kind_of(name):
            where = f"{namesake} '{shown}' belongs to {title}, which shares nothing with this one."
            return NotOpen(f"{text.rstrip('.')}: {where}", Hint.IMPORT_ALIKE)
    return error


def neighbours(own: _Import) -> list[NeighbourOfOther]:
    """The sockets of other imports."""
    return [
        NeighbourOfOther(
            socket.name,
            socket.type,
            socket.role,
            socket.raw,
            socket.places,
            socket.options,
            socket.subscriptions,
            title,
        )
        for title, other in other_imports(own)
        for socket in other.all_sockets()
    ]


def _title(name: str, suite: str, settings: LibrarySettings, own: LibrarySettings) -> str:
    values = settings._asdict().items()
    different = [f"{key}={value}" for key, value in values if value != getattr(own, key)]
    arguments = f" with {', '.join(different)}" if different else ""
    return printable(f"the import of {name}{arguments} in suite '{suite}'")
