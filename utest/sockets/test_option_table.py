"""What the options table claims is measured on real sockets, so that a new libzmq that differs is noticed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest
import zmq
from hypothesis import given
from hypothesis import strategies as st

from ZmqLibrary.errors import InvalidValue
from ZmqLibrary.sockets.option_table import (
    OptionKind,
    check_readable,
    check_writable,
    find_option,
    from_libzmq,
    option_names,
    to_libzmq,
)

ALL = [find_option(name) for name in option_names()]
TYPES = ["PAIR", "PUB", "SUB", "REQ", "REP", "DEALER", "ROUTER", "PULL", "PUSH", "XPUB", "XSUB", "STREAM"]
Opener = Callable[..., zmq.Socket[bytes]]


def seconds(value: object) -> float:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, str) and value.endswith("ms"):
        return float(value[:-2]) / 1000
    return float(value)  # type: ignore[arg-type]


def set_to(name: str, value: object) -> int | bytes:
    return to_libzmq(find_option(name), value, seconds)


@pytest.fixture
def opened() -> Iterator[Opener]:
    with zmq.Context() as context, ExitStack() as sockets:

        def opener(name: str, bind: str = "", connect: str | bytes = "", **options: int | bytes) -> zmq.Socket[bytes]:
            sock = sockets.enter_context(context.socket(zmq.SocketType[name]))
            sock.linger, sock.rcvtimeo, sock.sndtimeo = 0, 30_000, 30_000
            for key, value in options.items():
                sock.set(zmq.SocketOption[key], value)
            if bind:
                sock.bind(bind)
            if connect:
                sock.connect(connect)
            return sock

        yield opener


@pytest.mark.parametrize(
    "name", ["RECONNECT_IVL", "reconnect_ivl", "ZMQ_RECONNECT_IVL", "zmq reconnect-ivl", "ReconnectIvl"]
)
def test_case_prefix_and_separators_of_a_name_do_not_matter(name: str) -> None:
    assert find_option(name).number == zmq.RECONNECT_IVL


def test_old_names_find_the_option_of_today() -> None:
    assert find_option("identity").name == "ROUTING_ID"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("lingr", "There is no socket option 'lingr'. Did you mean LINGER?"),
        ("timout", "There is no socket option 'timout'. Did you mean timeout=?"),
        ("subscibe", "There is no socket option 'subscibe'. Did you mean SUBSCRIBE or UNSUBSCRIBE?"),
        ("qqqqqq", "There is no socket option 'qqqqqq'. There are AFFINITY, "),
        ("hwm", "HWM is not an option of a socket. Set SNDHWM, RCVHWM or both."),
        ("blocky", "BLOCKY is not an option of a socket."),
        ("", "There is no socket option ''."),
    ],
)
def test_an_unknown_option_is_refused_with_a_way_out(name: str, message: str) -> None:
    with pytest.raises(InvalidValue) as failure:
        find_option(name, ["timeout"])
    assert str(failure.value).startswith(message)


@pytest.mark.skipif(zmq.has("draft"), reason="this libzmq has the draft options")
@pytest.mark.parametrize(
    "name", ["HELLO_MSG", "ROUTER_NOTIFY", "BUSY_POLL", "XSUB_VERBOSE_UNSUBSCRIBE", "IN_BATCH_SIZE"]
)
def test_draft_options_that_libzmq_refuses_are_not_supported(name: str) -> None:
    with pytest.raises(InvalidValue, match=f"{name} is not supported by this libzmq .*'draft'"):
        find_option(name)


@pytest.mark.parametrize("option", ALL, ids=lambda o: o.name)
def test_an_option_can_be_read_where_the_table_says_so(option, opened: Opener) -> None:
    sock = opened(min(option.only_for) if option.only_for else "DEALER")
    if option.readable:
        from_libzmq(option, sock.get(option.number))
    else:
        with pytest.raises(zmq.ZMQError):
            sock.get(option.number)


VALUES = {
    "TCP_ACCEPT_FILTER": ["10.0.0.0/8"],
    "METADATA": ["X-name:value"],
    "HEARTBEAT_TTL": ["100ms", 6553.5, 0],
    "SOCKS_PROXY": ["127.0.0.1:1080", "[::1]:1080", "proxy.example:1"],
}
BY_KIND = {
    OptionKind.BOOLEAN: [True, False, "yes", "OFF", 1, "0"],
    OptionKind.TIME: ["50ms", 1, timedelta(milliseconds=7), 0.0001, 0],
    OptionKind.SECONDS: [30, -1, "1500ms"],
    OptionKind.KEY: ["0" * 40, bytes(32), b"0" * 40],
    OptionKind.BYTES: ["a", b"\xff\x00", bytearray(b"x"), "€" * 85],
    OptionKind.TEXT: ["a", "lo"],
}


@pytest.mark.parametrize("option", [o for o in ALL if o.writable], ids=lambda o: o.name)
def test_libzmq_takes_what_the_table_lets_through(option, opened: Opener) -> None:
    limits = [*option.limits, str(option.limits[1])]
    for value in VALUES.get(option.name, BY_KIND.get(option.kind, limits)):
        if option.name == "TCP_KEEPALIVE_CNT" and value == 0:
            continue
        sock = opened(min(option.only_for) if option.only_for else "DEALER")
        if option.name == "UNSUBSCRIBE":
            sock.set(zmq.SUBSCRIBE, to_libzmq(option, value, seconds))
        if option.name == "SUBSCRIBE" or not option.only_for or "XPUB" not in option.only_for:
            sock.set(option.number, to_libzmq(option, value, seconds))


@pytest.mark.parametrize("option", [o for o in ALL if not o.writable and o.name != "USE_FD"], ids=lambda o: o.name)
def test_libzmq_refuses_to_set_what_is_read_only(option, opened: Opener) -> None:
    with pytest.raises(zmq.ZMQError):
        opened("DEALER").set(option.number, b"" if option.kind is OptionKind.TEXT else 1)
    with pytest.raises(InvalidValue, match="can be read, but not set"):
        check_writable(option, "SUB")


@pytest.mark.parametrize("option", [o for o in ALL if o.writable and o.only_for], ids=lambda o: o.name)
def test_types_that_libzmq_refuses_are_not_listed(option, opened: Opener) -> None:
    for socket_type in TYPES:
        try:
            opened(socket_type).set(option.number, b"x" if option.kind is OptionKind.BYTES else 1)
        except zmq.ZMQError:
            assert socket_type not in option.only_for or option.name in {"SUBSCRIBE", "UNSUBSCRIBE"}


def test_an_option_for_another_type_is_refused_with_the_types_it_is_for() -> None:
    with pytest.raises(InvalidValue, match="ROUTER_MANDATORY does nothing on a PUSH socket: it is for ROUTER"):
        check_writable(find_option("ROUTER_MANDATORY"), "PUSH")
    with pytest.raises(InvalidValue, match=r"CONFLATE cannot be used on a PUB .* an XPUB inside.* Set it on the SUB"):
        check_writable(find_option("CONFLATE"), "PUB")
    with pytest.raises(InvalidValue, match="TOPICS_COUNT does nothing on a PUSH socket"):
        check_readable(find_option("TOPICS_COUNT"), "PUSH")
    with pytest.raises(InvalidValue, match="SUBSCRIBE can be set, but libzmq does not let it be read"):
        check_readable(find_option("SUBSCRIBE"), "SUB")
    check_readable(find_option("CONFLATE"), "REQ")
    check_writable(find_option("ROUTER_MANDATORY"), "ROUTER")


@pytest.mark.parametrize(
    ("name", "value", "raw"),
    [
        ("LINGER", "50ms", 50),
        ("LINGER", 2, 2000),
        ("LINGER", "-1", -1),
        ("LINGER", -1, -1),
        ("RCVTIMEO", timedelta(seconds=1.5), 1500),
        ("SNDTIMEO", 0.0001, 1),
        ("RECONNECT_IVL", 0.057, 57),
        ("TCP_KEEPALIVE_IDLE", timedelta(minutes=1), 60),
        ("TCP_KEEPALIVE", "yes", 1),
        ("TCP_KEEPALIVE", -1, -1),
        ("IPV6", "TRUE", 1),
        ("SNDHWM", " 10 ", 10),
        ("SNDHWM", 10.0, 10),
        ("ROUTING_ID", "päw", "päw".encode()),
        ("SUBSCRIBE", "", b""),
        ("SUBSCRIBE", memoryview(b"\xff"), b"\xff"),
    ],
)
def test_values_become_what_libzmq_takes(name: str, value: object, raw: int | bytes) -> None:
    assert set_to(name, value) == raw


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("LINGER", "soon", "LINGER takes a time such as 500ms or 2s (or -1: no limit), not 'soon'."),
        ("LINGER", None, "not None (NoneType)."),
        ("LINGER", True, "not True (bool)."),
        ("LINGER", -2, "not -2 (int)."),
        ("LINGER", float("inf"), "not inf (float)."),
        ("LINGER", float("nan"), "not nan (float)."),
        ("LINGER", 3_000_000, "not 3000000 (int)."),
        ("HANDSHAKE_IVL", -1, "not -1 (int)."),
        ("HEARTBEAT_TTL", "50ms", "in whole tenths of a second up to 6553.5s, not '50ms'."),
        (
            "TCP_KEEPALIVE_IDLE",
            0,
            "takes a time of at least 1s, at most 32767s (or -1: as the system does), not 0 (int).",
        ),
        ("TCP_KEEPALIVE_CNT", 0, "takes a whole number from -1 to 127, but not 0"),
        ("SNDHWM", -1, "takes a whole number from 0 to 2147483647, not -1 (int)."),
        ("SNDHWM", 1.5, "not 1.5 (float)."),
        ("SNDHWM", "many", "not 'many'."),
        ("SNDHWM", True, "not True (bool)."),
        ("IPV6", "maybe", "IPV6 takes yes or no, not 'maybe'."),
        ("IPV6", 2, "not 2 (int)."),
        ("IPV6", -1, "not -1 (int)."),
        ("ROUTING_ID", "", "ROUTING_ID takes text or bytes of 1 to 255 bytes, not ''."),
        ("ROUTING_ID", "x" * 256, "x…."),
        ("ROUTING_ID", 5, "not 5 (int)."),
        ("ROUTING_ID", "\ud800", "not '\\ud800'."),
        ("CONNECT_ROUTING_ID", b"\0abc", "that do not begin with a zero byte, not b'"),
        ("SOCKS_PROXY", "127.0.0.1:99999", "such as 127.0.0.1:1080, not '127.0.0.1:99999'."),
        ("SOCKS_PROXY", "127.0.0.1:0", "not '127.0.0.1:0'."),
        ("SOCKS_PROXY", "127.0.0.1", "not '127.0.0.1'."),
        ("SOCKS_PROXY", "127.0.0.1:1;127.0.0.1:2", "not '127.0.0.1:1;127.0.0.1:2'."),
        ("METADATA", "name:value", "such as X-name:value, not 'name:value'."),
    ],
)
def test_a_value_that_does_not_fit_is_refused(name: str, value: object, message: str) -> None:
    with pytest.raises(InvalidValue) as failure:
        set_to(name, value)
    assert str(failure.value).startswith(f"Socket option {name} takes ")
    assert message in str(failure.value)


@pytest.mark.parametrize("name", ["CURVE_SECRETKEY", "CURVE_PUBLICKEY", "CURVE_SERVERKEY"])
@pytest.mark.parametrize("key", ["sEcReT", "s" * 32, "s" * 39, "~" + "s" * 39, b"s" * 33, b"~" * 40, 7])
def test_keys_are_checked_and_never_shown(name: str, key: object, opened: Opener) -> None:
    with pytest.raises(InvalidValue) as failure:
        set_to(name, key)
    assert (
        str(failure.value) == f"Socket option {name} takes a key of 40 Z85 characters or 32 bytes, not what was given."
    )
    assert failure.value.__suppress_context__


def test_secrets_are_never_shown() -> None:
    secret = [option.name for option in ALL if option.secret]
    assert {"CURVE_SECRETKEY", "PLAIN_PASSWORD", "SOCKS_PASSWORD"} <= set(secret)
    for name in secret:
        with pytest.raises(InvalidValue, match=r"not what was given\.$"):
            set_to(name, "hush" * 100)
    hidden = find_option("PLAIN_USERNAME")._replace(secret=True)
    with pytest.raises(InvalidValue, match=r"not what was given\.$"):
        to_libzmq(hidden, "hush" * 100, seconds)


def test_values_read_come_back_with_their_type(opened: Opener) -> None:
    sock = opened("DEALER", PLAIN_USERNAME=b"me", ROUTING_ID=b"\xff", TCP_KEEPALIVE_IDLE=60, RECONNECT_IVL=-1)

    def read(name: str) -> object:
        return from_libzmq(find_option(name), sock.get(find_option(name).number))

    assert read("HANDSHAKE_IVL") == timedelta(seconds=30)
    assert read("RECONNECT_IVL") == -1
    assert read("TCP_KEEPALIVE_IDLE") == timedelta(minutes=1)
    assert read("IPV6") is False
    assert read("TCP_KEEPALIVE") == -1
    assert read("MAXMSGSIZE") == -1
    assert read("PLAIN_USERNAME") == "me"
    assert read("ROUTING_ID") == b"\xff"


@given(
    option=st.sampled_from(ALL),
    value=st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.lists(st.integers()),
)
def test_any_value_is_converted_within_the_limits_or_refused(option, value: object) -> None:
    try:
        raw = to_libzmq(option, value, seconds)
    except InvalidValue:
        return
    if option.kind is not OptionKind.KEY:
        assert option.limits[0] <= (raw if isinstance(raw, int) else len(raw)) <= option.limits[1]


@given(st.integers(0, 2**31 - 1))
def test_a_time_read_can_be_set_again(milliseconds: int) -> None:
    option = find_option("LINGER")
    assert to_libzmq(option, from_libzmq(option, milliseconds), seconds) == milliseconds


def test_the_options_that_act_at_once_are_those_measured_below_and_those_of_the_manual() -> None:
    measured = """INVERT_MATCHING PROBE_ROUTER RCVHWM REQ_CORRELATE REQ_RELAXED ROUTER_HANDOVER ROUTER_MANDATORY SNDHWM
        XPUB_MANUAL XPUB_MANUAL_LAST_VALUE XPUB_NODROP XPUB_VERBOSE XPUB_VERBOSER XPUB_WELCOME_MSG"""
    by_nature = "CONNECT_ROUTING_ID LINGER RCVTIMEO SNDTIMEO SUBSCRIBE UNSUBSCRIBE"
    assert {option.name for option in ALL if option.immediate} == {*measured.split(), *by_nature.split()}


def pair(opened: Opener, first: str, second: str) -> list[zmq.Socket[bytes]]:
    return [opened(first, bind="inproc://pair"), opened(second, connect="inproc://pair")]


def subscriptions(sock: zmq.Socket[bytes]) -> list[bytes]:
    found = []
    while sock.poll(50):
        found.append(sock.recv())
    return found


@pytest.mark.parametrize("transport", ["inproc", "tcp"])
@pytest.mark.parametrize(("option", "index"), [(zmq.RCVHWM, 0), (zmq.SNDHWM, 1)])
def test_a_raised_high_water_mark_acts_at_once(opened: Opener, transport: str, option: int, index: int) -> None:
    def queued(raised: bool) -> int:
        # Left to itself, the system's buffers grow to hold up to 8 MB, as much as it likes.
        pull, push = opened("PULL", RCVHWM=10, RCVBUF=65536), opened("PUSH", SNDHWM=10, SNDBUF=65536)
        pull.bind(f"inproc://{raised}" if transport == "inproc" else "tcp://127.0.0.1:*")
        push.connect(pull.get(zmq.LAST_ENDPOINT))
        push.send(b"first")
        pull.recv()
        if raised:
            (pull, push)[index].set(option, 300)
        for count in range(1000):
            # Over tcp libzmq's own thread makes room; over inproc there is nobody to wait for.
            if not push.poll(100 if transport == "inproc" else 1500, zmq.POLLOUT):
                return count
            push.send(bytes(100_000))
        return 1000

    assert queued(raised=True) > queued(raised=False) + 200


@pytest.mark.parametrize(("name", "after"), [("XPUB_VERBOSE", [b"\1a"]), ("XPUB_VERBOSER", [b"\1a", b"\0a"])])
def test_verbosity_acts_at_once(opened: Opener, name: str, after: list[bytes]) -> None:
    xpub, sub = pair(opened, "XPUB", "SUB")
    other = opened("SUB", connect="inproc://pair")
    sub.set(zmq.SUBSCRIBE, b"a")
    assert subscriptions(xpub) == [b"\1a"]
    xpub.set(zmq.SocketOption[name], 1)
    other.set(zmq.SUBSCRIBE, b"a")
    other.set(zmq.UNSUBSCRIBE, b"a")
    assert subscriptions(xpub) == after


@pytest.mark.parametrize(("last", "value", "after"), [("XPUB_VERBOSER", 0, []), ("XPUB_VERBOSE", 1, [b"\1a"])])
def test_the_last_verbosity_holds(opened: Opener, last: str, value: int, after: list[bytes]) -> None:
    xpub, sub = pair(opened, "XPUB", "SUB")
    other = opened("SUB", connect="inproc://pair")
    sub.set(zmq.SUBSCRIBE, b"a")
    assert subscriptions(xpub) == [b"\1a"]
    xpub.set(zmq.XPUB_VERBOSE if last == "XPUB_VERBOSER" else zmq.XPUB_VERBOSER, 1)
    xpub.set(zmq.SocketOption[last], value)
    other.set(zmq.SUBSCRIBE, b"a")
    other.set(zmq.UNSUBSCRIBE, b"a")
    assert subscriptions(xpub) == after


@pytest.mark.parametrize(("name", "first_gets"), [("XPUB_MANUAL", [b"a"]), ("XPUB_MANUAL_LAST_VALUE", [])])
def test_manual_subscriptions_act_at_once(opened: Opener, name: str, first_gets: list[bytes]) -> None:
    xpub, first = pair(opened, "XPUB", "SUB")
    second = opened("SUB", connect="inproc://pair")
    third = opened("SUB", connect="inproc://pair")
    xpub.set(zmq.SocketOption[name], 1)
    third.set(zmq.SUBSCRIBE, b"a")
    assert subscriptions(xpub) == [b"\1a"]
    for sub in (first, second):
        sub.set(zmq.SUBSCRIBE, b"a")
        subscriptions(xpub)
        xpub.set(zmq.SUBSCRIBE, b"a")
    xpub.send(b"a")
    assert [subscriptions(sub) for sub in (first, second, third)] == [first_gets, [b"a"], []]


@pytest.mark.parametrize("kind", ["PUB", "XPUB"])
def test_nodrop_welcome_and_inverting_act_at_once_on_both_publishers(opened: Opener, kind: str) -> None:
    publisher, sub = pair(opened, kind, "SUB")
    publisher.poll(50)
    publisher.set(zmq.XPUB_WELCOME_MSG, b"welcome")
    other = opened("SUB", SUBSCRIBE=b"", connect="inproc://pair")
    publisher.poll(50)
    assert other.recv() == b"welcome"
    for sock in (publisher, sub):
        sock.set(zmq.INVERT_MATCHING, 1)
    sub.set(zmq.SUBSCRIBE, b"a")
    publisher.poll(50)
    publisher.send(b"a")
    publisher.send(b"b")
    assert sub.recv() == b"b"
    publisher.set(zmq.XPUB_NODROP, 1)
    with pytest.raises(zmq.Again):
        deque((publisher.send(b"x", zmq.NOBLOCK) for _ in range(5000)), maxlen=0)


def test_requests_can_be_relaxed_and_correlated_at_once(opened: Opener) -> None:
    router, req = pair(opened, "ROUTER", "REQ")
    req.set(zmq.REQ_CORRELATE, 1)
    req.send(b"1")
    assert len(router.recv_multipart()) == 4
    req.set(zmq.REQ_RELAXED, 1)
    req.send(b"2")


def test_router_options_act_at_once(opened: Opener) -> None:
    router = opened("ROUTER", bind="inproc://router")
    router.set(zmq.ROUTER_MANDATORY, 1)
    with pytest.raises(zmq.ZMQError, match="unreachable"):
        router.send_multipart([b"nobody", b""])
    router.set(zmq.ROUTER_HANDOVER, 1)
    router.set(zmq.PROBE_ROUTER, 1)
    for text in (b"first", b"second"):
        dealer = opened("DEALER", ROUTING_ID=b"same", connect="inproc://router")
        dealer.send(text)
        assert router.recv_multipart() == [b"same", text]
        assert dealer.recv() == b""
