"""Calls from Python: arguments are converted as Robot converts them, `"PULL"`, `"200ms"`, `0.2`, `"yes"`.

Robot calls keywords under names of its own, so that its calls, whose arguments are converted already, pay nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, wraps
from inspect import Parameter, signature
from types import NoneType, UnionType
from typing import NamedTuple, ParamSpec, TypeVar, Union, get_args, get_origin

from robot.running import TypeInfo
from robot.running.arguments.typeconverters import TypeConverter

from ..errors import InvalidValue
from .type_hints import argument_hints

P = ParamSpec("P")
R = TypeVar("R")

_FOR_ROBOT = ("robot_name", "robot_tags", "robot_types")


class _Argument(NamedTuple):
    """The type of one argument.

    Attributes:
        converter: Robot's, for its type.
        ready: Types of values that are taken as they are.
    """

    converter: TypeConverter
    ready: frozenset[type]

    def converted(self, value: object, name: str) -> object:
        """The value as Robot would give it.

        Raises:
            InvalidValue: It cannot be converted.
        """
        if type(value) in self.ready:
            return value
        try:
            return self.converter.convert(value, name)
        except ValueError as error:
            raise InvalidValue(str(error)) from None


class Arguments:
    """The arguments of one function that have a type.

    Args:
        function: The function.
        bound: Whether it is a method that is called without its `self`.
    """

    def __init__(self, function: Callable[..., object], bound: bool) -> None:
        self._function = function
        self._bound = bound

    @cached_property
    def _parameters(self) -> list[Parameter]:
        return list(signature(self._function).parameters.values())[self._bound :]

    @cached_property
    def _known(self) -> dict[str, _Argument | None]:
        """All arguments; None for one that takes every value."""
        hints = argument_hints(self._function)
        return {p.name: _argument(p, hints.get(p.name, object)) for p in self._parameters}

    @cached_property
    def _places(self) -> list[str]:
        places = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
        return [parameter.name for parameter in self._parameters if parameter.kind in places]

    @cached_property
    def _further(self) -> str:
        return self._collecting(Parameter.VAR_POSITIONAL)

    @cached_property
    def _others(self) -> _Argument | None:
        return self._known.get(self._collecting(Parameter.VAR_KEYWORD))

    def _collecting(self, kind: object) -> str:
        return next((parameter.name for parameter in self._parameters if parameter.kind is kind), "")

    def positional(self, values: tuple[object, ...]) -> tuple[object, ...]:
        """Positional values, converted."""
        if not (self._places or self._known.get(self._further)):
            return values
        names = [*self._places, *[self._further] * (len(values) - len(self._places))]
        return tuple(self._converted(name, self._known.get(name), value) for name, value in zip(names, values))

    def named(self, values: dict[str, object]) -> dict[str, object]:
        """Named values, converted."""
        return {name: self._converted(name, self._known.get(name, self._others), item) for name, item in values.items()}

    def _converted(self, name: str, argument: _Argument | None, value: object) -> object:
        return argument.converted(value, name) if argument else value


def _argument(parameter: Parameter, hint: object) -> _Argument | None:
    members = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    if object in members:
        return None
    ready = {member for member in members if isinstance(member, type)}
    if parameter.default is None:
        hint = without_none(hint)
        ready.add(NoneType)
    converter = TypeInfo.from_type_hint(hint).get_converter(allow_unknown=True)
    return _Argument(converter, frozenset(ready))


def without_none(hint: object) -> object:
    """The type for `str | None` of an argument that has None as its default: Robot takes that as it is."""
    others = [member for member in get_args(hint) if member is not NoneType]
    return others[0] if get_origin(hint) in (Union, UnionType) and len(others) == 1 else hint


def converting(function: Callable[P, R], arguments: Arguments | None = None) -> Callable[P, R]:
    """A function that converts its arguments as Robot does, and is no keyword.

    Args:
        function: What is called.
        arguments: Those of the method that it stands for, if they are not its own.
    """
    known = arguments or Arguments(function, bound=False)

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        return function(*known.positional(args), **known.named(kwargs))  # type: ignore[arg-type]

    for name in _FOR_ROBOT:
        call.__dict__.pop(name, None)
    return call
