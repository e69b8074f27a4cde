"""Patterns in formats of the suite: they stay in the library's process, which the proxy asks."""

from __future__ import annotations

import threading

import pytest

from utest.network.wires import BOTH, TEXT, TO_TARGET
from ZmqLibrary.errors import PatternTooSlow
from ZmqLibrary.formats import FormatTable
from ZmqLibrary.messages.layout_definition import define_layout
from ZmqLibrary.messages.patterns import MatchKind
from ZmqLibrary.network.faults import Drop, Fault, Reorder, Selection
from ZmqLibrary.waiting.deadline import Deadline


@pytest.fixture
def in_format():
    """Makes formats of a suite from a decoder: `in_format(decode)`."""

    def make(decode):
        table = FormatTable()
        table.register("OWN", str.encode, decode)
        return table.get("OWN")

    return make


def test_a_decoder_that_hangs_ends_its_fault_only_and_messages_pass(wire, in_format):
    way, goes_on = wire("PUSH", "PULL"), threading.Event()

    def decode(frame):
        if frame == b"hang":
            goes_on.wait(60)
        return frame.decode()

    def drop(pattern, name):
        source = way.proxy.pattern_source([pattern], MatchKind.GLOB, in_format(decode))
        way.proxy.add_fault(Fault(name, Drop(), BOTH, Selection(source)))

    drop("lost", "first")
    for frame in (b"lost", b"hang", b"lost", b"end"):
        way.client.send(frame)
    assert way.received(way.target) == [[b"hang"], [b"lost"]]
    report = way.fault("first")
    assert report.acted == 1
    assert "did not return in time" in report.problem
    drop("lost", "second")
    for frame in (b"lost", b"found", b"end"):
        way.client.send(frame)
    assert way.received(way.target) == [[b"found"]]
    goes_on.set()


def test_a_fault_for_signed_messages_looks_at_all_frames(wire):
    way = wire("PUSH", "PULL")
    layout = define_layout("job", {"mac": "HMAC-SHA256:head..body", "head": "TEXT", "body": "TEXT"}, FormatTable(), "k")
    source = way.proxy.pattern_source(["*", "a"], MatchKind.GLOB, layout)
    way.proxy.add_fault(Fault("drop", Drop(), BOTH, Selection(source)))
    signed, forged = layout.encode_fields({"head": "a", "body": "x"}), [b"00ff", b"a", b"x"]
    for frames in (signed, forged, [b"end"]):
        way.client.send_multipart(frames)
    assert way.received(way.target) == [forged]


def test_what_is_looked_for_in_the_library_is_not_asked_by_the_proxy(wire, in_format):
    """However long it takes, the proxy goes on."""
    way = wire("PUSH", "PULL")

    def decode(frame):
        if threading.current_thread() is not threading.main_thread():
            raise ValueError
        return frame.decode()

    pattern = way.proxy.pattern_source(["job *"], MatchKind.GLOB, in_format(decode))
    assert way.proxy.wait_message(pattern, BOTH, TEXT, Deadline(0)) is None
    for frame in (b"job 1", b"other", b"job 2", b"end"):
        way.client.send(frame)
    found = way.proxy.wait_message(pattern, TO_TARGET, TEXT, Deadline(60))
    assert found.raw == (b"job 1",)
    way.received(way.target)
    assert [message.raw for message in way.proxy.messages(pattern, BOTH, TEXT)] == [(b"job 1",), (b"job 2",)]


SLOW = "(a|aa)+$"
"""Neither found nor ruled out in time in a text such as `UNDECIDED`."""

UNDECIDED = b"a" * 60 + b"b"


@pytest.mark.parametrize("where", ["proxy", "library"])
@pytest.mark.parametrize("effect", [Drop(), Reorder(2, 600.0)], ids=lambda effect: type(effect).__name__)
def test_a_message_on_which_a_pattern_takes_too_long_passes_and_the_fault_says_so(wire, in_format, effect, where):
    way = wire("PUSH", "PULL")
    formats = TEXT if where == "proxy" else in_format(bytes.decode)
    source = way.proxy.pattern_source([SLOW], MatchKind.REGEXP, formats)
    assert (source.number is None) == (where == "proxy")
    way.proxy.add_fault(Fault("fault", effect, TO_TARGET, Selection(source)))
    for frame in (b"before", UNDECIDED, b"end"):
        way.client.send(frame)
    assert way.received(way.target) == [[b"before"], [UNDECIDED]]
    assert SLOW in way.fault().problem
    assert way.proxy.connections[0].open


@pytest.mark.parametrize("where", ["proxy", "library"])
def test_who_waits_for_a_message_is_told_that_the_pattern_takes_too_long(wire, in_format, where):
    way = wire("PUSH", "PULL")
    formats = TEXT if where == "proxy" else in_format(bytes.decode)
    source = way.proxy.pattern_source([SLOW], MatchKind.REGEXP, formats)
    sender = threading.Timer(0.1, way.client.send, [UNDECIDED])
    sender.start()
    with pytest.raises(PatternTooSlow, match="neither found nor ruled out"):
        way.proxy.wait_message(source, TO_TARGET, TEXT, Deadline(60))
    sender.join()
