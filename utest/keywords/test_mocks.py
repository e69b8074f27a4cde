"""How keywords about mock servers name the one that they mean, and what they call."""

from __future__ import annotations

import pytest

from ZmqLibrary.errors import InvalidValue, NotOpen
from ZmqLibrary.matching import MatchKind
from ZmqLibrary.socket_types import SocketType


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
        mocks.stop_mock_server(socket="weather")
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
        (5, r"not 5\.$"),
    ],
)
def test_what_is_no_function_is_refused(mocks, function, reason):
    with pytest.raises(InvalidValue, match=reason):
        mocks.mock_calls(function)


@pytest.mark.parametrize(("pattern", "groups"), [("a", "no groups"), ("(a)", "1 group"), ("(a)(b)", "2 groups")])
def test_the_groups_that_there_are_not_are_told(mocks, pattern, groups):
    with pytest.raises(InvalidValue, match=rf"The reply names \$3, but the patterns have {groups}\. Groups are"):
        mocks.when_mock_receives(pattern, reply="$3", match=MatchKind.REGEXP, mock="weather")
