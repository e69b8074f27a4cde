"""Python processes that run a module of the very package of this process, wherever Python would find another one."""

from __future__ import annotations

import sys
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
_PROGRAM = f"""
import importlib, sys, types
package = types.ModuleType("{_PACKAGE.name}")
package.__path__ = [sys.argv[1]]
sys.modules["{_PACKAGE.name}"] = package
importlib.import_module(sys.argv[2], "{_PACKAGE.name}").main()
"""


def command_of(module: str, *arguments: str, isolated: bool = False) -> list[str]:
    """The command of a process that runs `main` of a module.

    Args:
        module: Its name inside of the package: `network.proxy_process`.
        arguments: Seen in the list of processes.
        isolated: Whether Python goes by its own installation only, not by the environment and the working directory.
    """
    options = ["-I"] if isolated else []
    return [sys.executable, *options, "-c", _PROGRAM, str(_PACKAGE), f".{module}", *arguments]
