"""What a receiver sees through a proxy is what its faults say, for every pair of types over tcp and ipc."""

from __future__ import annotations

import random
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType

import pytest
import zmq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from utest.network.lanes import curve_options
from utest.network.wires import BOTH, TEXT, TO_CLIENT, TO_TARGET, Wire, happens
from utest.zap import plain_users
from ZmqLibrary.errors import WrongUse
from ZmqLibrary.network.fault_options import Corruption, DroppableCommand, ReleaseOrder
from ZmqLibrary.network.faults import (
    Corrupt,
    Delay,
    Drop,
    DropCommands,
    Duplicate,
    Fault,
    Hold,
    Latency,
    Reorder,
    Replace,
    Selection,
    Silence,
)
from ZmqLibrary.sockets.socket_types import SocketType
from ZmqLibrary.waiting.deadline import Deadline
from ZmqLibrary.zmtp.connection import Connection
from ZmqLibrary.zmtp.frames import encode
from ZmqLibrary.zmtp.greeting import Greeting, Version
from ZmqLibrary.zmtp.handshake import Null
from ZmqLibrary.zmtp.peer import Peer

TRANSPORTS = pytest.mark.parametrize("transport", ["tcp", "ipc"])
ONE_WAY = pytest.mark.parametrize("types", [("PUSH", "PULL"), ("DEALER", "ROUTER"), ("SUB", "PUB")], ids="-".join)


class OneWay:
    """Sends in one direction and receives at the other end, whatever the types."""

    def __init__(self, wire: Wire, types: tuple[str, str]) -> None:
        self.wire = wire
        self.subscribes = types[0] == "SUB"
        self.routes = types[1] == "ROUTER"

    def send(self, *messages: list[bytes]) -> None:
        for message in messages:
            (self.wire.target if self.subscribes else self.wire.client).send_multipart(message)

    def receive(self) -> list[list[bytes]]:
        """All up to a message that says `end`, which is sent now."""
        self.send([b"end"])
        receiver = self.wire.client if self.subscribes else self.wire.target
        found = []
        while (frames := receiver.recv_multipart()[self.routes :]) != [b"end"]:
            found.append(frames)
        return found


@pytest.fixture
def one_way(wire):
    def connect(types, transport="tcp", **options):
        subscribing = {"SUBSCRIBE": b""} if types[0] == "SUB" else {}
        return OneWay(wire(*types, transport, client_options=subscribing, **options), types)

    return connect


JOBS = [[b"job", b"%d" % number, b""] for number in range(10)]


@TRANSPORTS
@ONE_WAY
def test_dropped_messages_are_missing_and_no_others(one_way, types, transport):
    way = one_way(types, transport)
    way.wire.break_it(Drop(), "job", "[27]")
    way.send(*JOBS)
    assert way.receive() == JOBS[:2] + JOBS[3:7] + JOBS[8:]
    assert way.wire.fault().acted == 2


@TRANSPORTS
@ONE_WAY
def test_duplicated_messages_come_right_behind_the_first(one_way, types, transport):
    way = one_way(types, transport)
    way.wire.break_it(Duplicate(2), "job", "3")
    way.send(*JOBS)
    assert way.receive() == JOBS[:3] + [JOBS[3]] * 3 + JOBS[4:]


def test_more_copies_than_can_be_held_are_none_and_the_fault_says_so(wire):
    way = wire("PUSH", "PULL")
    way.break_it(Duplicate(10**9))
    for text in (b"once", b"end"):
        way.client.send(text)
    assert way.received(way.target) == [[b"once"]]
    assert "limit" in way.fault().problem
    assert not way.fault().acted


@TRANSPORTS
@ONE_WAY
def test_replaced_messages_are_others(one_way, types, transport):
    way = one_way(types, transport)
    way.wire.break_it(Replace((b"a", b"", b"x" * 300)), skip=4, times=1)
    way.send(*JOBS)
    assert way.receive() == [*JOBS[:4], [b"a", b"", b"x" * 300], *JOBS[5:]]


@TRANSPORTS
@ONE_WAY
def test_a_frame_that_is_left_out_is_missing_alone(one_way, types, transport):
    way = one_way(types, transport)
    way.wire.break_it(Corrupt(Corruption.DROP_FRAME, 1), "job", "5")
    way.send(*JOBS)
    assert way.receive() == [*JOBS[:5], [b"job", b""], *JOBS[6:]]


@TRANSPORTS
@ONE_WAY
def test_a_flipped_bit_is_the_only_change(one_way, types, transport):
    way = one_way(types, transport)
    way.wire.break_it(Corrupt(frame=0), "job", "5", seed=3)
    way.send(*JOBS)
    found = way.receive()
    damaged = found.pop(5)
    assert found == JOBS[:5] + JOBS[6:]
    assert damaged[1:] == JOBS[5][1:]
    assert sum((a ^ b).bit_count() for a, b in zip(damaged[0], b"job", strict=True)) == 1


@TRANSPORTS
@ONE_WAY
def test_reordered_messages_are_swapped_in_pairs(one_way, types, transport):
    way = one_way(types, transport)
    way.wire.break_it(Reorder(patience=60.0), "job", times=2)
    way.send(*JOBS)
    assert way.receive() == [JOBS[1], JOBS[0], JOBS[3], JOBS[2], *JOBS[4:]]
    assert way.wire.fault().acted == 2


@TRANSPORTS
@ONE_WAY
def test_a_delayed_message_does_not_hold_up_those_behind(one_way, types, transport):
    way = one_way(types, transport)
    way.wire.break_it(Delay(60.0), "job", "0")
    way.send(*JOBS)
    assert way.receive() == JOBS[1:]
    way.wire.proxy.remove_fault("fault")
    assert way.receive() == JOBS[:1]


def test_a_delayed_message_comes_when_its_time_is_over(one_way):
    way = one_way(("PUSH", "PULL"))
    way.wire.break_it(Delay(0.3), "job")
    began = time.monotonic()
    way.send(JOBS[0])
    assert way.wire.target.recv_multipart() == JOBS[0]
    assert time.monotonic() - began >= 0.3


@TRANSPORTS
@ONE_WAY
def test_held_messages_come_when_they_are_released(one_way, types, transport):
    way = one_way(types, transport)
    way.wire.break_it(Hold(), "job", "[0-3]")
    way.send(*JOBS)
    assert way.receive() == JOBS[4:]
    assert way.wire.fault().holding == 4
    assert way.wire.proxy.release(2, ReleaseOrder.REVERSED, None) == 2
    assert way.receive() == [JOBS[1], JOBS[0]]
    way.wire.proxy.remove_fault("fault")
    assert way.receive() == [JOBS[2], JOBS[3]]


@TRANSPORTS
@ONE_WAY
def test_a_message_is_chosen_by_skip_every_and_times(one_way, types, transport):
    way = one_way(types, transport)
    way.wire.break_it(Drop(), skip=10, every=5, times=3)
    messages = [[b"%d" % number] for number in range(1, 41)]
    way.send(*messages)
    assert way.receive() == [message for message in messages if int(message[0]) not in (15, 20, 25)]


def test_a_pattern_of_a_class_that_only_this_process_has_is_held_against_messages_here(wire, monkeypatch):
    module = ModuleType("only_here")
    module.Text = type("Text", (str,), {"__module__": "only_here"})
    monkeypatch.setitem(sys.modules, "only_here", module)
    way = wire("PUSH", "PULL")
    way.break_it(Drop(), module.Text("job*"))
    for text in (b"job 1", b"other", b"end"):
        way.client.send(text)
    assert way.received(way.target) == [[b"other"]]


def test_req_and_rep_keep_their_envelope(wire):
    way = wire("REQ", "REP")
    way.break_it(Replace((b"other",)), "ask", to=TO_TARGET)
    way.break_it(Corrupt(Corruption.CUT_FRAME), "answer", name="cut", to=TO_CLIENT)
    way.client.send(b"ask")
    assert way.target.recv_multipart() == [b"other"]
    way.target.send(b"answer")
    assert b"answer".startswith(way.client.recv())
    assert [list(message.raw) for message in way.proxy.messages(None, BOTH, TEXT)] == [[b"ask"], [b"answer"]]


def test_a_lost_reply_leaves_the_request_answered_at_the_target(wire):
    way = wire("REQ", "REP")
    way.break_it(Drop(), to=TO_CLIENT, times=1)
    way.client.send(b"ask")
    assert way.target.recv() == b"ask"
    way.target.send(b"answer")
    happens(lambda: way.fault().acted)
    assert not way.client.poll(100)
    (message,) = way.proxy.messages(way.pattern("answer"), BOTH, TEXT)
    assert (message.faults, message.direction) == (["fault"], "TO_CLIENT")


def test_an_injected_message_gets_the_envelope(wire):
    way = wire("REQ", "REP")
    way.client.send(b"ask")
    assert way.target.recv() == b"ask"
    way.proxy.inject([b"early"], False, None)
    assert way.client.recv() == b"early"
    assert [list(message.raw) for message in way.proxy.messages(None, BOTH, TEXT)] == [[b"ask"]]


def test_several_faults_act_in_the_order_in_which_they_were_made(wire):
    way = wire("PUSH", "PULL")
    way.break_it(Replace((b"b",)), "a", name="first")
    way.break_it(Duplicate(), "b", name="second")
    way.break_it(Drop(), "a", name="third")
    way.client.send(b"a")
    way.client.send(b"end")
    assert way.received(way.target) == [[b"b"], [b"b"]]
    (message,) = way.proxy.messages(way.pattern("a"), BOTH, TEXT)
    assert message.faults == ["first", "second"]


def test_faults_for_a_routing_id_act_in_that_order_too(wire, raw):
    """Whom they are for is known with the handshake only, when others act already."""
    way = wire("PUSH", "ROUTER")
    way.break_it(Replace((b"b",)), "a", name="first", client="worker*")
    way.break_it(Drop(), "b", name="second")
    worker = raw("DEALER", connect=way.proxy.endpoint, ROUTING_ID=b"worker-1")
    for frame in (b"a", b"end"):
        worker.send(frame)
    assert way.received(way.target) == []
    assert (way.fault("first").acted, way.fault("second").acted) == (1, 1)


def test_what_is_injected_waits_in_silence(wire):
    way = wire("DEALER", "ROUTER", client_options={"ROUTING_ID": b"me"})
    way.client.send(b"hello")
    assert way.target.recv_multipart() == [b"me", b"hello"]
    way.break_it(Silence(), to=TO_TARGET)
    way.client.send(b"before")
    way.sees(2)
    way.proxy.inject([b"own"], True, None)
    assert not way.target.poll(100)
    way.proxy.remove_fault("fault")
    assert [way.target.recv_multipart()[1] for _ in range(2)] == [b"before", b"own"]


def test_what_is_injected_does_not_overtake_the_handshake(raw, new_proxy):
    target = raw("ROUTER", bind="tcp://127.0.0.1:*")
    target.rcvtimeo = 60_000
    proxy = new_proxy(target.last_endpoint.decode())
    proxy.add_fault(Fault("late", Latency(0.3)))
    raw("DEALER", connect=proxy.endpoint, ROUTING_ID=b"me")
    happens(lambda: proxy.connections and proxy.connections[0].client_type and proxy.connections[0].target_type)
    proxy.inject([b"own"], True, None)
    assert target.recv_multipart() == [b"me", b"own"]


def test_what_faults_hold_goes_on_in_order_when_they_are_removed(wire):
    way = wire("PUSH", "PULL")
    way.client.send(b"hello")
    assert way.target.recv() == b"hello"
    for name, effect in (("silent", Silence()), ("late", Latency(60.0)), ("held", Hold())):
        way.break_it(effect, name=name)
    for number in range(100):
        way.client.send(b"%d" % number)
    way.client.send(b"end")
    way.sees(102)
    assert len(way.proxy.reset()) == 3
    assert way.received(way.target) == [[b"%d" % number] for number in range(100)]


@pytest.mark.parametrize("effect", [Hold(), Delay(600.0), Reorder(2, 600.0)], ids=lambda effect: type(effect).__name__)
def test_what_a_fault_held_goes_on_behind_a_message_that_is_passing_when_it_ends(wire, effect):
    way = wire("PUSH", "PULL", limit=100_000)
    way.break_it(effect, "held")
    way.break_it(Duplicate(), "large", name="watch")
    with Peer.connect(way.proxy.endpoint, Connection("PUSH", Null())) as sender:
        sender.wait_for_handshake(60)
        large = encode([bytes(1_000_000)])
        sender.send([b"held"])
        sender.send_bytes(large[:500_000], 60)
        happens(lambda: way.fault("watch").problem)  # It is larger than can be duplicated, and passes.
        way.proxy.remove_fault("fault")
        sender.send_bytes(large[500_000:] + encode([b"end"]), 60)
        assert way.received(way.target) == [[bytes(1_000_000)], [b"held"]]


def test_latencies_add_up_and_do_not_throttle(wire):
    way = wire("PUSH", "PULL", client_options={"SNDHWM": 0}, RCVHWM=0)
    way.break_it(Latency(0.1), name="one")
    way.break_it(Latency(0.1), name="two")
    began = time.monotonic()
    for _ in range(200):
        way.client.send(bytes(50_000))
    way.client.send(b"end")
    way.target.recv()
    first = time.monotonic() - began
    assert len(way.received(way.target)) == 199
    assert first >= 0.2
    assert time.monotonic() - began < 200 * 0.1


def test_latency_for_chosen_messages_keeps_the_order(wire):
    way = wire("PUSH", "PULL")
    way.break_it(Latency(0.2), times=1, skip=1)
    began = time.monotonic()
    for number in range(4):
        way.client.send(b"%d" % number)
    way.client.send(b"end")
    assert way.received(way.target) == [[b"%d" % number] for number in range(4)]
    assert time.monotonic() - began >= 0.2
    assert way.fault().acted == 1


def test_the_same_seed_makes_the_same_choices(wire):
    found = []
    for _ in range(2):
        way = wire("PUSH", "PULL")
        way.break_it(Drop(), "[0-9]*", probability=0.3, seed=7)
        for number in range(200):
            way.client.send(b"%d" % number)
        way.client.send(b"end")
        found.append(way.received(way.target))
        way.proxy.stop()
    assert found[0] == found[1]
    assert 100 < len(found[0]) < 180


def test_a_probability_of_0_never_acts_and_of_1_always_does(wire):
    way = wire("PUSH", "PULL")
    way.break_it(Drop(), probability=0.0, name="never")
    way.break_it(Drop(), "x", probability=1.0, name="always")
    for _ in range(50):
        way.client.send(b"x")
    way.client.send(b"end")
    assert way.received(way.target) == []
    assert [report.acted for report in way.proxy.faults] == [0, 50]


def test_a_fault_ends_when_it_has_lasted(wire):
    way = wire("PUSH", "PULL")
    began = time.monotonic()
    way.break_it(Silence(), lasting=0.3)
    way.client.send(b"hello")
    assert way.target.recv() == b"hello"
    assert time.monotonic() - began >= 0.3
    assert way.fault().over


@pytest.mark.parametrize("command", list(DroppableCommand)[:2])
def test_commands_of_subscribers_are_lost(wire, command):
    way = wire("SUB", "XPUB", XPUB_VERBOSER=1)
    way.break_it(DropCommands(command), times=1)
    way.client.subscribe("a")
    way.client.subscribe("b")
    way.client.unsubscribe("a")
    way.client.subscribe("end")
    seen = way.received(way.target, b"\1end")
    expected = [b"\1a", b"\1b", b"\0a"]
    expected.remove({"SUBSCRIBE": b"\1a", "CANCEL": b"\0a"}[command.value])
    assert [frame for (frame,) in seen] == expected
    assert not way.proxy.messages(None, BOTH, TEXT)


def test_what_an_xsub_says_to_its_publisher_is_a_message(wire):
    way = wire("XSUB", "XPUB", XPUB_VERBOSER=1)
    way.break_it(Drop(), "lost", name="loss", to=TO_TARGET)
    for frames in ([b"\1a"], [b"kept", b"1"], [b"lost", b"2"], [b"kept", b"3"], [b"\1end"]):
        way.client.send_multipart(frames)
    assert way.received(way.target, b"\1end") == [[b"\1a"], [b"kept", b"1"], [b"kept", b"3"]]
    seen = way.proxy.messages(None, BOTH, TEXT)
    assert [(m.raw, m.direction, m.faults) for m in seen] == [
        ((b"kept", b"1"), "TO_TARGET", []),
        ((b"lost", b"2"), "TO_TARGET", ["loss"]),
        ((b"kept", b"3"), "TO_TARGET", []),
    ]


def test_lost_pongs_make_the_peer_give_up(wire):
    way = wire("DEALER", "ROUTER", client_options={"HEARTBEAT_IVL": 100, "HEARTBEAT_TIMEOUT": 300})
    way.break_it(DropCommands(DroppableCommand.PONG), to=TO_CLIENT)
    happens(lambda: way.fault().acted)
    count = len(way.proxy.connections)
    happens(lambda: len(way.proxy.connections) > count)


@pytest.mark.parametrize("target_type", ["PUB", "XPUB"])
def test_after_the_wait_for_a_subscription_nothing_is_lost(wire, target_type):
    for _ in range(10):
        way = wire("SUB", target_type)
        way.client.subscribe("prices")
        assert way.proxy.wait_subscription(b"prices", 1, Deadline(60))
        way.target.send(b"prices 1")
        assert way.client.recv() == b"prices 1"
        way.proxy.stop()


def test_the_wait_for_a_subscription_ends_without_one(wire):
    way = wire("SUB", "PUB")
    way.client.subscribe("prices")
    assert not way.proxy.wait_subscription(b"news", 1, Deadline(0.2))
    assert way.proxy.wait_subscription(b"prices today", 1, Deadline(60))
    assert not way.proxy.wait_subscription(b"prices", 2, Deadline(0))
    count, topics, hidden = way.proxy.subscriptions(b"prices")
    assert (count, topics, hidden) == (1, [(1, [b"prices"])], "")


def test_a_topic_that_was_subscribed_to_twice_is_gone_with_the_one_cancel_that_libzmq_sends(wire):
    way = wire("SUB", "PUB")
    for _ in range(2):
        way.client.subscribe("prices")
    for _ in range(2):
        way.client.unsubscribe("prices")
    way.client.subscribe("end")
    assert way.proxy.wait_subscription(b"end", 1, Deadline(60))
    assert way.proxy.subscriptions(b"prices") == (0, [(1, [b"end"])], "")


def test_a_subscription_may_come_before_the_publisher_ends_its_handshake(raw, new_proxy):
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor() as pool:
        listener.settimeout(60)
        proxy = new_proxy(f"tcp://127.0.0.1:{listener.getsockname()[1]}")
        raw("SUB", connect=proxy.endpoint, SUBSCRIBE=b"prices")
        publisher, _ = listener.accept()
        with publisher:
            publisher.settimeout(60)
            publisher.sendall(b"\xff" + bytes(8) + b"\x7f\x01\x01")  # ZMTP 2.0, a PUB, but not yet its identity
            heard = b""
            while b"\x01prices" not in heard:
                heard += publisher.recv(100)
            assert not proxy.wait_subscription(b"prices", 1, Deadline(0))
            known = pool.submit(proxy.wait_subscription, b"prices", 1, Deadline(60))
            happens(known.running)
            publisher.sendall(b"\x00\x00")
            assert known.result()


def test_a_subscriber_that_was_there_first_subscribes_once_the_publisher_is_there(raw, new_proxy, session):
    """After a reconnect libzmq subscribes again in the thread of the socket, which waits at the proxy."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        target = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    proxy = new_proxy(target, tick=session.tick)
    subscriber = session.open(SocketType.SUB, None)
    subscriber.subscribe(b"prices")
    subscriber.connect(proxy.endpoint)
    happens(lambda: len(proxy.connections) > 2)
    raw("PUB", bind=target)
    assert proxy.wait_subscription(b"prices", 1, Deadline(60))


def test_a_lost_subscription_is_not_waited_for_in_vain(wire):
    way = wire("SUB", "PUB")
    way.break_it(DropCommands(DroppableCommand.SUBSCRIBE))
    way.client.subscribe("prices")
    happens(lambda: way.fault().acted)
    assert not way.proxy.wait_subscription(b"prices", 1, Deadline(0.1))


def curve(wire, types=("PUSH", "PULL")):
    server, client = zmq.curve_keypair(), zmq.curve_keypair()
    return wire(
        *types,
        client_options={
            "CURVE_SERVERKEY": server[0],
            "CURVE_PUBLICKEY": client[0],
            "CURVE_SECRETKEY": client[1],
        },
        CURVE_SERVER=1,
        CURVE_SECRETKEY=server[1],
    )


def test_under_curve_messages_are_dropped_by_number(wire):
    way = curve(wire)
    way.break_it(Drop(), skip=1, times=2)
    for number in range(5):
        way.client.send(b"%d" % number)
    way.client.send(b"end")
    assert way.received(way.target) == [[b"0"], [b"3"], [b"4"]]
    assert way.proxy.connections[0].mechanism == "CURVE"


@pytest.mark.parametrize("effect", [Delay(0.2), Hold(), Latency(0.1)], ids=lambda effect: type(effect).__name__)
def test_under_curve_messages_are_late(wire, effect):
    way = curve(wire)
    way.break_it(effect, times=1)
    way.client.send(b"1")
    happens(lambda: way.fault().acted)
    way.proxy.reset()
    assert way.target.recv() == b"1"


def test_under_curve_the_content_cannot_be_read_when_the_connection_is_there(wire):
    way = curve(wire)
    way.client.send(b"1")
    assert way.target.recv() == b"1"
    with pytest.raises(WrongUse, match="CURVE"):
        way.break_it(Drop(), "1")
    with pytest.raises(WrongUse, match="CURVE"):
        way.break_it(Corrupt())
    assert not way.proxy.faults


def test_under_curve_nobody_waits_for_a_subscription_that_cannot_be_seen(raw, new_proxy):
    server, client = zmq.curve_keypair(), zmq.curve_keypair()
    publisher = raw("XPUB", bind="tcp://127.0.0.1:*", CURVE_SERVER=1, CURVE_SECRETKEY=server[1])
    publisher.rcvtimeo = 60_000
    proxy = new_proxy(publisher.last_endpoint.decode())
    subscriber = raw("SUB", SUBSCRIBE=b"prices")
    subscriber.curve_serverkey, subscriber.curve_publickey, subscriber.curve_secretkey = server[0], *client
    subscriber.connect(proxy.endpoint)
    assert publisher.recv() == b"\1prices"
    with pytest.raises(WrongUse, match="CURVE"):
        proxy.wait_subscription(b"prices", 1, Deadline(60))


def test_under_curve_the_content_cannot_be_read_when_the_connection_comes(wire, raw, new_proxy):
    server, client = zmq.curve_keypair(), zmq.curve_keypair()
    target = raw("PULL", bind="tcp://127.0.0.1:*", CURVE_SERVER=1, CURVE_SECRETKEY=server[1])
    proxy = new_proxy(target.last_endpoint.decode())
    way = Wire(target, target, proxy)
    way.break_it(Drop(), "x")
    source = raw("PUSH")
    source.curve_serverkey, source.curve_publickey, source.curve_secretkey = server[0], *client
    source.connect(proxy.endpoint)
    source.send(b"x")
    assert target.recv() == b"x"
    assert "CURVE" in way.fault().problem


TRAFFIC = st.lists(st.lists(st.sampled_from([b"", b"a", b"b", b"x" * 300]), min_size=1, max_size=3), max_size=30)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["drop", "duplicate", "replace", "none"]),
        st.sampled_from(["a", "b", "*", "x*"]),
        st.integers(0, 3),
        st.integers(1, 3),
        st.none() | st.integers(1, 3),
    ),
    max_size=3,
)


def predicted(messages, steps):
    """What arrives."""
    for what, pattern, skip, every, times in steps:
        found, matched, acted = [], 0, 0
        for message in messages:
            matches = pattern == "*" or (pattern == "x*" and message[0][:1] == b"x") or message[0] == pattern.encode()
            matched += matches
            chosen = matches and matched > skip and not (matched - skip) % every and (times is None or acted < times)
            acted += chosen
            found += {"drop": [], "duplicate": [message] * 2, "replace": [[b"new", b""]], "none": [message]}[
                what if chosen else "none"
            ]
        messages = found
    return messages


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(messages=TRAFFIC, steps=STEPS, seed=st.integers(0, 1000))
def test_a_model_predicts_what_arrives_however_the_bytes_are_cut(steady, messages, steps, seed):
    way, sender, connection = steady
    effects = {"drop": Drop(), "duplicate": Duplicate(), "replace": Replace((b"new", b"")), "none": Drop()}
    for number, (what, pattern, skip, every, times) in enumerate(steps):
        probability = 0.0 if what == "none" else 1.0
        looks = [pattern] if pattern != "*" else []
        way.break_it(
            effects[what], *looks, name=str(number), skip=skip, every=every, times=times, probability=probability
        )
    sender(messages, random.Random(seed))
    happens(lambda: sum(1 for _ in way.proxy.messages(None, BOTH, TEXT)) >= connection.sent)
    way.proxy.reset()
    sender([[b"the", b"end"]], random.Random(seed))
    found = []
    while (frames := way.target.recv_multipart()) != [b"the", b"end"]:
        found.append(frames)
    assert found == predicted(messages, steps)


class Sent:
    sent = 0


@pytest.fixture
def steady(wire):
    """A proxy that stays, and a sender that cuts the stream where it likes."""
    import socket

    from ZmqLibrary.zmtp.commands import ready
    from ZmqLibrary.zmtp.frames import encode_batch

    way = wire("PUSH", "PULL")
    way.client.close()
    host, port = way.proxy.endpoint[6:].split(":")
    count = Sent()
    with socket.create_connection((host, int(port))) as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer.settimeout(60)
        peer.sendall(Greeting(Version.ZMTP_3_1, "NULL").encode() + ready({"Socket-Type": b"PUSH"}).encode())
        heard = b""
        while b"READY" not in heard:  # libzmq ends a connection on which a message comes before it has sent its own
            heard += peer.recv(4096)

        def send(messages, cuts):
            data = encode_batch(messages)
            while data:
                size = cuts.choice([1, 2, 3, 7, 50, 1000])
                peer.sendall(data[:size])
                data = data[size:]
            count.sent += len(messages)

        threading.Thread(target=lambda: drain(peer), daemon=True).start()
        yield way, send, count
        peer.shutdown(socket.SHUT_RDWR)


def drain(peer):
    try:
        while peer.recv(4096):
            pass
    except OSError:
        pass


def test_what_a_fault_held_for_a_client_that_is_gone_harms_nobody(wire, raw):
    way = wire("DEALER", "ROUTER", client_options={"ROUTING_ID": b"gone"})
    way.client.send(b"ask")
    assert way.target.recv_multipart() == [b"gone", b"ask"]
    for name, effect in (("held", Hold()), ("late", Delay(60.0)), ("dark", Silence())):
        way.break_it(effect, to=TO_CLIENT, name=name, times=None if name == "dark" else 2)
    for _ in range(6):
        way.target.send_multipart([b"gone", b"answer"])
    happens(lambda: len(way.proxy.messages(None, TO_CLIENT, TEXT)) == 6)
    way.client.close()
    assert len(way.proxy.reset()) == 3
    other = raw("DEALER", connect=way.proxy.endpoint, ROUTING_ID=b"other")
    other.send(b"ask")
    assert way.target.recv_multipart() == [b"other", b"ask"]
    notes, _ = way.proxy.take_notes(100)
    assert not [note for note in notes if note.warning]


@pytest.mark.parametrize("first", ["fault", "connection"])
def test_a_fault_for_a_routing_id_says_that_curve_hides_those(wire, first):
    client, target = curve_options()
    way = wire("PUSH", "PULL", client_options=client, **target)
    if first == "connection":
        way.client.send(b"hello")
        assert way.target.recv() == b"hello"
    way.break_it(Drop(), client="worker*")
    way.break_it(Drop(), client="10.0.0.1:*", name="address")
    way.client.send(b"end")
    assert way.received(way.target) == []
    assert "routing ids" in way.fault().problem
    assert not way.fault("address").problem


@pytest.mark.parametrize("first", ["fault", "connection"])
def test_a_fault_of_messages_says_that_they_cannot_be_told_apart(wire, first):
    """ZMTP 1.0 passes as bytes."""
    way = wire("PUSH", "PULL")
    host, port = way.proxy.endpoint[6:].split(":")
    with socket.create_connection((host, int(port))) as old:
        if first == "fault":
            way.break_it(Drop(), "no*")
            way.break_it(Silence(), name="dark", to=TO_CLIENT)
        old.sendall(b"\x01\x00\x03\x00no")
        assert way.target.recv() == b"no"
        if first == "connection":
            way.break_it(Drop(), "no*")
        old.sendall(b"\x04\x00yes")
        assert way.target.recv() == b"yes"
        assert "ZMTP 2.0" in way.fault().problem
    if first == "fault":
        assert not way.fault("dark").problem


@pytest.mark.parametrize("version", [Version.ZMTP_3_1, Version.ZMTP_3, Version.ZMTP_2], ids=lambda v: v.value)
def test_every_version_passes_and_its_subscriptions_are_no_messages(raw, new_proxy, version):
    publisher = raw("XPUB", bind="tcp://127.0.0.1:*", XPUB_VERBOSER=1)
    publisher.rcvtimeo = 60_000
    proxy = new_proxy(publisher.last_endpoint.decode())
    proxy.add_fault(Fault("lost", DropCommands(DroppableCommand.SUBSCRIBE), TO_TARGET, Selection(times=1)))
    proxy.add_fault(Fault("drop", Drop(), selection=Selection(skip=1, times=1)))
    with Peer.connect(proxy.endpoint, Connection("SUB", Null(), version=version)) as subscriber:
        subscriber.wait_for_handshake(60)
        for topic in (b"first", b"second"):
            subscriber.send_bytes(subscriber.connection.subscribe(topic))
        assert publisher.recv() == b"\1second"
        assert proxy.wait_subscription(b"second", 1, Deadline(60))
        for number in range(3):
            publisher.send_multipart([b"second", b"%d" % number])
        found = [subscriber.receive_message(60)[1] for _ in range(2)]
    assert found == [b"0", b"2"]
    assert [list(message.raw) for message in proxy.messages(None, BOTH, TEXT)] == [
        [b"second", b"%d" % number] for number in range(3)
    ]


def test_a_plain_handshake_passes_and_leaves_no_password(raw, new_proxy):
    target = raw("PULL", PLAIN_SERVER=1)
    with plain_users(target.context, {b"user": b"open sesame"}):
        target.bind("tcp://127.0.0.1:*")
        proxy = new_proxy(target.last_endpoint.decode())
        client = raw("PUSH", connect=proxy.endpoint, PLAIN_USERNAME=b"user", PLAIN_PASSWORD=b"open sesame")
        client.send(b"hello")
        assert target.recv() == b"hello"
        assert proxy.connections[0].mechanism == "PLAIN"
        assert "sesame" not in repr((proxy.take_notes(1000), proxy.messages(None, BOTH, TEXT), proxy.connections))
