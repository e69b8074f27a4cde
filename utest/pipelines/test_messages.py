"""What pumps send: bodies, frames with names in them, and files."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest

from ZmqLibrary.errors import InvalidValue
from ZmqLibrary.pipelines.messages import Batch, Shape, messages_of
from ZmqLibrary.pipelines.settings import PumpSettings
from ZmqLibrary.pipelines.stamp import SIZE, difference, payload_crc, read_stamp


def source_of(**values):
    return messages_of(PumpSettings("source", "tcp://127.0.0.1:5555", **{"type": "PUSH", **values}))


def made(source, first=1, count=3, run=7):
    return Batch(source, run, first, list(range(100, 100 + count))).messages()


@pytest.mark.parametrize(("stamp", "frames", "size"), [("PREFIX", 1, 1024), ("NONE", 1, 1024), ("FRAME", 2, 1024)])
def test_the_size_includes_a_stamp_that_is_a_prefix(stamp, frames, size):
    messages = made(source_of(size=size, stamp=stamp))
    assert {len(message) for message in messages} == {frames}
    assert {len(message[0]) for message in messages} == {size}


@pytest.mark.parametrize("values", [{}, {"frames": ((b"EUR",), (b"1.07",))}, {"frames": ((b"",), (b"n ", "n"))}])
@pytest.mark.parametrize("stamp", ["PREFIX", "FRAME"])
def test_each_message_has_the_stamp_of_its_number(values, stamp):
    for number, message in enumerate(made(source_of(stamp=stamp, **values), first=5), start=5):
        last = message[-1]
        read = read_stamp(last)
        assert (read.run, read.sequence, read.planned) == (7, number, 95 + number)
        assert difference(last, payload_crc([*message[:-1], last[SIZE:]])) == 0


def test_the_crc_of_a_dealer_leaves_its_envelope_out():
    message = made(source_of(type="DEALER", stamp="FRAME", frames=((b"address",), (b"",), (b"work",))))[0]
    assert difference(message[-1], payload_crc([b"work"])) == 0


def test_names_in_frames_are_filled_in():
    messages = made(source_of(frames=((b"EUR",), (b'{"n": ', "n", b', "at": "', "time", b'"}'))), first=9, count=2)
    assert [json.loads(message[1])["n"] for message in messages] == [9, 10]
    assert json.loads(messages[0][1])["at"].startswith("20")


def test_frames_that_stay_the_same_have_a_shape():
    assert source_of(frames=((b"a",), (b"b",)), stamp="PREFIX").shape == Shape((b"a",), b"b", True)
    assert source_of(frames=((b"a",), (b"b",)), stamp="FRAME").shape == Shape((b"a", b"b"), b"", True)
    assert source_of(frames=((b"a",), (b"b",)), stamp="NONE").shape == Shape((b"a",), b"b", False)
    assert source_of(frames=((b"a", "n"),)).shape is None


def test_a_format_that_is_not_text_makes_its_frames_from_values():
    template = (json.dumps(["$n"]), "U32BE", "UTF-8")
    assert made(source_of(template=template), first=2, count=2) == [[b"\0\0\0\2"], [b"\0\0\0\3"]]


class TestFiles:
    """Lines and recordings."""

    @pytest.fixture
    def lines(self, tmp_path):
        path = tmp_path / "lines.txt"
        path.write_bytes(b"one\ntwo\r\n\nfour")
        return str(path)

    def test_each_line_is_a_message_and_the_file_ends(self, lines):
        source = source_of(source=lines)
        assert source.available(1, 10) == 4
        assert made(source, count=4) == [[b"one"], [b"two"], [b""], [b"four"]]
        assert source.available(5, 1) == 0

    def test_with_a_count_it_begins_again(self, lines):
        source = source_of(source=lines, count=10)
        assert source.available(1, 5) == 5
        assert made(source, first=4, count=2) == [[b"four"], [b"one"]]

    def test_what_was_not_taken_is_offered_again(self, lines):
        source = source_of(source=lines)
        assert made(source, first=2, count=2) == made(source, first=2, count=2) == [[b"two"], [b""]]

    def test_a_recording_gives_what_the_first_sender_sent(self, tmp_path):
        def entry(sender, *frames):
            return {"time": 1, "from": sender, "to": "x", "frames": [b64encode(f).decode() for f in frames]}

        path = tmp_path / "run.jsonl"
        documents = [{"format": "zmq-recording", "version": 1}, {"event": "CONNECTED"}, entry("a", b"x", b"\xff"),
                     entry("b", b"no"), entry("a", b"y")]  # fmt: skip
        path.write_text("\n".join(map(json.dumps, documents)) + '\n{"time": 2, "fr', "utf-8")
        assert made(source_of(source=str(path)), count=2) == [[b"x", b"\xff"], [b"y"]]

    @pytest.mark.parametrize("content", [None, b""])
    def test_a_file_that_is_not_there_or_empty_is_refused(self, tmp_path, content):
        path = tmp_path / "lines.txt"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(InvalidValue, match=r"source='.*lines\.txt' .* Give a file of lines, or a recording"):
            source_of(source=str(path)).available(1, 1)

    def test_lines_are_values_of_the_format(self, tmp_path):
        path = tmp_path / "lines.txt"
        path.write_bytes(b"6869\n\r\n00ff\r\n")
        source = source_of(source=str(path), line_format=("HEX", "UTF-8"))
        assert made(source, count=3) == [[b"hi"], [b""], [b"\0\xff"]]

    @pytest.mark.parametrize(("line", "cause"), [(b"xyz", "HEX"), (b"\xff", "it is not UTF-8 text")])
    def test_a_line_that_is_no_value_of_the_format_is_refused_with_its_number(self, tmp_path, line, cause):
        path = tmp_path / "lines.txt"
        path.write_bytes(b"6869\n" + line)
        source = source_of(source=str(path), line_format=("HEX", "UTF-8"))
        with pytest.raises(InvalidValue, match=rf"Line 2 of source='.*lines\.txt' cannot be sent: .*{cause}"):
            source.available(1, 2)

    def test_a_recording_takes_no_format(self, tmp_path):
        path = tmp_path / "run.jsonl"
        path.write_text(json.dumps({"format": "zmq-recording", "version": 1}), "utf-8")
        with pytest.raises(InvalidValue, match=r"is a recording, .*omit format"):
            source_of(source=str(path), line_format=("HEX", "UTF-8")).available(1, 1)
