"""The library for callers other than Robot: keywords by their names, and arguments converted as Robot converts them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from inspect import signature
from typing import cast

from robot.conf.languages import Languages
from robot.errors import DataError
from robot.running import TestLibrary
from robot.running.arguments.argumentvalidator import ArgumentValidator
from robot.running.librarykeyword import LibraryKeyword

from ..errors import InvalidValue, WrongUse
from ..library import ZmqLibrary


def _require_known(arguments: Sequence[str]) -> None:
    """Robot would take an unknown name with its value for a value of the first argument."""
    known = list(signature(ZmqLibrary).parameters)
    for argument in arguments:
        name, is_named, _ = argument.partition("=")
        if is_named and name not in known:
            raise InvalidValue(f"ZmqLibrary has no import argument '{name}'. It has: {', '.join(known)}.")


class ConvertingLibrary:
    """One instance of the library.

    Args:
        arguments: Import arguments of the library, as in `Library    ZmqLibrary`.

    Raises:
        InvalidValue: The library does not take the arguments.
    """

    def __init__(self, arguments: Sequence[str] = ()) -> None:
        _require_known(arguments)
        try:
            self._library = TestLibrary.from_name("ZmqLibrary", args=list(arguments))
        except (DataError, ValueError) as problem:
            raise InvalidValue(f"Cannot import ZmqLibrary with {', '.join(arguments)}: {problem}") from None
        self._library.report_error = lambda message, *_, **__: None
        # Robot would make both anew for each call.
        self._converters = self._library.converters
        self._languages = Languages()
        self._keywords: dict[str, LibraryKeyword] = {keyword.name: keyword for keyword in self._library.keywords}

    @property
    def instance(self) -> ZmqLibrary:
        """The library itself, whose methods take values that are converted."""
        return cast("ZmqLibrary", self._library.instance)

    @property
    def doc(self) -> str:
        """The introduction."""
        return str(self._library.doc)

    @property
    def names(self) -> list[str]:
        """Names of all keywords."""
        return list(self._keywords)

    def keyword(self, name: str) -> LibraryKeyword:
        """What Robot knows of a keyword.

        Raises:
            WrongUse: There is no such keyword.
        """
        if name not in self._keywords:
            raise WrongUse(f"ZmqLibrary has no keyword '{name}'.")
        return self._keywords[name]

    def call(self, name: str, positional: Sequence[object], named: Iterable[tuple[str, object]]) -> object:
        """Calls a keyword.

        Raises:
            WrongUse: There is no such keyword.
            DataError: It does not take such arguments.
            ValueError: A value cannot be converted.
        """
        keyword, by_name = self.keyword(name), list(named)
        ArgumentValidator(keyword.args).validate(positional, by_name)
        positional, by_name = keyword.args.convert(
            list(positional), by_name, self._converters, languages=self._languages
        )
        return keyword.method(*positional, **dict(by_name))
