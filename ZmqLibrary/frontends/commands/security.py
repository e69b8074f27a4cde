"""CURVE and PLAIN of a command's socket: `--curve-server-key`, `--curve-keypair`, `--plain-username`."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from ...errors import InvalidValue

if TYPE_CHECKING:
    from ... import ZmqLibrary
    from ...keywords.curve_keypair import CurveKeypair

_PASSWORD = "ZMQ_PLAIN_PASSWORD"


class SecurityArguments(TypedDict, total=False):
    """What keywords are told about the security of a socket."""

    curve_server_key: str
    curve_keypair: CurveKeypair
    plain_username: str
    plain_password: str
    plain_server: bool


def add_security_options(parser: ArgumentParser) -> None:
    """Adds the options of CURVE and PLAIN."""
    group = parser.add_argument_group("security")
    group.add_argument(
        "--curve-server-key", metavar="KEY", help="public key of a CURVE server, or the file that has it"
    )
    group.add_argument(
        "--curve-keypair",
        metavar="FILE",
        help="own CURVE keys, a file of `zmqlibrary keys FILE`; when listening, all CURVE clients are let in "
        "(default when connecting: new keys)",
    )
    group.add_argument(
        "--plain-username", metavar="NAME", help="of a PLAIN server; when listening, only this user is let in"
    )
    group.add_argument(
        "--plain-password",
        metavar="TEXT",
        help=f"its password; in the variable {_PASSWORD} other users of the machine do not see it",
    )


def security_of(opened: ZmqLibrary, options: Namespace, listens: bool) -> SecurityArguments:
    """The arguments of keywords about the security of a socket.

    Raises:
        InvalidValue: A file has no key, or the options do not go together.
    """
    found: SecurityArguments = {}
    if options.curve_keypair is not None:
        found["curve_keypair"] = opened.load_curve_keypair(Path(options.curve_keypair))
    if options.curve_server_key is not None:
        if listens:
            raise InvalidValue("curve_server_key= is for a socket that connects. Give curve_keypair= to listen.")
        found["curve_server_key"] = _public_key(opened, options.curve_server_key)
    if options.plain_username is None:
        if options.plain_password is not None:
            raise InvalidValue("plain_password= needs plain_username= beside it.")
        if found and listens:
            opened.start_authenticator()
            opened.allow_curve_client("any")
        return found
    password = os.environ.get(_PASSWORD) if options.plain_password is None else options.plain_password
    if password is None:
        raise InvalidValue(f"plain_username= needs plain_password=, or the variable {_PASSWORD}.")
    if not listens:
        return {**found, "plain_username": options.plain_username, "plain_password": password}
    opened.start_authenticator()
    opened.allow_plain_user(options.plain_username, password)
    return {**found, "plain_server": True}


def _public_key(opened: ZmqLibrary, text: str) -> str:
    return opened.load_curve_public_key(Path(text)) if os.path.exists(text) else text
