from __future__ import annotations

import random
import signal
import threading
import time
from socket import create_connection

import pytest
import zmq

from ZmqLibrary.errors import WaitTimeout, WrongUse
from ZmqLibrary.sockets.bulk import receive_many
from ZmqLibrary.sockets.option_table import find_option
from ZmqLibrary.sockets.socket_types import SocketType
from ZmqLibrary.waiting import deadline as deadlines
from ZmqLibrary.waiting.deadline import SLICE, Deadline

INPROC = "inproc://sockets"
TCP = "tcp://127.0.0.1:*"
NOW = Deadline(0)
INTERRUPTIONS = 250
POURED = 600_000
FRAMES = 20


def frames_of(messages):
    return [message.frames for message in messages]


@pytest.fixture
def pipe(opened):
    """A PULL with the PUSH that sends to it."""
    pull = opened("PULL", "pull", bind=INPROC)
    return pull, opened("PUSH", "push", connect=INPROC)


def is_end(message):
    return message.raw == [b"end"]


def fill(socket, frames):
    while True:
        socket.send(frames, Deadline(0.1))


def send_numbers(socket, numbers):
    for number in numbers:
        assert socket.try_send([b"%d" % number])


# Receiving and the inbox


def test_messages_come_in_order(pipe):
    pull, push = pipe
    send_numbers(push, range(10))
    assert frames_of(receive_many(pull, 10, Deadline(30))) == [[b"%d" % n] for n in range(10)]
    assert pull.traffic.received_count == 10
    assert pull.inbox.last.frames == [b"9"]


def test_a_failed_bulk_receive_gives_its_messages_back_in_order(pipe):
    pull, push = pipe
    send_numbers(push, range(3))
    with pytest.raises(WaitTimeout, match="Only 3 of 5 messages came"):
        receive_many(pull, 5, Deadline(0.01))
    send_numbers(push, [3, 4])
    assert frames_of(receive_many(pull, 5, Deadline(30))) == [[b"%d" % n] for n in range(5)]


def test_messages_put_back_come_before_those_that_wait(pipe):
    pull, push = pipe
    send_numbers(push, range(4))
    messages = receive_many(pull, 2, Deadline(30))
    pull.inbox.put_back(messages)
    assert frames_of(receive_many(pull, 4, Deadline(30))) == [[b"0"], [b"1"], [b"2"], [b"3"]]


def test_receiving_until_a_message_leaves_the_rest(pipe):
    pull, push = pipe
    send_numbers(push, range(5))
    messages = receive_many(pull, None, Deadline(30), until=lambda m: m.frames == [b"2"])
    assert frames_of(messages) == [[b"0"], [b"1"], [b"2"]]
    assert frames_of(receive_many(pull, 2, Deadline(30))) == [[b"3"], [b"4"]]


def test_what_find_passes_over_stays_in_order(pipe):
    pull, push = pipe
    send_numbers(push, range(5))
    assert pull.find(lambda m: m.frames == [b"3"], Deadline(30)).frames == [b"3"]
    assert pull.find(lambda m: False, NOW) is None
    assert frames_of(receive_many(pull, 4, Deadline(30))) == [[b"0"], [b"1"], [b"2"], [b"4"]]


def test_try_receive_never_waits(pipe):
    pull, push = pipe
    assert pull.try_receive() is None
    send_numbers(push, [1])
    assert pull.try_receive().frames == [b"1"]


def test_a_message_that_is_handed_over_is_the_next_one_and_does_not_come_back(session, pipe):
    pull, push = pipe
    send_numbers(push, range(2))
    pull.await_message(Deadline(30))
    session.hand.begin()  # another keyword than that which has opened the sockets
    assert pull.inbox.hand_over().frames == [b"0"]
    assert pull.inbox.last.frames == [b"0"]
    session.hand.give_back()
    assert pull.receive(Deadline(30)).frames == [b"1"]
    session.hand.give_back()
    assert pull.receive(NOW).frames == [b"1"]


def test_discard_empties_the_inbox_and_the_queue(pipe):
    pull, push = pipe
    send_numbers(push, range(600))
    assert pull.find(lambda m: m.frames == [b"10"], Deadline(30))
    assert pull.discard() == 599
    assert pull.try_receive() is None
    assert pull.discard() == 0


def test_discard_ends_although_a_peer_sends_without_a_pause(opened, peer):
    pull = opened("PULL", bind=TCP)
    peer("flood", pull.address)
    pull.receive(Deadline(30))
    pull.discard()  # which would otherwise go on until the peer is killed, after this test
    assert not pull.inbox.messages


@pytest.mark.parametrize("wait", ["find", "look_for", "until"])
def test_a_wait_for_what_never_comes_ends_although_a_peer_sends_without_a_pause(opened, peer, wait):
    pull = opened("PULL", bind=TCP, RCVHWM=0)
    peer("pour", pull.address, "PUSH", str(POURED), "x")
    pull.receive(Deadline(30))
    soon = Deadline(0.05)
    if wait == "until":
        with pytest.raises(WaitTimeout):
            receive_many(pull, None, soon, until=is_end)
    else:
        assert getattr(pull, wait)(is_end, soon) is None
    assert pull.traffic.received_count < POURED


@pytest.mark.parametrize(("type", "text"), [("PUB", "x"), ("XPUB", "\1x")])
def test_a_publisher_is_looked_after_although_a_subscriber_sends_without_a_pause(opened, peer, type, text):
    publisher = opened(type, bind=TCP, RCVHWM=0)
    peer("pour", publisher.address, "XSUB", str(POURED), text)
    assert publisher.wait_for(publisher.raw.readable, Deadline(30), zmq.POLLIN)
    publisher.count_subscribers()
    assert publisher.wait_for(publisher.raw.readable, Deadline(30), zmq.POLLIN)


def test_a_receive_that_times_out_says_where_and_how_long(pipe):
    with pytest.raises(WaitTimeout, match=r"No message from 'pull' \(PULL, inproc://sockets\) in 10 milliseconds\."):
        pipe[0].receive(Deadline(0.01))


def test_a_socket_without_endpoint_says_so(opened):
    with pytest.raises(WaitTimeout, match="neither bound nor connected"):
        opened("PULL").receive(NOW)


# Sending


def test_without_a_peer_a_send_times_out(opened):
    with pytest.raises(WaitTimeout, match="There is no peer to send to"):
        opened("PUSH", bind=TCP).send([b"x"], NOW)


def test_the_high_water_mark_is_named(opened, raw, happens):
    push = opened("PUSH", bind=TCP, SNDHWM=2)
    raw("PULL", connect=push.address, RCVHWM=1)
    assert happens(push, lambda: push.monitor.links[push.address].peers)
    with pytest.raises(WaitTimeout, match=r"high-water mark \(2 messages for each peer\) is reached"):
        fill(push, [bytes(100_000)])


@pytest.mark.parametrize("type", ["SUB", "PULL"])
def test_what_only_receives_cannot_send(opened, type):
    with pytest.raises(WrongUse, match=f"{type} sockets only receive"):
        opened(type).try_send([b"x"])


@pytest.mark.parametrize("type", ["PUB", "PUSH"])
def test_what_only_sends_cannot_receive(opened, type):
    with pytest.raises(WrongUse, match=f"{type} sockets only send"):
        opened(type).receive(NOW)


def test_a_router_names_the_routing_ids_it_has_seen(opened):
    router = opened("ROUTER", bind=INPROC)
    opened("DEALER", connect=INPROC, ROUTING_ID=b"anna").try_send([b"hi"])
    assert router.receive(Deadline(30)).frames == [b"anna", b"hi"]
    with pytest.raises(WrongUse, match=r"no peer with the routing id 'bert'.*Routing ids seen: 'anna'"):
        router.try_send([b"bert", b"x"])
    assert router.try_send([b"anna", b"x"])


def test_a_send_for_one_full_peer_of_a_router_waits_without_using_the_cpu(opened, monkeypatch):
    router = opened("ROUTER", bind=INPROC, SNDHWM=2)
    for name in (b"full", b"free"):
        opened("DEALER", connect=INPROC, ROUTING_ID=name, RCVHWM=2).try_send([b"hi"])
    receive_many(router, 2, Deadline(30))
    with pytest.raises(WaitTimeout):
        fill(router, [b"full", b"x"])
    offer, offered = router.outbox.offer, []
    monkeypatch.setattr(router.outbox, "offer", lambda frames: offered.append(frames) or offer(frames))
    with pytest.raises(WaitTimeout):
        router.send([b"full", b"x"], Deadline(0.5))
    assert len(offered) < 250  # two in five milliseconds


def test_req_and_rep_take_turns(opened):
    rep = opened("REP", "rep", bind=INPROC)
    req = opened("REQ", "req", connect=INPROC)
    with pytest.raises(WrongUse, match="REQ socket 'req' has not sent a request yet"):
        req.receive(Deadline(30))
    with pytest.raises(WrongUse, match="REP socket 'rep' has not received a request"):
        rep.try_send([b"x"])
    req.send([b"ping"], Deadline(30))
    with pytest.raises(WrongUse, match="still waits for the reply"):
        req.send([b"ping"], Deadline(30))
    assert rep.receive(Deadline(30)).frames == [b"ping"]
    with pytest.raises(WrongUse, match="has not replied"):
        rep.receive(Deadline(30))
    rep.send([b"pong"], Deadline(30))
    assert req.receive(Deadline(30)).frames == [b"pong"]


# Traffic and observers


def test_the_last_messages_both_ways_are_kept(opened):
    left, right = opened("PAIR", bind=INPROC), opened("PAIR", connect=INPROC)
    for n in range(30):
        left.try_send([b"%d" % n])
        right.try_send([b"%d" % n])
        left.try_receive()
    assert len(left.traffic.recent) == 20
    assert {t.direction for t in left.traffic.recent} == {"sent", "received"}


def test_observers_see_each_message_once(pipe):
    pull, push = pipe
    seen = []
    pull.inbox.observers.append(lambda message: seen.append(message.frames))
    send_numbers(push, range(3))
    pull.inbox.put_back(receive_many(pull, 3, Deadline(30)))
    receive_many(pull, 3, Deadline(30))
    assert seen == [[b"0"], [b"1"], [b"2"]]


# Robot's timeouts


def test_a_timeout_interrupts_a_receive_at_once(opened, interrupted):
    pull = opened("PULL", bind=TCP)
    start = time.monotonic()
    assert interrupted(lambda: pull.receive(Deadline(600)), 0.05)
    assert time.monotonic() - start < 300


def test_an_interrupted_wait_can_be_begun_again_before_there_is_an_endpoint(opened, interrupted):
    pull = opened("PULL")
    assert interrupted(lambda: pull.receive(Deadline(600)), 0.05)
    with pytest.raises(WaitTimeout):
        pull.receive(Deadline(0.05))


def test_interrupted_receives_tear_and_lose_nothing(opened, peer, interrupted):
    pull = opened("PULL", bind=TCP)
    peer("flood", pull.address)
    pull.receive(Deadline(30))
    expected = 1
    interruptions = 0

    def note(message):
        nonlocal expected
        assert len(message.raw) == FRAMES
        assert set(message.raw) == {b"%d" % expected}
        expected += 1

    def receive_for_ever():
        while True:
            note(pull.receive(Deadline(30)))

    while interruptions < INTERRUPTIONS:
        before = pull.inbox.last
        assert interrupted(receive_for_ever, random.uniform(0.0002, 0.004))
        interruptions += 1
        # Interrupted after the message was taken and before it was noted: it is the last one received.
        if pull.inbox.last is not before and pull.inbox.last.raw[0] == b"%d" % expected:
            note(pull.inbox.last)
        message = pull.receive(Deadline(30))
        note(message)
    assert interruptions >= 200


def test_interrupted_sends_tear_nothing(opened, interrupted):
    pull = opened("PULL", "sink", bind=TCP, RCVHWM=5)
    push = opened("PUSH", "source", connect=pull.address, SNDHWM=5)
    received: list[int] = []
    pad = bytes(2000)

    def send_for_ever():
        while True:
            number = len(sent)
            sent.append(number)
            push.send([b"%d" % number, *[pad] * (FRAMES - 2), b"%d" % number], Deadline(30))

    def collect(deadline):
        while message := pull.find(lambda message: True, deadline):
            assert len(message.raw) == FRAMES
            assert message.raw[0] == message.raw[-1]
            received.append(int(message.raw[0]))

    sent: list[int] = []
    for _ in range(INTERRUPTIONS):
        assert interrupted(send_for_ever, random.uniform(0.0002, 0.004))
        collect(Deadline(0))
    end = len(sent)
    deadline = Deadline(60)
    while not push.try_send([b"%d" % end] * FRAMES) and deadline.remaining():
        collect(Deadline(0.1))
    while received[-1:] != [end] and deadline.remaining():
        collect(Deadline(0.1))
    received.remove(end)
    assert received == sorted(set(received))
    assert len(received) >= len(sent) - INTERRUPTIONS


def test_a_request_whose_send_is_interrupted_is_still_waited_for(opened):
    class Timeout(BaseException):
        pass

    def interrupt(number, frame):
        raise Timeout

    class Alarming(list):
        def __getitem__(self, index):
            if index == -1:
                signal.raise_signal(signal.SIGALRM)
            return super().__getitem__(index)

    rep, req = opened("REP", bind=INPROC), opened("REQ", connect=INPROC)
    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 600)
    try:
        with pytest.raises(Timeout):
            req.send(Alarming([b"a", b"b"]), Deadline(30))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert rep.receive(Deadline(30)).frames == [b"a", b"b"]
    rep.send([b"c"], Deadline(30))
    assert req.receive(Deadline(30)).frames == [b"c"]


def test_a_run_in_another_thread_works(session):
    results = []

    def run():
        pull, push = session.open(SocketType.PULL, None), session.open(SocketType.PUSH, None)
        address = pull.bind(TCP)
        push.wait_connected(push.connect(address), Deadline(30))
        push.send([b"x", b"y"], Deadline(30))
        results.append(pull.receive(Deadline(30)).frames)
        session.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert results == [[b"x", b"y"]]


# Time


def test_waiting_on_inproc_for_what_has_no_messages_uses_no_cpu(opened):
    pair = opened("PAIR", bind=INPROC)
    looks: list[float] = []
    assert not pair.wait_for(lambda: looks.append(time.monotonic()), Deadline(5 * SLICE))
    assert len(looks) <= 6


def test_a_message_that_comes_ends_the_wait(opened, raw, monkeypatch):
    monkeypatch.setattr(deadlines, "SLICE", 120.0)
    pull = opened("PULL", bind=TCP)
    push = raw("PUSH", connect=pull.address)
    push.send(b"first")
    pull.receive(Deadline(30))
    go = threading.Semaphore(0)
    sent_at: list[float] = []

    def send():
        for _ in range(50):
            go.acquire()
            sent_at.append(time.monotonic())
            push.send(b"x")

    thread = threading.Thread(target=send)
    thread.start()
    delays = []
    for n in range(50):
        go.release()
        pull.receive(Deadline(600))
        delays.append(time.monotonic() - sent_at[n])
    thread.join()
    assert max(delays) < 60


def test_what_a_stream_refuses_leaves_its_messages_whole(opened, raw):
    stream = opened("STREAM", bind=TCP)
    peer = raw("STREAM", connect=stream.address)
    name = stream.receive(Deadline(30)).frames[0]
    with pytest.raises(WrongUse, match="cannot send a message of 3 frames"):
        stream.send([name, b"a", b"b"], NOW)
    stream.send([name, b"c"], Deadline(30))
    assert [peer.recv_multipart()[1] for _ in range(2)] == [b"", b"c"]


# What libzmq has not looked at yet


def test_there_is_room_as_soon_as_the_receiver_has_made_it(opened):
    pull = opened("PULL", bind=INPROC, RCVHWM=1)
    push = opened("PUSH", connect=INPROC, SNDHWM=1)
    for _ in range(50):
        while push.try_send([b"x"]):
            pass
        pull.discard()
        assert push.try_send([b"x"])
        pull.discard()


def test_a_router_knows_a_dealer_over_inproc_at_once(opened):
    router = opened("ROUTER", bind=INPROC)
    for number in range(50):
        dealer = opened("DEALER", f"d{number}", ROUTING_ID=b"d%d" % number)
        dealer.connect(INPROC)
        router.send([b"d%d" % number, b"x"], NOW)
        assert dealer.receive(NOW).frames == [b"x"]


def test_while_a_handshake_goes_on_a_router_waits_for_a_peer(opened, raw):
    router = opened("ROUTER", bind=TCP)
    with pytest.raises(WrongUse, match="knows no peer with the routing id 'late'"):
        router.send([b"late", b"x"], Deadline(600))
    host, _, port = router.address.removeprefix("tcp://").partition(":")
    with create_connection((host, int(port))):
        router.wait_for(lambda: router.monitor.links[router.address].handshaking, Deadline(30))
        with pytest.raises(WrongUse, match="knows no peer with the routing id 'late'"):
            router.send([b"late", b"x"], Deadline(0.01))
        dealer = raw("DEALER", connect=router.address, ROUTING_ID=b"late")
        router.send([b"late", b"x"], Deadline(60))
        assert dealer.recv() == b"x"


@pytest.mark.parametrize(
    ("options", "reported"),
    [
        ([], (False, False)),
        ([("XPUB_VERBOSE", 1)], (True, False)),
        ([("XPUB_VERBOSER", 1)], (True, True)),
        ([("XPUB_VERBOSE", 1), ("XPUB_VERBOSER", 0)], (False, False)),
        ([("XPUB_VERBOSER", 1), ("XPUB_VERBOSE", 1)], (True, False)),
        ([("XPUB_VERBOSER", 1), ("XPUB_VERBOSE", 0)], (False, False)),
        ([("XPUB_MANUAL", 1), ("XPUB_VERBOSER", 0)], (True, True)),
    ],
)
def test_the_last_option_says_what_an_xpub_reports(opened, options, reported):
    xpub = opened("XPUB")
    for name, value in options:
        xpub.set_option(find_option(name), value)
    assert (xpub.options.reports(True), xpub.options.reports(False)) == reported


def test_a_late_conflate_holds_from_the_next_endpoint_on(opened):
    pull = opened("PULL", bind=INPROC)
    push = opened("PUSH", connect=INPROC)
    push.set_option(find_option("CONFLATE"), 1)
    push.send([b"a", b"b"], Deadline(30))
    assert pull.receive(Deadline(30)).frames == [b"a", b"b"]
    opened("PULL", bind="inproc://conflating")
    push.connect("inproc://conflating")
    with pytest.raises(WrongUse, match="has CONFLATE"):
        push.send([b"a", b"b"], NOW)
