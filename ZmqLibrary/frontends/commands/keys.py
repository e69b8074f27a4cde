"""`zmqlibrary keys`: makes a CURVE key pair."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path

from ...errors import InvalidValue
from ...security.certificates import keypair_files
from .command import OK, Subcommand, library, print_json
from .options import add_common_options


def _add_options(parser: ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", help="where they are saved: PATH and PATH_secret (default: printed only)")
    add_common_options(parser, None, bind=False, waits=False, formats=False)
    parser.add_argument("--force", action="store_true", help="write over keys that are there")


def _run(options: Namespace) -> int:
    if options.path is not None and not options.force:
        _require_free(Path(options.path))
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


def _require_free(path: Path) -> None:
    """Raises InvalidValue if there are keys already: a secret key that is written over is gone."""
    for file in keypair_files(path):
        if os.path.exists(file):
            raise InvalidValue(f"{file} is there already, and was left as it is. Give another path, or --force.")


COMMAND = Subcommand("keys", "make a CURVE key pair", "keys alice.key --json", _add_options, _run)
