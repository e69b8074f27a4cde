from __future__ import annotations

import os
import stat

import pytest
from zmq import auth

from ZmqLibrary.errors import InvalidValue
from ZmqLibrary.security.certificates import (
    load_keypair,
    load_public_key,
    load_public_keys,
    readable_by_others,
    save_keypair,
    secret_file,
)
from ZmqLibrary.security.keys import generate_keypair

posix = pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")


@pytest.fixture
def pair():
    return generate_keypair()


def test_pyzmq_reads_what_is_written(tmp_path, pair):
    public, secret = save_keypair(pair, tmp_path / "alice.key")
    assert (public.name, secret.name) == ("alice.key", "alice.key_secret")
    assert auth.load_certificate(public) == (pair.public.encode(), None)
    assert auth.load_certificate(secret) == (pair.public.encode(), pair.secret.value.encode())
    assert auth.load_certificates(tmp_path) == {pair.public.encode(): True}


def test_what_pyzmq_writes_is_read(tmp_path):
    public, secret = auth.create_certificates(tmp_path, "bob", {"name": "Bob", "note": "secret-key = no"})
    assert load_public_key(tmp_path / "bob.key").encode() == auth.load_certificate(public)[0]
    assert load_keypair(tmp_path / "bob.key_secret").secret.value.encode() == auth.load_certificate(secret)[1]


def test_what_czmq_writes_is_read(tmp_path, pair):
    text = '#  ZeroMQ CURVE **Secret** Certificate\n\nmetadata\n    name = "Cäsar"\ncurve\n'
    text += f'    public-key = "{pair.public}"\n    secret-key = "{pair.secret.value}"\n'
    (tmp_path / "c.txt_secret").write_text(text, "utf-8")
    assert load_keypair(tmp_path / "c.txt_secret") == pair


@posix
def test_the_secret_file_is_for_its_owner_only_whatever_was_there(tmp_path, pair):
    older = tmp_path / "alice.key_secret"
    older.write_text("")
    older.chmod(0o666)
    before = os.umask(0)
    try:
        _, secret = save_keypair(pair, tmp_path / "alice.key")
    finally:
        os.umask(before)
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert not readable_by_others(secret)
    secret.chmod(0o640)
    assert readable_by_others(secret)


@posix
def test_the_secret_file_is_never_open_to_others(tmp_path, pair, monkeypatch):
    opened = []
    original = os.open

    def spy(path, flags, mode=0o777, **more):
        descriptor = original(path, flags, mode, **more)
        opened.append((os.path.basename(path), stat.S_IMODE(os.fstat(descriptor).st_mode)))
        return descriptor

    monkeypatch.setattr(os, "open", spy)
    save_keypair(pair, tmp_path / "alice.key")
    assert [mode for path, mode in opened if "_secret" in path] == [0o600]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["alice.key", "alice.key_secret"]


def test_the_name_of_the_secret_file_will_do_as_well_and_directories_are_made(tmp_path, pair):
    public, secret = save_keypair(pair, tmp_path / "new" / "alice.key_secret")
    assert (public, secret) == (tmp_path / "new/alice.key", tmp_path / "new/alice.key_secret")


def test_a_file_that_cannot_be_written_is_named(tmp_path, pair):
    (tmp_path / "file").touch()
    with pytest.raises(InvalidValue, match=r"file.alice\.key cannot be written: File exists\."):
        save_keypair(pair, tmp_path / "file" / "alice.key")


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(InvalidValue, match=r"alice\.key_secret does not exist"):
        load_keypair(tmp_path / "alice.key_secret")
    with pytest.raises(InvalidValue, match="cannot be read"):
        load_public_key(tmp_path)


@pytest.mark.parametrize("name", ["alice.key", "alice.key_secret", "alice"])
def test_the_path_that_saved_a_pair_loads_it(tmp_path, pair, name):
    public, secret = save_keypair(pair, tmp_path / name)
    assert load_keypair(tmp_path / name) == pair
    public.unlink()
    assert load_keypair(tmp_path / name) == pair
    assert secret_file(public) == secret


def test_a_file_without_secret_tells_where_it_could_be(tmp_path, pair):
    public, secret = save_keypair(pair, tmp_path / "alice.key")
    secret.unlink()
    with pytest.raises(InvalidValue, match=r"has no secret key, and there is no alice\.key_secret beside it\."):
        load_keypair(public)


def test_keys_that_do_not_belong_together_are_an_error(tmp_path, pair):
    _, secret = save_keypair(pair, tmp_path / "alice.key")
    text = secret.read_text()
    secret.write_text(text.replace(pair.public, generate_keypair().public))
    with pytest.raises(InvalidValue, match="do not belong together") as caught:
        load_keypair(secret)
    secret.write_text(text.replace(pair.secret.value, pair.secret.value[:-1]))
    with pytest.raises(InvalidValue, match=r"secret-key in .* this one has 39") as caught:
        load_keypair(secret)
    assert pair.secret.value[:8] not in str(caught.value)


def test_a_file_that_is_no_certificate_is_an_error(tmp_path):
    (tmp_path / "x.key").write_bytes(bytes(range(256)))
    with pytest.raises(InvalidValue, match="has no public key"):
        load_public_key(tmp_path / "x.key")


def test_a_directory_gives_its_public_keys(tmp_path, pair):
    save_keypair(pair, tmp_path / "alice.key")
    other = generate_keypair()
    save_keypair(other, tmp_path / "bob.txt")
    (tmp_path / "README").write_text("not a certificate")
    assert {path.name: key for path, key in load_public_keys(tmp_path).items()} == {
        "alice.key": pair.public,
        "bob.txt": other.public,
    }


def test_a_directory_without_certificates_is_an_error(tmp_path, pair):
    with pytest.raises(InvalidValue, match="does not exist"):
        load_public_keys(tmp_path / "none")
    with pytest.raises(InvalidValue, match="has no CURVE certificate"):
        load_public_keys(tmp_path)
    (tmp_path / "broken.key").write_text("")
    with pytest.raises(InvalidValue, match="has no public key"):
        load_public_keys(tmp_path)
    with pytest.raises(InvalidValue, match="is not a directory"):
        load_public_keys(tmp_path / "broken.key")
