"""CURVE keys: made, read from what users give, and distinguished: public from secret.

A key is 40 characters of Z85 text here, whatever it came as. No error shows a key, because a wrong one may be secret.
"""

from __future__ import annotations

import hashlib
import struct
from typing import NamedTuple

import zmq
from zmq.utils import z85

from ..errors import Hint, InvalidValue
from ..formats import Hidden

_TEXT_LENGTH, _BINARY_LENGTH = 40, 32
_ALPHABET = frozenset(z85.Z85CHARS)
_MASK = "<secret>"


class KeyPair(NamedTuple):
    """A CURVE identity.

    Attributes:
        public: What others may know, as Z85 text.
        secret: What nobody else may know; the value is Z85 text.
    """

    public: str
    secret: Hidden


def generate_keypair() -> KeyPair:
    """A new CURVE identity."""
    public, secret = zmq.curve_keypair()
    return KeyPair(public.decode("ascii"), Hidden(secret.decode("ascii")))


def keypair_of(secret: object, argument: str) -> KeyPair:
    """The CURVE identity of a secret key.

    Raises:
        InvalidValue: It is not a key.
    """
    text = key_text(secret, argument)
    return KeyPair(zmq.curve_public(text.encode("ascii")).decode("ascii"), Hidden(text))


def key_text(key: object, argument: str) -> str:
    """A key as Z85 text.

    Args:
        key: 40 characters of Z85 text, or 32 bytes.
        argument: How the argument is called, for the error.

    Raises:
        InvalidValue: It is not a key; the message says what is wrong, but not the key.
    """
    if isinstance(key, (bytes, bytearray)) and len(key) == _BINARY_LENGTH:
        return z85.encode(bytes(key)).decode("ascii")
    if isinstance(key, (bytes, bytearray)):
        key = bytes(key).decode("latin-1")
    if not isinstance(key, str):
        raise InvalidValue(f"{argument}: a CURVE key is 40 characters of Z85 text or 32 bytes, not {_kind(key)}.")
    if key == _MASK:
        raise InvalidValue(
            f"{argument}: the text '{_MASK}' came in place of a key, as secrets do over a remote library."
        )
    if len(key) != _TEXT_LENGTH:
        raise InvalidValue(
            f"{argument}: a CURVE key has 40 characters of Z85 text, and this one has {len(key)}.",
            Hint.GENERATE_KEYS,
        )
    wrong = [position for position, character in enumerate(key) if not _is_z85(character)]
    if wrong:
        raise InvalidValue(
            f"{argument}: this is not a CURVE key: character {wrong[0] + 1} of 40 is not in the Z85 alphabet."
        )
    try:
        z85.decode(key.encode("ascii"))
    except struct.error:
        raise InvalidValue(f"{argument}: this is not a CURVE key: no 32 bytes are written like this in Z85.") from None
    return key


def _kind(value: object) -> str:
    return "nothing" if value is None else f"a value of type {type(value).__name__}"


def _is_z85(character: str) -> bool:
    return character.isascii() and ord(character) in _ALPHABET


class SecretKeys:
    """Remembers which keys are secret, without keeping them, and which are public ones that belong to them."""

    def __init__(self) -> None:
        self._digests: set[bytes] = set()
        self._public: set[str] = set()

    def remember(self, pair: KeyPair) -> KeyPair:
        """Notes a pair whose secret key was made, loaded or given.

        Returns:
            The pair.
        """
        self._digests.add(_digest(str(pair.secret.value)))
        self._public.add(pair.public)
        return pair

    def require_secret(self, key: str, argument: str) -> str:
        """Refuses a key that is known to be public.

        Returns:
            The key.

        Raises:
            InvalidValue: It is public.
        """
        if key in self._public:
            raise InvalidValue(f"{argument}: this is a public key, and a secret key or a key pair belongs here.")
        return key

    def require_public(self, key: str, argument: str) -> str:
        """Refuses a key that is known to be secret.

        Returns:
            The key.

        Raises:
            InvalidValue: It is secret.
        """
        if _digest(key) in self._digests:
            raise InvalidValue(f"{argument}: this is a secret key, and a public key belongs here.")
        return key


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("ascii")).digest()
