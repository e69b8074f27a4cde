"""`zmqlibrary remote`: serves keywords to Robot's Remote library."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ..remote_server import serve
from .command import Subcommand
from .options import LARGEST_PORT, count_from, seconds

_PORT = 8270  # the default of Robot's Remote library
_GRACE_SECONDS = 300.0


def _add_options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "arguments", nargs="*", metavar="NAME=VALUE", help="import arguments of the library, such as timeout=2s"
    )
    parser.add_argument(
        "--port",
        type=count_from(0, LARGEST_PORT),
        default=_PORT,
        help=f"where to listen; 0: a free port (default {_PORT})",
    )
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (default 127.0.0.1, this machine only)")
    parser.add_argument(
        "--grace",
        type=seconds,
        default=_GRACE_SECONDS,
        metavar="TIME",
        help="after how long a silence of a client what it has open is closed (default 5 minutes)",
    )


def _run(options: Namespace) -> int:
    return serve(options.host, options.port, options.grace, options.arguments)


COMMAND = Subcommand(
    "remote",
    "serve all keywords to Robot's Remote library on another machine",
    "remote --port 8270",
    _add_options,
    _run,
)
