"""The command line: `python -m ZmqLibrary COMMAND`, or `zmqlibrary COMMAND`.

Exit codes: 0 ok, 1 an expectation is not met, 2 usage, 3 no peer or timeout, 130 Ctrl-C, 143 SIGTERM. Standard output
has data, standard error everything else. A closed pipe ends a command at once, silently.
"""

from __future__ import annotations

import difflib
import importlib
import os
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .interrupts import INTERRUPTED
from .streams import abandon_output, prepare_streams

if TYPE_CHECKING:
    from .commands.command import Subcommand

# Name → what it does. Each is a module of `commands` with its `COMMAND`, imported when it is used.
COMMANDS = {
    "pump": "put messages into a pipeline and measure it",
    "sink": "take messages out of a pipeline and check each one",
    "proxy": "stand between clients and a service, and break what passes",
    "send": "send messages",
    "receive": "receive messages and print them, a line each",
    "request": "send a request and print the reply",
    "reply": "answer requests, and print them",
    "record": "record messages into a file",
    "replay": "send again what was recorded",
    "read": "print the messages of a recording or a capture",
    "probe": "say what listens at an endpoint",
    "keys": "make a CURVE key pair",
    "remote": "serve all keywords to Robot's Remote library on another machine",
}
_PIPE_CLOSED = 141
_USAGE = 2
_USAGE_TEXT = """\
usage: zmqlibrary COMMAND [OPTIONS] ...
       zmqlibrary COMMAND --help
       zmqlibrary --help | --version

Commands:
{commands}

Exit codes: 0 all went well, 1 an expectation is not met, 2 wrong usage or file, 3 no peer or the time was over.
A command that is ended with Ctrl-C or kill reports what it has done; the exit code is 130 or 143."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command.

    Args:
        arguments: Default is those of the process.

    Returns:
        The exit code.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    prepare_streams()
    try:
        return _run(words)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        abandon_output()
        return _PIPE_CLOSED
    except OSError as problem:  # of standard output: a disk that is full
        print(f"zmqlibrary: {problem.strerror or problem}.", file=sys.stderr)
        abandon_output()
        return _USAGE


def _run(words: list[str]) -> int:
    if "_ARGCOMPLETE" in os.environ:
        _complete()
    if words[:1] == ["help"]:  # as git and others have it
        words = [*words[1:2], "--help"]
    if not words or words[0] in ("-h", "--help", "--version"):
        code = _overview(words[0] if words else "")
    elif words[0] in COMMANDS:
        code = command(words[0]).main(words[1:])
    else:
        code = _unknown(words[0])
    sys.stdout.flush()
    return code


def _unknown(name: str) -> int:
    alike = difflib.get_close_matches(name, COMMANDS, 1)
    meant = f" Did you mean {alike[0]}?" if alike else ""
    print(f"zmqlibrary: there is no command '{name}'. Commands are: {', '.join(COMMANDS)}.{meant}", file=sys.stderr)
    return _USAGE


def command(name: str) -> Subcommand:
    """The command of that name."""
    found: Subcommand = importlib.import_module(f".commands.{name}", __package__).COMMAND
    return found


def _complete() -> None:
    """Answers the shell that asks how the command line goes on; ends the process. Needs the extra `cli`."""
    import argcomplete

    parser = ArgumentParser("zmqlibrary")
    commands = parser.add_subparsers()
    for name, summary in COMMANDS.items():
        command(name).add_options(commands.add_parser(name, help=summary))
    argcomplete.autocomplete(parser)


def _overview(option: str) -> int:
    if option == "--version":
        from ..version import __version__

        print(__version__)
        return 0
    lines = [f"  {name:<9} {summary}" for name, summary in COMMANDS.items()]
    text = _USAGE_TEXT.format(commands="\n".join(lines))
    print(text, file=sys.stdout if option else sys.stderr)
    return 0 if option else _USAGE
