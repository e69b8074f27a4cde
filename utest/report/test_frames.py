from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from ZmqLibrary.formats import FormatTable, HiddenBytes
from ZmqLibrary.log.evidence import evidence
from ZmqLibrary.monitoring.socket_event import SocketEvent
from ZmqLibrary.report.frames import first_difference, hex_view, preview, summary
from ZmqLibrary.report.words import count_of, seconds
from ZmqLibrary.sockets.traffic import Traffic


def test_previews_escape_and_are_bounded():
    assert preview(b"a\n\xff\x00", 100) == r"'a\n\xff\x00'"
    assert preview("grün".encode(), 100) == "'grün'"
    assert preview(bytes(10_000), 4) == r"'\x00\x00\x00\x00'… (10000 bytes)"


@given(st.binary(max_size=200), st.integers(0, 50))
def test_previews_have_only_printable_characters(frame, limit):
    assert preview(frame, limit).isprintable()


def test_a_summary_shows_the_first_frames():
    assert summary([b"a", b"b"], 10) == "'a' | 'b'"
    assert summary([b"a"] * 25, 10).endswith("| … 5 more frames")


@given(st.binary(), st.binary())
def test_the_first_difference_is_the_first(left, right):
    offset = first_difference(left, right)
    assert left[:offset] == right[:offset]
    assert offset == min(len(left), len(right)) or left[offset] != right[offset]


def test_hex_views_are_bounded():
    assert hex_view(b"AB\x00", 100).split() == ["000000", "41", "42", "00", "AB."]
    assert hex_view(bytes(1000), 16).endswith("… 984 more bytes")


def test_evidence_escapes_what_comes_from_the_wire_and_hides_secrets():
    event = SocketEvent("CONNECTED", "tcp://<b>", "<i>", 1, 0.0, 0)
    traffic = [Traffic("received", 0.0, [b"<script>"]), Traffic("sent", 0.0, [HiddenBytes(b"hunter2")])]
    html = evidence("<u>", traffic, [event], 512)
    for tag in ("<script>", "<b>", "<i>", "<u>"):
        assert tag not in html
    assert "hunter2" not in html
    assert html.startswith("<details>")


def test_evidence_shows_values_behind_an_envelope():
    messages = [b"1", b"", b"\x81\xa1a\x01"], [b"2", b"\x01"], [b"3", b"\x01", b""]
    traffic = [Traffic("received", 0.0, frames) for frames in messages]
    html = evidence("x", traffic, [], 512, FormatTable().get("MSGPACK,..."), envelope_apart=True)
    values = re.findall(r"<td>[0-9]+</td><td>(.*?)</td>", html)
    assert values == [
        "&#x27;1&#x27;",
        "&#x27;&#x27;",
        "{&#x27;a&#x27;: 1}",
        "&#x27;2&#x27;",
        "1",
        "&#x27;3&#x27;",
        "1",
        "&#x27;&#x27;",
    ]


def test_evidence_of_huge_messages_is_small():
    assert len(evidence("x", [Traffic("sent", 0.0, [bytes(10**6)] * 100)] * 20, [], 512)) < 2_000_000


def test_numbers_read_well():
    assert count_of(1, "frame") == "1 frame"
    assert count_of(2000, "frame") == "2,000 frames"
    assert seconds(5) == "5 seconds"
    assert seconds(0.2) == "200 milliseconds"
