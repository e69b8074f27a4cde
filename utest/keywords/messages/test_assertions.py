from __future__ import annotations

import re

import pytest
from assertionengine import AssertionOperator
from robot.api.types import Secret

from ZmqLibrary.errors import CheckFailed, EncodeError, InvalidValue, WrongUse
from ZmqLibrary.sockets.socket_types import SocketType


@pytest.fixture
def received(library):
    """Has a PULL `jobs` receive a message; another socket is current afterwards."""
    library.bind_zmq_socket("inproc://jobs", SocketType.PULL, "jobs")
    library.connect_zmq_socket("inproc://jobs", SocketType.PUSH, "work")

    def receive(*frames: str | bytes) -> None:
        library.send_multipart(*frames, format="TEXT", socket="work")
        library.receive_multipart(socket="jobs", format="BYTES")

    return receive


def fails(check, *arguments, **named) -> str:
    with pytest.raises(CheckFailed) as caught:
        check(*arguments, **named)
    return str(caught.value)


def test_a_message_equals_its_frames_in_any_way_they_are_given(library, received):
    received("topic", '{"a": 1, "b": 2}')
    equal = library.received_message_should_equal
    equal("topic", '{"a": 1, "b": 2}')
    equal(["topic", '{"a": 1, "b": 2}'])
    equal("topic", {"b": 2, "a": 1}, format="TEXT,JSON")
    equal("746f706963", '{"b":2,"a":1}', format="HEX,JSON", socket="jobs")
    equal(library.get_received_message())
    assert "first difference at offset 5" in fails(equal, "topic", '{"a":1,"b":2}')


def test_an_expected_value_that_does_not_fit_its_format_is_named_and_not_said_to_be_unsent(library, received):
    received("topic", "300")
    with pytest.raises(EncodeError, match=r"Frame 1 .* 300 is out of range") as caught:
        library.received_message_should_equal("topic", 300, format="TEXT,U8")
    assert "sent." not in str(caught.value)


def test_an_expected_frame_that_does_not_fit_its_format_is_not_said_to_be_unsent(library, received):
    received("topic", "{}")
    with pytest.raises(InvalidValue, match="'x' cannot be compared with a frame as JSON"):
        library.received_frame_should_equal(1, "x", format="JSON")


def test_a_difference_is_shown_frame_by_frame_after_the_own_message(library, received):
    received("topic", b"hello\x00")
    assert fails(library.received_message_should_equal, "topic", "hallo", message="Wrong greeting!").splitlines() == [
        "Wrong greeting!",
        "The message received by 'jobs' (PULL) is not as expected.",
        "Frame 0   expected: 'topic'",
        "          received: 'topic'",
        "Frame 1 ≠ expected: 'hallo'",
        r"          received: 'hello\x00'",
        "          first difference at offset 1: 'a' ≠ 'e'",
    ]


def test_a_message_that_should_differ(library, received):
    received("a", "b")
    differ = library.received_message_should_not_equal
    for other in (("a",), ("a", "b", ""), ("a", "B")):
        differ(*other)
    assert (
        fails(differ, ["a", "b"], message="Oh.")
        == "Oh.\nThe message received by 'jobs' (PULL) should not equal 'a' | 'b'."
    )


def test_a_message_contains_a_value_in_any_frame(library, received):
    received("job-1", '{"state": "done", "n": [1, {"k": 2}]}')
    contain = library.received_message_should_contain
    contain("job")
    contain("do")
    contain({"n": [{"k": 2}]}, format="JSON")
    contain({"state": "done"}, format="JSON")
    contain("6f62", format="HEX")
    assert fails(contain, "Job", message="Oh.").splitlines()[:2] == [
        "Oh.",
        "No frame of the message received by 'jobs' (PULL) contains 'Job'.",
    ]
    assert "Received: 'job-1' | '{" in fails(contain, {"n": 3}, format="JSON")


def test_globs_and_regular_expressions_match_frame_by_frame(library, received):
    received("job-17", "done\nwell")
    library.received_message_should_match("job-??", "done*")
    library.received_message_should_match(["*", "*"])
    library.received_message_should_match_regexp("^job-[0-9]+$", "well$")
    library.received_message_should_match_regexp("17", "*")
    assert "Frame 0: 'job-17' is not like 'JOB*'" in fails(library.received_message_should_match, "JOB*", "*")
    assert r"Frame 1: 'done\nwell' is not matched by '^well'" in fails(
        library.received_message_should_match_regexp, "job", "^well", message="Oh."
    )


@pytest.mark.parametrize("patterns", [["*"], ["*", "*", "*"]])
def test_there_is_one_pattern_for_each_frame(library, received, patterns):
    received("a", "b")
    for check in (library.received_message_should_match, library.received_message_should_match_regexp):
        text = fails(check, *patterns, message="Oh.")
        assert text.startswith("Oh.\nThe message received by 'jobs' (PULL) does not match.\n2 frames, but ")
        assert text.endswith("Received: 'a' | 'b'")


def test_a_message_has_a_number_of_frames(library, received):
    received("a", "", "c")
    library.received_message_should_have_frames(3)
    text = fails(library.received_message_should_have_frames, 1, message="Oh.")
    assert text.splitlines()[1:] == [
        "The message received by 'jobs' (PULL) has 3 frames, expected 1.",
        "Received: 'a' | '' | 'c'",
    ]


def test_one_frame_equals_a_value(library, received):
    received("topic", '{"a": 1, "b": 2}', b"\x00\xff")
    equal = library.received_frame_should_equal
    equal(0, "topic")
    equal(1, {"b": 2, "a": 1}, format="JSON")
    equal(1, {"b": 2, "a": 1}, format="TEXT,JSON,HEX")
    equal(-1, "00ff", format="HEX", socket="jobs")
    text = fails(equal, -1, "00fe", format="HEX", message="Oh.")
    assert text.startswith("Oh.\nFrame -1 of the message received by 'jobs' (PULL) is not as expected.\nFrame 2 ≠")
    assert r"offset 1: '\xfe' ≠ '\xff'" in text
    with pytest.raises(InvalidValue, match="3 frames, numbered from 0: there is no frame 3"):
        equal(3, "x")
    with pytest.raises(EncodeError):
        equal(2, "xyz", format="HEX")


def test_secrets_are_compared_and_not_shown(library, received):
    received("user", "hunter2")
    library.received_message_should_equal("user", Secret("hunter2"))
    library.received_frame_should_equal(1, Secret("hunter2"))
    library.received_message_should_contain(Secret("hunter"))
    wrong = Secret("wrong-secret")
    texts = [
        fails(library.received_message_should_equal, "user", wrong),
        fails(library.received_frame_should_equal, 1, wrong),
        fails(library.received_message_should_contain, wrong),
        fails(library.get_received_frame, 1, AssertionOperator["=="], wrong),
        fails(library.received_message_should_match, "user", wrong),
    ]
    for text in texts:
        assert "wrong-secret" not in text
        assert "<secret>" in text


@pytest.mark.parametrize(
    ("index", "operator", "expected", "format", "result"),
    [
        (0, None, None, None, "job-17"),
        (0, "==", "job-17", None, "job-17"),
        (0, "!=", "job-18", None, "job-17"),
        (0, "contains", "17", None, "job-17"),
        (0, "matches", "job-[0-9]+", None, "job-17"),
        (1, "==", '{"b": 2,  "a": 1}', "JSON", {"a": 1, "b": 2}),
        (-1, "==", "00 FF", "HEX", "00 ff"),
        (2, "==", b"\x00\xff", "BYTES", b"\x00\xff"),
        (2, "^=", b"\x00", "BYTES", b"\x00\xff"),
    ],
)
def test_a_frame_is_returned_and_checked_as_assertion_engine_does(
    library, received, index, operator, expected, format, result
):
    received("job-17", '{"a": 1, "b": 2}', b"\x00\xff")
    given = AssertionOperator[operator] if operator else None
    assert library.get_received_frame(index, given, expected, format=format) == result


def test_a_frame_that_does_not_hold_tells_both_values(library, received):
    received("job-17")
    with pytest.raises(AssertionError, match=r"Frame 0 of 'jobs' \(PULL\) 'job-17' .*should be 'job-18'"):
        library.get_received_frame(0, AssertionOperator["=="], "job-18")
    with pytest.raises(AssertionError, match=r"^Oh\.$"):
        library.get_received_frame(0, AssertionOperator["=="], "job-18", message="Oh.")
    with pytest.raises(InvalidValue, match="no frame 1"):
        library.get_received_frame(1)


def test_without_a_received_message_there_is_a_clear_error(library):
    checks = (
        library.received_message_should_equal,
        library.received_message_should_not_equal,
        library.received_message_should_contain,
        library.received_message_should_match,
        library.received_message_should_match_regexp,
        library.received_message_should_have_frames,
        library.get_received_frame,
    )
    for check in checks:
        with pytest.raises(WrongUse, match=r"No message has been received yet. Use `Receive Multipart`"):
            check(0)
    with pytest.raises(WrongUse, match="No message has been received yet"):
        library.received_frame_should_equal(0, "x")


def test_checks_need_something_to_compare_with(library, received):
    received("a")
    for check in (library.received_message_should_equal, library.received_message_should_match):
        with pytest.raises(InvalidValue, match="at least one frame"):
            check()


def test_the_failure_of_a_large_frame_is_bounded(library, received):
    received("x" * 1_000_000)
    with pytest.raises(AssertionError) as failure:
        library.get_received_frame(0, AssertionOperator["=="], "y" * 1_000_000)
    text = str(failure.value)
    assert len(text) < 3000
    assert "characters …" in text
    assert text.endswith("yyy' (str)")


NOT_EQUAL = [("true", 1), ("false", 0), ('{"n": true}', {"n": 1}), ("[true]", [1]), ("[0]", [False]), ("1", True)]


@pytest.mark.parametrize(("frame", "other"), NOT_EQUAL)
def test_every_json_comparison_tells_true_from_one(frame, other, library, received):
    received(frame)
    get = library.get_received_json
    get("$", AssertionOperator["!="], other)
    fails(get, "$", AssertionOperator["=="], other)
    fails(library.received_json_should_equal, other)
    fails(library.received_message_should_equal, other, format="JSON")
    assert library.get_received_message(format="JSON") != [other]
    received(f"[{frame}]")
    get("$", AssertionOperator["not contains"], other)
    fails(get, "$", AssertionOperator["contains"], other)
    fails(library.received_json_should_contain, [other])


def test_every_json_comparison_takes_one_for_one_point_zero(library, received):
    received('{"a": [1, 2.0], "b": 0}')
    same = {"b": 0.0, "a": [1.0, 2]}
    library.get_received_json("$", AssertionOperator["=="], same)
    library.get_received_json("$.a", AssertionOperator["contains"], 2)
    library.received_json_should_equal(same)
    library.received_message_should_equal(same, format="JSON")
    assert library.get_received_message(format="JSON") == [same]


@pytest.mark.parametrize("sign", ["<", "<=", ">", ">="])
def test_true_has_no_place_among_numbers(sign, library, received):
    received("true")
    fails(library.get_received_json, "$", AssertionOperator[sign], 1)
    received("1")
    fails(library.get_received_json, "$", AssertionOperator[sign], True)


@pytest.mark.parametrize(("frame", "other"), [('{"a": 1}', "5"), ('{"a": 1}', '{"a": 2}'), ("[1]", "1"), ("null", "1")])
@pytest.mark.parametrize("operator", ["<", ">", "<=", ">="])
def test_what_has_no_order_is_not_less_and_not_greater(frame, other, operator, library, received):
    received(frame)
    told = fails(library.get_received_json, "$", AssertionOperator[operator], other)
    assert re.search(r"^\S.* .* \(\w+\) should be (less|greater) than.* .* \(\w+\)$", told)


def test_a_number_given_as_such_is_not_the_text_of_its_digits(library, received):
    received('{"count": "1", "name": "a1b", "none": "null"}')
    get = library.get_received_json
    for path, other in (("$.count", 1), ("$.count", 1.0), ("$.none", None), ("$.count", [1])):
        assert "should be" in fails(get, path, AssertionOperator["=="], other)
        get(path, AssertionOperator["!="], other)
    assert "'1' (str) should be '1' (int)" in fails(get, "$.count", AssertionOperator["=="], 1)
    assert "A text can contain text" in fails(get, "$.name", AssertionOperator["contains"], 1)
    get("$.count", AssertionOperator["=="], "1")
    get("$.name", AssertionOperator["contains"], "1")


@pytest.mark.parametrize("sign", ["<", "<=", ">", ">="])
def test_a_text_has_no_order_with_a_number(sign, library, received):
    received('"10"')
    fails(library.get_received_json, "$", AssertionOperator[sign], 9)
    received("10")
    assert "They have no order" in fails(library.get_received_frame, 0, AssertionOperator[sign], 9)
    library.get_received_frame(0, AssertionOperator[">"], 9, format="JSON")
    library.get_received_frame(0, AssertionOperator["=="], 10)


@pytest.mark.parametrize(
    ("path", "operator", "expected", "told"),
    [
        ("$.code", "^=", "ERR", "'500' (int) should start with 'ERR' (str)\nOnly a text begins or ends with a text."),
        ("$.code", "$=", "0", "'500' (int) should end with '0' (int)\nOnly a text begins or ends with a text."),
        ("$.none", "contains", "a", "'None' (nonetype) should contain 'a' (str)\nA text can contain text"),
        ("$.none", "not contains", "a", "'None' (nonetype) should not contain 'a' (str)\nA text can contain text"),
        ("$", "contains", "[1]", "should contain '[1]' (list)\nA text can contain text, a list items"),
        ("$.text", "<", [1], "'x' (str) should be less than '[1]' (list)"),
    ],
)
def test_an_operator_that_is_not_for_what_came_is_a_failed_check(library, received, path, operator, expected, told):
    received('{"code": 500, "none": null, "text": "x"}')
    assert told in (text := fails(library.get_received_json, path, AssertionOperator[operator], expected))
    assert text.startswith(f"{path} in Frame 0 of the message received by 'jobs' (PULL)")
    assert fails(
        library.get_received_json, path, AssertionOperator[operator], expected, message="Oh: {value_type}"
    ).startswith("Oh: ")


@pytest.mark.parametrize("operator", ["==", "contains", "matches", "<", "^="])
@pytest.mark.parametrize("path", ["$", "$.n"])
def test_a_number_that_python_does_not_write_is_shown_by_its_size(library, received, operator, path):
    cbor2 = pytest.importorskip("cbor2")
    received(cbor2.dumps({"n": 10**6000}))
    check = AssertionOperator[operator]
    assert "<int of 19,932 bits>" in fails(library.get_received_json, path, check, "zz", format="CBOR")
    told = fails(library.get_received_json, path, check, "zz", format="CBOR", message="Oh: {value}")
    assert "<int of 19,932 bits>" in told
    assert "<int of 19,932 bits>" in fails(library.get_received_frame, 0, check, '{"n": 1}', format="CBOR")
