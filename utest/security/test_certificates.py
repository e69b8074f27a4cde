from __future__ import annotations

import errno
import os
import signal
import stat
from pathlib import Path

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


@pytest.mark.parametrize("name", ["alice.key", "alice.key_secret"])
@pytest.mark.parametrize("older", [True, False])
def test_both_files_are_written_or_none(tmp_path, pair, name, older):
    public, secret = tmp_path / "alice.key", tmp_path / "alice.key_secret"
    for file in {public, secret} - {tmp_path / name} if older else ():
        file.write_text("older")
    (tmp_path / name / "in").mkdir(parents=True)
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(InvalidValue, match=rf"{name} cannot be written: it is a directory\."):
        save_keypair(pair, public)
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert {path.read_text() for path in (public, secret) if path.is_file()} == ({"older"} if older else set())


@pytest.mark.parametrize("failing", [0, 1])
@pytest.mark.parametrize("older", [True, False])
def test_an_older_pair_is_not_half_replaced(tmp_path, pair, monkeypatch, failing, older):
    other = save_keypair(generate_keypair(), tmp_path / "alice.key") if older else ()
    before = {path.name: path.read_text() for path in tmp_path.iterdir()}
    replace, wanted = Path.replace, ("alice.key", "alice.key_secret")[failing]

    def full(path: Path, target: Path) -> Path:
        if target.name == wanted and pair.public in path.read_text():
            raise OSError(errno.EDQUOT, "Disk quota exceeded")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(InvalidValue, match="cannot be written: Disk quota exceeded"):
        save_keypair(pair, tmp_path / "alice.key")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == before
    assert len(before) == len(other)


def test_a_disk_that_is_full_leaves_no_secret_behind(tmp_path, pair, monkeypatch):
    resource = pytest.importorskip("resource")
    older = save_keypair(generate_keypair(), tmp_path / "alice.key")
    before = {path.name: path.read_text() for path in tmp_path.iterdir()}
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (older[0].stat().st_size, limit[1]))
    try:
        with pytest.raises(InvalidValue, match="cannot be written: File too large"):
            save_keypair(pair, tmp_path / "alice.key")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, handler)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("path", ["", ".", "/", "..", "x/..", "_secret", "x/_secret", "a\0b", "x" * 300, "\ud800"])
def test_what_is_no_path_is_refused(path, pair, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for attempt in (
        lambda: save_keypair(pair, Path(path)),
        lambda: load_keypair(Path(path)),
        lambda: load_public_key(Path(path)),
        lambda: load_public_keys(Path(path) / ("x" * 300)),
    ):
        with pytest.raises(InvalidValue):
            attempt()
    assert list(tmp_path.rglob("*")) in ([], [tmp_path / "x"])


@posix
def test_what_never_ends_is_not_read(tmp_path):
    for read in (load_public_key, load_keypair):
        with pytest.raises(InvalidValue, match="File /dev/zero is not a certificate"):
            read(Path("/dev/zero"))


def test_a_secret_file_without_secret_is_named_with_what_it_lacks(tmp_path, pair):
    public, secret = save_keypair(pair, tmp_path / "alice.key")
    secret.write_text(public.read_text())
    with pytest.raises(InvalidValue, match=r"alice\.key_secret has no secret key: there is no line `secret-key"):
        load_keypair(public)


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
