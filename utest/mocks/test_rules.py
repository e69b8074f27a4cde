"""Which rule takes a request, and what its reply becomes."""

from __future__ import annotations

import pytest

from ZmqLibrary.errors import InvalidValue
from ZmqLibrary.formats import FormatTable
from ZmqLibrary.messages.layout_definition import define_layout
from ZmqLibrary.messages.message import Receipt
from ZmqLibrary.messages.patterns import MatchKind, message_pattern
from ZmqLibrary.mocks.replies import RequestNames, frame_template
from ZmqLibrary.mocks.request_log import Request, RequestLog
from ZmqLibrary.mocks.rules import Rule, Script, group_count, guessed_formats

TABLE = FormatTable()
JSON = TABLE.get("JSON")
SIGNED = define_layout(
    "signed",
    {
        "ids": "BYTES...",
        "mark": "LITERAL:<>",
        "mac": "HMAC-SHA256:head..body",
        "head": "JSON",
        "body": "MSGPACK",
        "blobs": "BYTES...",
    },
    TABLE,
    "key",
)


def rule(name, *patterns, kind=MatchKind.GLOB, formats=None, times=None):
    pattern = message_pattern(patterns, kind, formats or guessed_formats(patterns, TABLE))
    return Rule(
        pattern,
        lambda *_: name,
        key=(patterns,),
        times=times,
        groups=group_count(patterns, kind),
        value_kinds=(TABLE.format("JSON"),),
    )


def taken_by(script, *frames):
    found = script.find(frames)
    return found and found[0].act(None, found[0], found[1])


def request(*frames, number=1):
    return Request(frames, Receipt("x", TABLE.get("TEXT")), 0.0, (b"client",), number)


def test_a_request_with_a_wrong_signature_is_not_taken_and_the_script_says_why():
    script = Script()
    script.add(rule("a", "*", "*", '{"n": 1}', formats=SIGNED)._replace(layout=SIGNED))
    signed = SIGNED.encode_fields({"head": {"n": 1}, "body": "x"})
    assert taken_by(script, *signed) == "a"
    assert taken_by(script, signed[0], b"00ff", *signed[2:]) is None
    assert "Field 'mac' (frame 1) is not the HMAC-SHA256" in script.wrong_signature([signed[0], b"00ff", *signed[2:]])
    assert not script.wrong_signature([signed[0], b"00ff", b'{"n": 2}', signed[3]])
    assert not script.wrong_signature([b"other"])


def test_the_first_rule_that_fits_takes_the_request():
    script = Script()
    script.add(rule("a", "a*"))
    script.add(rule("b", "ab*"))
    script.set_default(rule("default"))
    assert taken_by(script, b"abc") == "a"
    assert taken_by(script, b"b") == "default"


def test_rules_are_used_up():
    script = Script()
    script.add(rule("once", "a", times=1))
    script.add(rule("twice", "a", times=2))
    assert [taken_by(script, b"a") for _ in range(4)] == ["once", "twice", "twice", None]


def test_a_fault_goes_before_older_rules_and_after_newer_ones():
    script = Script()
    script.add(rule("old", "a"))
    script.set_fault(rule("fault"))
    script.add(rule("new", "b"))
    assert [taken_by(script, f) for f in (b"a", b"b", b"a")] == ["fault", "new", "fault"]
    script.end_faults(rule("fault"))
    assert taken_by(script, b"a") == "old"
    script.set_fault(rule("fault"))
    script.set_default(rule("default"))
    assert taken_by(script, b"c") == "default"


def test_troubles_go_before_all_rules_whenever_they_were_made():
    script = Script()
    script.add_trouble(rule("first", times=1))
    script.add(rule("rule", "a"))
    script.set_fault(rule("fault"))
    script.set_default(rule("default"))
    script.add_trouble(rule("second", times=1))
    script.add_trouble(rule("for b", "b", times=1))
    assert [taken_by(script, f) for f in (b"a", b"a", b"a", b"b", b"b")] == [
        "first",
        "second",
        "rule",
        "for b",
        "default",
    ]


def test_troubles_end_for_the_same_requests_only():
    script = Script()
    script.add_trouble(rule("all", times=2))
    script.add_trouble(rule("a", "a", times=2))
    script.end_faults(rule("none", "a", times=0))
    assert taken_by(script, b"a") == "all"
    script.end_faults(rule("none", times=0))
    assert taken_by(script, b"a") is None


def test_rules_that_no_request_has_met_are_known():
    script = Script()
    script.add(rule("used", "a"))
    script.add(rule("unused", "b"))
    script.add(rule("for nothing", "c", times=0))
    trouble = script.add_trouble(rule("trouble", "d", times=1))
    script.set_default(rule("default"))
    taken_by(script, b"a")
    assert [unused.act() for unused in script.unused()] == ["unused", "trouble"]
    taken_by(script, b"d")
    script.clear()
    assert script.uses(trouble) == 1
    assert script.unused() == []


def test_a_json_object_matches_what_contains_it():
    pattern = message_pattern(['{"command": "l*", "n": 1, "deep": {"x": "*"}}'], MatchKind.GLOB, JSON)
    assert pattern.matches([b'{"command": "list", "n": 1, "deep": {"x": [1], "y": 2}, "more": 1}'])
    assert not pattern.matches([b'{"command": "list", "n": true, "deep": {"x": 1}}'])
    assert not pattern.matches([b"no json"])
    assert "not JSON" in pattern.difference([b"no json"])
    assert "$.deep is missing" in pattern.difference([b'{"command": "list", "n": 1}'])
    assert "$.n: expected 1, received 2" in pattern.difference([b'{"command": "list", "n": 2}'])


@pytest.mark.parametrize(
    ("reply", "formats", "frames"),
    [
        (["$2$1", b"raw"], None, [b"ba", b"raw"]),
        (["$first", {"x": "$first"}], None, [b"a", b'{"x":"a"}']),
        (["$frames"], None, [b"a b", b'{"id":7,"in":{"x":[5]}}']),
        (["$frame1", "$frame0!"], None, [b'{"id":7,"in":{"x":[5]}}', b"a b!"]),
        (['{"id": $id, "x": "${in.x.0}", "n": "$n"}'], JSON, [b'{"id":7,"x":5,"n":3}']),
        (["$in"], None, [b'{"x": [5]}']),
        (["$id"], TABLE.get("U16BE"), [b"\0\7"]),
    ],
)
def test_replies_are_made_of_requests(reply, formats, frames):
    taken = rule("x", "(?P<first>.) (.)", kind=MatchKind.REGEXP)
    template = frame_template(reply, formats, TABLE)
    asked = request(b"a b", b'{"id":7,"in":{"x":[5]}}')
    assert list(template.frames(RequestNames(asked, taken, 3), asked.raw)) == frames


@pytest.mark.parametrize(
    ("reply", "frame"),
    [("got $n0", b'got "0x'), ("$n0", b'"0x'), ("$list", b'[1, "0x'), ("${list.1}!", b'"0x')],
)
def test_a_number_that_python_does_not_write_is_answered(reply, frame):
    cbor = TABLE.format("CBOR")
    asked = request(cbor.encode({"n0": 10**6000, "list": [1, 10**6000]}))
    taken = Rule(message_pattern([], MatchKind.GLOB, TABLE.get("CBOR")), lambda *_: "", key=(), value_kinds=(cbor,))
    (made,) = frame_template([reply], TABLE.get("TEXT"), TABLE).frames(RequestNames(asked, taken, 1), asked.raw)
    assert made.startswith(frame)


def test_a_reply_that_cannot_be_made_says_why():
    taken = rule("x")
    for text in ("$9", "$missing", "$frame7"):
        with pytest.raises(InvalidValue, match="the request has no"):
            frame_template(["x" + text], None, TABLE).frames(RequestNames(request(b"a"), taken, 1), (b"a",))
    with pytest.raises(InvalidValue, match=r"is not JSON.*It is: \{\$id,") as raised:
        frame_template(["{$id," + "x" * 100_000], JSON, TABLE)
    assert len(str(raised.value)) < 1000


def test_the_log_of_requests_shows_the_first_differences():
    log = RequestLog()
    assert log.overview() == ["It has received nothing."]
    log.add(request(b"abc"))
    lines = log.overview(message_pattern(["abd"], MatchKind.EXACT, TABLE.get("TEXT")))
    assert lines[0] == "It has received 1 message:"
    assert "first difference at offset 2" in lines[1]
    assert log.since(1)[0].routing_id == b"client"
    assert log.since(2) == []


def test_a_request_that_was_waited_for_is_not_unexpected():
    log = RequestLog()
    for number in (1, 2):
        unwanted = request(b"a", number=number)
        unwanted.wanted = False
        log.add(unwanted)
    assert len(log.unexpected()) == 2
    log.since(1)[0].awaited = True
    assert [r.number for r in log.unexpected()] == [2]
    log.since(1)[0].problem = "could not be answered"
    assert len(log.unexpected()) == 2


def test_a_request_is_told_once_as_unwanted_unless_it_was_waited_for():
    log = RequestLog()
    for number in (1, 2, 3):
        received = request(b"a", number=number)
        received.wanted = number == 3
        log.add(received)
    log.since(2)[0].awaited = True
    assert [r.number for r in log.take_unwanted()] == [1]
    assert log.take_unwanted() == []


def test_a_request_read_in_another_format_is_still_wanted_or_not():
    received = request(b"{}")
    received.wanted, received.problem = False, "could not be answered"
    again = received.read_as(JSON)
    assert (again[0], again.wanted, again.problem) == ({}, False, "could not be answered")


@pytest.mark.parametrize(
    "reply",
    [
        {"head": {"of": "$a"}, "body": ["$a"], "blobs": [b"1", b"2"]},
        '{"head": {"of": $a}, "body": ["$a"], "blobs": ["1", "2"]}',
    ],
)
def test_a_reply_by_the_fields_of_a_layout_is_signed_and_has_its_names_filled_in(reply):
    made = frame_template([reply], SIGNED, TABLE)
    taken = rule("*")._replace(value_kinds=(TABLE.format("JSON"),))
    frames = made.frames(RequestNames(request(b'{"a": 7}'), taken, 1), (b'{"a": 7}',))
    values = SIGNED.decode(frames)  # checks the signature
    assert values[:1] + values[2:] == ["<>", {"of": 7}, [7], b"1", b"2"]


def test_names_in_a_reply_may_be_fields_of_the_layout():
    frames = SIGNED.encode_fields({"ids": [b"a", b"b"], "head": {"id": {"n": 7}}, "body": ["x"]})
    names = RequestNames(request(*frames), rule("*")._replace(layout=SIGNED), 1)
    assert [names(name) for name in ("head", "head.id.n", "body.0", "ids", "blobs", "n")] == [
        {"id": {"n": 7}},
        7,
        "x",
        [b"a", b"b"],
        [],
        1,
    ]
    with pytest.raises(InvalidValue, match="the request has no field"):
        names("head.nothing")
    with pytest.raises(InvalidValue, match="the request has no field"):
        RequestNames(request(b"1"), rule("*")._replace(layout=SIGNED), 1)("head")


def test_a_reply_that_lacks_a_field_of_a_layout_is_refused():
    with pytest.raises(InvalidValue, match="needs a value for field 'body'"):
        frame_template([{"head": {}}], SIGNED, TABLE)
    with pytest.raises(InvalidValue, match="has no field 'heat'"):
        frame_template([{"heat": {}}], SIGNED, TABLE)


def test_the_object_of_a_layout_with_one_frame_may_be_that_frame():
    layout = define_layout("single", {"body": "JSON"}, TABLE)
    for reply in ({"n": 1}, {"body": {"n": 1}}):
        assert frame_template([reply], layout, TABLE).fixed == (b'{"n":1}',)
