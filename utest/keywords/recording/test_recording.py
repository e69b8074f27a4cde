"""Which file a recording gets, and what its alias costs an older one."""

from __future__ import annotations

import sys

import pytest

from ZmqLibrary.errors import InvalidValue


def test_one_file_is_not_written_by_two_recordings_whatever_it_is_called(library, tmp_path):
    (tmp_path / "runs").mkdir()
    path = tmp_path / "run.jsonl"
    library.start_recording(str(path), alias="first")
    with pytest.raises(InvalidValue, match=r"Recording 'first' is written to .*run\.jsonl\. Stop that first"):
        library.start_recording(str(tmp_path / "runs" / ".." / "run.jsonl"), alias="second")


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
@pytest.mark.parametrize("link", ["symlink_to", "hardlink_to"])
def test_a_link_to_the_file_of_a_recording_is_that_file(library, tmp_path, link):
    path, other = tmp_path / "run.jsonl", tmp_path / "other.jsonl"
    library.start_recording(str(path), alias="first")
    getattr(other, link)(path)
    with pytest.raises(InvalidValue, match="Recording 'first' is written to"):
        library.start_recording(str(other), alias="second")


def test_a_path_that_cannot_be_written_does_not_cost_the_older_recording_of_that_alias(library, tmp_path):
    file = tmp_path / "file"
    file.touch()
    library.start_recording(str(tmp_path / "run.jsonl"), alias="run")
    older = library.session.recordings.recorders.get("run")
    with pytest.raises(InvalidValue, match="cannot be written"):
        library.start_recording(str(file / "run.jsonl"), alias="run")
    assert older.running
    assert library.session.recordings.recorders.get("run") is older


def test_an_alias_and_its_file_can_be_used_again(library, tmp_path):
    path = tmp_path / "run.jsonl"
    for _ in range(2):
        library.start_recording(str(path), alias="run")
    library.start_recording(str(tmp_path / "other.jsonl"), alias="run")
    assert library.stop_recording() == str(tmp_path / "other.jsonl")
