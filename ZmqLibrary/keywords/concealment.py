"""The type of arguments that are secrets."""

from __future__ import annotations

from enum import Enum, EnumMeta

from ..formats import Hidden


class _Concealing(EnumMeta):
    """Has Robot, which looks up the text of an argument among the members of an enum, get a hidden value instead.

    A custom converter would be the usual way, but Robot makes those anew at each call of each keyword of a library
    (`TestLibrary.converters` in robot.running), which takes half as long as all else that it does for a call.
    """

    def __getitem__(cls, text: str) -> Hidden:  # type: ignore[override]
        return Hidden(text)


class Concealed(Enum, metaclass=_Concealing):
    """Text that no log shows, not even at level TRACE. A Robot ``Secret`` will do as well."""
