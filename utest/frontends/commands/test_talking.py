"""send, receive, request, reply, record, replay, read, probe and keys, as a shell uses them."""

from __future__ import annotations

import json
import signal
import socket
import threading
from pathlib import Path

import pytest
import zmq

from ZmqLibrary.frontends.command_line import main
from ZmqLibrary.waiting.hand import Hand

ROOT = Path(__file__).resolve().parents[3]
LONG = 120
PATIENT = ("--timeout", f"{LONG}s")


def listening(process):
    return process.stderr.readline().split()[-1]


def finished(process):
    output, errors = process.communicate(timeout=LONG)
    assert "Traceback" not in errors
    return process.returncode, output, errors


def shell(*words):
    return main([*words, *PATIENT])


def objects(text):
    return [json.loads(line) for line in text.splitlines()]


def test_messages_go_from_one_shell_to_another(started, capsys):
    receiver = started("receive", "tcp://127.0.0.1:*", "--bind", *PATIENT, "--count", "3", "--json")
    assert shell("send", listening(receiver), "job", "42", "--count", "3") == 0
    assert objects(finished(receiver)[1]) == [{"frames": ["job", "42"]}] * 3


def test_text_has_a_line_for_each_message_and_tabs_between_frames(started):
    receiver = started("receive", "tcp://127.0.0.1:*", "--bind", *PATIENT)
    shell("send", listening(receiver), "a", "b\tc\n", "é")
    assert finished(receiver)[:2] == (0, "a\tb\\tc\\n\té\n")


def test_base64_shows_what_is_no_text(started):
    receiver = started("receive", "tcp://127.0.0.1:*", "--bind", *PATIENT, "--json", "--format", "BASE64")
    shell("send", listening(receiver), "/wA=", "--format", "BASE64")
    assert objects(finished(receiver)[1]) == [{"frames": ["/wA="]}]


def test_each_message_has_to_match_what_is_expected(started):
    receiver = started(
        "receive", "tcp://127.0.0.1:*", "--bind", *PATIENT, "--count", "2", "--expect", "job", "--expect", "4?"
    )
    address = listening(receiver)
    shell("send", address, "job", "42")
    shell("send", address, "job", "7")
    code, output, errors = finished(receiver)
    assert (code, output) == (1, "job\t42\njob\t7\n")
    assert "Frame 1: '7' is not like '4?'" in errors


def test_a_subscriber_gets_its_topics_and_a_publisher_waits_for_it(started):
    publisher = started("send", "tcp://127.0.0.1:*", "EUR", "1.1", "--type", "PUB", "--bind", *PATIENT)
    address = listening(publisher)
    receiver = started("receive", address, "--type", "SUB", "--subscribe", "EUR", *PATIENT)
    assert finished(receiver)[:2] == (0, "EUR\t1.1\n")
    assert finished(publisher)[0] == 0


def test_a_request_is_answered_by_itself_or_as_told(started, capsys):
    server = started("reply", "tcp://127.0.0.1:*", "--count", "2", *PATIENT)
    address = listening(server)
    assert shell("request", address, "ping", "--expect", "ping") == 0
    assert shell("request", address, "ping", "--expect", "pong") == 1
    assert finished(server)[:2] == (0, "ping\nping\n")
    server = started("reply", "tcp://127.0.0.1:*", "pong", "--count", "1", *PATIENT)
    assert shell("request", listening(server), "ping", "--expect", "pong") == 0
    finished(server)


def test_a_dealer_that_a_rep_does_not_answer_is_told_why(started, capsys):
    address = listening(started("reply", "tcp://127.0.0.1:*", *PATIENT))
    assert main(["request", address, "hi", "--type", "DEALER", "--timeout", "1s"]) == 3
    assert "only if the first frame is empty" in capsys.readouterr().err
    assert shell("request", address, "", "hi", "--type", "DEALER") == 0
    assert capsys.readouterr().out == "\thi\n"


@pytest.mark.parametrize(
    "words",
    [("send", "ENDPOINT", "x"), ("request", "ENDPOINT", "x"), ("receive", "ENDPOINT", "--bind"), ("probe", "ENDPOINT")],
)
def test_without_a_peer_it_ends_with_3_and_names_options(words, closed_port, capsys):
    words = [closed_port if word == "ENDPOINT" else word for word in words]
    assert main([*words, "--timeout", "300ms"]) == 3
    errors = capsys.readouterr().err
    assert closed_port in errors
    assert "timeout=" not in errors
    assert "lazy=" not in errors


@pytest.mark.parametrize(
    "words",
    [
        ["send"],
        ["send", "nonsense", "x"],
        ["send", "tcp://127.0.0.1:1", "x", "--count", "0"],
        ["send", "tcp://127.0.0.1:1", "x", "--format", "NIX"],
        ["send", "tcp://127.0.0.1:1", "not base64!", "--format", "BASE64"],
        ["receive", "tcp://127.0.0.1:1", "--type", "NIX"],
        ["receive", "tcp://127.0.0.1:*", "--type", "PUSH", "--bind"],
        ["read", "nowhere.jsonl"],
        ["read", str(ROOT)],
        ["replay", "nowhere.jsonl", "tcp://127.0.0.1:1"],
        ["probe", "nonsense"],
    ],
)
def test_wrong_usage_ends_with_2(words, capsys):
    assert main(words) == 2
    assert capsys.readouterr().err


def test_what_was_recorded_is_read_and_replayed(started, tmp_path, capsys):
    path = str(tmp_path / "run.jsonl")
    recorder = started(
        "record", "tcp://127.0.0.1:*", path, "--type", "PULL", "--bind", "--count", "2", "--json", *PATIENT
    )
    shell("send", listening(recorder), "job", "42", "--count", "2")
    assert objects(finished(recorder)[1]) == [{"path": path, "messages": 2}]
    capsys.readouterr()
    assert main(["read", path, "--json", "--expect", "job"]) == 0
    assert [line["frames"] for line in objects(capsys.readouterr().out)] == [["job", "42"]] * 2
    assert main(["read", path, "--expect", "other"]) == 1
    receiver = started("receive", "tcp://127.0.0.1:*", "--bind", *PATIENT, "--count", "2")
    assert shell("replay", path, listening(receiver), "--speed", "MAX") == 0
    assert finished(receiver)[1] == "job\t42\n" * 2


def test_a_proxy_records_what_passes(started, tmp_path, capsys):
    path = str(tmp_path / "run.jsonl")
    receiver = started("receive", "tcp://127.0.0.1:*", "--bind", *PATIENT)
    recorder = started("record", listening(receiver), path, "--listen", "tcp://127.0.0.1:*", "--count", "1", *PATIENT)
    shell("send", listening(recorder), "through")
    assert finished(recorder)[0] == 0
    assert finished(receiver)[1] == "through\n"
    main(["read", path, "--json"])
    assert objects(capsys.readouterr().out)[0]["frames"] == ["through"]


def test_a_probe_says_what_listens(capsys):
    with zmq.Context() as context, context.socket(zmq.PULL) as pull:
        port = pull.bind_to_random_port("tcp://127.0.0.1")
        assert shell("probe", f"tcp://127.0.0.1:{port}", "--json") == 0
    (found,) = objects(capsys.readouterr().out)
    assert (found["version"], found["mechanism"], found["type"]) == ("3.1", "NULL", "PULL")
    assert found["seconds"] > 0


def test_a_probe_names_the_mechanism_of_who_tells_no_more(capsys):
    with zmq.Context() as context, context.socket(zmq.REP) as server:
        server.curve_server = True
        server.curve_secretkey = zmq.curve_keypair()[1]
        port = server.bind_to_random_port("tcp://127.0.0.1")
        assert shell("probe", f"tcp://127.0.0.1:{port}") == 0
    assert "ZMTP 3.1, mechanism CURVE" in capsys.readouterr().out


def test_a_probe_of_what_is_no_zeromq_ends_with_3(capsys):
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer():
            while True:
                try:
                    peer, _ = listener.accept()
                except OSError:
                    return
                with peer:
                    peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=answer, daemon=True).start()
        address = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
        assert shell("probe", address) == 3
        listener.shutdown(socket.SHUT_RDWR)
    assert "it does not speak ZeroMQ (ZMTP 2.0 or newer). It says: HTTP/1.1 400 Bad Request" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [
        (lambda peer: peer.close(), "closed the connection during the handshake"),
        (lambda peer: None, "no ZeroMQ handshake: it has said nothing in 300 milliseconds"),
        (
            lambda peer: peer.makefile("rb").readline() and peer.sendall(b"HTTP/1.0 400 No\r\n"),
            "It says: HTTP/1.0 400 No",
        ),
    ],
    ids=["closes", "is silent", "waits for a line"],
)
def test_a_probe_says_how_a_peer_fails(behaviour, told, capsys):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        accepted = []

        def serve():
            accepted.append(listener.accept()[0])
            behaviour(accepted[0])

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        assert main(["probe", f"tcp://127.0.0.1:{listener.getsockname()[1]}", "--timeout", "300ms"]) == 3
        thread.join(LONG)
        accepted[0].close()
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("endpoint", ["tcp://127.0.0.1:9", "tcp://no.such.host.invalid:1"])
def test_a_probe_of_nobody_ends_with_3(endpoint, capsys):
    assert shell("probe", endpoint) == 3
    told = capsys.readouterr().err
    assert endpoint in told
    assert "nobody listens there" in told or "cannot be resolved" in told


def test_control_characters_do_not_reach_the_terminal(started, capsys):
    address = listening(started("reply", "tcp://127.0.0.1:*", *PATIENT))
    assert shell("request", address, "red\x1b[31m", "\u202eturned") == 0
    assert capsys.readouterr().out == "red\\x1b[31m\t\\u202eturned\n"


def test_keys_are_saved_or_printed(tmp_path, capsys):
    path = tmp_path / "alice.key"
    assert main(["keys", str(path), "--json"]) == 0
    (saved,) = objects(capsys.readouterr().out)
    assert set(saved) == {"public", "files"}
    assert {Path(file).name for file in saved["files"]} == {"alice.key", "alice.key_secret"}
    assert main(["keys", "--json"]) == 0
    (printed,) = objects(capsys.readouterr().out)
    assert [len(printed[name]) for name in ("public", "secret")] == [40, 40]


def test_ctrl_c_ends_an_endless_receive_with_130(started):
    receiver = started("receive", "tcp://127.0.0.1:*", "--bind", *PATIENT, "--count", "0")
    listening(receiver)
    receiver.send_signal(signal.SIGINT)
    assert finished(receiver)[0] == 130


@pytest.mark.parametrize(
    ("words", "type"),
    [
        (("receive", "{0}", "--bind"), "PUSH"),
        (("reply", "{0}"), "DEALER"),
        (("request", "{0}", "ping"), "REP"),
        (("record", "{0}", "{1}", "--bind", "--type", "PULL"), "PUSH"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_command_keeps_no_message_that_it_has_taken(raw, tmp_path, monkeypatch, words, type):
    """Keywords keep theirs until the next one begins, and there is none in an endless loop."""
    held, hold = [], Hand.hold
    monkeypatch.setattr(Hand, "hold", lambda self, undo: (held.append(undo), hold(self, undo)))

    def count_held(count):
        held.clear()
        endpoint = f"ipc://{tmp_path}/{count}"
        peer = raw(type, bind=endpoint) if type == "REP" else raw(type, connect=endpoint)
        answering = threading.Thread(target=lambda: [peer.send(peer.recv()) for _ in range(count)])
        if type == "REP":
            answering.start()
        else:
            for _ in range(count):
                peer.send_multipart([b"", b"ping"])
        assert shell(*[word.format(endpoint, tmp_path / "run.jsonl") for word in words], "--count", str(count)) == 0
        if type == "REP":
            answering.join(LONG)
        return len(held)

    assert count_held(3) == count_held(1)
