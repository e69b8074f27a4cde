"""Keys and passwords that keywords are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from robot.api.types import Secret

from ..errors import InvalidValue
from ..formats import Hidden
from ..security.keys import KeyPair, SecretKeys, key_text, keypair_of
from ..surrogates import require_text

if TYPE_CHECKING:
    from .curve_keypair import CurveKeypair

_KEY_SHOWN = 6


def as_keypair(pair: KeyPair) -> CurveKeypair:
    """A CURVE identity for Robot."""
    from .curve_keypair import CurveKeypair

    return CurveKeypair(pair.public, Secret(str(pair.secret.value)))


def keypair_from(value: object, argument: str, secret_keys: SecretKeys) -> KeyPair:
    """The CURVE identity that a user gives: a key pair, or only its secret key.

    Raises:
        InvalidValue: It is neither, its keys do not belong together, or it is known to be a public one.
    """
    from .curve_keypair import CurveKeypair

    value = revealed(value)
    if not isinstance(value, CurveKeypair):
        key = secret_keys.require_secret(key_text(value, argument), argument)
        return secret_keys.remember(keypair_of(key, argument))
    pair = keypair_of(revealed(value.secret), argument)
    if pair.public != value.public:
        raise InvalidValue(f"{argument}: the public and the secret key of this pair do not belong together.")
    return secret_keys.remember(pair)


def public_key_from(value: object, argument: str, secret_keys: SecretKeys) -> str:
    """The public key that a user gives: the key, or a key pair.

    Raises:
        InvalidValue: It is neither, or it is known to be secret.
    """
    from .curve_keypair import CurveKeypair

    value = revealed(value)
    if isinstance(value, CurveKeypair):
        value = value.public
    return secret_keys.require_public(key_text(value, argument), argument)


def secret_bytes(secret: object, what: str) -> bytes:
    """A password, or another secret that is text or bytes, as bytes.

    Args:
        what: What it is, as the error begins.

    Raises:
        InvalidValue: It is neither.
    """
    value = revealed(secret)
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    if not isinstance(value, str):
        raise InvalidValue(f"{what} is text or bytes, not a value of type {type(value).__name__}.")
    require_text(value, what, secret=True)
    return value.encode("utf-8")


def shown_key(key: str) -> str:
    """Only the beginning of a key: who gives a secret key in place of a public one should not find it in the log."""
    return f"{key[:_KEY_SHOWN]}…"


def public_key_if_given(value: object, argument: str, secret_keys: SecretKeys) -> str | None:
    """As `public_key_from`, but None stays None."""
    return None if revealed(value) is None else public_key_from(value, argument, secret_keys)


def is_secret(value: object) -> bool:
    """Whether it was given as a secret; that it is hidden says only that it may be one."""
    while isinstance(value, Hidden):
        value = value.value
    return isinstance(value, Secret)


def revealed(value: object) -> object:
    """The value inside of a secret."""
    while isinstance(value, (Hidden, Secret)):
        value = value.value
    return value
