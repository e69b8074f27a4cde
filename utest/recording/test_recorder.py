"""Recorders watch real sockets of a library; what they wrote is loaded again."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path
from socket import SHUT_WR, create_connection

import pytest
import zmq
from robot.api.types import Secret

from utest.network.wires import happens
from ZmqLibrary.errors import InvalidValue, NotOpen, WorkerFailed
from ZmqLibrary.recording.writer import TapeWriter
from ZmqLibrary.waiting.deadline import Deadline
from ZmqLibrary.zmtp.frames import encode

from .wire import hello, written

TCP = "tcp://127.0.0.1:*"


def lines_of(path) -> list[dict[str, object]]:
    return [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]


def recorded(library, number, **query):
    """So many recorded messages: a mock server notes what it has sent a moment after its peer may have it."""
    deadline = Deadline(60)
    while len(found := library.get_recorded_messages(**query)) < number:
        assert deadline.remaining(), found
    return found


def pair(library, bound="PULL", connected="PUSH", endpoint=TCP):
    library.bind_zmq_socket(endpoint, bound, "jobs")
    library.connect_zmq_socket(library.get_zmq_endpoint(), connected, "work")


def test_a_file_begins_with_who_wrote_it_and_has_a_line_for_each_sight_of_a_message(library, tmp_path):
    pair(library)
    library.start_recording(str(tmp_path / "run.jsonl"))
    library.send_multipart("job", "42", socket="work")
    library.receive_multipart(socket="jobs")
    header, *lines = lines_of(library.stop_recording())
    assert header["format"] == "zmq-recording"
    assert header["version"] == 1
    seen = [(line["from"], line["to"], line["seen_by"], line["frames"]) for line in lines if "frames" in line]
    frames = ["am9i", "NDI="]
    assert sorted(seen) == [("work", "jobs", "jobs", frames), ("work", "jobs", "work", frames)]
    assert {tuple(line["types"]) for line in lines} == {("PUSH", "PULL")}


def test_a_peer_that_is_no_socket_of_the_library_is_its_address(library, tmp_path):
    library.bind_zmq_socket(TCP, "PULL", "jobs")
    library.start_recording(str(tmp_path / "run.jsonl"))
    with zmq.Context() as context, context.socket(zmq.PUSH) as push:
        push.connect(library.get_zmq_endpoint())
        push.send(b"x")
        library.receive_message(socket="jobs")
        (message,) = library.get_recorded_messages()
        host, port = message.sender.split(":")
        assert (host, message.sender_type) == ("127.0.0.1", "PUSH")
        assert int(port) != int(library.get_zmq_endpoint().rpartition(":")[2])


def test_of_a_peer_that_was_gone_before_its_message_was_read_only_the_host_is_known(library, tmp_path):
    library.bind_zmq_socket(TCP, "PULL", "jobs")
    library.start_recording(str(tmp_path / "run.jsonl"))
    port = int(library.get_zmq_endpoint().rpartition(":")[2])
    with create_connection(("127.0.0.1", port), timeout=60) as peer, peer.makefile("rb") as incoming:
        peer.sendall(hello("PUSH"))
        incoming.read(len(hello("PULL")))
        peer.sendall(encode([b"x"]))
        peer.shutdown(SHUT_WR)
        incoming.read()  # until libzmq, too, has closed the connection
    library.receive_message(socket="jobs")
    (message,) = library.get_recorded_messages()
    assert (message.sender, message.sender_type) == ("127.0.0.1", "PUSH")
    assert library.get_recorded_messages(sender="127.0.0.1") == [message]


@pytest.mark.parametrize("endpoint", [TCP, "inproc://requests", "ipc:///tmp/zmq-recorder-{pid}"])
def test_requests_and_replies_have_no_envelope(library, tmp_path, endpoint):
    library.start_recording(str(tmp_path / "run.jsonl"))
    library.start_mock_server(endpoint.format(pid=os.getpid()), "REP", "server")
    library.when_mock_receives("ping", reply="pong")
    library.connect_zmq_socket(library.session.addressed_socket(None).places.address, "REQ", "client")
    for number in (1, 2):
        library.send_request("ping")
        sent = library.get_recorded_messages(sender="client")
        seen = [(m.raw, m.sender_type, m.receiver, m.receiver_type) for m in sent]
        assert seen == [((b"ping",), "REQ", "server", "REP")] * number
        assert [m.raw for m in recorded(library, number, sender="server")] == [(b"pong",)] * number


ANY_TRANSPORT = pytest.mark.parametrize("endpoint", [TCP, "inproc://names", "ipc:///tmp/zmq-names-{pid}"])


@ANY_TRANSPORT
def test_of_services_that_follow_each_other_at_an_address_each_has_its_own_messages(library, tmp_path, endpoint):
    endpoint = endpoint.format(pid=os.getpid())
    library.start_recording(str(tmp_path / "run.jsonl"))
    for server, client in (("old", "one"), ("new", "two")):
        endpoint = library.get_zmq_endpoint(socket=library.bind_zmq_socket(endpoint, "REP", server))
        library.connect_zmq_socket(endpoint, "REQ", client)
        for sender, receiver in ((client, server), (server, client)):
            library.send_message(f"from {sender}", socket=sender)
            library.receive_message(socket=receiver)
        library.close_zmq_socket(client)
        library.close_zmq_socket(server)
    flow = library.log_message_flow(format="MERMAID")
    assert [flow.count(f"'from {name}'") for name in ("one", "old", "two", "new")] == [1, 1, 1, 1], flow
    assert "not received" not in flow
    assert flow.count("participant") == 4
    said = [(m.sender, m.receiver) for m in library.get_recorded_messages()]
    assert sorted(said) == sorted(2 * [("one", "old"), ("old", "one"), ("two", "new"), ("new", "two")])


@ANY_TRANSPORT
def test_a_bound_socket_knows_its_only_peer_before_libzmq_has_reported_it(library, tmp_path, endpoint):
    library.start_recording(str(tmp_path / "run.jsonl"))
    endpoint = library.get_zmq_endpoint(
        socket=library.bind_zmq_socket(endpoint.format(pid=os.getpid()), "PUSH", "jobs")
    )
    library.connect_zmq_socket(endpoint, "PULL", "work")
    library.send_message("x", socket="jobs")
    (message,) = library.get_recorded_messages()
    assert (message.sender, message.receiver) == ("jobs", "work")


@pytest.mark.parametrize("foreign", [True, False])
def test_clients_over_ipc_that_cannot_be_told_apart_have_no_made_up_address(library, tmp_path, foreign):
    endpoint = f"ipc:///tmp/zmq-names-{os.getpid()}"
    library.bind_zmq_socket(endpoint, "PULL", "jobs")
    library.start_recording(str(tmp_path / "run.jsonl"), sockets="jobs")
    library.connect_zmq_socket(endpoint, "PUSH", "one")
    if foreign:
        program = "import sys, zmq; s = zmq.Context().socket(zmq.PUSH); s.connect(sys.argv[1]); s.send(b'x')"
        running = subprocess.Popen([sys.executable, "-c", program, endpoint])
        sender = f"process {running.pid}"
    else:
        library.connect_zmq_socket(endpoint, "PUSH", "two")
        library.send_message("x", socket="one")
        sender = f"peers at {endpoint}"
    library.receive_message(socket="jobs", timeout=60)
    if foreign:
        running.wait(60)
    (message,) = library.get_recorded_messages()
    assert (message.sender, message.sender_type) == (sender, "PUSH")


def test_a_router_does_not_record_routing_ids(library, tmp_path):
    library.start_recording(str(tmp_path / "run.jsonl"))
    pair(library, "ROUTER", "DEALER")
    library.send_multipart("a", "b", socket="work")
    library.receive_multipart(socket="jobs")
    library.reply("c", socket="jobs")
    library.receive_message(socket="work")
    assert [m.raw for m in library.get_recorded_messages(receiver="jobs")] == [(b"a", b"b")]
    assert [m.raw for m in library.get_recorded_messages(sender="jobs")] == [(b"c",)]
    assert {m.receiver for m in library.get_recorded_messages(sender="jobs")} == {"work"}


def test_only_named_sockets_are_recorded(library, tmp_path):
    pair(library)
    library.start_recording(str(tmp_path / "run.jsonl"), sockets="work")
    library.send_message("x", socket="work")
    library.receive_message(socket="jobs")
    assert [m.track.seen_by for m in library.get_recorded_messages()] == ["work"]
    with pytest.raises(NotOpen, match=r"'nobody'.*jobs, work"):
        library.start_recording(str(tmp_path / "other.jsonl"), sockets=["nobody"])
    assert not (tmp_path / "other.jsonl").exists()


def test_a_proxy_records_what_passes_and_what_faults_did(library, tmp_path):
    library.bind_zmq_socket(TCP, "PULL", "jobs")
    library.start_proxy(library.get_zmq_endpoint(), alias="link")
    library.start_recording(str(tmp_path / "run.jsonl"), proxies="link")
    library.proxy_drops_messages("lost", name="loss")
    library.connect_zmq_socket(library.get_proxy_endpoint(), "PUSH", "work")
    library.send_message("lost", socket="work")
    library.send_message("kept", socket="work")
    library.receive_message(socket="jobs")
    messages = library.get_recorded_messages()
    assert [(m.raw[0], m.sender, m.receiver, m.track.seen_by) for m in messages] == [
        (b"lost", "work", "jobs", "link"),
        (b"kept", "work", "jobs", "link"),
    ]
    assert [line["faults"] for line in lines_of(library.stop_recording()) if "faults" in line] == [["loss"]]


def test_secrets_are_not_in_it_also_where_they_come_back(library, tmp_path):
    pair(library)
    library.start_recording(str(tmp_path / "run.jsonl"))
    library.send_message(Secret("hush-hush"), socket="work")
    library.receive_message(socket="jobs")
    library.send_message("the word is hush-hush", socket="work")
    library.send_message("nothing", socket="work")
    found = [m.raw[0] for m in library.get_recorded_messages()]
    assert sorted(found) == [b"<secret>"] * 3 + [b"nothing"]


@pytest.mark.parametrize("recorded_too", [True, False])
def test_secrets_are_not_in_what_a_proxy_passes_on(library, tmp_path, recorded_too):
    library.bind_zmq_socket(TCP, "PULL", "jobs")
    library.start_proxy(library.get_zmq_endpoint(), alias="link")
    library.start_recording(str(tmp_path / "run.jsonl"), proxies="link", sockets="jobs" if recorded_too else None)
    library.connect_zmq_socket(library.get_proxy_endpoint(), "PUSH", "work")
    library.send_message(Secret("hush-hush"), socket="work")
    library.receive_message(socket="jobs")
    assert {m.raw[0] for m in library.get_recorded_messages()} == {b"<secret>"}


@pytest.mark.parametrize("send", ["proxy_injects_message", "proxy_replaces_messages"])
def test_secrets_that_a_proxy_sends_are_not_in_it(library, tmp_path, send):
    library.bind_zmq_socket(TCP, "PULL", "jobs")
    library.start_proxy(library.get_zmq_endpoint(), alias="link")
    library.connect_zmq_socket(library.get_proxy_endpoint(), "PUSH", "work")
    library.start_recording(str(tmp_path / "run.jsonl"))
    if send == "proxy_injects_message":
        library.proxy_injects_message("job", Secret("hush-hush"))
    else:
        library.proxy_replaces_messages(replacement=["job", Secret("hush-hush")])
        library.send_message("other", socket="work")
    assert library.receive_multipart(socket="jobs") == ["job", "hush-hush"]
    assert (b"job", b"<secret>") in [m.raw for m in library.get_recorded_messages(receiver="jobs")]
    assert "hush-hush" not in (tmp_path / "run.jsonl").read_text("utf-8")


@pytest.mark.parametrize("pump_first", [True, False])
@pytest.mark.parametrize("frames", [["job", Secret("hush-hush")], [{"n": "$n", "key": Secret("hush-hush")}]])
def test_secrets_of_a_pump_are_not_in_what_a_proxy_passes_on(library, tmp_path, frames, pump_first):
    library.bind_zmq_socket(TCP, "PULL", "jobs")
    library.start_proxy(library.get_zmq_endpoint(), alias="link")

    def start_pump():
        library.start_pump(library.get_proxy_endpoint(), "PUSH", None, *frames, rate="200", stamp="NONE")

    if pump_first:
        start_pump()
    library.start_recording(str(tmp_path / "run.jsonl"), proxies="link", sockets=[])
    if not pump_first:
        start_pump()
    received = [library.receive_multipart(socket="jobs") for _ in range(40)]
    library.stop_pump()
    library.connect_zmq_socket(library.get_proxy_endpoint(), "PUSH", "work")
    library.send_message('{"n": 5}', socket="work")
    library.wait_for_message('{"n": 5}', socket="jobs")
    assert "hush-hush" in received[-1][-1]
    kept = [frame for message in library.get_recorded_messages() for frame in message.raw]
    assert b"<secret>" in kept
    assert b'{"n": 5}' in kept
    assert not [frame for frame in kept if b"hush-hush" in frame]


def test_a_proxy_records_what_passes_from_the_beginning_of_the_recording_on(library, tmp_path):
    library.bind_zmq_socket(TCP, "PULL", "jobs")
    library.start_proxy(library.get_zmq_endpoint(), alias="link")
    library.connect_zmq_socket(library.get_proxy_endpoint(), "PUSH", "work")
    library.send_message("before", socket="work")
    library.receive_message(socket="jobs")
    library.start_recording(str(tmp_path / "run.jsonl"), proxies="link")
    library.send_message("after", socket="work")
    library.receive_message(socket="jobs")
    assert [m.raw[0] for m in library.get_recorded_messages()] == [b"after"]


def test_connections_and_their_events_are_recorded(library, tmp_path):
    library.start_recording(str(tmp_path / "run.jsonl"))
    pair(library)
    library.close_zmq_socket("work")
    library.wait_until_disconnected(socket="jobs")
    recording = library.load_recording(library.stop_recording())
    assert {"CONNECTED", "ACCEPTED", "HANDSHAKE_SUCCEEDED", "DISCONNECTED"} == {e.event for e in recording.events}
    assert ("work", "jobs", "NULL") in {(c.client, c.server, c.mechanism) for c in recording.connections}


@pytest.mark.parametrize("connects", [True, False])
def test_a_connection_is_one_also_where_the_type_of_the_peer_is_known_later(library, tmp_path, connects):
    library.start_recording(str(tmp_path / "run.jsonl"))
    with zmq.Context() as context, context.socket(zmq.ROUTER if connects else zmq.DEALER) as peer:
        if connects:
            peer.bind(TCP)
            library.connect_zmq_socket(peer.last_endpoint.decode(), "DEALER", "work")
            library.send_message("request", socket="work")
            peer.send_multipart([peer.recv_multipart()[0], b"reply"])
            library.receive_message(socket="work")
        else:
            library.bind_zmq_socket(TCP, "ROUTER", "work")
            peer.connect(library.get_zmq_endpoint())
            library.wait_until_connected(socket="work")
            library.session.recordings.flush()
            peer.send(b"request")
            library.receive_multipart(socket="work")
            library.reply("reply", socket="work")
    recording = library.load_recording(library.stop_recording())
    (connection,) = recording.connections
    assert {connection.client_type, connection.server_type} == {"DEALER", "ROUTER"}
    assert {event.connection for event in recording.events} == {connection.number}
    for type, text in ("DEALER", b"request"), ("ROUTER", b"reply"):
        assert [m.raw for m in library.get_recorded_messages(sender=type, recording=recording)] == [(text,)]
        other = "ROUTER" if type == "DEALER" else "DEALER"
        assert [m.raw for m in library.get_recorded_messages(receiver=other, recording=recording)] == [(text,)]


@pytest.mark.parametrize("clients", [1, 3])
def test_events_of_a_listening_socket_belong_to_the_connection_of_the_client(library, tmp_path, clients):
    library.start_recording(str(tmp_path / "run.jsonl"))
    library.bind_zmq_socket(TCP, "PULL", "jobs")
    with zmq.Context() as context:
        for _ in range(clients):
            with context.socket(zmq.PUSH) as push:
                push.connect(library.get_zmq_endpoint())
                library.wait_until_connected()
                push.send(b"job")
                library.receive_message()
            library.wait_until_disconnected()
    recording = library.load_recording(library.stop_recording())
    assert len(recording.connections) == clients
    for connection in recording.connections:
        mine = [(e.event, e.sender) for e in recording.events if e.connection == connection.number]
        names = ["ACCEPTED", "HANDSHAKE_SUCCEEDED", "DISCONNECTED"]
        assert mine == [(name, connection.client) for name in names]


def test_events_of_a_socket_with_several_endpoints_belong_to_the_connection_of_each(library, tmp_path):
    with zmq.Context() as context, context.socket(zmq.PULL) as first, context.socket(zmq.PULL) as second:
        for pull in first, second:
            pull.bind(TCP)
        endpoints = [pull.last_endpoint.decode() for pull in (first, second)]
        library.start_recording(str(tmp_path / "run.jsonl"))
        library.connect_zmq_socket(endpoints[0], "PUSH", "work")
        library.connect_to_endpoint(endpoints[1])
        recording = library.load_recording(library.stop_recording())
    shaken = [event.receiver for event in recording.events if event.event == "HANDSHAKE_SUCCEEDED"]
    assert shaken == [endpoint.removeprefix("tcp://") for endpoint in endpoints]
    assert len(recording.connections) == 2


def test_a_file_that_cannot_be_written_is_told_at_once(library, tmp_path):
    path = written(tmp_path / "file", b"") / "run.jsonl"
    with pytest.raises(InvalidValue, match=r"run\.jsonl cannot be written"):
        library.start_recording(str(path))


@pytest.mark.skipif(sys.platform == "win32", reason="names of files are always Unicode")
def test_a_path_that_the_locale_does_not_have_is_named(tmp_path):
    program = "from ZmqLibrary import ZmqLibrary; ZmqLibrary().start_recording('\\u0437.jsonl')"
    locale = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    run = subprocess.run([sys.executable, "-c", program], env=locale, cwd=tmp_path, capture_output=True, text=True)
    assert r"Path '\u0437.jsonl' cannot be used: names of files are" in run.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="files are locked only on POSIX")
def test_a_file_that_another_process_writes_is_left_alone(library, tmp_path):
    path = tmp_path / "run.jsonl"
    program = (
        "import sys; from ZmqLibrary import ZmqLibrary; z = ZmqLibrary(); z.start_recording(sys.argv[1]); "
        "z.session.recordings.recorders.get(None).flush(); print(); sys.stdin.read(); z.stop_recording()"
    )
    command = [sys.executable, "-c", program, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        before = path.read_bytes()
        with pytest.raises(InvalidValue, match=r"run\.jsonl is being written by another process or library"):
            library.start_recording(str(path))
        assert path.read_bytes() == before
        other.stdin.close()
    assert other.returncode == 0
    library.start_recording(str(path))


def test_a_disk_that_is_full_is_told_by_the_next_keyword_and_messages_go_on(library, tmp_path, monkeypatch):
    pair(library)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # compiled modules would be cut off, too, and stay so
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        library.start_recording(str(tmp_path / "run.jsonl"), sockets="work")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    recorder = library.session.recordings.recorders.get(None)
    library.send_messages(["x" * 500] * 20, socket="work")
    recorder.flush()
    library.session.recordings.end_test()
    with pytest.raises(WorkerFailed, match=r"run\.jsonl is not complete: File too large"):
        library.send_message("one more", socket="work")
    library.send_message("and another", socket="work")
    assert len(library.receive_messages(21, socket="jobs")) == 21
    library.stop_recording()


def test_recordings_that_have_ended_well_are_no_longer_asked_once_the_test_is_over(library, tmp_path):
    recordings = library.session.recordings
    for name in ("ended", "running"):
        library.start_recording(str(tmp_path / f"{name}.jsonl"), alias=name)
    library.stop_recording("ended")
    recordings.end_test()
    assert [recorder.name for recorder in recordings.unsettled] == ["running"]


def test_who_asks_for_the_file_while_it_is_written_has_also_what_happened_until_then(tmp_path):
    asked, go_on = threading.Event(), threading.Event()
    happened = ["first\n"]

    def source() -> list[str]:
        found = happened[:]
        happened.clear()
        asked.set()
        go_on.wait(60)
        return found

    writer = TapeWriter(tmp_path / "run.jsonl", "header\n", 0.0)
    writer.sources = [source]
    writer.start()
    assert asked.wait(60)
    happened.append("second\n")
    flushing = threading.Thread(target=writer.flush)
    flushing.start()
    assert writer._wake.wait(60)
    go_on.set()
    flushing.join(60)
    assert (tmp_path / "run.jsonl").read_text("utf-8") == "header\nfirst\nsecond\n"
    writer.stop()


KILLED = """
import sys
from ZmqLibrary import ZmqLibrary
library = ZmqLibrary()
library.bind_zmq_socket("tcp://127.0.0.1:*", "PULL", "jobs")
library.connect_zmq_socket(library.get_zmq_endpoint(), "PUSH", "work")
library.start_recording(sys.argv[1], sockets="work")
for number in range(1000):
    library.send_message(str(number), socket="work")
library.session.recordings.flush()
print("written", flush=True)
sys.stdin.read()
"""


def test_a_recording_of_a_run_that_was_killed_can_be_read(library, tmp_path):
    path = str(tmp_path / "run.jsonl")
    run = subprocess.Popen(
        [sys.executable, "-c", KILLED, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with run:
        assert run.stdout.readline() == "written\n"
        run.send_signal(signal.SIGKILL)
    assert [int(m[0]) for m in library.load_recording(path).messages] == list(range(1000))


def test_a_recording_ends_with_the_library_and_leaves_no_process(library, tmp_path):
    library.start_recording(str(tmp_path / "run.jsonl"))
    process = library.session.recordings.recorders.get(None).writer._process
    library.session.end()
    assert process.poll() == 0


# A file that was opened just now is closed by its destructor, with a warning.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_recording_that_was_interrupted_as_it_began_leaves_nothing_behind(library, tmp_path, interrupted):
    path = tmp_path / "run.jsonl"
    library.start_recording(str(path), alias="first")  # what it imports is there then
    library.stop_recording("first")
    count = 0
    for step in range(60):
        if interrupted(lambda: library.start_recording(str(path), alias="run"), 0.0005 + step * 0.0001):
            count += 1
            recorders = library.session.recordings.recorders
            owned = 1 if "run" in recorders and recorders.get("run").running else 0
            happens(lambda wanted=owned: writers_of(path) == wanted)
    assert count
    library.start_recording(str(path), alias="run")
    library.stop_recording("run")


def writers_of(path) -> int:
    """How many threads have a file written: each ends with its process."""
    return sum(thread.name == f"recording {path}" for thread in threading.enumerate())


def test_a_flood_is_written_in_order_with_nothing_left_out(library, tmp_path):
    pair(library)
    library.start_recording(str(tmp_path / "run.jsonl"), sockets="work")
    library.send_messages([str(number) for number in range(30_000)], socket="work", timeout="60s")
    found = [int(m.raw[0]) for m in library.get_recorded_messages()]
    assert found == list(range(30_000))


def test_an_alias_that_is_used_again_ends_the_older_recording(library, tmp_path):
    pair(library)
    library.start_recording(str(tmp_path / "one.jsonl"), alias="run")
    library.start_recording(str(tmp_path / "two.jsonl"), alias="run")
    library.send_message("x", socket="work")
    assert library.load_recording(str(tmp_path / "one.jsonl")).messages == []
    assert library.stop_recording("run") == str(tmp_path / "two.jsonl")
    assert [m[0] for m in library.get_recorded_messages(recording="run", sender="work")] == ["x"]


def test_an_alias_that_is_used_again_for_the_same_file_leaves_nothing_of_the_older_recording(library, tmp_path):
    pair(library)
    for text in ("old", "new"):
        library.start_recording(str(tmp_path / "run.jsonl"), alias="run")
        library.send_message(text, socket="work")
    assert [m[0] for m in library.get_recorded_messages(sender="work")] == ["new"]


def test_what_was_sent_before_the_recording_and_received_in_it_is_sent_by_who_sent_it(library, tmp_path):
    pair(library, "PAIR", "PAIR")
    library.send_message("early", socket="work")
    library.start_recording(str(tmp_path / "run.jsonl"))
    library.receive_message(socket="jobs")
    library.send_message("back", socket="jobs")
    library.receive_message(socket="work")
    assert [m[0] for m in library.get_recorded_messages(sender="work")] == ["early"]
    assert library.replay_recording(socket="work", sender="work", speed="MAX") == 1


@pytest.mark.parametrize("path", ["a\0b", "\udc80"])
def test_what_no_file_can_be_called_is_refused(library, path):
    for keyword in (library.start_recording, library.load_recording):
        with pytest.raises(InvalidValue, match="Path"):
            keyword(path)
    with pytest.raises(InvalidValue, match="Path"):
        library.log_message_flow(path=path)


def test_without_a_recording_the_error_says_what_to_do(library):
    with pytest.raises(NotOpen, match=r"No recording was started or loaded\. Use `Start Recording`"):
        library.get_recorded_messages()
