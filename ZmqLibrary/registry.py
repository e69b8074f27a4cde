"""Registry: named things that are open, one of which is current. One class serves sockets and workers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Generic, TypeVar

from .errors import Hint, InvalidValue, NotOpen
from .plain_text import listed, printable
from .surrogates import require_text

T = TypeVar("T")
_REMEMBERED = 100


class Registry(Generic[T]):
    """Alias or generated name → thing, in the order opened.

    Args:
        kind: What the things are called: `socket`.
        hint: How one is opened.
    """

    def __init__(self, kind: str, hint: Hint) -> None:
        self._kind = kind
        self._hint = hint
        self._items: dict[str, T] = {}
        self._recency: list[str] = []
        self._closed: list[str] = []

    @property
    def kind(self) -> str:
        """What the things are called."""
        return self._kind

    def __iter__(self) -> Iterator[T]:
        return iter(list(self._items.values()))

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, name: object) -> bool:
        return name in self._items

    @property
    def names(self) -> list[str]:
        """Names in the order opened."""
        return list(self._items)

    @property
    def current_name(self) -> str | None:
        """Name of the current thing: the one that was opened or switched to last and is still open."""
        return self._recency[-1] if self._recency else None

    def new_name(self, alias: str | None, prefix: str) -> str:
        """The alias, or a free generated name: `PUSH-1`.

        Raises:
            InvalidValue: The alias is empty, or nothing could write it.
        """
        if alias is None:
            return next(name for number in count(1) if (name := f"{prefix}-{number}") not in self._items)
        if not alias.strip():
            raise InvalidValue(f"The alias of a {self._kind} cannot be empty. Omit it to get a generated name.")
        require_text(alias, f"The alias of a {self._kind}")
        return alias

    def add(self, name: str, item: T) -> None:
        """Adds a thing and makes it current."""
        self._items[name] = item
        self._recency.append(name)

    def get(self, name: str | None = None) -> T:
        """The thing of that name, or the current one.

        Raises:
            NotOpen: There is none.
        """
        item = self.find(name)
        if item is None:
            raise NotOpen(self._not_open(name), self._hint if name is None else None)
        return item

    def find(self, name: str | None = None) -> T | None:
        """The thing of that name, or the current one; None if there is none."""
        if name is None:
            return self._items[self._recency[-1]] if self._recency else None
        return self._items.get(name)

    def had(self, name: str | None = None) -> bool:
        """Whether a thing of that name was there and is gone; without a name, whether all that there were are gone."""
        if name is None:
            return bool(self._closed) and not self._items
        return name in self._closed and name not in self._items

    def switch(self, name: str) -> str | None:
        """Makes a thing current.

        Returns:
            The name of the one that was current before.

        Raises:
            NotOpen: There is none of that name.
        """
        self.get(name)
        previous = self.current_name
        self._recency.remove(name)
        self._recency.append(name)
        return previous

    def remove(self, name: str) -> T:
        """Takes a thing out; the one that was current before it is current again."""
        item = self._items.pop(name)
        self._recency.remove(name)
        self._closed = [*self._closed[-_REMEMBERED:], name]
        return item

    def _not_open(self, name: str | None) -> str:
        opened = f"Open: {printable(listed(self._items))}." if self._items else f"No {self._kind} is open."
        if name is None:
            return f"No {self._kind} is open."
        if name in self._closed:
            return f"{self._kind.capitalize()} '{printable(name)}' was closed. {opened}"
        return f"There is no {self._kind} '{printable(name)}'. {opened}"
