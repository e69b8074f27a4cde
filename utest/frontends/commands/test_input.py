"""Messages and recordings from files and standard input."""

from __future__ import annotations

import subprocess

import pytest

from utest.frontends.commands.test_talking import PATIENT, finished, listening, objects, shell
from ZmqLibrary.frontends.command_line import main

PIPED = {"stdin": subprocess.PIPE}


@pytest.fixture
def echo(started):
    return listening(started("reply", "tcp://127.0.0.1:*", *PATIENT))


def fed(process, text):
    output, errors = process.communicate(text, timeout=60)
    assert "Traceback" not in errors
    return process.returncode, output, errors


def test_each_line_of_standard_input_is_a_message(started):
    receiver = started("receive", "tcp://127.0.0.1:*", "--bind", *PATIENT, "--count", "3")
    sender = started("send", listening(receiver), "--source", "-", "--json", *PATIENT, **PIPED)
    assert fed(sender, "one\ntwo words\té\n\n")[:2] == (0, '{"sent": 3}\n')
    assert finished(receiver)[1] == "one\ntwo words\\té\n\n"


def test_a_line_is_sent_as_soon_as_it_is_there(started, echo):
    asking = started("request", echo, "--source", "-", *PATIENT, **PIPED)
    for text in ("first", "second"):
        asking.stdin.write(f"{text}\n")
        asking.stdin.flush()
        assert asking.stdout.readline() == f"{text}\n"
    assert fed(asking, "")[0] == 0


def test_lines_of_a_file_have_the_format(echo, tmp_path, capsys):
    (tmp_path / "lines").write_text('{"a": 1}\n{"a": 2}\n{"a": 3}\n', "utf-8")
    words = ("--source", str(tmp_path / "lines"), "--count", "2", "--format", "JSON", "--json")
    assert shell("request", echo, *words) == 0
    assert objects(capsys.readouterr().out) == [{"frames": ['{"a": 1}']}, {"frames": ['{"a": 2}']}]


def test_a_wrong_line_is_told_with_its_number_and_those_before_are_sent(echo, tmp_path, capsys):
    (tmp_path / "lines").write_text('{"a": 1}\n{"a" 2}\n', "utf-8")
    assert shell("request", echo, "--source", str(tmp_path / "lines"), "--format", "JSON") == 2
    out, err = capsys.readouterr()
    assert out == '{"a": 1}\n'
    assert f"Line 2 of {tmp_path / 'lines'}: " in err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "Give either frames or --source FILE."),
        (["x", "--source", "lines"], "Give either frames or --source FILE."),
        (["--source", "nowhere"], "--source nowhere cannot be read"),
        (["--source", "binary"], "--source binary is not UTF-8 text"),
    ],
)
def test_a_source_that_cannot_be_used_is_told(echo, words, told, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\n")
    assert shell("request", echo, *words) == 2
    assert told in capsys.readouterr().err


def test_a_source_that_is_not_there_is_told_before_anything_is_opened(closed_port, capsys):
    assert shell("send", closed_port, "--source", "nowhere") == 2
    assert "--source nowhere cannot be read" in capsys.readouterr().err


def test_a_recording_comes_from_standard_input(started, tmp_path):
    path = tmp_path / "run.jsonl"
    recorder = started("record", "tcp://127.0.0.1:*", path, "--type", "PULL", "--bind", "--count", "1", *PATIENT)
    shell("send", listening(recorder), "job")
    assert finished(recorder)[0] == 0
    recorded = path.read_text("utf-8")
    code, output, _ = fed(started("read", "-", "--json", **PIPED), recorded)
    assert (code, [line["frames"] for line in objects(output)]) == (0, [["job"]])
    receiver = started("receive", "tcp://127.0.0.1:*", "--bind", *PATIENT)
    assert fed(started("replay", "-", listening(receiver), *PATIENT, **PIPED), recorded)[0] == 0
    assert finished(receiver)[1] == "job\n"


def test_what_is_no_recording_is_told_by_its_name(started):
    code, _, errors = fed(started("read", "-", **PIPED), "no recording\n")
    assert code == 2
    assert "standard input is neither a recording nor a capture" in errors


def test_a_pump_takes_lines_of_standard_input(started):
    receiver = started("receive", "tcp://127.0.0.1:*", "--bind", *PATIENT, "--count", "2")
    words = ("--source", "-", "--count", "2", "--stamp", "NONE", *PATIENT)
    assert fed(started("pump", listening(receiver), *words, **PIPED), "a\nb\n")[0] == 0
    assert finished(receiver)[1] == "a\nb\n"


def test_nothing_that_fits_in_a_recording_is_told_with_what_there_is(started, tmp_path, capsys):
    path = tmp_path / "run.jsonl"
    recorder = started("record", "tcp://127.0.0.1:*", path, "--type", "PULL", "--bind", "--count", "1", *PATIENT)
    shell("send", listening(recorder), "job")
    finished(recorder)
    assert main(["read", str(path), "--sender", "nobody"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "Its messages go from" in err
