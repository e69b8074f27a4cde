from __future__ import annotations

import gc
import os
import random
import shutil
import struct
import subprocess
import sys
import threading
import tracemalloc
from pathlib import Path

import pytest
import zmq
from hypothesis import given, settings
from hypothesis import strategies as st

from ZmqLibrary.errors import InvalidValue, MissingPackage
from ZmqLibrary.formats import FormatTable
from ZmqLibrary.recording.loading import load_recording
from ZmqLibrary.recording.packets import SYN
from ZmqLibrary.waiting.deadline import Deadline
from ZmqLibrary.zmtp.commands import Command
from ZmqLibrary.zmtp.frames import encode

from .wire import SERVER, Talk, block, enhanced, ethernet, hello, interface, ipv4, pcap, section, written

MUTATED_FILES = int(os.environ.get("MUTATED_FILES", "300"))

TEXT = FormatTable("UTF-8").get("TEXT")
JOBS = [(b"job", b"%d" % number, b"x" * (number * 37 % 500)) for number in range(200)]


def load(path: Path, port: int | None = None):
    return load_recording(path, port, TEXT)


def frames_of(recording, sender=None):
    return [m.raw for m in recording.messages if sender in (None, m.sender)]


def jobs_talk(size: int = 1400) -> Talk:
    talk = Talk()
    talk.send(talk.client, b"".join(map(encode, JOBS)), size)
    talk.close()
    return talk


def test_a_capture_tells_messages_connection_and_events(tmp_path):
    talk = Talk()
    talk.say(b"job", b"42")
    talk.close()
    recording = load(written(tmp_path / "c.pcap", pcap(talk.packets)))
    (message,) = recording.messages
    assert message == ["job", "42"]
    assert (message.sender, message.receiver) == ("10.0.0.1:40001", "10.0.0.2:5555")
    assert (message.sender_type, message.receiver_type, message.connection) == ("PUSH", "PULL", 1)
    assert message.time == pytest.approx(0.004, abs=1e-6)
    assert message.timestamp == pytest.approx(1_700_000_000.004)
    (connection,) = recording.connections
    assert (connection.mechanism, connection.opaque) == ("NULL", False)
    assert (connection.client_type, connection.server_type) == ("PUSH", "PULL")
    assert [event.event for event in recording.events] == ["CONNECTED", "HANDSHAKE_SUCCEEDED", "DISCONNECTED"]
    assert recording.notes == []


@pytest.mark.parametrize("size", [1, 2, 7, 1400, 100_000])
def test_messages_are_whole_wherever_segments_are_cut(tmp_path, size):
    path = written(tmp_path / "c.pcap", pcap(jobs_talk(size).packets))
    assert frames_of(load(path)) == JOBS


def test_segments_out_of_order_and_sent_again_make_the_same_messages(tmp_path):
    packets = jobs_talk(100).packets
    rng = random.Random(7)
    head, body = packets[:4], packets[4:-2]
    shuffled = [packet for _, packet in sorted((n + rng.random() * 30, packet) for n, packet in enumerate(body))]
    again = [packet for packet in shuffled for _ in range(rng.choice([1, 1, 2]))]
    path = written(tmp_path / "c.pcap", pcap([*head, *again, *packets[-2:]]))
    assert frames_of(load(path)) == JOBS


def test_messages_keep_their_order_where_the_clocks_of_two_processors_differ(tmp_path):
    packets = jobs_talk(100).packets
    timed = [enhanced(packet, 1_000_000 + number - 3 * (number % 2)) for number, packet in enumerate(packets)]
    path = written(tmp_path / "c.pcapng", section() + interface(101) + b"".join(timed))
    recording = load(path)
    assert frames_of(recording) == JOBS
    times = [message.time for message in recording.messages]
    assert times == sorted(times)


def test_sequence_numbers_begin_again_in_the_middle_of_a_connection(tmp_path):
    talk = Talk(first=2**32 - 500)
    talk.send(talk.client, b"".join(map(encode, JOBS)))
    assert frames_of(load(written(tmp_path / "c.pcap", pcap(talk.packets)))) == JOBS


def test_behind_missing_segments_messages_are_read_again_and_that_is_said(tmp_path):
    packets = jobs_talk(300).packets
    path = written(tmp_path / "c.pcap", pcap([*packets[:20], *packets[23:]]))
    recording = load(path)
    found = frames_of(recording)
    assert found == [job for job in JOBS if job in set(found)]
    assert len(found) > 150
    assert found[-1] == JOBS[-1]
    assert "900 bytes" in recording.notes[0]
    assert "missing" in recording.connections[0].problem


def test_what_follows_missing_segments_keeps_its_time(tmp_path):
    talk = Talk(types=("REQ", "REP"))
    for number in range(10):
        talk.say(b"", b"q%d" % number)
        talk.say(b"", b"r%d" % number, side=talk.server)
    before = len(talk.packets) - 20
    lost = before + 6
    recording = load(written(tmp_path / "c.pcap", pcap([*talk.packets[:lost], *talk.packets[lost + 1 :]])))
    said = {bytes(m.raw[0]).decode(): m.time for m in recording.messages}
    captured = [f"{kind}{number}" for number in range(10) for kind in "qr" if (kind, number) != ("q", 3)]
    when = {text: (before + place) / 1000 for place, text in enumerate(captured)}
    assert {"q2", "r9", "q9"} < set(said)
    assert list(said) == [text for text in when if text in said]
    assert list(said.values()) == pytest.approx([when[text] for text in said], abs=1e-6)


def test_a_capture_that_begins_in_the_middle_is_read_from_the_next_message(tmp_path):
    packets = jobs_talk(300).packets
    recording = load(written(tmp_path / "c.pcap", pcap(packets[30:])), port=5555)
    found = frames_of(recording)
    assert found
    assert found == JOBS[-len(found) :]
    assert len(found) > 100
    read = sum(len(encode(job)) for job in found)
    captured = sum(len(packet) - 40 for packet in packets[30:])
    assert (
        f"began in the middle of the connection: earlier messages are missing; {captured - read:,} captured byte"
        in (recording.notes[0])
    )
    assert (recording.connections[0].client, recording.connections[0].client_type) == ("10.0.0.1:40001", "")


def test_a_body_of_zeros_is_not_taken_for_messages(tmp_path):
    talk = Talk()
    zeros = [(b"\0" * 1000,) for _ in range(300)]
    talk.send(talk.client, b"".join(map(encode, zeros)), 333)
    found = frames_of(load(written(tmp_path / "c.pcap", pcap(talk.packets[20:])), port=5555))
    assert found
    assert set(found) == {zeros[0]}


@pytest.mark.parametrize("begin", range(8, 14))
@pytest.mark.parametrize("size", [20_000, 60_001])
def test_long_frames_of_zeros_are_not_taken_for_messages(tmp_path, size, begin):
    talk = Talk()
    pictures = [(b"picture-%d" % number, b"\0" * size) for number in range(4)]
    talk.send(talk.client, b"".join(map(encode, pictures)), 1448 + begin)
    found = frames_of(load(written(tmp_path / "c.pcap", pcap(talk.packets[begin:])), port=5555))
    assert set(found) <= set(pictures)
    assert found


@pytest.mark.parametrize("size", [1, 1400])
def test_heartbeats_between_frames_are_no_part_of_messages(tmp_path, size):
    heartbeat = Command("PING", b"\0\0").encode()
    torn = b"\1\1a" + heartbeat + b"\0\1b"
    talk = Talk()
    talk.send(talk.client, (torn + encode([b"a", b"b"])) * 3 + torn * 3, size)
    talk.close()
    recording = load(written(tmp_path / "c.pcap", pcap(talk.packets)))
    assert frames_of(recording) == [(b"a", b"b")] * 9
    assert recording.notes == []


def test_envelopes_of_req_and_rep_are_no_frames(tmp_path):
    talk = Talk(("REQ", "REP"))
    talk.say(b"", b"ping", b"")
    talk.say(b"", b"", side=talk.server)
    request, reply = load(written(tmp_path / "c.pcap", pcap(talk.packets))).messages
    assert (request.raw, request.envelope) == ((b"ping", b""), (b"",))
    assert reply.raw == (b"",)


def test_frames_between_dealer_and_router_are_those_on_the_wire(tmp_path):
    talk = Talk(("DEALER", "ROUTER"))
    talk.say(b"", b"ping")
    (message,) = load(written(tmp_path / "c.pcap", pcap(talk.packets))).messages
    assert message.raw == (b"", b"ping")


def test_subscriptions_are_events_and_no_messages(tmp_path):
    talk = Talk(("SUB", "PUB"))
    talk.send(talk.client, Command("SUBSCRIBE", b"EUR").encode())
    talk.say(b"\x01USD")
    talk.say(b"EUR", b"1", side=talk.server)
    recording = load(written(tmp_path / "c.pcap", pcap(talk.packets)))
    assert frames_of(recording) == [(b"EUR", b"1")]
    assert [(e.event, e.detail) for e in recording.events][2:] == [("SUBSCRIBE", "'EUR'"), ("SUBSCRIBE", "'USD'")]


def test_an_encrypted_connection_is_opaque(tmp_path):
    talk = Talk(("", ""))
    talk.send(talk.client, hello("PUSH", "CURVE")[:64])
    talk.send(talk.server, hello("PULL", "CURVE")[:64])
    talk.send(talk.client, Command("HELLO", bytes(194)).encode())
    recording = load(written(tmp_path / "c.pcap", pcap(talk.packets)))
    (connection,) = recording.connections
    assert (connection.opaque, connection.mechanism, recording.messages) == (True, "CURVE", [])
    assert "CURVE" in recording.notes[0]


def test_what_is_not_zeromq_is_left_out(tmp_path):
    web = Talk(("", ""), server=("10.0.0.2", 80))
    web.send(web.client, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    web.send(web.server, b"HTTP/1.1 200 OK\r\n\r\n")
    path = written(tmp_path / "c.pcap", pcap([*web.packets, *jobs_talk().packets]))
    assert [c.server for c in load(path).connections] == ["10.0.0.2:5555"]
    (connection,) = load(path, port=80).connections
    assert "not ZeroMQ" in connection.problem


def test_only_connections_of_a_port(tmp_path):
    other = Talk(client=("10.0.0.1", 40002), server=("10.0.0.2", 6666))
    other.say(b"other")
    path = written(tmp_path / "c.pcap", pcap([*jobs_talk().packets, *other.packets]))
    assert len(load(path).messages) == 201
    assert frames_of(load(path, port=6666)) == [(b"other",)]


def test_a_later_connection_of_the_same_addresses_is_another_one(tmp_path):
    first, second = Talk(), Talk(first=500_000)
    first.say(b"one")
    second.say(b"two")
    recording = load(written(tmp_path / "c.pcap", pcap([*first.packets, *second.packets])))
    assert [(m.raw, m.connection) for m in recording.messages] == [((b"one",), 1), ((b"two",), 2)]


def attempts(count: int, data: bytes = b"") -> list[bytes]:
    """The first segments of connections that go no further."""
    ends = [((f"10.1.{number >> 8 & 255}.{number & 255}", 40_000 + number % 997), SERVER) for number in range(count)]
    return [ipv4(source, target, 1, SYN, data) for source, target in ends]


@pytest.mark.parametrize("data", [b"", b"x"])
def test_connections_that_never_speak_take_no_memory_however_many_they_are(tmp_path, data):
    sizes = []
    gc.freeze()  # in a process with many objects circles are looked for seldom
    gc.collect()
    try:
        for count in (4_000, 12_000):
            path = written(tmp_path / f"{count}.pcap", pcap(attempts(count, data)))
            tracemalloc.start()
            assert load(path).connections == []
            sizes.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    finally:
        gc.unfreeze()
    assert sizes[1] < 2 * sizes[0]


def test_among_very_many_other_connections_those_of_zeromq_are_found(tmp_path):
    first, second = Talk(), Talk(client=("10.0.0.3", 40001))
    first.say(b"one")
    second.say(b"two")
    *head, last = first.packets
    packets = [*head, *attempts(5_000), last, *second.packets[:6], *attempts(5_000), *second.packets[6:]]
    recording = load(written(tmp_path / "c.pcap", pcap(packets)))
    assert [(m.raw, m.connection, m.sender) for m in recording.messages] == [
        ((b"one",), 1, "10.0.0.1:40001"),
        ((b"two",), 2, "10.0.0.3:40001"),
    ]


def sll(packet: bytes) -> bytes:
    return struct.pack("!HHHQH", 0, 772, 6, 0, 0x0800) + packet


def sll2(packet: bytes) -> bytes:
    return struct.pack("!HHIHBBQ", 0x0800, 0, 1, 772, 0, 6, 0) + packet


def ipv6(packet: bytes) -> bytes:
    host = b"\xfd" + bytes(14)
    return (
        struct.pack("!IHBB", 6 << 28, len(packet) - 20, 6, 64)
        + host
        + packet[15:16]
        + host
        + packet[19:20]
        + packet[20:]
    )


LINKS = {
    "ethernet": (1, ethernet),
    "vlan": (1, lambda p: ethernet(p, tags=b"\x81\x00\x00\x07")),
    "two vlans": (1, lambda p: ethernet(p, tags=b"\x88\xa8\x00\x07\x81\x00\x00\x08")),
    "ipv6": (1, lambda p: ethernet(ipv6(p), 0x86DD)),
    "raw ipv6": (101, ipv6),
    "padded": (1, lambda p: ethernet(p) + bytes(8)),
    "cooked": (113, sll),
    "cooked 2": (276, sll2),
    "loopback": (0, lambda p: b"\x02\0\0\0" + p),
    "loopback, big endian": (0, lambda p: b"\0\0\0\x02" + p),
    "loopback ipv6": (0, lambda p: b"\x1e\0\0\0" + ipv6(p)),
    "openbsd loopback": (108, lambda p: b"\0\0\0\x02" + p),
}


@pytest.mark.parametrize("link", LINKS)
def test_every_link_type_can_be_read(tmp_path, link):
    kind, wrap = LINKS[link]
    path = written(tmp_path / "c.pcap", pcap(map(wrap, jobs_talk(200).packets), kind))
    recording = load(path)
    assert frames_of(recording) == JOBS
    assert recording.connections[0].server.endswith(":5555")


@pytest.mark.parametrize(
    ("order", "magic"), [("<", 0xA1B2C3D4), (">", 0xA1B2C3D4), ("<", 0xA1B23C4D), (">", 0xA1B23C4D)]
)
def test_every_kind_of_pcap_can_be_read(tmp_path, order, magic):
    path = written(tmp_path / "c.pcap", pcap(jobs_talk().packets, order=order, magic=magic))
    recording = load(path)
    assert frames_of(recording) == JOBS
    assert recording.messages[0].time == pytest.approx(0.004, abs=1e-6)


@pytest.mark.parametrize("order", ["<", ">"])
def test_pcapng_with_interfaces_of_different_kinds_can_be_read(tmp_path, order):
    blocks = [section(order), block(5, bytes(8), order), interface(101, order), interface(1, order, resolution=9)]
    for number, packet in enumerate(jobs_talk().packets):
        if number % 2:
            blocks.append(enhanced(ethernet(packet), number * 1_000_000, 1, order))
        else:
            blocks.append(enhanced(packet, number * 1_000, 0, order))
    recording = load(written(tmp_path / "c.pcapng", b"".join(blocks)))
    assert frames_of(recording) == JOBS
    assert recording.messages[0].time == pytest.approx(0.004, abs=1e-6)


@pytest.mark.parametrize("resolution", [0, 0x80])
def test_a_capture_of_a_time_that_no_clock_has_is_refused(tmp_path, resolution):
    packets = [enhanced(packet, 2**63) for packet in jobs_talk().packets]
    path = written(tmp_path / "c.pcapng", section() + interface(101, resolution=resolution) + b"".join(packets))
    with pytest.raises(InvalidValue, match=r"c\.pcapng .* of the time 9\.22337e\+18"):
        load(path)


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_packet_that_announces_gigabytes_makes_no_room_for_them(tmp_path, order):
    announced = struct.pack(f"{order}IIII", 1, 0, 2**32 - 1, 2**32 - 1)
    path = written(tmp_path / "c.pcap", pcap(jobs_talk().packets, order=order) + announced)
    with pytest.raises(InvalidValue, match=r"c\.pcap .* impossible length 4294967295"):
        load(path)


def test_a_packet_that_the_capture_has_cut_is_missing_data(tmp_path):
    packets = jobs_talk(300).packets
    packets[10] = packets[10][:200]
    recording = load(written(tmp_path / "c.pcap", pcap(packets)))
    assert "missing" in recording.notes[0]
    assert frames_of(recording)[-1] == JOBS[-1]


@pytest.mark.parametrize("broken", [0, 1, 2])
def test_of_a_frame_that_has_all_missing_bytes_only_the_message_is_lost(tmp_path, broken):
    sent = [tuple(b"%d" % number + bytes([part]) * size for part in range(3)) for number, size in enumerate([3000] * 4)]
    talk = Talk()
    for message in sent:
        talk.say(*message, size=1000)
    missing = 4 + 10 + 3 * broken + 1  # behind the handshake and the first message: the middle of a frame
    recording = load(written(tmp_path / "c.pcap", pcap([*talk.packets[:missing], *talk.packets[missing + 1 :]])))
    assert frames_of(recording) == [sent[0], *sent[2:]]
    assert "1,000 bytes" in recording.connections[0].problem


def test_where_the_capture_cuts_all_packets_large_messages_are_lost_only(tmp_path):
    talk = Talk()
    for number in range(5):
        talk.say(b"large", b"%d" % number * 900)
        talk.say(b"small", b"%d" % number)
    recording = load(written(tmp_path / "c.pcap", pcap(packet[:200] for packet in talk.packets)))
    assert frames_of(recording) == [(b"small", b"%d" % number) for number in range(5)]
    assert "missing" in recording.notes[0]


@pytest.mark.parametrize("seed", range(5))
def test_whatever_is_missing_no_message_is_made_up(tmp_path, seed):
    chance = random.Random(seed)
    sizes = [0, 3, 200, 300, 5000, 70_000]
    sent = [
        tuple(
            b"%d-%d" % (number, part) + chance.randbytes(chance.choice(sizes)) for part in range(chance.randint(1, 4))
        )
        for number in range(60)
    ]
    talk = Talk()
    talk.send(talk.client, b"".join(map(encode, sent)), chance.choice([100, 1400, 9000]))
    lost = set(chance.sample(range(4, len(talk.packets)), 5))
    kept = [packet for number, packet in enumerate(talk.packets) if number not in lost]
    found = frames_of(load(written(tmp_path / "c.pcap", pcap(kept))))
    assert found == [message for message in sent if message in set(found)]


def test_an_unknown_link_type_is_named_with_the_file(tmp_path):
    path = written(tmp_path / "c.pcap", pcap([b"x" * 60], 147))
    with pytest.raises(InvalidValue, match=r"c\.pcap.*147"):
        load(path)


def test_without_dpkt_the_error_names_the_pip_command(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "dpkt", None)
    path = written(tmp_path / "c.pcap", pcap(jobs_talk().packets))
    with pytest.raises(MissingPackage, match=r"zmqlibrary\[pcap\]"):
        load(path)


WHOLE = pcap(map(ethernet, jobs_talk(150).packets[:60]), 1)
WHOLE_NG = b"".join([section(), interface(101), *(enhanced(p, n) for n, p in enumerate(jobs_talk(150).packets[:60]))])


@given(
    whole=st.sampled_from([WHOLE, WHOLE_NG]),
    cut=st.integers(4, len(WHOLE_NG)),
    changes=st.lists(st.tuples(st.integers(4, len(WHOLE) - 1), st.integers(0, 255)), max_size=8),
)
@settings(max_examples=MUTATED_FILES)
def test_a_mutated_capture_gives_messages_or_a_clear_error(tmp_path_factory, whole, cut, changes):
    content = bytearray(whole)
    for place, byte in changes:
        content[place] = byte
    path = written(tmp_path_factory.getbasetemp() / "mutated.pcap", bytes(content[:cut]))
    try:
        problem, messages = str(path), load(path).messages
    except InvalidValue as error:
        problem, messages = str(error), []
    assert str(path) in problem
    assert all(message.received_at for message in messages)
    assert all(message.raw for message in messages)


PEERS = """
import sys, zmq
kind, port, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
context = zmq.Context()
socket = context.socket(getattr(zmq, kind))
socket.linger = 10000
socket.rcvhwm = socket.sndhwm = 0
if sys.argv[4:]:
    socket.curve_publickey, socket.curve_secretkey = public, _ = [key.encode() for key in sys.argv[4:]]
    if kind == "PUSH":
        socket.curve_serverkey = public
    else:
        socket.curve_server = True
messages = [[b"job", b"%d" % n, b"x" * (n * 37 % 3000)] for n in range(count)]
if kind in ("PUSH", "REQ", "DEALER", "SUB"):
    if kind == "SUB":
        socket.subscribe(b"")
    socket.connect(f"tcp://127.0.0.1:{port}")
else:
    socket.bind("tcp://127.0.0.1:*")
    print(socket.last_endpoint.decode().rpartition(":")[2], flush=True)
if kind == "PUSH":
    for message in messages: socket.send_multipart(message)
elif kind in ("PULL", "SUB"):
    for message in messages: socket.recv_multipart()
elif kind == "REQ":
    for message in messages: socket.send_multipart(message), socket.recv_multipart()
elif kind == "DEALER":
    for message in messages: socket.send_multipart(message)
    for message in messages: socket.recv_multipart()
elif kind == "XPUB":
    socket.recv()
    for message in messages: socket.send_multipart(message)
else:
    for message in messages: socket.send_multipart(socket.recv_multipart())
socket.close()
context.term()
"""


def can_capture() -> bool:
    if not shutil.which("tcpdump"):
        return False
    trial = subprocess.run(["tcpdump", "-i", "lo", "-L"], capture_output=True, check=False)
    return trial.returncode == 0


needs_tcpdump = pytest.mark.skipif(not can_capture(), reason="tcpdump is not installed or may not capture at lo")


def peer(kind: str, port: str, count: int, *keys: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PEERS, kind, port, str(count), *keys]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def captured(path: Path, client: str, server: str, count: int, *keys: str) -> None:
    """Lets tcpdump capture what two peers of pyzmq say to each other."""
    listening = peer(server, "0", count, *keys)
    port = listening.stdout.readline().strip()
    # Not in immediate mode: there each packet takes as much of the buffer as the largest, and a moment fills it.
    command = ["tcpdump", "-i", "lo", "-B", "131072", "-U", "-Z", "root", "-w", path]
    dump = subprocess.Popen([*command, "port", port], stderr=subprocess.PIPE, text=True)
    dump.stderr.readline()
    with listening, peer(client, port, count, *keys) as connecting:
        assert (connecting.wait(120), listening.wait(120)) == (0, 0)
    # tcpdump has a packet in its file when it has one that was sent after it.
    end = ipv4_of_probe(int(port))
    deadline = Deadline(120)
    while not end(path):
        assert deadline.remaining()
        threading.Event().wait(0.02)
    dump.terminate()
    assert "\n0 packets dropped by kernel" in dump.communicate(timeout=120)[1]


@needs_tcpdump
@pytest.mark.parametrize(
    ("client", "server"), [("PUSH", "PULL"), ("SUB", "XPUB"), ("REQ", "REP"), ("DEALER", "ROUTER")]
)
def test_a_capture_of_tcpdump_has_all_messages_in_order(tmp_path, client, server):
    count = 2000
    path = tmp_path / "real.pcap"
    captured(path, client, server, count)
    expected = [(b"job", b"%d" % n, b"x" * (n * 37 % 3000)) for n in range(count)]
    recording = load(path)
    senders = {m.sender for m in recording.messages}
    assert all(frames_of(recording, sender) == expected for sender in senders)
    assert len(senders) == (1 if client in ("PUSH", "SUB") else 2)


@needs_tcpdump
def test_a_capture_of_tcpdump_has_an_encrypted_connection_as_opaque(tmp_path):
    public, secret = (key.decode() for key in zmq.curve_keypair())
    captured(tmp_path / "secret.pcap", "PUSH", "PULL", 200, public, secret)
    recording = load(tmp_path / "secret.pcap")
    assert recording.messages == []
    assert [(one.mechanism, one.opaque) for one in recording.connections] == [("CURVE", True)]
    assert {"CONNECTED", "HANDSHAKE_SUCCEEDED"} <= {event.event for event in recording.events}
    assert any("CURVE" in note for note in recording.notes)


def ipv4_of_probe(port: int):
    """Connects in vain once more, and tells whether the capture has one of these."""
    import socket as sockets

    probes: list[bytes] = []

    def seen(path: Path) -> bool:
        with sockets.socket() as probe:
            probe.settimeout(0.05)
            probe.connect_ex(("127.0.0.1", port))
            probes.append(probe.getsockname()[1].to_bytes(2, "big") + port.to_bytes(2, "big"))
        content = path.read_bytes()
        return any(one in content for one in probes)

    return seen
