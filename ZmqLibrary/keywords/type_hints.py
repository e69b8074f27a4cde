"""The types of a keyword's arguments, and of what it returns.

What it returns has a type that its module may import for typing only: while tests run nobody needs it, and every suite
would wait for the import. Libdoc shows it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import cache
from inspect import getsource
from textwrap import dedent
from types import SimpleNamespace
from typing import get_type_hints

_FOR_TYPING = r"(?m)^if TYPE_CHECKING:\n((?:    .*\n|\n(?=    ))+)"


def argument_hints(function: Callable[..., object]) -> dict[str, object]:
    """The types of the arguments that have one."""
    hints = function.__annotations__.items()
    return {name: _type(hint, function.__module__) for name, hint in hints if name != "return"}


def all_hints(function: Callable[..., object]) -> dict[str, object]:
    """The types of the arguments, and under `return` that of the result."""
    try:
        return get_type_hints(function)
    except NameError:
        return get_type_hints(function, localns=_names_for_typing(function.__module__))


@cache
def _type(hint: str, module: str) -> object:
    """What a hint means in a module; few of those of all keywords differ."""
    return get_type_hints(SimpleNamespace(__annotations__={"it": hint}), vars(sys.modules[module]))["it"]


@cache
def _names_for_typing(module: str) -> dict[str, object]:
    """What a module imports in its block for typing."""
    code = sys.modules[module]
    names = dict(vars(code))
    for block in re.findall(_FOR_TYPING, getsource(code)):
        exec(dedent(block), names)
    return names
