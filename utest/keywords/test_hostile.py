"""Keywords, mock servers and collectors against frames of strangers: they go on, and nothing that came is lost."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from assertionengine import AssertionOperator

from utest.hostile import broken_frames
from ZmqLibrary.errors import CheckFailed, PatternTooSlow, ZmqLibraryError
from ZmqLibrary.messages.patterns import MatchKind
from ZmqLibrary.sockets.socket_types import SocketType

FRAMES = int(os.environ.get("RANDOM_FRAMES", "10000")) // 20
SPECS = ["TEXT", "JSON", "MSGPACK", "CBOR", "PROTOBUF:google.protobuf.struct_pb2.Struct", "STRUCT:<IhxQ3sd?"]
ENDLESS, TEXT = "(a+)+$", b"a" * 10_000 + b"!!"
SOON = timedelta(0)


@pytest.mark.parametrize("spec", SPECS)
def test_a_bulk_receive_that_cannot_decode_keeps_every_message(spec, jobs, library, raw):
    frames = broken_frames(spec, FRAMES)
    for start in range(0, FRAMES, 500):  # what the high-water marks have room for
        burst = frames[start : start + 500]
        jobs(*burst)
        with pytest.raises(ZmqLibraryError):
            library.receive_messages(len(burst), format=spec, socket="jobs")
        received = library.receive_messages(len(burst), format="BYTES", socket="jobs")
        assert [message.frames for message in received] == [[frame] for frame in burst]


@pytest.mark.parametrize("kind", MatchKind)
@pytest.mark.parametrize("spec", SPECS)
def test_a_mock_server_lives_through_every_frame(spec, kind, library, raw):
    library.start_mock_server("tcp://127.0.0.1:*", SocketType.ROUTER, "mock", format=spec)
    library.when_mock_receives(
        "*\x01*" if kind is MatchKind.GLOB else "zz+", reply="$frame0", match=kind, format="TEXT"
    )
    if spec in ("JSON", "MSGPACK", "CBOR"):
        library.when_mock_receives('{"a": "*b*"}', reply='{"found": "$a"}', match=MatchKind.GLOB)
        library.when_mock_receives("[b-z]+", reply="[1]", match=MatchKind.REGEXP)
    frames = broken_frames(spec, FRAMES)
    client = raw("DEALER", connect=library.get_mock_endpoint())
    for frame in frames:
        client.send(frame)
    library.mock_should_have_received(times=len(frames), timeout=timedelta(seconds=120))
    library.mock_replies_by_default("still here", format="TEXT")
    other = raw("DEALER", connect=library.get_mock_endpoint())
    other.send(b"are you there")
    assert other.recv() == b"still here"


def test_an_expression_without_an_end_is_named_and_others_are_answered(library, raw):
    library.start_mock_server("tcp://127.0.0.1:*", SocketType.ROUTER, "mock")
    library.when_mock_receives(ENDLESS, reply="never", match=MatchKind.REGEXP)
    library.when_mock_receives("ping", reply="pong")
    hostile, client = (raw("DEALER", connect=library.get_mock_endpoint()) for _ in range(2))
    for _ in range(20):
        hostile.send(TEXT)
    client.send(b"ping")
    assert client.recv() == b"pong"
    library.mock_should_have_received(times=21, timeout=timedelta(seconds=120))
    with pytest.raises(CheckFailed, match=r"'\(a\+\)\+\$' was neither found nor ruled out"):
        library.mock_should_have_no_unexpected_requests()
    with pytest.raises(PatternTooSlow):
        library.mock_should_have_received(ENDLESS, match=MatchKind.REGEXP, timeout=SOON)


def test_an_expression_without_an_end_loses_no_message_of_a_keyword(jobs, library):
    jobs(TEXT, b"next")
    with pytest.raises(PatternTooSlow, match=r"'\(a\+\)\+\$'"):
        library.wait_for_message(ENDLESS, match=MatchKind.REGEXP, socket="jobs", timeout=SOON)
    assert library.receive_message(format="BYTES", socket="jobs") == TEXT
    with pytest.raises(PatternTooSlow):
        library.received_message_should_match_regexp(ENDLESS)
    with pytest.raises(PatternTooSlow):
        library.get_received_frame(0, AssertionOperator["matches"], ENDLESS)
    assert library.receive_message(socket="jobs") == "next"


def test_an_expression_without_an_end_does_not_stop_a_collector(jobs, library):
    library.start_collecting_messages("jobs", alias="collector")
    jobs(TEXT, b"next")
    with pytest.raises(PatternTooSlow):
        library.wait_for_collected_message(ENDLESS, match=MatchKind.REGEXP)
    library.collected_message_count_should_be(AssertionOperator["=="], 2)


def test_an_expression_without_an_end_in_a_schema_or_a_path_is_named(jobs, library):
    jobs('{"name": "%s"}' % ("a" * 45 + "!"))
    library.receive_message(socket="jobs")
    with pytest.raises(PatternTooSlow, match=r"'\(a\+\)\+\$' backtracks without an end"):
        library.received_json_should_match_schema({"properties": {"name": {"pattern": ENDLESS}}})
    with pytest.raises(PatternTooSlow, match=r"'\(a\+\)\+\$' backtracks without an end"):
        library.get_received_json('$[?(@ =~ "(a+)+$")]')


def test_an_expression_that_may_be_slow_but_is_not_gives_its_result(jobs, library):
    jobs('{"name": "%s", "n": 1}' % ("a" * 45))
    library.receive_message(socket="jobs")
    library.received_json_should_match_schema({"properties": {"name": {"pattern": ENDLESS}}})
    with pytest.raises(CheckFailed, match=r"\$\.n: 1 is not of type 'string'"):
        library.received_json_should_match_schema({"patternProperties": {"^(n|(a+)+)$": {"type": "string"}}})
    assert library.get_received_json("$.name.`sub(/(a+)+$/, b)`") == ["b"]


def test_what_a_path_cannot_be_applied_to_is_an_error_of_the_library(jobs, library):
    jobs('{"name": {}}')
    library.receive_message(socket="jobs")
    with pytest.raises(ZmqLibraryError, match=r"cannot be applied to .*TypeError"):
        library.get_received_json("$.name.`sub(/a/, b)`")
