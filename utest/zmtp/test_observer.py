from __future__ import annotations

from itertools import pairwise

import pytest
import zmq
from hypothesis import given, settings
from hypothesis import strategies as st

from ZmqLibrary.errors import ProtocolError
from ZmqLibrary.zmtp import commands
from ZmqLibrary.zmtp.commands import Command
from ZmqLibrary.zmtp.frames import encode
from ZmqLibrary.zmtp.greeting import SIGNATURE, Greeting, Version
from ZmqLibrary.zmtp.observer import ObservedKind, Observer

CLIENT = Greeting(Version.ZMTP_3_1, "NULL").encode() + commands.ready({"Socket-Type": b"SUB"}).encode()
SERVER = Greeting(Version.ZMTP_3_1, "NULL").encode() + commands.ready({"Socket-Type": b"PUB"}).encode()


class Listener:
    """Feeds an observer as a proxy does, and keeps what it found: kind, command and frames of each unit."""

    def __init__(self):
        self.observer = Observer()
        self.units = {"client": [], "server": []}
        self._rest = {"client": b"", "server": b""}

    def hear(self, side, data):
        data = self._rest[side] + data
        direction = getattr(self.observer, side)
        position = 0
        while True:
            units, position = direction.read(data, position)
            if not units:
                break
            for unit in units:
                frames = [data[frame.body : frame.end] for frame in unit.frames]
                self.units[side].append((unit.kind.name, unit.command, frames))
        self._rest[side] = data[position:]

    def found(self, side, kind):
        return [
            (command, *frames) if command else tuple(frames)
            for name, command, frames in self.units[side]
            if name == kind.name
        ]


def listen(tap):
    listener = Listener()
    for side, data in list(tap.heard):
        listener.hear(side, data)
    return listener


def bound(raw, type, **options):
    socket = raw(type, bind="tcp://127.0.0.1:*", **options)
    return socket, socket.last_endpoint.decode()


def test_the_handshake_tells_types_mechanism_and_routing_id(raw, wiretap):
    router, endpoint = bound(raw, "ROUTER")
    tap = wiretap(endpoint)
    dealer = raw("DEALER", connect=f"tcp://127.0.0.1:{tap.port}", ROUTING_ID=b"till 7")
    dealer.send_multipart([b"", b"x" * 300])
    router.send_multipart(router.recv_multipart())
    assert dealer.recv_multipart() == [b"", b"x" * 300]
    tap.wait_for(lambda: listen(tap).found("server", ObservedKind.MESSAGE))
    heard = listen(tap)
    client, server = heard.observer.client, heard.observer.server
    assert (client.socket_type, server.socket_type, heard.observer.mechanism) == ("DEALER", "ROUTER", "NULL")
    assert client.routing_id == b"till 7"
    assert not heard.observer.opaque
    assert (
        heard.found("client", ObservedKind.MESSAGE)
        == heard.found("server", ObservedKind.MESSAGE)
        == [(b"", b"x" * 300)]
    )
    assert [kind for kind, _, _ in heard.units["client"]] == ["GREETING", "HANDSHAKE", "MESSAGE"]


def test_subscriptions_are_told_apart_from_messages(raw, wiretap):
    publisher, endpoint = bound(raw, "XPUB")
    tap = wiretap(endpoint)
    subscriber = raw("SUB", connect=f"tcp://127.0.0.1:{tap.port}", SUBSCRIBE=b"EUR")
    assert publisher.recv() == b"\1EUR"
    publisher.send(b"EUR 1.08")
    assert subscriber.recv() == b"EUR 1.08"
    subscriber.unsubscribe(b"EUR")
    assert publisher.recv() == b"\0EUR"
    heard = listen(tap)
    kinds = [(kind, command) for kind, command, _ in heard.units["client"][2:]]
    assert kinds in (
        [("COMMAND", "SUBSCRIBE"), ("COMMAND", "CANCEL")],
        [("SUBSCRIPTION", "SUBSCRIBE"), ("SUBSCRIPTION", "CANCEL")],
    )
    assert heard.found("server", ObservedKind.MESSAGE) == [(b"EUR 1.08",)]


def test_heartbeats_are_commands(raw, wiretap):
    pull, endpoint = bound(raw, "PULL", HEARTBEAT_IVL=20, HEARTBEAT_TIMEOUT=60_000)
    tap = wiretap(endpoint)
    push = raw("PUSH", connect=f"tcp://127.0.0.1:{tap.port}")
    push.send(b"job")
    assert pull.recv() == b"job"
    tap.wait_for(lambda: listen(tap).found("client", ObservedKind.COMMAND))
    heard = listen(tap)
    assert heard.found("server", ObservedKind.COMMAND)[0][0] == "PING"
    assert heard.found("client", ObservedKind.COMMAND)[0][0] == "PONG"


def test_a_heartbeat_between_the_frames_of_a_message_comes_before_it():
    listener = Listener()
    listener.hear("server", SERVER + b"\1\1a" + Command("PING", b"\0\0").encode() + b"\0\1b" + encode([b"next"]))
    found = [(kind, frames) for kind, _, frames in listener.units["server"][2:]]
    assert found == [("COMMAND", [b"\4PING\0\0"]), ("MESSAGE", [b"a", b"b"]), ("MESSAGE", [b"next"])]


def test_plain_is_read_up_to_the_metadata(raw, wiretap):
    zap = raw("REP", bind="inproc://zeromq.zap.01")
    pull, endpoint = bound(raw, "PULL", PLAIN_SERVER=1)
    tap = wiretap(endpoint)
    options = {"PLAIN_USERNAME": b"admin", "PLAIN_PASSWORD": b"secret"}
    push = raw("PUSH", connect=f"tcp://127.0.0.1:{tap.port}", **options)
    request = zap.recv_multipart()
    zap.send_multipart([*request[:2], b"200", b"OK", b"", b""])
    push.send(b"job")
    assert pull.recv() == b"job"
    heard = listen(tap)
    assert heard.observer.mechanism == "PLAIN"
    assert (heard.observer.client.socket_type, heard.observer.server.socket_type) == ("PUSH", "PULL")
    assert [command[0] for command in heard.found("client", ObservedKind.HANDSHAKE)] == ["HELLO", "INITIATE"]
    assert heard.found("client", ObservedKind.MESSAGE) == [(b"job",)]


def test_under_curve_each_encrypted_frame_is_a_message(raw, wiretap):
    public, secret = zmq.curve_keypair()
    pull, endpoint = bound(raw, "PULL", CURVE_SERVER=1, CURVE_SECRETKEY=secret)
    tap = wiretap(endpoint)
    keys = {"CURVE_SERVERKEY": public, "CURVE_PUBLICKEY": public, "CURVE_SECRETKEY": secret}
    push = raw("PUSH", connect=f"tcp://127.0.0.1:{tap.port}", **keys)
    push.send_multipart([b"job", b"42"])
    assert pull.recv_multipart() == [b"job", b"42"]
    heard = listen(tap)
    assert heard.observer.opaque
    assert heard.observer.mechanism == "CURVE"
    assert heard.observer.client.socket_type == ""
    encrypted = heard.found("client", ObservedKind.MESSAGE)
    assert len(encrypted) == 2
    assert all(frame.startswith(b"\7MESSAGE") for (frame,) in encrypted)


def test_the_lower_version_of_both_sides_is_spoken():
    listener = Listener()
    listener.hear("client", SIGNATURE + b"\3")
    listener.hear("server", SIGNATURE + b"\1\7" + b"\0\0")
    listener.hear("client", b"\x08\0\2id" + encode([b"job"]))
    assert listener.observer.client.greeting.version is Version.ZMTP_2
    assert (listener.observer.client.socket_type, listener.observer.server.socket_type) == ("PUSH", "PULL")
    assert listener.observer.client.routing_id == b"id"
    assert listener.found("client", ObservedKind.MESSAGE) == [(b"job",)]


def test_a_peer_of_version_1_makes_the_stream_opaque():
    listener = Listener()
    listener.hear("client", b"\1\0" + b"\4\0job")
    listener.hear("server", b"anything")
    assert [kind for kind, _, _ in listener.units["client"]] == ["GREETING", "OPAQUE"]
    assert [kind for kind, _, _ in listener.units["server"]] == ["OPAQUE"]


def test_a_refusal_is_kept_with_its_reason():
    listener = Listener()
    listener.hear("server", Greeting(Version.ZMTP_3, "PLAIN", True).encode() + commands.error("400").encode())
    assert listener.observer.server.error == "400"


@pytest.mark.parametrize(
    ("data", "offset", "rule"),
    [
        (b"HTTP/1.1 400", 0, "begins with FF"),
        (CLIENT[:64] + encode([b"job"]), 64, "a message came before the handshake was done"),
        (CLIENT[:64] + Command("READY", b"\1").encode(), 72, "announces 1 bytes"),
        (CLIENT + encode([b"job"]) + b"\xff\0", len(CLIENT) + 5, "bits 3 to 7"),
    ],
)
def test_an_error_names_the_byte_in_the_stream(data, offset, rule):
    listener = Listener()
    with pytest.raises(ProtocolError, match=rule) as raised:
        listener.hear("client", data)
    assert raised.value.offset == offset


@given(st.lists(st.binary(max_size=300), max_size=6), st.lists(st.integers(0, 2000), max_size=8))
def test_any_split_of_the_bytes_gives_the_same_units(bodies, cuts):
    client = CLIENT + b"".join(encode([b"\3", body]) for body in bodies) + Command("SUBSCRIBE", b"a").encode()
    whole, pieces = Listener(), Listener()
    whole.hear("client", client)
    edges = sorted({0, len(client), *(cut for cut in cuts if cut < len(client))})
    for start, end in pairwise(edges):
        pieces.hear("client", client[start:end])
    assert pieces.units == whole.units
    assert whole.observer.client.offset == pieces.observer.client.offset == len(client)


@settings(max_examples=500)
@given(st.binary(max_size=100), st.integers(0, len(CLIENT)))
def test_any_bytes_give_units_or_an_error(data, kept):
    listener = Listener()
    try:
        listener.hear("client", CLIENT[:kept] + data)
    except ProtocolError as error:
        assert 0 <= error.offset <= kept + len(data)  # noqa: PT017


def test_counting_goes_on_where_reading_stopped():
    observer = Observer()
    data = SERVER + encode([b"a", b"bc"]) * 100 + Command("PING", b"\0\0").encode() + encode([b"a"])[:-1]
    units, position = observer.server.read(data, most=1)
    assert [unit.kind for unit in units] == [ObservedKind.GREETING, ObservedKind.HANDSHAKE, ObservedKind.MESSAGE]
    extent = observer.server.measure(data, position)
    assert (extent.messages, extent.commands, extent.payload) == (99, 1, 297)
    assert observer.server.offset == extent.end == len(data) - 2
