"""The library as Robot's Remote library sees it: what keywords there are, and one that is run.

Arguments are converted here as Robot converts them for a library in its own process; the client may have converted
some before. What a keyword logs comes back as text with levels, as Robot's remote interface has it.
"""

from __future__ import annotations

import inspect
import io
import re
import sys
from collections.abc import Mapping, Sequence

import robot.api.logger as robots_logger
from robot.libraries.BuiltIn import RobotNotRunningError
from robot.utils import ErrorDetails

from ..errors import WrongUse
from .converting import ConvertingLibrary
from .remote_values import Secrets, readable, sendable

_LEVELS = r"^(\*(?:TRACE|DEBUG|INFO|CONSOLE|HTML|WARN|ERROR)(?::\d+(?:\.\d+)?)?\*)"


class RemoteKeywords:
    """One instance of the library, with all that its client has open.

    Args:
        arguments: Import arguments of the library, as in `Library    ZmqLibrary`.

    Raises:
        InvalidValue: The library does not take the arguments.
    """

    def __init__(self, arguments: Sequence[str] = ()) -> None:
        self._library = ConvertingLibrary(arguments)
        self._secrets = Secrets()

    @property
    def names(self) -> list[str]:
        """Names of all keywords."""
        return self._library.names

    def information(self) -> dict[str, object]:
        """What there is to know of all keywords at once."""
        found: dict[str, object] = {name: self.about(name) for name in self._library.names}
        found["__intro__"] = {"doc": readable(self._library.doc)}
        found["__init__"] = {"doc": "The import arguments are given to the server.", "args": []}
        return found

    def about(self, name: str) -> dict[str, object]:
        """Arguments, types, documentation and tags of a keyword.

        Raises:
            WrongUse: There is no such keyword.
        """
        keyword = self._library.keyword(name)
        doc, _, tags = (inspect.getdoc(keyword.method) or "").partition("\n\nTags: ")
        return {
            "args": [_described(argument) for argument in keyword.args],
            "types": {name: str(kind) for name, kind in (keyword.args.types or {}).items()},
            "doc": readable(doc),
            "tags": tags.split(", ") if tags else [],
        }

    def run(self, keyword: str, args: Sequence[object], named: Mapping[str, object] | None = None) -> dict[str, object]:
        """Runs a keyword.

        Returns:
            As Robot's remote interface names it: `status`, `return`, or `error` and `traceback` instead, and `output`
            if there is any.
        """
        with _Captured() as output:
            try:
                positional = [self._secrets.received(value) for value in args]
                by_name = [(name, self._secrets.received(value)) for name, value in (named or {}).items()]
                value = self._library.call(keyword, positional, by_name)
                result: dict[str, object] = {"status": "PASS", "return": sendable(value, self._secrets)}
            except Exception as error:
                result = {"status": "FAIL", **_described_error(error)}
        if text := output.getvalue():
            result["output"] = readable(text)
        return result

    def end(self) -> list[str]:
        """Closes all that is open.

        Returns:
            The names of what was, for people.
        """
        library = self._library.instance
        names = [*library.get_zmq_sockets(), *(worker.name for worker in library.get_workers())]
        library.session.lifetimes.close()
        return names


def _described(argument: object) -> str:
    """An argument as the remote interface wants it: `name`, `name=default`, `*names`, `**names`, or `*`."""
    text = str(argument)
    name, colon, rest = text.partition(": ")
    if not colon:
        return text.replace(" = ", "=", 1)
    _, equals, default = rest.partition(" = ")
    return f"{name}={default}" if equals else name


def _described_error(error: Exception) -> dict[str, object]:
    if isinstance(error, RobotNotRunningError):
        error = WrongUse("This needs Robot's variables and keywords, and Robot runs on the side of the client only.")
    details = ErrorDetails(error)
    return {
        "error": readable(details.message),
        "traceback": readable(details.traceback),
        "fatal": bool(getattr(error, "ROBOT_EXIT_ON_FAILURE", False)),
        "continuable": bool(getattr(error, "ROBOT_CONTINUE_ON_FAILURE", False)),
    }


class _Captured:
    """While it is open, what is printed and logged goes to a text instead.

    Outside of a Robot run `robot.api.logger` would not mark HTML.
    """

    def __enter__(self) -> io.StringIO:
        self._output = io.StringIO()
        self._before = sys.stdout, sys.stderr, robots_logger.write
        sys.stdout = sys.stderr = self._output
        robots_logger.write = self._log  # type: ignore[assignment]
        return self._output

    def __exit__(self, *_: object) -> None:
        sys.stdout, sys.stderr, robots_logger.write = self._before

    def _log(self, message: object, level: str = "INFO", html: bool = False, *_: object) -> None:
        text = re.sub(_LEVELS, r" \1", str(message), flags=re.MULTILINE)
        self._output.write(f"*{'HTML' if html else level}* {text}\n")
