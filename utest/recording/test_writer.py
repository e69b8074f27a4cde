"""What waits to be written is bounded, and what is written no longer counts."""

from __future__ import annotations

import sys

import pytest

from ZmqLibrary.errors import InvalidValue
from ZmqLibrary.recording.writer import TapeWriter

MEGABYTE = bytes(2**20)


@pytest.fixture
def writer(tmp_path):
    writer = TapeWriter(tmp_path / "run.jsonl", "header\n", 0.0)
    yield writer
    writer._file.close()


@pytest.mark.parametrize(
    "frames",
    [[MEGABYTE], [MEGABYTE, b"end"], [b"start", MEGABYTE], [bytes(1000)] * 1000],
    ids=["only", "first", "last", "many small ones"],
)
def test_what_waits_is_bounded_by_all_frames_of_a_message(writer, frames):
    for _ in range(60):
        writer.put((0, 0.0, frames), frames)
    assert not writer.failed
    for _ in range(20):
        writer.put((0, 0.0, frames), frames)
    assert writer.failed


def test_nothing_is_left_out_while_messages_come_as_fast_as_they_are_written(writer):
    """While one is written, the next one comes: there is always one that waits."""
    left = iter(range(200))

    def write() -> list[str]:
        if next(left, None) is not None:
            writer.put(write, [MEGABYTE])
        writer._wake.set()
        return ["line\n"]

    writer.start()
    writer.put(write, [MEGABYTE])
    while next(left, None) is not None:
        writer.flush()
    writer.stop()
    assert not writer.failed


@pytest.mark.skipif(sys.platform == "win32", reason="files are locked only on POSIX")
def test_of_two_that_begin_with_one_file_at_the_same_moment_the_second_is_refused(writer):
    for step in (lambda: None, writer.start, writer.flush):
        step()
        with pytest.raises(InvalidValue, match=r"run\.jsonl is being written by another process or library"):
            TapeWriter(writer.path, "late\n", 0.0)
    writer.put(lambda: ["line\n"], [])
    writer.stop()
    writer.check()
    assert writer.path.read_text("utf-8") == "header\nline\n"
    TapeWriter(writer.path, "next\n", 0.0)._file.close()
    assert writer.path.read_text("utf-8") == "next\n"
