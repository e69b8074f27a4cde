"""Keywords as Robot gets them: what fails leaves evidence in the log, and a call costs as little as Robot allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, wraps
from inspect import getattr_static, getmembers, isfunction
from types import FunctionType, MethodType
from typing import ParamSpec, TypeVar, cast

import zmq
from robot.libraries.BuiltIn import BuiltIn
from robot.utils import printable_name

from ..errors import EndpointFailed, Hint, ZmqLibraryError, described
from ..log import logger
from ..log.trace import short_in_trace
from ..plain_text import written
from ..session.session import Session
from ..sockets.descriptors import NONE_LEFT, shortage
from .arguments import require_yes_or_no
from .base import KeywordGroup
from .from_python import Arguments, converting, without_none
from .hints import KEYWORD_HINTS
from .type_hints import all_hints, argument_hints

ROBOT_PREFIX = "robot_"
P = ParamSpec("P")
R = TypeVar("R")
G = TypeVar("G", bound=KeywordGroup)


def with_keywords(library: type[G]) -> type[G]:
    """Gives a library its keywords: as Python calls them, and as Robot does, whose arguments are converted already."""
    for name, function in _functions(library):
        setattr(library, name, _ForPython(name, function))
        setattr(library, f"{ROBOT_PREFIX}{name}", _ForRobot(function))
    return library


class _ForPython:
    """A method that is made when it is first called: a library has many keywords, and each suite uses a few."""

    def __init__(self, name: str, function: FunctionType) -> None:
        self._name = name
        self._function = function

    @cached_property
    def _arguments(self) -> Arguments:
        return Arguments(self._function, bound=True)

    def __get__(self, library: KeywordGroup | None, owner: type) -> Callable[..., object]:
        if library is None:
            return self._function
        method = MethodType(self._function, library)
        if getattr_static(owner, self._name) is not self:  # `super()`, in a library that extends this one
            return method
        keyword = _leaving_evidence(method, library.session, _switches(self._function), for_robot=False)
        library.__dict__[self._name] = made = converting(keyword, self._arguments)
        return made


class _ForRobot:
    """A method that is made when Robot or Libdoc asks for it: docs and types take longer than all else.

    Attributes:
        robot_name: By this Robot knows that it is a keyword.
    """

    def __init__(self, function: Callable[..., object]) -> None:
        self.robot_name = getattr(function, "robot_name", None) or printable_name(function.__name__, code_style=True)
        self._function = function

    def __get__(self, library: KeywordGroup | None, owner: type) -> object:
        if library is None:
            return self
        function = self._function
        keyword = _leaving_evidence(MethodType(function, library), library.session, _switches(function), for_robot=True)
        keyword.robot_name = self.robot_name  # type: ignore[attr-defined]
        prepare = _shorten if BuiltIn().robot_running else _complete
        prepare(keyword, function)
        setattr(library, f"{ROBOT_PREFIX}{function.__name__}", keyword)
        return keyword


def _functions(library: type) -> list[tuple[str, FunctionType]]:
    return getmembers(library, lambda member: isfunction(member) and hasattr(member, "robot_name"))


def _leaving_evidence(
    method: Callable[P, R], session: Session, switches: Sequence[str], for_robot: bool
) -> Callable[P, R]:
    hand = session.hand

    @wraps(method)
    def keyword(*args: P.args, **kwargs: P.kwargs) -> R:
        session.touched = session.formats_used = None
        hand.begin()
        try:
            for recorder in session.recordings.unsettled:
                recorder.writer.check()
            for name in switches:
                require_yes_or_no(name, kwargs.get(name))
            result = method(*args, **kwargs)
            session.look_after()
            shown = short_in_trace(result)
            hand.finish(for_robot)
            return cast("R", shown)
        except BaseException as caught:
            error = _named(caught)
            if isinstance(error, ZmqLibraryError):
                error.word_hint(KEYWORD_HINTS)
            else:
                hand.give_back()
            _make_plain(error)
            _leave_evidence(session)
            if error is caught:
                raise
            raise error from caught

    return keyword


def _leave_evidence(session: Session) -> None:
    """Logs what is known of the socket; whatever comes of that, the error of the keyword is the one that goes on."""
    try:
        if session.touched is not None:
            from ..log.evidence import log_evidence

            log_evidence(session.touched, session.settings.log_limit, session.workers.consult, session.formats_used)
        session.look_after()
    except Exception as error:
        logger.warn(f"The evidence of a failure could not be logged: {described(error)}")


def _named(error: BaseException) -> BaseException:
    """An error that says what is the matter where the system only says that it can open no more."""
    if isinstance(error, (OSError, zmq.ZMQError)) and error.errno in NONE_LEFT:
        return EndpointFailed(shortage() or described(error), Hint.CLOSE_SOCKETS)
    return error


def _make_plain(error: BaseException) -> None:
    """Escapes the texts of an error and of those that it came of: Robot shows all of them."""
    chain: list[BaseException | None] = [error]
    known: set[int] = set()  # causes may go round in a circle
    while chain:
        item = chain.pop()
        if item is not None and id(item) not in known:
            known.add(id(item))
            item.args = tuple(written(text) if isinstance(text, str) else text for text in item.args)
            chain += [item.__cause__, None if item.__suppress_context__ else item.__context__]


def _switches(function: Callable[..., object]) -> list[str]:
    """The named arguments that are yes or no."""
    hints = function.__annotations__
    return [name for name in function.__kwdefaults__ or () if hints.get(name) in ("bool", "bool | None")]


def _complete(keyword: Callable[..., object], function: Callable[..., object]) -> None:
    """Adds what Libdoc shows of arguments that many keywords have in common, and of what keywords return."""
    from .argument_docs import complete_docs

    keyword.__doc__ = complete_docs(function)
    keyword.robot_types = all_hints(function)  # type: ignore[attr-defined]


def _shorten(keyword: Callable[..., object], function: Callable[..., object]) -> None:
    """Leaves of docs, tags and types what a run shows, ready to use.

    At each call Robot writes the first paragraph of the docs to the log, searches all of them for tags, and makes a
    converter for each argument that has a type, also for one that stands for any value.
    """
    docs = function.__doc__ or ""
    keyword.__doc__ = docs.partition("\n\n")[0]
    tags = [*getattr(function, "robot_tags", ()), *docs.partition("Tags:")[2].split(",")]
    keyword.robot_tags = [tag for tag in map(str.strip, tags) if tag]  # type: ignore[attr-defined]
    defaults = _defaults(function)
    keyword.robot_types = {  # type: ignore[attr-defined]
        name: without_none(hint) if name in defaults and defaults[name] is None else hint
        for name, hint in argument_hints(function).items()
        if hint is not object
    }


def _defaults(function: Callable[..., object]) -> dict[str, object]:
    code = function.__code__  # `inspect.signature` takes ten times as long.
    positional, values = code.co_varnames[: code.co_argcount], function.__defaults__ or ()
    return {**dict(zip(reversed(positional), reversed(values))), **(function.__kwdefaults__ or {})}
