"""Security by arguments, by options and by both: what does not go together is refused before anything is open."""

from __future__ import annotations

import pytest
import zmq
from robot.api.types import Secret

from ZmqLibrary.errors import InvalidValue, WrongUse
from ZmqLibrary.keywords.curve_keypair import CurveKeypair
from ZmqLibrary.sockets.socket_types import SocketType

PULL, PUSH = SocketType.PULL, SocketType.PUSH
TCP = "tcp://127.0.0.1:*"
NOBODY = "tcp://127.0.0.1:1"
PLAIN = {"PLAIN_USERNAME": "alice", "zmq plain password": "pw"}


@pytest.fixture
def keys(library):
    return library.generate_curve_keypair()


@pytest.fixture
def openers(library):
    """The ways to get a socket that listens, and one that connects: `openers[listens]`."""
    return {
        True: [
            lambda **options: library.open_zmq_socket(PULL, **options),
            lambda **options: library.bind_zmq_socket(TCP, PULL, **options),
            lambda **options: library.start_mock_server(TCP, SocketType.PULL, **options),
            lambda **options: library.start_sink(TCP, PULL, bind=True, **options),
        ],
        False: [
            lambda **options: library.open_zmq_socket(PUSH, **options),
            lambda **options: library.connect_zmq_socket(NOBODY, PUSH, lazy=True, **options),
            lambda **options: library.start_mock_server(NOBODY, PUSH, connect=True, lazy=True, **options),
            lambda **options: library.start_pump(NOBODY, PUSH, lazy=True, **options),
        ],
    }


def refuses(openers, problem: str, **options: object) -> None:
    for opener in openers:
        with pytest.raises(InvalidValue, match=problem):
            opener(**options)


def test_curve_is_never_replaced_by_what_an_option_asks_for(library, openers, keys):
    library.start_authenticator()
    both = r"either CURVE or PLAIN, and options of both are given: CURVE_.*PLAIN_"
    for name in ("PLAIN_SERVER", "plain server", "ZMQ_PLAIN_SERVER"):
        refuses(openers[True], both, curve_keypair=keys, **{name: "yes"})
    refuses(openers[True], both, plain_server=True, CURVE_SERVER="yes")
    refuses(openers[True], both, plain_server=True, CURVE_SECRETKEY=keys.secret)
    refuses(openers[False], both, curve_server_key=keys.public, **PLAIN)
    refuses(openers[False], both, plain_username="alice", plain_password="pw", curve_serverkey=keys.public)
    assert library.get_zmq_sockets() == []


def test_security_that_is_asked_for_is_not_turned_off(openers, keys):
    off = "=no turns security off"
    refuses(openers[True], "PLAIN_SERVER" + off, curve_keypair=keys, PLAIN_SERVER="no")
    refuses(openers[False], "PLAIN_SERVER" + off, curve_server_key=keys.public, PLAIN_SERVER="no")
    refuses(openers[False], "CURVE_SERVER" + off, curve_server_key=keys.public, curve_server="no")


def test_a_socket_is_client_or_server(openers, keys):
    sides = "make a socket a client"
    refuses(openers[True], sides, curve_keypair=keys, CURVE_SERVERKEY=keys.public)
    refuses(openers[False], sides, curve_server_key=keys.public, CURVE_SERVER="yes")
    refuses(openers[False], sides, curve_server_key=keys.public, zap__domain="x")
    refuses(openers[False], sides, plain_username="alice", plain_password="pw", PLAIN_SERVER="yes")


def test_half_of_a_mechanism_is_refused_where_the_socket_gets_an_endpoint(openers, keys):
    refuses(openers[False][1:], "PLAIN_USERNAME needs PLAIN_PASSWORD", PLAIN_USERNAME="alice")
    refuses(openers[False][1:], "PLAIN_PASSWORD needs PLAIN_USERNAME", PLAIN_PASSWORD="pw")
    refuses(
        openers[False][1:], "CURVE_SERVERKEY needs CURVE_PUBLICKEY and CURVE_SECRETKEY", curve_serverkey=keys.public
    )
    refuses(openers[False][1:], "CURVE_SECRETKEY needs CURVE_SERVER", curve_secretkey=keys.secret)
    refuses(openers[True][1:], "CURVE_SERVER needs CURVE_SECRETKEY", CURVE_SERVER="yes")


def test_a_public_key_is_no_identity(library, openers, keys):
    public = "this is a public key, and a secret key or a key pair belongs here"
    refuses(openers[True], f"curve_keypair: {public}", curve_keypair=keys.public)
    refuses(openers[False], f"curve_keypair: {public}", curve_keypair=keys.public, curve_server_key=keys.public)
    refuses(openers[True], f"CURVE_SECRETKEY: {public}", CURVE_SERVER="yes", CURVE_SECRETKEY=keys.public)
    library.start_authenticator()
    library.allow_curve_client(keys.public)


def test_a_pair_is_one(library, openers, keys):
    other = library.generate_curve_keypair()
    mixed = CurveKeypair(keys.public, other.secret)
    swapped = CurveKeypair(keys.secret.value, Secret(keys.public))
    refuses(
        openers[True], "curve_keypair: the public and the secret key of this pair do not belong", curve_keypair=mixed
    )
    refuses(openers[False], "curve_server_key: this is a secret key", curve_server_key=swapped)


def test_what_no_key_can_be_is_refused(library, openers):
    refuses(openers[True], "curve_keypair: this is not a CURVE key", curve_keypair="#" * 40)
    refuses(openers[False], "curve_server_key: this is not a CURVE key", curve_server_key="#" * 40)
    refuses(openers[False], "CURVE_SECRETKEY: this is not a CURVE key", curve_secretkey="#" * 40)


def test_an_option_is_given_once(openers, keys):
    other = keys.public[::-1]
    refuses(openers[False], "CURVE_SERVERKEY is given twice", curve_server_key=keys.public, curve_serverkey=other)
    refuses(openers[False], "CURVE_SERVERKEY is given twice", curve_server_key=keys.public, CURVE_SERVERKEY=other)
    refuses(openers[False], "SNDHWM is given twice", send_hwm=1, sndhwm=2)
    refuses(openers[False], "SNDHWM is given twice", send_hwm=1, SNDHWM=2)
    refuses(openers[False], "LINGER is given twice", linger=1, Linger=2)


@pytest.mark.parametrize(
    ("options", "later", "problem"),
    [
        ({"curve_server_key": True}, {"PLAIN_USERNAME": "alice", "PLAIN_PASSWORD": "pw"}, "either CURVE or PLAIN"),
        ({"curve_server_key": True}, {"PLAIN_SERVER": "no"}, "PLAIN_SERVER=no turns security off"),
        ({"curve_keypair": True}, {"CURVE_SERVER": "no"}, "CURVE_SERVER=no turns security off"),
        ({"plain_username": "alice"}, {}, "PLAIN_USERNAME needs PLAIN_PASSWORD"),
        ({}, {"plain_password": "pw"}, "PLAIN_PASSWORD needs PLAIN_USERNAME"),
    ],
)
def test_what_was_set_one_by_one_is_refused_when_the_socket_gets_its_endpoint(library, keys, options, later, problem):
    given = {name: keys if name == "curve_keypair" else keys.public if value is True else value
             for name, value in options.items()}  # fmt: skip
    library.open_zmq_socket(PUSH, **given)
    for name, value in later.items():
        library.set_zmq_socket_option(name, value)
    for join in (lambda: library.connect_to_endpoint(NOBODY, lazy=True), lambda: library.bind_to_endpoint(TCP)):
        with pytest.raises(InvalidValue, match=problem):
            join()
    assert library.get_zmq_endpoints() == {"bound": [], "connected": []}


def test_a_socket_that_was_a_plain_server_once_may_use_curve(library, keys):
    library.open_zmq_socket(PULL, plain_server=True, zap_domain="x")
    library.set_zmq_socket_option("plain_server", "no")
    library.set_zmq_socket_option("curve_server", "yes")
    library.set_zmq_socket_option("curve_secretkey", keys.secret)
    library.bind_to_endpoint(TCP)
    library.connect_zmq_socket(library.get_zmq_endpoint(), PUSH, curve_server_key=keys)


def test_security_does_nothing_over_inproc_whichever_way_it_was_given(library, keys):
    nothing = "Security does nothing at inproc://x"
    at = "inproc://x"
    library.start_authenticator()
    refuses([lambda **options: library.bind_zmq_socket(at, PULL, **options)], nothing, PLAIN_SERVER="yes")
    refuses([lambda **options: library.connect_zmq_socket(at, PUSH, **options)], nothing, **PLAIN)
    library.open_zmq_socket(PULL, plain_server=True)
    with pytest.raises(InvalidValue, match=nothing):
        library.bind_to_endpoint(at)
    library.bind_to_endpoint(TCP)
    library.open_zmq_socket(PUSH, curve_server_key=keys.public)
    with pytest.raises(InvalidValue, match=nothing):
        library.connect_to_endpoint(at)
    library.open_zmq_socket(PULL)
    library.set_zmq_socket_option("zap_domain", "x")
    with pytest.raises(InvalidValue, match=nothing):
        library.bind_to_endpoint(at)


def test_what_is_off_alone_may_be_said(library):
    off = {"CURVE_SERVER": "no", "PLAIN_SERVER": "no", "ZAP_ENFORCE_DOMAIN": "no"}
    library.bind_zmq_socket(TCP, PULL, **off)
    library.connect_zmq_socket(library.get_zmq_endpoint(), PUSH, **off)
    library.bind_zmq_socket("inproc://x", PULL, **off)


def test_options_alone_can_say_everything(library, keys):
    library.start_authenticator()
    library.allow_plain_user("alice", "pw")
    library.bind_zmq_socket(TCP, PULL, "plain", PLAIN_SERVER="yes")
    library.connect_zmq_socket(library.get_zmq_endpoint(), PUSH, **PLAIN)
    library.allow_curve_client("any")
    library.bind_zmq_socket(TCP, PULL, "curve", CURVE_SERVER="yes", CURVE_SECRETKEY=keys.secret)
    mine = {"CURVE_PUBLICKEY": keys.public, "CURVE_SECRETKEY": keys.secret, "CURVE_SERVERKEY": keys.public}
    library.connect_zmq_socket(library.get_zmq_endpoint(socket="curve"), PUSH, **mine)


def test_a_server_that_connects_needs_an_authenticator_like_one_that_is_bound(library, keys, caplog):
    asks = {"PLAIN_SERVER": "yes"}
    for attempt in (
        lambda: library.connect_zmq_socket(NOBODY, PUSH, lazy=True, **asks),
        lambda: library.start_mock_server(NOBODY, PUSH, connect=True, lazy=True, **asks),
        lambda: library.start_pump(NOBODY, PUSH, lazy=True, **asks),
    ):
        with pytest.raises(WrongUse, match="as a PLAIN server: without an authenticator"):
            attempt()
    library.open_zmq_socket(PUSH, plain_server=True)
    with pytest.raises(WrongUse, match="as a PLAIN server: without an authenticator"):
        library.connect_to_endpoint(NOBODY, lazy=True)
    library.open_zmq_socket(PUSH, "s", curve_keypair=keys)
    library.connect_to_endpoint(NOBODY, lazy=True)
    assert "Socket 's' (PUSH) is a CURVE server without an authenticator: libzmq lets any" in caplog.text


def test_the_authenticator_decides_about_a_pump_that_connects_as_a_server(library, keys):
    library.start_authenticator()
    mine = {"CURVE_PUBLICKEY": keys.public, "CURVE_SECRETKEY": keys.secret, "CURVE_SERVERKEY": keys.public}
    library.bind_zmq_socket(TCP, PULL, **mine)
    server = {"CURVE_SERVER": "yes", "CURVE_SECRETKEY": keys.secret}
    library.start_pump(library.get_zmq_endpoint(), PUSH, count=1, lazy=True, **server)
    assert library.wait_for_authentication_request().key == keys.public


def test_the_last_security_option_decides_in_libzmq(raw):
    public, secret = zmq.curve_keypair()
    curve = {"CURVE_SERVER": 1, "CURVE_PUBLICKEY": public, "CURVE_SECRETKEY": secret}
    assert raw("PULL", **curve).mechanism == zmq.CURVE
    assert raw("PULL", **curve, PLAIN_SERVER=1).mechanism == zmq.PLAIN
    assert raw("PULL", **curve, PLAIN_SERVER=0).mechanism == zmq.NULL
    assert raw("PUSH", CURVE_SERVERKEY=public, CURVE_SERVER=0).mechanism == zmq.NULL
    assert raw("PULL", PLAIN_SERVER=1, CURVE_SERVER=1).mechanism == zmq.CURVE
