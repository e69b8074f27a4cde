"""What keywords return, as Robot logs it at level TRACE: it writes the whole `repr`, also of megabytes from the wire.

So a long value is returned as one of the same kind whose `repr` is short; at other levels it stays what it is.
"""

from __future__ import annotations

from ..plain_text import shortened
from ..report.values import whole_text
from .log_level import log_level

_MOST = 10_000


class LongText(str):
    """Text with a short `repr`."""

    def __repr__(self) -> str:
        return f"{str.__repr__(self[:_MOST])}… ({len(self):,} characters)"


class LongBytes(bytes):
    """Bytes with a short `repr`."""

    def __repr__(self) -> str:
        return f"{bytes.__repr__(self[:_MOST])}… ({len(self):,} bytes)"


class LongList(list[object]):
    """A list with a short `repr`."""

    def __repr__(self) -> str:
        return f"{shortened(whole_text([*self]), _MOST)} ({len(self):,} items)"


class LongDictionary(dict[object, object]):
    """A dictionary with a short `repr`."""

    def __repr__(self) -> str:
        return f"{shortened(whole_text(dict(self)), _MOST)} ({len(self):,} items)"


_PLAIN = (str, bytes)
_NESTED = (list, dict)


def short_in_trace(value: object) -> object:
    """The value, with a short `repr` if Robot is to log it and it is long."""
    kind = type(value)
    if kind in _PLAIN:
        if len(value) <= _MOST or log_level() != "TRACE":  # type: ignore[arg-type]
            return value
        return LongText(value) if kind is str else LongBytes(value)  # type: ignore[call-overload]
    if kind not in _NESTED or log_level() != "TRACE" or len(whole_text(value)) <= _MOST:
        return value
    return LongList(value) if kind is list else LongDictionary(value)  # type: ignore[call-overload]
