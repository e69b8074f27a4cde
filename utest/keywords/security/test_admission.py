"""Rules that could never do what they say are refused, and change nothing."""

from __future__ import annotations

import pytest

from ZmqLibrary.errors import InvalidValue
from ZmqLibrary.sockets.socket_types import SocketType

HALF = chr(0xD800)
RULES = {
    "curve": lambda library, **more: library.allow_curve_client("any", **more),
    "plain": lambda library, **more: library.allow_plain_user("alice", "x", **more),
}


@pytest.fixture(autouse=True)
def authenticator(library):
    library.start_authenticator()


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("domain", ["ü", HALF, "x" * 256])
def test_a_domain_is_one_that_a_server_can_have(library, rule, domain):
    with pytest.raises(InvalidValue, match=r"^domain: .* 255 characters, all of them ASCII"):
        RULES[rule](library, domain=domain)
    with pytest.raises(InvalidValue, match="ZAP_DOMAIN takes text of 1 to 255 bytes, all of them ASCII"):
        library.bind_zmq_socket("tcp://127.0.0.1:*", SocketType.PULL, zap_domain=domain)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("user_id", [HALF, "a\0b"])
def test_a_user_id_is_one_that_a_message_can_have(library, rule, user_id):
    with pytest.raises(InvalidValue, match=r"^user_id "):
        RULES[rule](library, user_id=user_id)


@pytest.mark.parametrize("username", [HALF, "alice\0", "x" * 256])
def test_a_user_name_is_one_that_a_peer_can_give(library, username):
    with pytest.raises(InvalidValue, match=r"^username"):
        library.allow_plain_user(username, "x")


def test_a_password_is_one_that_a_peer_can_give_and_not_shown(library):
    with pytest.raises(InvalidValue, match=r"^password: PLAIN takes at most 255 bytes, and this one has 260\.$"):
        library.allow_plain_user("alice", "swordfish" * 28 + "swordfis")


def test_what_is_refused_changes_nothing(library):
    for rule in RULES.values():
        with pytest.raises(InvalidValue):
            rule(library, user_id=HALF)
    library.bind_zmq_socket("tcp://127.0.0.1:*", SocketType.PULL, plain_server=True)
    user = {"plain_username": "alice", "plain_password": "x", "lazy": True}
    library.connect_zmq_socket(library.get_zmq_endpoint(), SocketType.PUSH, **user)
    assert library.handshake_should_fail() == "AUTH 400: authentication refused"


def test_a_user_id_need_not_be_ascii(library):
    library.allow_plain_user("josé", "x", user_id="José")
    library.bind_zmq_socket("tcp://127.0.0.1:*", SocketType.PULL, "server", plain_server=True)
    user = {"plain_username": "josé", "plain_password": "x"}
    library.connect_zmq_socket(library.get_zmq_endpoint(), SocketType.PUSH, **user)
    library.send_message("hello")
    library.receive_message(socket="server")
    library.received_message_should_come_from_user("José")
