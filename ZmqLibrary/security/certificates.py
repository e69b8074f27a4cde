"""Certificate files of ZeroMQ: what czmq's `zcert` and pyzmq's `zmq.auth` read and write.

A certificate is two files: `alice.key` with the public key, and `alice.key_secret` with both keys. czmq calls them
`alice.txt` and `alice.txt_secret`: the secret file is the public one with `_secret` behind its name.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from ..errors import Hint, InvalidValue
from .keys import KeyPair, key_text, keypair_of

SECRET_SUFFIX = "_secret"
_ENTRY = r"""^\s*(public-key|secret-key)\s*=\s*["']?([^"'\s]*)["']?\s*$"""
_MOST_BYTES = 65_536
_KEPT_OF_NAME = 30
_PUBLIC_HEAD = """\
#   ****  Generated on {time} by ZmqLibrary  ****
#   ZeroMQ CURVE Public Certificate
#   Exchange securely, or use a secure mechanism to verify the contents of this file after exchange.

"""
_SECRET_HEAD = """\
#   ****  Generated on {time} by ZmqLibrary  ****
#   ZeroMQ CURVE **Secret** Certificate
#   DO NOT PROVIDE THIS FILE TO OTHER USERS nor change its permissions.

"""


def keypair_files(path: Path) -> tuple[Path, Path]:
    """The public and the secret file of a certificate, by the name of either.

    Raises:
        InvalidValue: No file can have that name.
    """
    name = path.name.removesuffix(SECRET_SUFFIX)
    if name in ("", ".."):
        raise InvalidValue(f"'{path}' is not the path of a certificate file. Give one such as alice.key.")
    public = path.with_name(name)
    return public, public.with_name(public.name + SECRET_SUFFIX)


def save_keypair(pair: KeyPair, path: Path) -> tuple[Path, Path]:
    """Writes both files of a certificate, or none; the secret one can be read only by its owner, from its beginning.

    Args:
        pair: The keys.
        path: The public file. The name of the secret file works, too. Missing directories are made.

    Returns:
        The paths of the public and of the secret file.

    Raises:
        InvalidValue: They cannot be written.
    """
    public, secret = keypair_files(path)
    entries = f'metadata\ncurve\n    public-key = "{pair.public}"\n'
    time = datetime.now().isoformat(" ", "seconds")
    secret_text = _SECRET_HEAD.format(time=time) + entries + f'    secret-key = "{pair.secret.value}"\n'
    with _problems(f"Certificate file {public} cannot be written"):
        public.parent.mkdir(parents=True, exist_ok=True)
        for file in (public, secret):
            if file.is_dir():
                raise InvalidValue(f"Certificate file {file} cannot be written: it is a directory.")
        with (
            _new_file(public, _PUBLIC_HEAD.format(time=time) + entries, 0o644) as new_public,
            _new_file(secret, secret_text, 0o600) as new_secret,
            _given_back(public),
        ):
            new_public.replace(public)
            new_secret.replace(secret)
    return public, secret


@contextmanager
def _new_file(path: Path, text: str, mode: int) -> Iterator[Path]:
    """A new file beside the one that it is to replace, whose permissions do not matter then."""
    temporary = _beside(path)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def _given_back(path: Path) -> Iterator[None]:
    """A file that is replaced in the block is there again, or not at all as before, if the block fails."""
    aside = _beside(path)
    if existed := os.path.lexists(path):
        path.replace(aside)
    try:
        yield
    except BaseException:
        aside.replace(path) if existed else path.unlink(missing_ok=True)
        raise
    aside.unlink(missing_ok=True)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name[-_KEPT_OF_NAME:]}-{os.urandom(16).hex()}")


@contextmanager
def _problems(what: str) -> Iterator[None]:
    """What the system has against a path becomes InvalidValue; so does a path that is none."""
    try:
        yield
    except InvalidValue:
        raise
    except OSError as error:
        raise InvalidValue(f"{what}: {error.strerror or error}.") from error
    except ValueError as error:  # a character that no path has
        raise InvalidValue(f"{what}: {error}.") from None


def load_keypair(path: Path) -> KeyPair:
    """Reads the secret file of a certificate, which `secret_file` finds.

    Raises:
        InvalidValue: There is no such file, it has no secret key, or its keys are not a pair.
    """
    path = secret_file(path)
    entries = _read(path)
    if "secret-key" not in entries:
        beside = f", and there is no {path.name}{SECRET_SUFFIX} beside it"
        missing = ': there is no line `secret-key = "…"`' if path.name.endswith(SECRET_SUFFIX) else beside
        raise InvalidValue(f"Certificate file {path} has no secret key{missing}.", Hint.LOAD_PUBLIC_KEY)
    pair = keypair_of(entries["secret-key"], f"secret-key in {path}")
    if "public-key" in entries and key_text(entries["public-key"], f"public-key in {path}") != pair.public:
        raise InvalidValue(f"The public and the secret key in certificate file {path} do not belong together.")
    return pair


def secret_file(path: Path) -> Path:
    """The file at a path, or the secret file beside it if the one at the path is missing or has no secret key.

    Raises:
        InvalidValue: No file can have that name, or the one that is there cannot be read.
    """
    keypair_files(path)
    beside = path.with_name(path.name + SECRET_SUFFIX)
    return beside if os.path.exists(beside) and not (os.path.exists(path) and has_secret(path)) else path


def load_public_key(path: Path) -> str:
    """Reads the public key of a certificate from either of its files.

    Raises:
        InvalidValue: There is no such file, or it has no public key.
    """
    entries = _read(path)
    if "public-key" not in entries:
        raise InvalidValue(f'Certificate file {path} has no public key: there is no line `public-key = "…"`.')
    return key_text(entries["public-key"], f"public-key in {path}")


def load_public_keys(directory: Path) -> dict[Path, str]:
    """Reads all certificates of a directory: files that have a `public-key`, except secret ones.

    Raises:
        InvalidValue: There is no such directory, it has no certificate, or one is broken.
    """
    with _problems(f"Directory {directory} with CURVE certificates cannot be read"):
        if not directory.is_dir():
            what = "is not a directory" if directory.exists() else "does not exist"
            raise InvalidValue(f"Directory {directory} with CURVE certificates {what}.")
        files = sorted(path for path in directory.iterdir() if _may_be_public(path))
    keys = {path: load_public_key(path) for path in files if path.suffix == ".key" or "public-key" in _read(path)}
    if not keys:
        raise InvalidValue(f'Directory {directory} has no CURVE certificate: no file with a line `public-key = "…"`.')
    return keys


def _may_be_public(path: Path) -> bool:
    hidden_or_secret = path.name.startswith(".") or path.name.endswith(SECRET_SUFFIX)
    return not hidden_or_secret and path.is_file() and path.stat().st_size <= _MOST_BYTES


def readable_by_others(path: Path) -> bool:
    """Whether more than the owner may read a file; Windows does not show it in this way."""
    return os.name == "posix" and bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def has_secret(path: Path) -> bool:
    """Whether a certificate file has a secret key in it."""
    return "secret-key" in _read(path)


def _read(path: Path) -> dict[str, str]:
    with _problems(f"Certificate file {path} cannot be read"):
        try:
            with path.open(encoding="utf-8", errors="replace") as file:
                text = file.read(_MOST_BYTES + 1)
        except FileNotFoundError:
            raise InvalidValue(f"Certificate file {path} does not exist.") from None
    if len(text) > _MOST_BYTES:
        raise InvalidValue(f"File {path} is not a certificate: it has more than {_MOST_BYTES:,} characters.")
    found = (re.match(_ENTRY, line) for line in text.splitlines() if not line.lstrip().startswith("#"))
    return {match[1]: match[2] for match in found if match}
