"""How keywords about mock servers name the one that they mean, and what they call."""

from __future__ import annotations

import threading
from datetime import timedelta
from xml.etree import ElementTree

import pytest

from ZmqLibrary.errors import EndpointFailed, InvalidValue, NotOpen, WorkerFailed, WrongUse
from ZmqLibrary.messages.patterns import MatchKind
from ZmqLibrary.mocks.mock_server import MockServer
from ZmqLibrary.sockets.socket_types import SocketType
from ZmqLibrary.waiting.deadline import Deadline


@pytest.fixture
def mocks(library):
    for name in ("weather", "stock"):
        library.start_mock_server(f"inproc://{name}", SocketType.ROUTER, name)
    return library


def test_a_mock_server_is_named_by_its_place_or_as_mock_or_as_socket(mocks):
    for arguments in ((["weather"], {}), ([], {"mock": "weather"}), ([], {"socket": "weather"})):
        positional, named = arguments
        assert mocks.get_mock_endpoint(*positional, **named) == "inproc://weather"
        mocks.reset_mock_server(*positional, **named)
        mocks.switch_mock_server(*positional, **named)
    assert mocks.switch_mock_server("stock") == "weather"
    mocks.stop_mock_server("weather")
    with pytest.raises(NotOpen, match="'weather' was closed"):
        mocks.reset_mock_server(socket="weather")
    with pytest.raises(InvalidValue, match="takes the name"):
        mocks.switch_mock_server()


def test_the_name_is_given_once(mocks):
    for use in (
        mocks.when_mock_receives,
        mocks.mock_keeps_silent,
        mocks.mock_should_not_have_received,
        mocks.mock_stops_sending,
        mocks.get_mock_requests,
        mocks.stop_mock_server,
        mocks.switch_mock_server,
    ):
        with pytest.raises(InvalidValue, match="Give either mock= or socket="):
            use(mock="weather", socket="stock")


def test_checks_are_of_the_mock_server_that_is_named_as_socket(mocks):
    mocks.connect_zmq_socket("inproc://weather", SocketType.DEALER)
    mocks.send_message("bad")
    mocks.mock_should_have_received("bad", socket="weather")
    with pytest.raises(AssertionError):
        mocks.mock_should_not_have_received("bad", socket="weather")
    mocks.mock_should_not_have_received("bad", socket="stock")


def test_a_function_is_called_by_its_name(mocks):
    mocks.mock_calls("os.path.basename", socket="weather")
    mocks.reset_mock_server("weather")
    mocks.mock_calls("builtins.list", mock="weather")
    mocks.connect_zmq_socket("inproc://weather", SocketType.DEALER)
    mocks.send_message("ping")
    assert mocks.receive_message() == "ping"


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        ("no_such_module.f", "cannot be imported: ModuleNotFoundError"),
        ("os.path.no_such", "cannot be imported: AttributeError"),
        ("not a name", "cannot be imported: ValueError"),
        ("os.sep", r"not 'os\.sep'\.$"),
        (5, "not '5'"),
    ],
)
def test_what_is_no_function_is_refused(mocks, function, reason):
    with pytest.raises(InvalidValue, match=reason):
        mocks.mock_calls(function)


@pytest.mark.parametrize(("pattern", "groups"), [("a", "no groups"), ("(a)", "1 group"), ("(a)(b)", "2 groups")])
def test_the_groups_that_there_are_not_are_told(mocks, pattern, groups):
    with pytest.raises(InvalidValue, match=rf"The reply names \$3, but the patterns have {groups}\. Groups are"):
        mocks.when_mock_receives(pattern, reply="$3", match=MatchKind.REGEXP, mock="weather")


FORMATS = ["cmd", "TEXT,JSON,JSON", ["TEXT", "U32LE", "JSON", "..."]]


@pytest.fixture(params=FORMATS, ids=str)
def formatted(request, library):
    """A mock server whose requests have several frames, each of its own format."""
    library.define_message_layout("cmd", magic="LITERAL:CMD", seq="U32LE", body="JSON")
    library.start_mock_server("tcp://127.0.0.1:*", SocketType.ROUTER, "m", format=request.param)
    return library


def test_rules_without_patterns_fit_any_formats(formatted):
    formatted.start_mock_server("inproc://real", SocketType.REP, "real")
    for rule in (
        formatted.when_mock_receives,
        formatted.mock_keeps_silent,
        formatted.mock_disconnects,
        lambda mock: formatted.mock_calls("builtins.list", mock=mock),
        lambda mock: formatted.mock_forwards_to("inproc://real", mock=mock),
        lambda mock: formatted.mock_replies_by_default("CMD", 1, {"ok": True}, mock=mock),
    ):
        rule(mock="m")


def test_rules_may_have_fewer_patterns_than_the_format_has_frames(formatted):
    formatted.mock_keeps_silent("*", mock="m")
    formatted.when_mock_receives("CMD", 1, mock="m")
    with pytest.raises(InvalidValue, match="4 frames"):
        formatted.when_mock_receives("CMD", 1, {}, {}, format="TEXT,JSON,JSON", mock="m")


def test_a_rule_without_patterns_reads_fields_in_the_format_of_all_frames(library):
    library.start_mock_server("inproc://m", format="MSGPACK")
    library.mock_replies_by_default("$id")
    library.connect_zmq_socket("inproc://m", SocketType.REQ)
    assert library.send_request({"id": 7}, format="MSGPACK").raw == (b"\x07",)


def test_what_is_sent_on_demand_is_sent_as_it_is(library):
    library.start_mock_server("inproc://m", SocketType.PAIR)
    library.connect_zmq_socket("inproc://m", SocketType.PAIR)
    texts = ["costs $5", "$price", "$$", "$n at $time", "$frames", "${n}"]
    library.mock_sends(*texts)
    assert list(library.receive_multipart()) == texts
    library.mock_sends('{"$set": {"a": "$n"}}', format="JSON")
    library.mock_sends({"$set": "$time"})
    assert library.receive_multipart(format="JSON")[0] == {"$set": {"a": "$n"}}
    assert library.receive_multipart(format="JSON")[0] == {"$set": "$time"}
    with pytest.raises(InvalidValue, match="at least one frame"):
        library.mock_sends()
    with pytest.raises(InvalidValue, match=r"only \$n and \$time"):
        library.mock_publishes("$price")


def test_a_bad_argument_does_not_cost_the_older_server_of_that_alias(mocks):
    with pytest.raises(WrongUse, match=r"Cannot use 'stock' \(REP\) as a PLAIN server"):
        mocks.start_mock_server("tcp://127.0.0.1:*", SocketType.REP, "stock", plain_server=True)
    with pytest.raises(InvalidValue, match="timeout cannot be negative"):
        mocks.start_mock_server(
            "inproc://weather", SocketType.REP, "stock", connect=True, timeout=timedelta(seconds=-1)
        )
    assert mocks.get_mock_endpoint("stock") == "inproc://stock"


def test_a_mock_server_can_be_stopped_twice(mocks):
    mocks.stop_mock_server("weather")
    mocks.stop_mock_server("weather")
    mocks.stop_mock_server(socket="weather")
    mocks.stop_mock_server()
    mocks.stop_mock_server()
    with pytest.raises(NotOpen, match="There is no mock server 'nobody'"):
        mocks.stop_mock_server("nobody")


def test_a_mock_server_that_never_was_cannot_be_stopped(library):
    with pytest.raises(NotOpen, match="Use `Start Mock Server` first"):
        library.stop_mock_server()


def test_a_mock_server_that_has_failed_says_so_once(mocks):
    server = mocks.session.workers.of(MockServer).get("stock")
    server.post(lambda: 1 / 0)
    with pytest.raises(WorkerFailed, match="division by zero"):
        server.wait_for(lambda: False, Deadline(30))
    with pytest.raises(WorkerFailed, match="division by zero"):
        mocks.stop_mock_server("stock")
    mocks.stop_mock_server("stock")


def test_a_mock_server_stops_at_once_although_it_is_flooded(library, peer):
    name = library.start_mock_server("tcp://127.0.0.1:*")
    for number in range(5):
        library.when_mock_receives(f"x*y{number}", reply="a")
    library.mock_replies_by_default("$frames")
    peer("request", library.get_mock_endpoint(), "200000")
    server = library.session.workers.of(MockServer).get(name)
    assert server.wait_for(lambda: server.requests.next_number > 300, Deadline(120))
    library.stop_mock_server()  # raises if it does not end in time


def test_a_mock_server_that_ends_late_frees_its_port_then(library):
    library.start_mock_server("tcp://127.0.0.1:*", alias="m")
    address = library.get_mock_endpoint()
    server = library.session.workers.of(MockServer).get("m")
    released = threading.Event()
    server.post(released.wait)
    with pytest.raises(WorkerFailed, match="did not stop in time"):
        library.stop_mock_server("m")
    with pytest.raises(EndpointFailed, match="in use by socket 'm', which mock server 'm' holds"):
        library.start_mock_server(address, alias="m")
    released.set()
    server._thread.join(30)
    library.start_mock_server(address, alias="m")


UNUSED = """\
*** Settings ***
Library    ZmqLibrary    auto_close={auto_close}    timeout=60s
Suite Setup    Start Mock Server    inproc://orders    REP    orders
Suite Teardown    Stop All Workers

*** Test Cases ***
Never Used
    Mock Keeps Silent    times=2
    Mock Keeps Silent    list    times=1
    When Mock Receives    reply=pong
    Connect Zmq Socket    inproc://orders    REQ    first    req_relaxed=yes
    Run Keyword And Expect Error    No message*    Send Request    ping    timeout=10ms
    Mock Should Have Received    ping    timeout=60s
    Reset Mock Server

Used
    Mock Keeps Silent    times=1
    Connect Zmq Socket    inproc://orders    REQ    second
    Run Keyword And Expect Error    No message*    Send Request    ping    timeout=10ms
    Mock Should Have Received    ping    timeout=60s
"""

UNWANTED = """\
*** Settings ***
Library    ZmqLibrary    auto_close={auto_close}    timeout=60s
Suite Setup    Start Mock Server    inproc://jobs    PULL    jobs
Suite Teardown    Stop All Workers

*** Test Cases ***
Waited For Afterwards
    Connect Zmq Socket    inproc://jobs    PUSH    first
    Send Message    awaited
    Mock Should Have Received    awaited
    Wait For Mock Request    awaited

Never Waited For
    Connect Zmq Socket    inproc://jobs    PUSH    second
    Send Message    seen
    Mock Should Have Received    seen

Reset
    Connect Zmq Socket    inproc://jobs    PUSH    third
    Send Message    reset
    Mock Should Have Received    reset
    Reset Mock Server

Many
    Connect Zmq Socket    inproc://jobs    PUSH    fourth
    Send Messages    ${{[f'job {n}' for n in range(12)]}}
    Mock Should Have Received    job *    times=12

In The Teardown
    No Operation
    [Teardown]    Send And Stop

*** Keywords ***
Send And Stop
    Connect Zmq Socket    inproc://jobs    PUSH    fifth
    Send Message    stopped
    Mock Should Have Received    stopped
    Stop Mock Server
"""


@pytest.fixture
def warnings_of(robot_output):
    """Runs a suite and returns its warnings, each once."""

    def run(suite: str) -> list[str]:
        output = ElementTree.parse(robot_output(suite))
        assert {test.find("status").get("status") for test in output.iter("test")} == {"PASS"}
        return [message.text for message in output.find("errors").iter("msg") if message.get("level") == "WARN"]

    return run


@pytest.mark.parametrize("auto_close", ["TEST", "SUITE", "MANUAL"])
def test_a_trouble_that_was_never_used_is_a_warning_at_the_end_of_its_test(warnings_of, auto_close):
    told = "Mock server 'orders': `Mock Keeps Silent    list    times=1` was never used, because no request has met it."
    assert warnings_of(UNUSED.format(auto_close=auto_close)) == [told]


@pytest.mark.parametrize("auto_close", ["TEST", "MANUAL"])
def test_what_nobody_wants_is_a_warning_unless_the_test_has_waited_for_it(warnings_of, auto_close):
    warnings = [warning.partition("jobs: ")[2] for warning in warnings_of(UNWANTED.replace("{auto_close}", auto_close))]
    assert warnings == [
        "request 2 is not expected: no rule wants it: 'seen'",
        "request 3 is not expected: no rule wants it: 'reset'",
        *(f"request {n + 1} is not expected: no rule wants it: 'job {n}'" for n in range(10)),
        "2 more requests that no rule wants",
        "request 13 is not expected: no rule wants it: 'stopped'",
    ]


SIGNED = """\
*** Settings ***
Library    ZmqLibrary

*** Test Cases ***
A Request With A Wrong Signature
    Define Message Layout    signed    hmac_key=k    mac=HMAC-SHA256:head..body    head=JSON    body=TEXT
    Start Mock Server      inproc://jobs    PULL    mock
    When Mock Receives     layout=signed    head={"n": 1}
    Connect Zmq Socket     inproc://jobs    PUSH    client
    Send Multipart         00ff    {"n": 1}    x
    Mock Should Have Received    00ff    *    x
    Run Keyword And Expect Error    *received this 0 of 1 times*'mac' (frame 0) is not the HMAC-SHA256*
    ...    Mock Should Have Received    layout=signed    head={"n": 1}    times=1    timeout=0s
    Run Keyword And Expect Error    *1 request:*x'*'mac' (frame 0) is not the HMAC-SHA256*
    ...    Mock Should Have No Unexpected Requests
    Run Keyword And Expect Error    *no new request*'mac' (frame 0) is not the HMAC-SHA256*
    ...    Wait For Mock Request    layout=signed    head={"n": 1}    timeout=0s
    ${requests}=           Get Mock Requests
    Should Be Equal        ${requests}[0][0]    00ff
    Send Multipart         layout=signed    head={"n": 1}    body=y
    Wait For Mock Request    layout=signed    head={"n": 1}
"""


def test_a_request_with_a_wrong_signature_is_not_expected_and_it_is_said_why(warnings_of):
    (warning,) = warnings_of(SIGNED)
    assert "request 1 is not expected: no rule wants it (Field 'mac' (frame 0) is not the HMAC-SHA256" in warning
    assert warning.endswith("""): '00ff' | '{"n": 1}' | 'x'""")
