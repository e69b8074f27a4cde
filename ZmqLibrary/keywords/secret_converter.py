"""Arguments that are secrets: converted before Robot logs them at level TRACE."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..formats import Hidden
from ..log.log_level import log_level


def to_hidden(value):  # type: ignore[no-untyped-def]  # Robot would ask for the types it names
    """Text, bytes or a Robot ``Secret``; is not shown in any log, not even at level TRACE."""
    return value if isinstance(value, Hidden) else Hidden(value)


class ConvertersAtTrace:
    """The argument converters of a library class, for as long as Robot logs arguments or describes them.

    Robot looks custom converters up, and analyses their signatures, at each call of each keyword of the library: that
    takes a tenth of the call. They are needed where arguments are logged; keywords take secrets as they are, too.
    """

    def __get__(
        self, instance: object, owner: type[object] | None = None
    ) -> Mapping[type[Hidden], Callable[[object], Hidden]]:
        return {Hidden: to_hidden} if log_level() in (None, "TRACE") else {}
