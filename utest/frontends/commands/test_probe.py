"""`zmqlibrary probe` and those who say much; what it says of ZeroMQ peers is in the guide to the command line."""

from __future__ import annotations

import pytest

from utest.hostile import talker
from ZmqLibrary.errors import ConnectFailed
from ZmqLibrary.frontends.command_line import main
from ZmqLibrary.frontends.commands.probe import probe
from ZmqLibrary.zmtp.commands import ping, ready


def test_who_talks_on_and_on_and_says_nothing_of_itself_is_left_when_the_time_is_over():
    repeated = ping(0, b"").encode() * 1000
    with talker(b"", repeated) as endpoint, pytest.raises(ConnectFailed, match="no ZeroMQ handshake"):
        probe(endpoint, 0.5)


def test_what_a_peer_calls_itself_does_nothing_to_the_terminal(capfd):
    said = ready({"Socket-Type": b"\x1b[31mPULL\nnext"}).encode()
    with talker(said, ping(0, b"").encode() * 1000) as endpoint:
        assert main(["probe", endpoint]) == 0
    assert r"\x1b[31mPULL\nnext, ZMTP 3.1" in capfd.readouterr().out
