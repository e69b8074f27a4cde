"""`zmqlibrary keys`: makes a CURVE key pair."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from .command import OK, Subcommand, add_common_options, library, print_json


def _add_options(parser: ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", help="where they are saved: PATH and PATH_secret (default: printed only)")
    add_common_options(parser, None, bind=False)


def _run(options: Namespace) -> int:
    with library(options.timeout) as opened:
        pair = opened.generate_curve_keypair()
        if options.path is None:
            shown = {"public": pair.public, "secret": pair.secret.value}
            lines = [f"public: {shown['public']}", f"secret: {shown['secret']}"]
            document: dict[str, object] = dict(shown)
        else:
            files = [str(file) for file in opened.save_curve_keypair(pair, Path(options.path))]
            lines = [f"public: {pair.public}", *(f"file: {file}" for file in files)]
            document = {"public": pair.public, "files": files}
    if options.json:
        print_json(document)
    else:
        print("\n".join(lines))
    return OK


COMMAND = Subcommand("keys", "make a CURVE key pair", "keys alice.key --json", _add_options, _run)
