from __future__ import annotations

import pytest
import zmq

from ZmqLibrary.errors import InvalidValue
from ZmqLibrary.security.keys import SecretKeys, generate_keypair, key_text, keypair_of

PUBLIC, SECRET = (key.decode() for key in zmq.curve_keypair())


def test_a_generated_pair_belongs_together_and_hides_its_secret():
    pair = generate_keypair()
    assert keypair_of(pair.secret.value, "x") == pair
    assert str(pair.secret.value) not in repr(pair)


@pytest.mark.parametrize(
    "key",
    [PUBLIC, PUBLIC.encode(), bytearray(PUBLIC.encode()), zmq.utils.z85.decode(PUBLIC)],
    ids=["text", "bytes", "bytearray", "raw"],
)
def test_a_key_is_text_or_bytes(key):
    assert key_text(key, "key") == PUBLIC


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        (SECRET[:39], "this one has 39"),
        (SECRET + " ", "this one has 41"),
        (SECRET[:10] + "~" + SECRET[11:], "character 11 of 40"),
        (SECRET[:39] + "€", "character 40 of 40"),
        (SECRET[:31].encode(), "this one has 31"),
        ("", "this one has 0"),
        (SECRET[:35] + "#####", "no 32 bytes"),
        ("<secret>", "remote library"),
        (None, "not nothing"),
        ([SECRET], "type list"),
    ],
    ids=["39", "41", "character 11", "character 40", "bytes", "empty", "overflow", "hidden", "nothing", "list"],
)
def test_what_is_no_key_is_refused_without_showing_it(key, problem):
    with pytest.raises(InvalidValue, match=problem) as caught:
        key_text(key, "curve_keypair")
    assert str(caught.value).startswith("curve_keypair: ")
    assert SECRET[:8] not in str(caught.value)


def test_secret_keys_are_known_again():
    keys = SecretKeys()
    keys.remember(keypair_of(SECRET, "x"))
    assert keys.require_public(PUBLIC, "public_key") == PUBLIC
    with pytest.raises(InvalidValue, match="public_key: this is a secret key") as caught:
        keys.require_public(SECRET, "public_key")
    assert SECRET not in str(caught.value)
    assert SECRET.encode() not in repr(vars(keys)).encode()


def test_public_keys_of_known_pairs_are_known_again():
    keys = SecretKeys()
    assert keys.require_secret(PUBLIC, "curve_keypair") == PUBLIC
    keys.remember(keypair_of(SECRET, "x"))
    assert keys.require_secret(SECRET, "curve_keypair") == SECRET
    with pytest.raises(InvalidValue, match="curve_keypair: this is a public key"):
        keys.require_secret(PUBLIC, "curve_keypair")
