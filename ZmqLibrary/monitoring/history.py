"""ByKind: the last things of each kind, so that what happens often does not push out what happened once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, Protocol, TypeVar

HISTORY = 200
"""How many things are kept, of all kinds and of each."""

Kind = tuple[str, str]
"""A name, and a text that distinguishes things of that name."""


class Numbered(Protocol):
    """What can be kept."""

    @property
    def number(self) -> int: ...


N = TypeVar("N", bound=Numbered)


def any_kind(name: str, text: str) -> bool:
    """Accepts every kind."""
    return True


class ByKind(Generic[N]):
    """Keeps numbered things. There are few kinds, so that this stays bounded. May be read by another thread."""

    def __init__(self) -> None:
        self._kept: dict[Kind, deque[N]] = {}

    def add(self, name: str, text: str, thing: N) -> None:
        """Keeps a thing, whose number is higher than all before; the 201st of its kind pushes out the first."""
        self._kept.setdefault((name, text), deque(maxlen=HISTORY)).append(thing)

    def remove(self, name: str, text: str, thing: N) -> None:
        """Keeps a thing no longer, if it still does."""
        with suppress(KeyError, ValueError):
            self._kept[name, text].remove(thing)

    def all(self, wanted: Callable[[str, str], bool] = any_kind) -> list[N]:
        """What there is of these kinds, in the order of the numbers."""
        return sorted((thing for things in self._of(wanted) for thing in things), key=lambda thing: thing.number)

    def first(
        self,
        number: int,
        wanted: Callable[[str, str], bool] = any_kind,
        suits: Callable[[N], bool] = lambda thing: True,
    ) -> N | None:
        """The first thing of these kinds with at least this number that suits."""
        later = (thing for things in self._of(wanted) if (thing := _first(things, number, suits)) is not None)
        return min(later, key=lambda thing: thing.number, default=None)

    def _of(self, wanted: Callable[[str, str], bool]) -> list[list[N]]:
        return [list(things) for kind, things in list(self._kept.items()) if wanted(*kind)]


def _first(things: list[N], number: int, suits: Callable[[N], bool]) -> N | None:
    return next((thing for thing in things if thing.number >= number and suits(thing)), None)
