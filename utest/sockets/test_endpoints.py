"""Endpoints are parsed, refused with a way out, rewritten and compared."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest
import zmq
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ZmqLibrary.errors import InvalidValue
from ZmqLibrary.sockets.endpoints import Endpoint, connectable, matching, parse_endpoint, same_endpoint

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="abstract names exist only on Linux")

ABSTRACT = f"ipc://@zmqlibrary-utest-{os.getpid()}-endpoints"


@pytest.fixture
def context() -> Iterator[zmq.Context[zmq.Socket[bytes]]]:
    with zmq.Context() as made:
        yield made
        made.destroy(0)


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("tcp://127.0.0.1:*", "tcp://127.0.0.1:*"),
        ("tcp://127.0.0.1:0", "tcp://127.0.0.1:*"),
        ("tcp://*:*", "tcp://*:*"),
        ("tcp://0.0.0.0:*", "tcp://0.0.0.0:*"),
        ("tcp://localhost:*", "tcp://localhost:*"),
        ("tcp://[::1]:*", "tcp://[::1]:*"),
        ("tcp://[::]:0", "tcp://[::]:*"),
        ("ipc://*", "ipc://*"),
        pytest.param(ABSTRACT, ABSTRACT, marks=linux_only, id="abstract"),
        ("inproc://a b/ä", "inproc://a b/ä"),
    ],
)
def test_libzmq_binds_what_parses_for_bind(context: zmq.Context, text: str, taken: str) -> None:
    endpoint = parse_endpoint(text, "bind")
    assert str(endpoint) == taken
    with context.socket(zmq.PULL) as sock:
        sock.ipv6 = endpoint.needs_ipv6
        sock.bind(str(endpoint))


@pytest.mark.parametrize("text", ["tcp://eth0:5555", "tcp://eth0:1:*", "tcp://br-1a2b:0", "tcp://wlan0.100:80"])
def test_interfaces_can_be_bound(text: str) -> None:
    assert parse_endpoint(text, "bind").transport == "tcp"


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("tcp://127.0.0.1:5555", "127.0.0.1", 5555),
        ("tcp://example.com.:1", "example.com.", 1),
        ("tcp://my_host-1:65535", "my_host-1", 65535),
        ("tcp://[::1]:5555", "::1", 5555),
        ("tcp://[fe80::1%eth0]:5555", "fe80::1%eth0", 5555),
        ("tcp://127.0.0.1:0;localhost:5555", "localhost", 5555),
        ("tcp://eth0:*;localhost:5555", "localhost", 5555),
        ("tcp://[::1]:7;[::1]:5555", "::1", 5555),
        ("ipc://relative/path", "", None),
        ("inproc://name", "", None),
    ],
)
def test_libzmq_connects_to_what_parses_for_connect(
    context: zmq.Context, text: str, host: str, port: int | None
) -> None:
    endpoint = parse_endpoint(text, "connect")
    assert (endpoint.host, endpoint.port) == (host, port)
    assert parse_endpoint(endpoint, "connect") == endpoint
    with context.socket(zmq.PUSH) as sock:
        sock.connect(str(endpoint))
        sock.close(0)


@pytest.mark.parametrize(
    ("text", "purpose", "problem"),
    [
        ("", "connect", "it has no transport"),
        ("localhost:5555", "connect", "it has no transport"),
        ("tcp://", "connect", "nothing follows tcp://"),
        ("tcp://host", "connect", "the address has no port"),
        ("tcp://host:", "connect", "the address has no port"),
        ("tcp://[::1]", "bind", "the address has no port"),
        ("tcp://:5555", "connect", "the address has no host"),
        ("tcp://host:http", "connect", "the port 'http' is not a number"),
        ("tcp://127.0.0.1:55a", "bind", "the port '55a' is not a number"),
        ("tcp://host:٣", "connect", "is not a number"),
        ("tcp://host:70000", "connect", "port 70000 is too large, ports end at 65535"),
        ("tcp://127.0.0.1:99999", "bind", "port 99999 is too large"),
        ("tcp://host:-1", "connect", "the port '-1' is not a number"),
        ("tcp://127.0.0.1:0", "connect", "port 0 is for bind"),
        ("tcp://127.0.0.1:*", "connect", "port * is for bind"),
        ("tcp://*:5555", "connect", "host * is for bind"),
        ("tcp://256.1.1.1:5", "connect", "'256.1.1.1' is not an IPv4 address"),
        ("tcp://127.1:5", "bind", "'127.1' is not an IPv4 address"),
        ("tcp://::1:5555", "connect", "an IPv6 address goes in brackets, [::1]"),
        ("tcp://[1::2::3]:5", "connect", "'[1::2::3]' is not an IPv6 address in brackets"),
        ("tcp://[::1:5", "connect", "is not an IPv6 address in brackets"),
        ("tcp://bücher.example:5", "connect", "host names must be ASCII (xn--bcher-kva.example)"),
        ("tcp://-a:5", "connect", "'-a' is not a host name or address"),
        ("tcp://a b:5", "connect", "'a b' is not a host name or address"),
        ("tcp://user@host:5", "connect", "'user@host' is not a host name or address"),
        (f"tcp://{'a' * 64}.b:5", "connect", "the host name is too long"),
        ("tcp://a:0;b:5", "bind", "only connect takes a source address before ';'"),
        ("tcp://*:0;b:5", "connect", "the source address must be an IP address or an interface, not *"),
        ("tcp://a;b:5", "connect", "the source address has no port"),
        ("TCP://host:5", "connect", "the transport is written in small letters, tcp://"),
        ("udp://host:5", "bind", "the transport udp is not supported by this library, which has tcp, ipc and inproc"),
        ("ws://host:5", "connect", "the transport ws is not supported"),
        ("http://host:5", "connect", "there is no transport 'http'; there are tcp, ipc and inproc"),
        ("ipc:///" + "x" * 120, "bind", "the path has 121 bytes, and the system takes at most"),
        ("ipc:///" + "ä" * 60, "connect", "the path has 121 bytes"),
        ("ipc://*", "connect", "* is for bind"),
        ("ipc:///a\0b", "connect", "control character"),
        ("inproc://", "bind", "nothing follows inproc://"),
        ("inproc://\ud800", "bind", "cannot be written as UTF-8"),
        ("inproc://" + "x" * 246, "bind", "the name has 246 bytes, at most 245 can be used"),
        (5555, "connect", "an endpoint is text, not int"),
        (None, "bind", "an endpoint is text, not NoneType"),
    ],
)
def test_a_wrong_endpoint_is_refused_with_the_problem_and_an_example(text: object, purpose, problem: str) -> None:
    with pytest.raises(InvalidValue) as failure:
        parse_endpoint(text, purpose)
    message = str(failure.value)
    assert message.startswith(f"Cannot {'bind to' if purpose == 'bind' else 'connect to'} ")
    assert problem in message
    assert ". Write for example " in message
    right = message.rpartition("Write for example ")[2].rstrip(".").split(" or ")
    assert [str(parse_endpoint(one, purpose)) for one in right] == right


@linux_only
def test_the_longest_ipc_path_is_taken_by_libzmq(context: zmq.Context) -> None:
    endpoint = parse_endpoint("ipc://@" + f"zmqlibrary-utest-{os.getpid()}-".ljust(106, "z"), "bind")
    with context.socket(zmq.PULL) as sock:
        sock.bind(str(endpoint))
    with pytest.raises(InvalidValue, match="abstract name after @ is missing"):
        parse_endpoint("ipc://@", "bind")


def test_the_longest_inproc_name_can_be_read_back(context: zmq.Context) -> None:
    text = "inproc://" + "x" * 245
    with context.socket(zmq.PULL) as sock:
        sock.bind(str(parse_endpoint(text, "bind")))
        assert sock.get(zmq.LAST_ENDPOINT) == text.encode()


PIECES = st.lists(
    st.sampled_from(["tcp://", "ipc://", "inproc://", ":", "[", "]", "*", ";", "@", ".", "1", "0", "a", "::1"])
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(text=st.text() | PIECES.map("".join) | st.builds("tcp://{}:{}".format, st.text(), st.integers(-1, 70000)))
@example("tcp://[::1]:1]")
@example("tcp://a:1:1")
@example("tcp://1:0;a..b:1")
def test_any_text_is_an_endpoint_that_libzmq_takes_or_invalid(context: zmq.Context, text: str) -> None:
    for purpose in ("bind", "connect"):
        try:
            endpoint = parse_endpoint(text, purpose)
        except InvalidValue:
            continue
        assert parse_endpoint(str(endpoint), purpose) == endpoint
        if purpose == "connect":
            with context.socket(zmq.PUSH) as sock:
                sock.connect(str(endpoint))


@given(st.none() | st.integers() | st.binary() | st.lists(st.text()))
def test_anything_but_text_is_invalid(value: object) -> None:
    with pytest.raises(InvalidValue):
        parse_endpoint(value, "bind")


@pytest.mark.parametrize(
    ("last", "reachable"),
    [
        ("tcp://0.0.0.0:5555", "tcp://127.0.0.1:5555"),
        ("tcp://[::]:5555", "tcp://[::1]:5555"),
        ("tcp://[::ffff:0.0.0.0]:5555", "tcp://127.0.0.1:5555"),
        ("tcp://10.1.2.3:5555", "tcp://10.1.2.3:5555"),
        ("ipc://tmpX/socket", f"ipc://{os.path.abspath('tmpX/socket')}"),
        ("ipc:///tmp/socket", "ipc:///tmp/socket"),
        ("ipc://@name", "ipc://@name"),
        ("inproc://name", "inproc://name"),
    ],
)
def test_what_is_bound_becomes_connectable(last: str, reachable: str) -> None:
    assert connectable(last) == reachable
    assert isinstance(parse_endpoint(reachable, "connect"), Endpoint)


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("tcp://*:5", "tcp://0.0.0.0:5", True),
        ("tcp://*:5", "tcp://[::]:5", True),
        ("tcp://[::]:5", "tcp://127.0.0.1:5", True),
        ("tcp://0.0.0.0:5", "tcp://[::1]:5", False),
        ("tcp://*:5", "tcp://127.0.0.1:5", True),
        ("tcp://localhost:5", "tcp://127.0.0.1:5", True),
        ("tcp://localhost:5", "tcp://[::1]:5", True),
        ("tcp://127.0.0.1:5", "tcp://[::1]:5", False),
        ("tcp://127.0.0.1:5", "tcp://127.0.0.1:6", False),
        ("tcp://127.0.0.1:*", "tcp://127.0.0.1:5", False),
        ("tcp://127.0.0.1:*", "tcp://127.0.0.1:0", True),
        ("tcp://Host.Example:5", "tcp://host.example.:5", True),
        ("tcp://[0:0:0:0:0:0:0:1]:5", "tcp://[::1]:5", True),
        ("tcp://[::ffff:127.0.0.1]:5", "tcp://127.0.0.1:5", True),
        ("tcp://a:0;b:5", "tcp://b:5", True),
        ("tcp://a:0;b:5", "tcp://c:0;b:5", False),
        ("ipc://x/../y", f"ipc://{os.path.abspath('y')}", True),
        ("ipc:///tmp/a", "ipc:///tmp/A", False),
        ("ipc://@a", "ipc://@a", True),
        ("inproc://a", "inproc://A", False),
        ("inproc://a", "ipc://a", False),
    ],
)
def test_endpoints_are_the_same_when_they_mean_the_same_address(a: str, b: str, same: bool) -> None:
    assert same_endpoint(a, b) is same
    assert same_endpoint(b, a) is same


def test_an_endpoint_means_the_one_that_is_written_so_before_others_of_the_same_address() -> None:
    choices = ["tcp://localhost:5", "tcp://127.0.0.1:5", "tcp://[::1]:5", "tcp://localhost:6"]
    assert matching("tcp://127.0.0.1:5", choices) == ["tcp://127.0.0.1:5"]
    assert matching("tcp://*:5", choices) == choices[:3]
    assert matching("tcp://127.0.0.1:7", choices) == []
