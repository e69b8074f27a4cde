"""At level TRACE, Robot logs what a keyword returns: never megabytes, and never at the cost of the value."""

from __future__ import annotations

import json
import pickle
import re

import pytest
import robot

from ZmqLibrary.log import trace
from ZmqLibrary.log.trace import LongBytes, LongDictionary, LongList, LongText, short_in_trace

SUITE = """
*** Settings ***
Library    ZmqLibrary

*** Test Cases ***
Large
    Bind Zmq Socket    inproc://large    PULL    in
    Connect Zmq Socket    inproc://large    PUSH    out
    FOR    ${{format}}    IN    TEXT    BYTES    JSON
        Send Message    ${{{{'[' + '"x",' * 500_000 + '1]'}}}}    socket=out
        ${{value}}=    Receive Message    format=${{format}}    socket=in
        Should Be True    len($value) in (2_000_003, 500_001)
        Should Be True    type($value).__mro__[{depth}].__name__ in ('str', 'bytes', 'list')
        Get Received Frame    0    format=${{format}}
    END
"""
RETURNED = re.compile(r'level="TRACE"[^>]*>Return: ([^<]*)')


@pytest.mark.parametrize(("level", "depth"), [("TRACE", 1), ("INFO", 0)])
def test_a_large_value_is_short_in_the_log_and_whole_in_the_test(tmp_path, level, depth):
    suite = tmp_path / "large.robot"
    suite.write_text(SUITE.format(depth=depth), "utf-8")
    options = {"loglevel": level, "log": "NONE", "report": "NONE", "outputdir": tmp_path, "stdout": None}
    with (tmp_path / "console").open("w") as console:
        assert robot.run(suite, **{**options, "stdout": console}) == 0
    returned = RETURNED.findall((tmp_path / "output.xml").read_text("utf-8"))
    assert bool(returned) is (level == "TRACE")
    assert all(len(text) < 50_000 for text in returned)


def test_numbers_that_python_does_not_write_are_no_obstacle(monkeypatch):
    monkeypatch.setattr(trace, "log_level", lambda: "TRACE")
    for value in ([10**6000] * 1000, {"n": [10**6000] * 1000}):
        assert short_in_trace(value) == value
        assert len(repr(short_in_trace(value))) < 12_000


@pytest.mark.parametrize("value", ["short", b"short", ["short"], {"a": 1}, 5, None, "x" * 20_000])
def test_outside_of_robot_a_value_stays_what_it_is(value):
    assert short_in_trace(value) is value


@pytest.mark.parametrize(
    "value", [LongText("x" * 20_000), LongBytes(b"x" * 20_000), LongList(range(9000)), LongDictionary(a="x" * 20_000)]
)
def test_a_long_value_is_equal_to_the_plain_one(value):
    plain = type(value).__mro__[1](value)
    assert value == plain
    assert pickle.loads(pickle.dumps(value)) == plain
    assert len(repr(value)) < 12_000
    assert isinstance(value, bytes) or json.dumps(value) == json.dumps(plain)
