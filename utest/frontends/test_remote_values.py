from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import NamedTuple
from xmlrpc.client import Fault, loads

import pytest
from hypothesis import given
from hypothesis import strategies as st
from robot.api.types import Secret

from ZmqLibrary.errors import InvalidValue
from ZmqLibrary.formats import Hidden
from ZmqLibrary.frontends.remote_values import Secrets, readable, response, sendable

XML_TEXT = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xD7FF), max_size=20)


class Level(Enum):
    HIGH = "high"


class Pair(NamedTuple):
    first: int
    second: str


@dataclass(frozen=True)
class Report:
    name: str
    times: list[timedelta]

    @property
    def rate(self) -> float:
        return 0.5


def arrived(value: object) -> object:
    """A value of a keyword as the client gets it."""
    return loads(response(sendable(value, Secrets())), use_builtin_types=True)[0][0]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (2**40, 2**40),
        (-(2**100), -(2**100)),
        (0.1, 0.1),
        ("a\r\nb\tc", "a\r\nb\tc"),
        ("<&>]]>", "<&>]]>"),
        ("\n", "\n"),
        ({"a\r\n<b>": "\n\n"}, {"a\r\n<b>": "\n\n"}),
        ("a\x00b", b"a\x00b"),
        ("\udcff", b"\xff"),
        (b"\x00\xff", b"\x00\xff"),
        (bytearray(b"x"), b"x"),
        (timedelta(milliseconds=1500), 1.5),
        (datetime.fromtimestamp(1.25), 1.25),
        (Level.HIGH, "HIGH"),
        (Path("/tmp/x"), "/tmp/x"),
        ((1, b"x", [None]), [1, b"x", [None]]),
        ({"a": {1: (2,)}, b"k\xff": "x"}, {"a": {"1": [2]}, "k\\xff": "x"}),
        (Pair(1, "x"), {"first": 1, "second": "x"}),
        (Report("r", [timedelta(seconds=2)]), {"name": "r", "times": [2.0], "rate": 0.5}),
        (1 + 2j, "(1+2j)"),
        ([10**6000, {10**6000: 1}], [hex(10**6000), {"<int of 19,932 bits>": 1}]),
        ({"a": {(10**6000,): 1}}, {"a": {"(<int of 19,932 bits>)": 1}}),
    ],
)
def test_values_arrive_as_what_robot_can_use(value, expected):
    found = arrived(value)
    assert found == expected
    assert type(found) is type(expected)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.binary() | XML_TEXT, st.lists, max_leaves=10))
def test_any_nesting_of_plain_values_arrives_unchanged(value):
    assert arrived(value) == value


@given(st.text())
def test_any_text_can_be_sent_and_shown(text):
    found = arrived(text)
    assert found == text or found == text.encode("utf-8", "surrogatepass") or isinstance(found, bytes)
    assert arrived(readable(text)) == readable(text)


def test_what_contains_itself_is_sent_as_text_in_the_end():
    endless: list[object] = []
    endless.append(endless)
    assert "[...]" in repr(arrived(endless))


def test_a_fault_is_an_answer():
    with pytest.raises(Fault, match="broken"):
        loads(response(Fault(1, "broken")))


@pytest.mark.parametrize("secret", [Secret("hush"), Hidden("hush")])
def test_a_secret_stays_on_the_server_and_comes_back_by_its_name(secret):
    secrets = Secrets()
    name = sendable(secret, secrets)
    assert "hush" not in name
    received = secrets.received([{"key": name}])
    assert received[0]["key"].value == "hush"


def test_an_object_with_a_secret_comes_back_as_it_was():
    secrets = Secrets()

    @dataclass(frozen=True)
    class Keys:
        public: str
        secret: Secret

    keys = Keys("p", Secret("hush"))
    sent = sendable(keys, secrets)
    assert sent["public"] == "p"
    assert secrets.received([sent]) == [keys]


@pytest.mark.parametrize("value", ["<secret>", ["<secret>"], {"a": ["<secret>"]}])
def test_a_secret_that_robot_has_masked_is_refused(value):
    with pytest.raises(InvalidValue, match=r"came as the text <secret>: .*%\{VARIABLE\}.*file of the server"):
        Secrets().received(value)


def test_a_variable_of_the_environment_is_a_secret():
    secret = Secrets().received("%{PATH}")
    assert isinstance(secret, Secret)
    assert secret.value == os.environ["PATH"]


def test_a_variable_that_is_not_there_is_told():
    with pytest.raises(InvalidValue, match=r"%\{NO_SUCH_ONE\}: the server has no environment variable"):
        Secrets().received("%{NO_SUCH_ONE}")


@pytest.mark.parametrize("text", ["%{", "a %{PATH}", "%{PATH} ", "", "%{a b}", "<secret> "])
def test_other_text_is_left_as_it_is(text):
    assert Secrets().received(text) == text
