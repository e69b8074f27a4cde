"""Pumps and sinks in processes of their own: what they do, what they tell, and that they end."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from threading import Event, Thread

import pytest
import zmq

from ZmqLibrary.errors import ConnectFailed, EndpointFailed, InvalidValue, WorkerFailed
from ZmqLibrary.pipelines.ledger import Sent
from ZmqLibrary.pipelines.runner import PumpRun, SinkRun
from ZmqLibrary.pipelines.settings import PumpSettings
from ZmqLibrary.pipelines.stamp import payload_crc, run_id, stamped
from ZmqLibrary.waiting.deadline import Deadline

ROOT = Path(__file__).resolve().parents[2]
LONG = 60
PAIRS = [("PUSH", "PULL", {}), ("PUB", "SUB", {"subscribe": (b"",)}), ("DEALER", "ROUTER", {}), ("PAIR", "PAIR", {}),
         ("DEALER", "DEALER", {})]  # fmt: skip


def pid_of(run):
    return run._vehicle._process.pid


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize(("source", "target", "values"), PAIRS)
def test_everything_that_is_pumped_arrives_in_order(pump, sink, ended, arrived, source, target, values):
    out = sink(type=target, **values)
    report = ended(pump(out.endpoint, source, count=5000, options=(("SNDHWM", 10_000),)))
    found = arrived(out, 5000)
    assert (report.state, report.sent, report.bytes, report.dropped) == ("DONE", 5000, 500_000, 0)
    assert (found.lost, found.duplicates, found.reordered, found.corrupt, found.unstamped) == (0, 0, 0, 0, 0)
    assert (found.received, found.complete) == (5000, True)
    assert found.latency.count == 5000


def test_messages_that_a_service_has_put_into_one_are_one_message(sink, arrived, raw):
    """Though each of its frames is as the pump has sent it: only the last one is where a stamp has to be."""
    bodies = [stamped(run_id(9, 0), number, 1, payload_crc([b"work"])) + b"work" for number in range(1, 301)]
    out = sink()
    push = raw("PUSH", connect=out.endpoint)
    for body in bodies[:100]:
        push.send(body)
    for at in range(100, 200, 4):
        push.send_multipart(bodies[at : at + 4])
    for body in bodies[200:]:
        push.send(body)
    found = arrived(out, 225)
    assert (found.received, found.lost, found.duplicates, found.corrupt, found.unstamped) == (225, 75, 0, 0, 0)
    assert found.first_lost[:4] == [101, 102, 103, 105]


@pytest.mark.parametrize(("source", "target"), [("REQ", "REP"), ("REQ", "ROUTER"), ("DEALER", "ROUTER")])
def test_requests_are_answered_and_timed(pump, sink, ended, source, target):
    out = sink(type=target, replies=True)
    report = ended(pump(out.endpoint, source, replies=True, count=300))
    assert (report.sent, report.replies, report.lost) == (300, 300, 0)
    assert report.latency.count == 300
    assert out.report.complete


@pytest.fixture
def slow_service(raw):
    """A REP that takes 20 ms for each request; returns its endpoint."""
    service = raw("REP", bind="tcp://127.0.0.1:*")
    over = Event()

    def serve():
        while not over.is_set():
            if service.poll(10):
                request = service.recv_multipart()
                over.wait(0.02)
                service.send_multipart(request)

    thread = Thread(target=serve)
    thread.start()
    yield service.last_endpoint.decode()
    over.set()
    thread.join()


def test_a_slow_service_is_not_taken_for_a_slow_pump(pump, slow_service, ended):
    report = ended(pump(slow_service, "REQ", replies=True, rate="200", count=30))
    assert report.lag.p99 > 0.05
    assert not report.bottleneck


def test_a_duration_ends_requests_to_a_service_that_is_too_slow(pump, slow_service, ended):
    report = ended(pump(slow_service, "REQ", replies=True, rate="1000", duration=0.5))
    assert report.state == "DONE"
    assert report.seconds < 3
    assert report.asked == 500
    assert 0 < report.sent == report.replies < 200


@pytest.mark.parametrize(("source", "target"), [("REQ", "REP"), ("DEALER", "ROUTER")])
def test_replies_of_a_service_that_ends_after_the_last_one_have_come(pump, raw, ended, source, target):
    service = raw(target, bind="tcp://127.0.0.1:*")
    service.linger = LONG * 1000
    asking = pump(service.last_endpoint.decode(), source, replies=True, count=50)
    for _ in range(50):
        service.send_multipart(service.recv_multipart())
    service.close()
    report = ended(asking)
    assert (report.sent, report.replies, report.lost) == (50, 50, 0)


@pytest.mark.parametrize("stamp", ["PREFIX", "NONE"])
def test_a_request_is_answered_although_the_reply_before_it_comes_again(pump, raw, ended, stamp):
    service = raw("ROUTER", bind="tcp://127.0.0.1:*", RCVTIMEO=1000 * LONG)
    asking = pump(service.last_endpoint.decode(), "REQ", replies=True, count=50, stamp=stamp)
    before = None
    for _ in range(50):
        request = service.recv_multipart()
        if before is not None:
            service.send_multipart(before)
            service.poll(10)  # a pump that takes that for the answer goes on
        service.send_multipart(request)
        before = request
    report = ended(asking)
    assert (report.sent, report.replies, report.lost) == (50, 50, 0)


def test_what_is_no_request_is_neither_counted_nor_answered(sink, arrived, raw):
    out = sink(type="REP", replies=True)
    asking = raw("DEALER", connect=out.endpoint)
    asking.rcvtimeo = LONG * 1000
    for frames in ([b"no delimiter"], [b""], [b"", b"good"]):
        asking.send_multipart(frames)
    assert asking.recv_multipart() == [b"", b"good"]
    assert arrived(out, 1).received == 1
    assert not asking.poll(50)


@pytest.mark.parametrize("name", ["a\0b", "a" * 200_000, "ü"])
def test_a_name_may_be_any_text(started, name):
    assert started(SinkRun, "tcp://127.0.0.1:*", "PULL", bind=True, name=name).report.name == name


@pytest.mark.parametrize("stamp", ["PREFIX", "FRAME", "NONE"])
def test_frames_go_as_they_are_given(pump, sink, arrived, stamp):
    out = sink(keep=2)
    pump(out.endpoint, count=3, stamp=stamp, frames=((b"EUR",), (b"n=", "n")))
    report = arrived(out, 3)
    first, second = out.kept
    assert first.frames[0] == second.frames[0] == b"EUR"
    assert (first.frames[-1] if stamp != "FRAME" else first.frames[1]).endswith(b"n=2")
    assert report.unstamped == (3 if stamp == "NONE" else 0)


def test_several_connections_share_the_numbers_and_none_counts_as_out_of_order(pump, sink, arrived):
    out = sink()
    pump(out.endpoint, count=4000, connections=4)
    report = arrived(out, 4000)
    assert (report.lost, report.reordered, report.duplicates) == (0, 0, 0)


def test_pumps_whose_processes_have_one_id_are_two_senders(pump, sink, arrived, tmp_path, monkeypatch):
    """As the first ones of two containers do."""
    (tmp_path / "sitecustomize.py").write_text("import os; os.getpid = lambda: 42", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    out = sink()
    for _ in range(2):
        pump(out.endpoint, count=100)
    report = arrived(out, 200)
    assert (report.duplicates, report.complete) == (0, True)


def test_a_sink_that_has_got_large_messages_reports_them_at_its_end(pump, sink, arrived):
    out = sink()
    pump(out.endpoint, count=4, size=20_000_000)
    arrived(out, 4)
    assert out.stop(Deadline(LONG))
    assert (out.report.received, out.report.complete) == (4, True)
    assert len(out.kept) == 1


class SinkThatIsKilled(SinkRun):
    """One whose process has no time to hand over its messages."""

    def _take(self, document):
        super()._take(document)
        if "final" in document:
            os.kill(pid_of(self), signal.SIGKILL)


def test_what_a_sink_has_counted_is_known_although_it_could_not_hand_over_its_messages(pump, started, arrived):
    out = started(SinkThatIsKilled, "tcp://127.0.0.1:*", "PULL", bind=True)
    pump(out.endpoint, count=2, size=5_000_000)
    arrived(out, 2)
    assert out.stop(Deadline(LONG))
    assert (out.report.received, out.report.complete) == (2, True)
    with pytest.raises(WorkerFailed, match="Sink 'sink-0' had to end before it had handed over its messages"):
        out.kept  # noqa: B018


def test_a_pump_that_binds_begins_with_its_first_peer(started, arrived):
    source = started(PumpRun, "tcp://127.0.0.1:*", "PUB", bind=True, count=500)
    assert source.report.state == "RUNNING"
    assert source.report.asked == 0
    out = started(SinkRun, source.endpoint, "SUB", subscribe=(b"",))
    assert arrived(out, 500).complete


def test_a_rate_is_kept(pump, sink, ended):
    report = ended(pump(sink().endpoint, rate="2000:1s,1000..3000:1s", count=None))
    assert report.sent == report.asked == 4000
    assert report.seconds > 1.99
    assert report.seconds <= 2 + report.lag.max  # it is late by what a busy machine has held it up, and no more
    assert report.lag.count == 4000


def test_a_duration_ends_it(pump, sink, ended):
    assert ended(pump(sink().endpoint, rate="1000", duration=1.0)).sent == 1000


def test_a_paused_pump_sends_nothing_and_makes_up_for_nothing(pump, sink):
    source = pump(sink().endpoint, rate="1000")
    source.wait_for(lambda: source.status.get("sent", 0) > 100, Deadline(LONG))
    source.ask("pause")
    report = source.report
    assert report.state == "PAUSED"
    assert source.report.sent == report.sent
    source.ask("resume")
    assert source.wait_for(lambda: source.status["sent"] > report.sent + 100, Deadline(LONG))
    assert source.report.state == "RUNNING"


def test_a_new_rate_is_followed_and_the_old_one_returned(pump, sink):
    source = pump(sink().endpoint, rate="100")
    assert source.ask("rate", rate="500") == "100"
    assert source.ask("rate", rate="MAX") == "500"
    assert source.ask("rate", rate="10") == "MAX"
    with pytest.raises(InvalidValue, match="rate=-1 cannot be used"):
        source.ask("rate", rate="-1")


def test_a_paused_sink_blocks_the_pump_and_loses_nothing(pump, sink, arrived, ended):
    out = sink(options=(("RCVHWM", 10),))
    out.ask("pause")
    source = pump(out.endpoint, count=30_000, size=1000, options=(("SNDHWM", 10),))
    assert source.wait_for(lambda: source.status.get("state") == "BLOCKED", Deadline(LONG))
    out.ask("resume")
    report = ended(source)
    assert report.blocked > 0
    assert arrived(out, 30_000).complete


def test_a_slow_sink_reads_at_its_rate(pump, sink, arrived):
    out = sink(rate=1000.0)
    pump(out.endpoint, count=1000)
    found = arrived(out, 500)
    assert 0 < found.rate < 1100
    assert out.ask("rate", rate=None) == 1000
    assert arrived(out, 1000).complete


@pytest.mark.parametrize("started", ["WIRE"], indirect=True)  # libzmq throws away its queue at a stop
@pytest.mark.parametrize("size", [5000, 100_000])
def test_what_a_stopped_pump_has_sent_in_part_was_not_sent(pump, sink, arrived, size):
    out = sink()
    out.ask("pause")
    source = pump(out.endpoint, size=size)
    assert source.wait_for(lambda: source.status.get("state") == "BLOCKED", Deadline(LONG))
    assert source.stop(Deadline(LONG))
    report = source.report
    assert (source.sent[source.status["run"]].messages, report.bytes) == (report.sent, report.sent * size)
    out.ask("resume")
    out.expect(source.sent)
    assert arrived(out, report.sent).complete


@pytest.mark.parametrize(("type", "peer", "values"), [("PUSH", "PULL", {}), ("PUB", "SUB", {"subscribe": (b"",)})])
def test_what_a_pump_has_sent_that_is_stopped_or_done_is_acknowledged_at_last(pump, sink, ended, type, peer, values):
    out = sink(type=peer, **values)
    report = ended(pump(out.endpoint, type, count=5, name="done"))
    assert report.acknowledged == report.sent == 5
    source = pump(out.endpoint, type, rate="2000")
    assert source.wait_for(lambda: source.status.get("sent", 0) > 100, Deadline(LONG))
    assert source.stop(Deadline(LONG))
    assert source.report.acknowledged == source.report.sent


def test_what_a_publisher_drops_is_counted(pump, sink, arrived, ended):
    out = sink(type="SUB", subscribe=(b"",), options=(("RCVHWM", 10),))
    out.ask("pause")
    source = pump(out.endpoint, "PUB", count=20_000, size=2000, options=(("SNDHWM", 10),))
    report = ended(source)
    assert report.sent == 20_000
    assert report.dropped > 0
    out.ask("resume")
    found = arrived(out, 20_000 - report.dropped)
    out.expect({source.status["run"]: Sent(20_000, True)})
    assert out.report.lost == report.dropped == 20_000 - found.received


def test_a_publisher_keeps_for_a_second_what_its_subscriber_does_not_take_and_ends(pump, raw, ended):
    sub = raw("SUB", bind="tcp://127.0.0.1:*", SUBSCRIBE=b"", RCVHWM=1, RCVBUF=4096)
    source = pump(sub.last_endpoint.decode(), "PUB", count=900, size=2_000, options=(("SNDBUF", 8192),))
    assert sub.poll(LONG * 1000)  # libzmq sends the subscription in this thread
    ended(source)
    begin = time.monotonic()
    assert source.stop(Deadline(LONG))
    assert time.monotonic() - begin > 0.9
    assert (source.report.sent, source.report.dropped) == (900, 0)  # it was not killed, and so has told its last report
    assert not alive(pid_of(source))


def test_drops_for_several_subscribers_are_counted_or_said_to_be_more(started, sink, arrived, ended):
    source = started(PumpRun, "tcp://127.0.0.1:*", "PUB", bind=True, count=20_000, size=2000,
                     options=(("SNDHWM", 10),), rate="20")  # fmt: skip
    slow = [sink(source.endpoint, "SUB", bind=False, subscribe=(b"",), options=(("RCVHWM", 10),)) for _ in range(2)]
    for out in slow:
        arrived(out, 1)
        out.ask("pause")
    source.ask("rate", rate="1000000")
    report = ended(source)
    assert report.dropped > 0
    assert report.dropped_is_minimum == (source.settings.engine == "SOCKET")


def test_the_tail_is_lost_once_the_count_is_known(pump, sink, arrived, ended):
    out = sink()
    source = pump(out.endpoint, count=100)
    ended(source)
    arrived(out, 100)
    out.expect({source.status["run"]: Sent(137, True)})
    report = out.report
    assert (report.lost, report.complete, report.first_lost[:2]) == (37, False, [101, 102])


@pytest.mark.parametrize("stamps", [("PREFIX", "NONE"), ("NONE", "PREFIX"), ("NONE", "NONE"), ("PREFIX", "PREFIX")])
def test_pumps_with_and_without_stamps_lose_nothing_at_one_sink(pump, sink, ended, stamps):
    out = sink()
    for stamp in stamps:
        source = pump(out.endpoint, count=100, stamp=stamp)
        ended(source)
        assert out.wait_for(lambda: out.has_all_of(source), Deadline(LONG)), out.status  # noqa: B023
        out.expect(source.sent)
    assert (out.report.received, out.report.lost, out.report.unstamped) == (200, 0, 100 * stamps.count("NONE"))


@pytest.mark.parametrize("stamp", ["PREFIX", "NONE"])
@pytest.mark.parametrize("known_before", [True, False])
def test_the_tail_is_counted_once_also_after_the_end(pump, sink, arrived, ended, stamp, known_before):
    out = sink()
    source = pump(out.endpoint, count=100, stamp=stamp)
    ended(source)
    arrived(out, 100)
    sent = {source.status["run"]: Sent(137, stamp == "PREFIX")}
    if known_before:
        out.expect(sent)
    assert out.stop(Deadline(LONG))
    for _ in range(2):
        out.expect(sent)
        assert (out.report.lost, out.report.complete) == (37, False)
    assert out.report.first_lost[:2] == ([101, 102] if stamp == "PREFIX" else [])


def test_of_own_numbers_the_tail_is_counted_after_the_end_too(sink, arrived, raw):
    out = sink(sequence="$.id")
    source = raw("PUSH", connect=out.endpoint)
    for number in (7, 8, 10):
        source.send(b'{"id": %d}' % number)
    arrived(out, 3)
    assert out.stop(Deadline(LONG))
    out.expect({run_id(1, 0): Sent(5, True)})
    assert (out.report.lost, out.report.first_lost) == (2, [9, 11])


def test_own_numbers_and_times_are_followed(sink, arrived):
    out = sink(sequence="$.id", sent_at="$.at")
    with zmq.Context() as context, context.socket(zmq.PUSH) as source:
        source.connect(out.endpoint)
        for number in (7, 8, 10, 10, 9, 12):
            source.send(b'{"id": %d, "at": %f}' % (number, __import__("time").time()))
        source.send(b"no json")
        report = arrived(out, 7)
    assert (report.lost, report.duplicates, report.reordered, report.unstamped) == (1, 1, 1, 1)
    assert report.first_lost == [11]
    assert 0 <= report.latency.max < 30


def test_a_time_of_sending_that_cannot_be_is_told(sink, arrived, raw):
    out = sink(sent_at="$.t")
    source = raw("PUSH", connect=out.endpoint)
    source.send(b'{"t": %f}' % time.time())
    source.send(b'{"t": 1}')
    report = arrived(out, 2)
    assert report.latency is None
    assert "more than a day ago" in report.latency_problem
    assert re.search(r"that of message 2 of all that came, 1,\d{3},\d{3},\d{3} seconds ago", report.latency_problem)
    assert "sent_at=$.t " in report.latency_problem


def test_a_request_without_a_reply_is_lost_once_it_is_overdue(pump, ended):
    with zmq.Context() as context, context.socket(zmq.ROUTER) as service:
        port = service.bind_to_random_port("tcp://127.0.0.1")
        report = ended(pump(f"tcp://127.0.0.1:{port}", "REQ", replies=True, count=3, timeout=1.0, lazy=True))
    assert (report.sent, report.replies, report.lost) == (3, 0, 3)


class TestFailures:
    """What goes wrong is told in the words of the library, and nothing is left behind."""

    def test_nobody_listens(self, pump):
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))  # and does not listen
            endpoint = f"tcp://127.0.0.1:{nobody.getsockname()[1]}"
            with pytest.raises(ConnectFailed, match=r"(?s)Cannot connect .*nobody listens there"):
                pump(endpoint, timeout=5.0)

    def test_the_port_is_in_use(self, sink):
        endpoint = sink().endpoint
        with pytest.raises(EndpointFailed, match="the address is in use"):
            sink(endpoint)

    def test_the_wrong_type_is_at_the_other_end(self, pump, sink):
        with pytest.raises(ConnectFailed):
            pump(sink(type="REP", replies=True).endpoint, timeout=1.0)

    @pytest.mark.parametrize("engine", ["WIRE", "SOCKET"])
    def test_a_stop_while_it_connects_ends_it_at_once(self, engine):
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))  # and does not listen
            endpoint = f"tcp://127.0.0.1:{nobody.getsockname()[1]}"
            run = PumpRun(PumpSettings("early", endpoint, "PUSH", stamp="NONE", engine=engine, timeout=600.0))
            run._vehicle.start()
            assert run.stop(Deadline(0))
        assert run._vehicle._process.returncode == 0  # by itself: after some seconds it would have been killed

    @pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
    def test_a_killed_process_is_told(self, pump, sink, number):
        source = pump(sink().endpoint, rate="10")
        assert source.wait_for(lambda: source.status.get("sent"), Deadline(LONG))
        os.kill(pid_of(source), number)
        assert source.wait_for(lambda: source.error, Deadline(LONG))
        with pytest.raises(WorkerFailed, match=f"Pump 'pump-1' has failed: its process was killed by signal {number}"):
            source.report  # noqa: B018
        with pytest.raises(WorkerFailed, match=rf"At {source.endpoint} it had sent \d+ messages? .* Start it again"):
            source.check()

    def test_reports_can_be_asked_after_the_end(self, pump, sink, arrived):
        out = sink()
        source = pump(out.endpoint, count=10)
        arrived(out, 10)
        for run in (source, out):
            run.stop(Deadline(LONG))
            assert not run.running
        assert (source.report.sent, out.report.received, out.report.state) == (10, 10, "STOPPED")
        assert len(out.kept) == 10

    @pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL and /proc")
    def test_it_ends_with_its_parent_also_when_that_is_killed(self, sink):
        program = textwrap.dedent(
            f"""
            import sys
            from ZmqLibrary.pipelines.runner import PumpRun
            from ZmqLibrary.pipelines.settings import PumpSettings
            run = PumpRun(PumpSettings("orphan", {sink().endpoint!r}, "PUSH", stamp="PREFIX", timeout=20.0))
            run.start()
            print(run._vehicle._process.pid, flush=True)
            sys.stdin.read()
            """
        )
        command = [sys.executable, "-c", program]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as parent:
            pid = int(parent.stdout.readline())
            assert alive(pid)
            parent.kill()
        deadline = Deadline(LONG)
        while alive(pid) and deadline.remaining():
            os.sched_yield()
        assert not alive(pid)


def test_over_inproc_it_runs_in_the_process_of_the_library(started, arrived, ended):
    with zmq.Context() as context:
        out = started(SinkRun, "inproc://pipeline", "PULL", bind=True, context=context)
        source = started(PumpRun, "inproc://pipeline", "PUSH", count=2000, context=context)
        assert ended(source).sent == 2000
        assert arrived(out, 2000).complete
        for run in (source, out):
            assert run.stop(Deadline(LONG))


def test_settings_that_no_process_could_use_are_told(started):
    with pytest.raises(InvalidValue, match=r"source='/nowhere' cannot be read"):
        started(PumpRun, "tcp://127.0.0.1:1", "PUSH", source="/nowhere", lazy=True)
    assert PumpSettings("a", "tcp://127.0.0.1:1", "PUSH").count is None


def test_a_pump_that_is_asked_about_its_peer_while_its_sockets_close_goes_on(raw):
    """It is done when the peer has read what libzmq holds; what it is asked before must not look at its sockets."""
    target = raw("PULL", bind="tcp://127.0.0.1:*", RCVHWM=1, RCVTIMEO=1000 * LONG)
    settings = PumpSettings("source", target.last_endpoint.decode(), "PUSH", engine="SOCKET", size=1_000_000, count=50)
    source = PumpRun(settings)
    source.start()
    try:
        assert source.wait_for(lambda: source.status.get("sent") == 50, Deadline(LONG))
        for _ in range(20):
            assert source.missing_peer == ""
        for _ in range(50):
            target.recv()
        assert source.wait_for(lambda: source.status["state"] == "DONE" or source.error, Deadline(LONG))
        assert source.report.acknowledged == 50
    finally:
        source.stop(Deadline(LONG))


@pytest.mark.parametrize("line", ["42", '["a"]', "[" * 100_000, "no JSON"])
def test_what_a_process_writes_that_is_no_report_is_told_when_it_has_ended(pump, tmp_path, monkeypatch, line):
    (tmp_path / "sitecustomize.py").write_text(f"print({line!r}, flush=True)", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    source = pump("tcp://127.0.0.1:*", bind=True)
    os.kill(pid_of(source), signal.SIGKILL)
    assert source.wait_for(lambda: source.error, Deadline(LONG))
    assert str(source.error).endswith(f"\n{line}")


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGSTOP")
def test_a_process_that_is_stopped_is_not_waited_for_much_longer_than_wanted(sink):
    out, much = sink(), Deadline(15)
    os.kill(pid_of(out), signal.SIGSTOP)
    try:
        assert out.missing_peer == ""
        with pytest.raises(WorkerFailed, match=r"Sink 'sink-0' has not answered for 2 seconds: its process is stopped"):
            out.refresh(Deadline(0))
    finally:
        os.kill(pid_of(out), signal.SIGCONT)
    assert much.remaining()
    out.refresh(Deadline(LONG))


def test_a_wait_ends_when_what_is_waited_for_has_failed(pump):
    source, deadline = pump("tcp://127.0.0.1:*", bind=True), Deadline(LONG)
    os.kill(pid_of(source), signal.SIGKILL)
    assert source.wait_for(lambda: False, deadline) is None
    assert deadline.remaining()
    with pytest.raises(WorkerFailed, match="signal 9"):
        source.check()
