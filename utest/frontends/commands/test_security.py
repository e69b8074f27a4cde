"""CURVE and PLAIN from a shell, with peers of pyzmq and from another shell."""

from __future__ import annotations

import os

import pytest
import zmq

from utest.frontends.commands.test_talking import PATIENT, finished, listening, shell
from ZmqLibrary.frontends.command_line import main

USER = ("--plain-username", "alice", "--plain-password", "open sesame")


@pytest.fixture
def keys(tmp_path, capsys):
    path = tmp_path / "server.key"
    assert main(["keys", str(path), "--json"]) == 0
    capsys.readouterr()
    return str(path)


def test_keys_of_one_shell_secure_what_another_sends(started, keys, capsys):
    server = started("reply", "tcp://127.0.0.1:*", "pong", "--count", "1", "--curve-keypair", keys, *PATIENT)
    endpoint = listening(server)
    assert main(["probe", endpoint]) == 0
    assert "mechanism CURVE" in capsys.readouterr().out
    assert shell("request", endpoint, "ping", "--expect", "pong", "--curve-server-key", keys) == 0
    code, _, errors = finished(server)
    assert (code, errors) == (0, "")


def test_a_key_can_be_given_itself(raw, capsys):
    public, secret = zmq.curve_keypair()
    server = raw("PULL", CURVE_SERVER=True, CURVE_SECRETKEY=secret, bind="tcp://127.0.0.1:*")
    endpoint = server.last_endpoint.decode()
    assert shell("send", endpoint, "hello", "--curve-server-key", public.decode()) == 0
    assert server.recv() == b"hello"


def test_a_key_may_begin_with_a_dash(raw, capsys):
    public, secret = zmq.curve_keypair()
    while not public.startswith(b"-"):
        public, secret = zmq.curve_keypair()
    server = raw("PULL", CURVE_SERVER=True, CURVE_SECRETKEY=secret, bind="tcp://127.0.0.1:*")
    endpoint = server.last_endpoint.decode()
    assert shell("send", endpoint, "--curve-server-key", public.decode(), "hello") == 0
    assert server.recv() == b"hello"


def test_who_listens_with_a_user_lets_in_no_other(started, monkeypatch, capsys):
    server = started("reply", "tcp://127.0.0.1:*", "--count", "1", *USER, *PATIENT)
    endpoint = listening(server)
    assert main(["request", endpoint, "hi", "--timeout", "300ms"]) == 3
    assert "`zmqlibrary probe` says " in capsys.readouterr().err
    assert main(["request", endpoint, "hi", "--plain-username", "alice", "--plain-password", "x", *PATIENT]) == 3
    assert "authentication refused" in capsys.readouterr().err
    monkeypatch.setenv("ZMQ_PLAIN_PASSWORD", "open sesame")
    assert shell("request", endpoint, "hi", "--plain-username", "alice") == 0
    assert finished(server)[:2] == (0, "hi\n")


def test_a_password_in_the_environment_alone_means_nothing(raw, monkeypatch):
    monkeypatch.setenv("ZMQ_PLAIN_PASSWORD", "open sesame")
    server = raw("PULL", bind="tcp://127.0.0.1:*")
    assert shell("send", server.last_endpoint.decode(), "hello") == 0
    assert server.recv() == b"hello"


def test_a_pipeline_is_measured_over_curve(started, keys):
    sink = started(
        "sink", "tcp://127.0.0.1:*", "--bind", "--count", "10", "--complete", "--curve-keypair", keys, *PATIENT
    )
    assert shell("pump", listening(sink), "--count", "10", "--curve-server-key", keys) == 0
    assert finished(sink)[0] == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--curve-server-key", "short"], "--curve-server-key: a CURVE key has 40 characters"),
        (["--curve-keypair", "nowhere.key"], "nowhere.key does not exist"),
        (["--plain-username", "alice"], "--plain-username needs --plain-password"),
        (["--plain-password", "open sesame"], "--plain-password needs --plain-username beside it."),
        (["--bind", "--plain-password", "open sesame"], "--plain-password needs --plain-username beside it."),
        ([*USER, "--curve-server-key", "short"], "either CURVE"),
        (["--bind", "--curve-server-key", "short"], "--curve-server-key is for a socket that connects"),
    ],
)
def test_security_that_is_not_enough_is_told_in_options(words, told, capsys):
    assert main(["send", "tcp://127.0.0.1:*" if "--bind" in words else "tcp://127.0.0.1:1", "x", *words]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert "`Generate" not in error


def test_keys_that_are_there_are_not_written_over(keys, capsys):
    with open(keys, encoding="utf-8") as file:
        before = file.read()
    assert main(["keys", keys]) == 2
    assert "is there already" in capsys.readouterr().err
    with open(keys, encoding="utf-8") as file:
        assert file.read() == before
    os.remove(f"{keys}_secret")
    assert main(["keys", f"{keys}_secret"]) == 2  # either name stands for both files
    assert main(["keys", keys, "--force"]) == 0
    with open(keys, encoding="utf-8") as file:
        assert file.read() != before


@pytest.mark.parametrize("path", ["", ".", "/", "_secret", "x" * 300])
def test_what_is_no_path_of_keys_is_refused(path, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["keys", path]) == 2
    assert main(["keys", path, "--force"]) == 2
    assert main(["send", "tcp://127.0.0.1:1", "x", "--curve-keypair", path]) == 2
    assert main(["send", "tcp://127.0.0.1:1", "x", "--curve-server-key", path or "."]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["zmqlibrary", f"{name}:"] for name in ["keys", "keys", "send", "send"]
    ]


@pytest.mark.parametrize("password", [("--plain-pasword", "open sesame"), ("--plain-pasword=sesame",)])
def test_a_misspelt_option_is_named_without_its_value(password, capsys):
    assert main(["send", "tcp://127.0.0.1:1", "x", "--plain-username", "alice", *password]) == 2
    problem = capsys.readouterr().err
    assert "unrecognized arguments: --plain-pasword. A frame that begins" in problem
    assert "sesame" not in problem
