"""The command line as a shell uses it: exit codes, what is data, and that it always ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from io import BytesIO, TextIOWrapper

import pytest
import zmq

from ZmqLibrary.frontends.command_line import COMMANDS, command, main
from ZmqLibrary.frontends.commands.command import print_json
from ZmqLibrary.recording.recording import Track
from ZmqLibrary.recording.tape import header_line, line_head
from ZmqLibrary.recording.tape_lines import message_line

LONG = 120


def listening(process):
    """The endpoint that a command says on standard error."""
    return process.stderr.readline().split()[-1]


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help_with_an_example(name, capsys):
    assert main([name, "--help"]) == 0
    text = capsys.readouterr().out
    assert f"example:\n  zmqlibrary {name} " in text
    assert command(name).summary == COMMANDS[name]


def test_help_and_completion_do_not_wait_for_robot():
    names = [name for name in COMMANDS if name != "remote"]  # which serves Robot
    program = (
        "import sys; from ZmqLibrary.frontends.command_line import main\n"
        f"for name in {names}: main([name, '--help'])\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "usage: zmqlibrary pump" in done.stdout
    assert "robot" not in done.stdout.splitlines()[-1].split()


def test_without_a_command_the_usage_is_told(capsys):
    assert main([]) == 2
    assert "usage: zmqlibrary COMMAND" in capsys.readouterr().err
    assert main(["--help"]) == 0
    assert "pump" in capsys.readouterr().out


def test_an_unknown_command_is_told_with_those_that_there_are(capsys):
    assert main(["bump"]) == 2
    assert "there is no command 'bump'. Commands are: pump, sink" in capsys.readouterr().err


def test_two_shells_measure_a_pipeline(started, ran, tmp_path):
    percentiles = tmp_path / "latency.hgrm"
    with started("sink", "tcp://127.0.0.1:*", "--bind", "--count", 500, "--idle", "20s", "--complete", "--json",
                 "--timeout", "60s", "--hgrm", percentiles) as sink:  # fmt: skip
        endpoint = listening(sink)
        code, output, _ = ran(
            "pump", endpoint, "--count", 500, "--rate", 5000, "--size", 200, "--timeout", "60s", "--json"
        )
        found, _ = sink.communicate(timeout=LONG)
    pumped, received = json.loads(output.splitlines()[-1]), json.loads(found.splitlines()[-1])
    assert (code, sink.returncode) == (0, 0)
    assert (pumped["sent"], pumped["bytes"], pumped["state"]) == (500, 100_000, "DONE")
    assert (received["received"], received["complete"], received["latency"]["count"]) == (500, True, 500)
    assert "#[Max" in percentiles.read_text("utf-8")


def test_a_report_can_be_read_without_json(started, ran):
    with started("sink", "tcp://127.0.0.1:*", "--bind", "--count", 3, "--timeout", "60s") as sink:
        endpoint = listening(sink)
        code, output, _ = ran("pump", endpoint, "EUR", '{"n": $n}', "--count", 3, "--timeout", "60s")
        found, _ = sink.communicate(timeout=LONG)
    assert (code, sink.returncode) == (0, 0)
    assert "Sent          3\n" in output
    assert "Received    3\n" in found


def test_a_lossy_pipeline_is_not_complete(started):
    with started("sink", "tcp://127.0.0.1:*", "--bind", "--count", 3, "--complete", "--sequence", "$.n", "--timeout",
                 "60s", "--json") as sink, zmq.Context() as context, context.socket(zmq.PUSH) as source:  # fmt: skip
        source.connect(listening(sink))
        for number in (1, 2, 4):
            source.send(b'{"n": %d}' % number)
        found, errors = sink.communicate(timeout=LONG)
    assert sink.returncode == 1
    assert json.loads(found)["first_lost"] == [3]
    assert "not every message came once" in errors


@pytest.mark.parametrize("times", [("--idle", "500ms", "--timeout", "60s"), ("--timeout", "3s")])
def test_fewer_messages_than_wanted_are_an_expectation_that_is_not_met(started, times):
    words = ("sink", "tcp://127.0.0.1:*", "--bind", "--count", 5, *times)
    with started(*words) as sink, zmq.Context() as context, context.socket(zmq.PUSH) as source:
        source.connect(listening(sink))
        source.send(b"one")
        _, errors = sink.communicate(timeout=LONG)
    assert sink.returncode == 1
    assert "1 of 5 messages came" in errors


def recorded(path, sender):
    """A recording with one message of a sender."""
    head = line_head(Track(1, sender, "service", ("PUSH", "PULL")))
    path.write_text(header_line(0.0) + message_line(0, head, [b"job"]), "utf-8")
    return str(path)


def test_a_speed_that_means_nothing_is_told_before_anything_is_opened(tmp_path, closed_port, capfd):
    path = recorded(tmp_path / "run.jsonl", "client")
    assert main(["replay", path, closed_port, "--speed", "abc"]) == 2
    assert "--speed abc cannot be used" in capfd.readouterr().err


def test_names_in_a_recording_do_nothing_to_the_terminal(tmp_path, closed_port, capfd):
    path = recorded(tmp_path / "run.jsonl", "\x1b[31mred\nnext")
    assert main(["read", path]) == 0
    assert main(["read", path, "--sender", "nobody"]) == 0
    assert main(["replay", path, closed_port, "--sender", "nobody"]) == 2
    shown = capfd.readouterr()
    for text in (shown.out, shown.err):
        assert r"\x1b[31mred\nnext" in text
        assert "\x1b" not in text


@pytest.mark.parametrize(
    "words",
    [
        ("pump", "--count", 5),
        ("pump", "--bind", "--count", 5),
        ("sink", "--bind", "--count", 5),
        ("sink", "--count", 5),
    ],
)
def test_without_a_peer_it_ends_with_3(ran, words, closed_port):
    code, output, errors = ran(words[0], closed_port, *words[1:], "--timeout", "500ms")
    assert (code, output) == (3, "")
    assert closed_port in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("pump",), "required: endpoint\n"),
        (("reply",), "required: endpoint\n"),
        (("send",), "required: endpoint\n"),
        (("pump", "tcp://127.0.0.1:5", "--rate", "-1"), "rate"),
        (("pump", "tcp://127.0.0.1:5", "--size", "10"), "28 bytes"),
        (("pump", "tcp://127.0.0.1:5", "--type", "PULL"), "PUSH, PUB"),
        (("pump", "nowhere"), "transport"),
        (("pump", "tcp://127.0.0.1:5", "--source", "/nowhere"), "cannot be read"),
        (("pump", "tcp://127.0.0.1:5", "--hgrm", "/no/where"), "--hgrm"),
        (("sink",), "endpoint"),
        (("sink", "tcp://127.0.0.1:5", "--idle", "soon"), "no time"),
        (("sink", "tcp://127.0.0.1:5", "--nonsense"), "--nonsense"),
    ],
)
def test_wrong_usage_is_told_and_nothing_started(words, told, capfd):
    assert main(list(words)) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert told in err


def test_a_wrong_command_line_leaves_the_file_of_the_report_as_it_is(tmp_path):
    file = tmp_path / "last.hgrm"
    file.write_text("the last run", "utf-8")
    assert main(["sink", "nowhere", "--hgrm", str(file)]) == 2
    assert file.read_text("utf-8") == "the last run"


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_json_has_nothing_that_a_terminal_acts_on(monkeypatch, encoding):
    document = {"message": ["a\x9b31m\u202eb\x7f\ud800", "größe \U0001f600\U000e0001"]}
    with TextIOWrapper(BytesIO(), encoding) as output:
        monkeypatch.setattr(sys, "stdout", output)
        print_json(document)
        printed = output.buffer.getvalue().decode(encoding)
    assert printed.removesuffix("\n").isprintable()
    assert ("größe 😀" in printed) is (encoding == "utf-8")
    assert json.loads(printed) == document


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGINT")
def test_ctrl_c_ends_it_with_the_report_and_no_traceback(started):
    with started("sink", "tcp://127.0.0.1:*", "--bind", "--timeout", "60s", "--json") as sink:
        with zmq.Context() as context, context.socket(zmq.PUSH) as source:
            source.connect(listening(sink))
            pump = started("pump", "tcp://127.0.0.1:*", "--bind", "--rate", 100, "--timeout", "60s", "--json")
            with pump, context.socket(zmq.PULL) as target:
                target.connect(listening(pump))
                target.recv()
                pump.send_signal(signal.SIGINT)
                output, errors = pump.communicate(timeout=LONG)
        sink.send_signal(signal.SIGINT)
        _, sink_errors = sink.communicate(timeout=LONG)
    assert (pump.returncode, json.loads(output)["state"]) == (130, "STOPPED")
    assert sink.returncode == 130
    assert "Traceback" not in errors + sink_errors


def test_a_closed_pipe_ends_it_silently(started):
    read, write = os.pipe()
    os.close(read)
    process = started("pump", "--help", stdout=write)
    os.close(write)
    with process:
        _, errors = process.communicate(timeout=LONG)
    assert process.returncode in (0, 141)
    assert errors == ""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_on_a_terminal_there_is_progress(started):
    import pty

    ours, theirs = pty.openpty()
    with started("pump", "tcp://127.0.0.1:*", "--bind", "--rate", 100, "--count", 100_000, "--timeout", "60s",
                 stderr=theirs) as pump:  # fmt: skip
        os.close(theirs)
        with os.fdopen(ours, "rb", 0) as terminal, zmq.Context() as context, context.socket(zmq.PULL) as target:
            seen = terminal.readline().decode()
            target.connect(seen.split()[-1])
            while "a second" not in seen:
                seen += os.read(terminal.fileno(), 1 << 20).decode("utf-8", "replace")
            pump.send_signal(signal.SIGINT)
            output, _ = pump.communicate(timeout=LONG)
    assert pump.returncode == 130
    assert "/100000" in seen or "of 100,000 messages" in seen
    assert "Sent" in output
