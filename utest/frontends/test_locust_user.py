from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from importlib.util import find_spec
from pathlib import Path

import pytest

from utest.frontends.namespaces import NoNamespaces, three_machines
from ZmqLibrary.sockets.reservations import ReservableTransport, reserve
from ZmqLibrary.sockets.traffic import FIRST, REMEMBERED

pytestmark = pytest.mark.skipif(find_spec("locust") is None, reason="Locust is not installed.")

HERE = Path(__file__).parent
LOCUST = [sys.executable, "-m", "locust", "--headless", "--loglevel", "INFO"]
ASKS = """
    wait_time = constant(600)

    @task
    def ask(self):
        self.request("{")
"""
DEADLINE = 300
HEAD = """
from gevent.event import Event
from locust import constant, task
from ZmqLibrary.frontends.locust_user import PumpUser, ZmqUser

def over():
    print("It is over.", flush=True)
    Event().wait()

"""


class Program:
    """A process whose output is kept; whoever waits for a line sees it."""

    def __init__(self, *command: str, prefix: tuple[str, ...] = ()) -> None:
        self.process = subprocess.Popen(
            [*prefix, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONPATH": str(HERE.parents[1])},
        )
        self.lines: list[str] = []
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            with self._changed:
                self.lines.append(line)
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def wait_for(self, pattern: str, seconds: float = DEADLINE) -> re.Match[str]:
        end = time.monotonic() + seconds
        with self._changed:
            while True:
                if found := re.search(pattern, self.output):
                    return found
                assert time.monotonic() < end, f"No {pattern!r} in:\n{self.output}"
                assert self._reader.is_alive(), f"It ended without {pattern!r}:\n{self.output}"
                self._changed.wait(1)

    def ask(self, line: str = "") -> None:
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def wait(self, seconds: float = DEADLINE) -> int:
        code = self.process.wait(seconds)
        self._reader.join(60)
        return code

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join(60)
        for pipe in (self.process.stdin, self.process.stdout):
            pipe.close()


@pytest.fixture
def program() -> Iterator[Callable[..., Program]]:
    with ExitStack() as stack:

        def start(*command: str, **more: tuple[str, ...]) -> Program:
            running = Program(*command, **more)
            stack.callback(running.end)
            return running

        yield start


@pytest.fixture
def port() -> Iterator[int]:
    """For Locust's master, which has to be told."""
    reservation = reserve(ReservableTransport.TCP, "127.0.0.1")
    yield int(reservation.endpoint.rpartition(":")[2])
    reservation.release()


@pytest.fixture
def router(program) -> Program:
    running = program(sys.executable, str(HERE / "router.py"), "tcp://127.0.0.1:*")
    running.endpoint = running.wait_for(r"tcp://\S+")[0]
    return running


def asked(router: Program) -> tuple[int, int]:
    router.ask()
    found = router.wait_for(r"(?m)^(\d+) (\d+)$")
    router.lines = router.lines[:1]
    return int(found[1]), int(found[2])


def locustfile(tmp_path: Path, text: str) -> str:
    path = tmp_path / "locustfile.py"
    path.write_text(HEAD + text, "utf-8")
    return str(path)


def stopped(running: Program) -> int:
    """Stops Locust when a user has called `over`; returns its exit code."""
    running.wait_for("It is over.")
    running.process.send_signal(signal.SIGTERM)
    return running.wait()


def as_master(port: int, host: str = "127.0.0.1") -> list[str]:
    return ["--master", "--master-bind-host", host, "--master-bind-port", str(port), "--expect-workers", "2"]


def report_of(path: Path) -> dict:
    return json.loads(path.read_text("utf-8"))


def test_a_master_and_two_workers_count_every_request_once(program, router, port, tmp_path):
    report = tmp_path / "report.json"
    common = [*LOCUST, "-f", str(HERE / "asking.py"), "--host", router.endpoint]
    master = program(*common, *as_master(port), "-u", "4", "-r", "4", "-t", "600s", "--zmq-report", str(report))
    workers = [program(*common, "--worker", "--master-host", "127.0.0.1", "--master-port", str(port)) for _ in range(2)]
    master.wait_for(r"DEALER +ask +6000 ")
    master.process.send_signal(signal.SIGTERM)
    master.wait()
    for worker in workers:
        worker.wait()
    count, left = asked(router)
    assert (count, left) == (6000, 3)
    (requests,) = report_of(report)["requests"]
    assert (requests["type"], requests["name"]) == ("DEALER", "ask")
    assert (requests["count"], requests["failures"]) == (count, left)
    latency = requests["latency"]
    assert latency["count"] == count - left
    assert latency["p50"] < latency["p99_9"]
    assert latency["p99_9"] >= 0.02
    assert latency["p50"] * 1000 % 1
    assert re.search(r"DEALER +ask +6,000 +3 +\d+\.\d{3} ", master.output)
    assert not any((tmp_path / f"{name}.json").exists() for name in "ab")
    assert report.with_suffix(".hgrm").read_text("utf-8").startswith("       Value     Percentile TotalCount")


def test_service_master_and_workers_may_be_on_three_machines(program, tmp_path):
    report = tmp_path / "report.json"
    with ExitStack() as stack:
        try:
            service, master_host, worker_host = stack.enter_context(three_machines())
        except NoNamespaces as problem:
            pytest.skip(str(problem))
        router = program(sys.executable, str(HERE / "router.py"), f"tcp://{service.address}:*", prefix=service.prefix)
        endpoint = router.wait_for(r"tcp://\S+")[0]
        common = [*LOCUST, "-f", str(HERE / "asking.py"), "--host", endpoint]
        options = [
            *as_master(5557, master_host.address),
            "-u",
            "4",
            "-r",
            "4",
            "-t",
            "600s",
            "--zmq-report",
            str(report),
        ]
        master = program(*common, *options, "--zmq-report", str(report), prefix=master_host.prefix)
        workers = [
            program(*common, "--worker", "--master-host", master_host.address, prefix=worker_host.prefix)
            for _ in range(2)
        ]
        master.wait_for(r"DEALER +ask +6000 ")
        master.process.send_signal(signal.SIGTERM)
        for running in (master, *workers):
            running.wait()
        (requests,) = report_of(report)["requests"]
        assert (requests["count"], requests["failures"]) == asked(router) == (6000, 3)
        router.end()


def test_a_worker_that_is_killed_loses_its_last_report_at_most(program, router, port, tmp_path):
    report = tmp_path / "report.json"
    common = [*LOCUST, "-f", str(HERE / "asking.py"), "--host", router.endpoint]
    master = program(*common, *as_master(port), "-u", "2", "-r", "2", "-t", "600s", "--zmq-report", str(report))
    workers = [program(*common, "--worker", "--master-host", "127.0.0.1", "--master-port", str(port)) for _ in range(2)]
    master.wait_for(r"DEALER +ask +3000 ")
    workers[0].process.kill()
    master.process.send_signal(signal.SIGTERM)
    master.wait()
    workers[1].wait()
    (requests,) = report_of(report)["requests"]
    assert requests["count"] == 3000


def test_a_request_without_reply_is_a_failure_with_its_reason_and_the_user_goes_on(program, router, tmp_path):
    file = locustfile(
        tmp_path,
        """
class Customer(ZmqUser):
    zmq_type = "REQ"
    timeout = "10s"
    done = 0

    @task
    def ask(self):
        self.done += 1
        if self.done <= 2000:
            reply = self.request("ask")
            assert reply is None or reply == ["ask"]
        else:
            over()
""",
    )
    report = tmp_path / "report.json"
    run = program(*LOCUST, "-f", file, "--host", router.endpoint, "-u", "1", "-t", "600s", "--zmq-report", str(report))
    stopped(run)
    (requests,) = report_of(report)["requests"]
    assert (requests["type"], requests["name"]) == ("REQ", router.endpoint)
    assert (requests["count"], requests["failures"]) == (2000, 1)
    assert re.search(r"1 +REQ tcp:.*No message from REQ \(tcp://", run.output), run.output


def test_nobody_at_the_endpoint_is_a_failure_with_its_reason(program, closed_port, tmp_path):
    file = locustfile(
        tmp_path,
        """
class Customer(ZmqUser):
    timeout = "3s"

    @task
    def ask(self):
        assert self.request("ask", name="ask") is None
        over()
""",
    )
    run = program(*LOCUST, "-f", file, "--host", closed_port, "-u", "1", "-t", "600s")
    assert stopped(run) == 1
    assert "refused, nobody listens there" in run.output


def test_failures_of_one_kind_are_one_row_whichever_user_has_them_and_how_often(program, closed_port, tmp_path):
    router = program(sys.executable, str(HERE / "router.py"), "tcp://127.0.0.1:*", "3")
    file = locustfile(
        tmp_path,
        f"""
users = []

class Unheard(ZmqUser):
    wait_time = constant(600)
    host = "{router.wait_for(r"tcp://[0-9.:]+")[0]}"
    timeout = "4s"

    @task
    def ask(self):
        failures = 0
        while failures < 2:
            failures += self.request("ask", name="ask") is None
        users.append(self)
        if len(users) == 4:
            over()

class Lonely(Unheard):
    host = "{closed_port}"
    zmq_type = "DEALER"
    timeout = "3s"
""",
    )
    run = program(*LOCUST, "-f", file, "-u", "4", "-r", "4", "-t", "600s")
    stopped(run)
    rows = re.findall(r"(?m)^\d+ +(?:REQ|DEALER) ask: .*", run.output)
    assert len(rows) == 2, run.output


def test_users_that_wait_for_an_unreachable_peer_end_with_the_run(program, closed_port, tmp_path):
    file = locustfile(
        tmp_path,
        """
class Customer(ZmqUser):
    timeout = "600s"
    asking = []

    @task
    def ask(self):
        self.asking.append(self)
        if len(self.asking) == 4:
            print("It is over.", flush=True)
        self.request("ask", name="ask")
""",
    )
    run = program(*LOCUST, "-f", file, "--host", closed_port, "-u", "4", "-r", "4", "-t", "600s")
    assert stopped(run) == 0, run.output


def test_a_run_without_requests_has_a_report_that_says_so(program, tmp_path):
    file = locustfile(
        tmp_path,
        """
class Idle(ZmqUser):
    @task
    def rest(self):
        over()
""",
    )
    report = tmp_path / "report.json"
    run = program(*LOCUST, "-f", file, "--host", "inproc://x", "-u", "1", "-t", "600s", "--zmq-report", str(report))
    assert stopped(run) == 0
    assert report_of(report)["requests"] == []
    assert "Replies of ZeroMQ" not in run.output


def test_replies_that_users_have_got_are_let_go(program, router, tmp_path):
    file = locustfile(
        tmp_path,
        """
import gc
from ZmqLibrary.messages.message import Message

class Customer(ZmqUser):
    timeout = "60s"

    @task
    def ask(self):
        for number in range(1500):
            assert self.request(str(number)) == [str(number)]
        print(sum(isinstance(item, Message) for item in gc.get_objects()), "are kept", flush=True)
        over()
""",
    )
    run = program(*LOCUST, "-f", file, "--host", router.endpoint, "-u", "1", "-t", "600s")
    assert int(run.wait_for(r"(\d+) are kept")[1]) <= REMEMBERED + FIRST
    stopped(run)


def test_a_user_that_is_stopped_while_it_connects_gives_no_replies_back_to_others(
    program, router, closed_port, tmp_path
):
    file = locustfile(
        tmp_path,
        f"""
import gevent

class Customer(ZmqUser):
    timeout = "60s"

    @task
    def ask(self):
        assert self.request("one") == ["one"]
        other = Customer(self.environment)
        other.host = "{closed_port}"
        connecting = gevent.spawn(other.request, "x")
        gevent.idle()
        assert self.request("two") == ["two"]
        connecting.kill()
        print("The next reply is", self.request("three"), flush=True)
        over()
""",
    )
    run = program(*LOCUST, "-f", file, "--host", router.endpoint, "-u", "1", "-t", "600s")
    assert run.wait_for(r"The next reply is (.*)")[1] == "['three']"
    stopped(run)


def test_other_greenlets_run_while_users_wait(program, tmp_path):
    file = locustfile(
        tmp_path,
        """
import gevent
import zmq

source = zmq.Context().socket(zmq.PUSH)
source.bind("tcp://127.0.0.1:*")

class Patient(ZmqUser):
    host = source.last_endpoint.decode()
    zmq_type = "PULL"
    timeout = "60s"

    @task
    def wait_for_news(self):
        def run():
            for _ in range(20):
                Event().wait(0.01)
            while not source.poll(0, zmq.POLLOUT):
                Event().wait(0.01)
            source.send(b"The others ran.", zmq.NOBLOCK)
        gevent.spawn(run)
        print(self.receive(name="news"), flush=True)
        over()
""",
    )
    run = program(*LOCUST, "-f", file, "-u", "1", "-t", "600s")
    run.wait_for("The others ran.")
    stopped(run)


def test_formats_layouts_and_options_are_those_of_the_keywords(program, router, tmp_path):
    file = locustfile(
        tmp_path,
        """
class Customer(ZmqUser):
    zmq_type = "dealer"
    format = "JSON"
    zmq_options = {"routing_id": "me", "send_hwm": "10", "linger": "50ms", "timeout": "60s"}

    @task
    def ask(self):
        assert self.request({"n": 1}, name="json")[0]["n"] == 1
        assert self.request(b"\\x00\\x01", name="bytes", format="BYTES", reply_format="HEX") == ["00 01"]
        self.library.define_message_layout("task", id="TEXT", body="JSON")
        assert self.request("a", {"b": 2}, layout="task", name="layout").body == {"b": 2}
        assert self.send("x", format="TEXT", name="send") is True
        assert self.receive(format="TEXT", name="receive") == ["x"]
        over()
""",
    )
    run = program(*LOCUST, "-f", file, "--host", router.endpoint, "-u", "1", "-t", "600s")
    assert stopped(run) == 0
    for name in ("json", "bytes", "layout", "send", "receive"):
        assert re.search(rf"DEALER +{name} +1 +0 ", run.output)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("class C(ZmqUser):\n    zmq_type = 'PLUSH'\n", "zmq_type 'PLUSH' is no type"),
        ("class C(ZmqUser):\n    timeout = 'soon'\n", "timeout 'soon': Invalid time"),
        ("class C(PumpUser):\n    pass\n", "has neither pump nor sink"),
    ],
)
def test_mistakes_that_leave_no_user_are_told(program, tmp_path, body, error):
    file = locustfile(tmp_path, body + ASKS)
    run = program(*LOCUST, "-f", file, "--host", "inproc://x", "-u", "1", "-t", "600s")
    run.wait_for(re.escape(error))


def test_mistakes_that_users_meet_are_told(program, router, tmp_path):
    file = locustfile(
        tmp_path,
        f"""
class Subscriber(ZmqUser):
    zmq_type = "SUB"
{ASKS}
class Painter(ZmqUser):
    zmq_options = {{"colour": "red"}}
{ASKS}
class Writer(ZmqUser):
    format = "JSON"
{ASKS}
class Source(PumpUser):
    pump = {{"size": 3}}
""",
    )
    run = program(*LOCUST, "-f", file, "--host", router.endpoint, "-u", "4", "-r", "4", "-t", "600s")
    run.wait_for("zmq_type SUB sends no requests")
    run.wait_for("There is no socket option 'colour'")
    run.wait_for("cannot be sent as JSON")
    run.wait_for("size=3 cannot be used")


def test_pumps_and_sinks_report_every_second(program, tmp_path):
    reservation = reserve(ReservableTransport.TCP, "127.0.0.1")
    file = locustfile(
        tmp_path,
        f"""
class Source(PumpUser):
    host = "{reservation.endpoint}"
    pump = {{"type": "PUSH", "alias": "source", "size": 100, "count": "20000", "rate": "10000", "timeout": "60s"}}
    fixed_count = 1

class End(PumpUser):
    sink = {{"endpoint": "{reservation.endpoint}", "type": "PULL", "bind": "yes", "alias": "end"}}
    fixed_count = 1
""",
    )
    report = tmp_path / "report.json"
    run = program(*LOCUST, "-f", file, "-u", "2", "-t", "600s", "--zmq-report", str(report))
    run.wait_for(r"PULL +end +20000 ")
    run.process.send_signal(signal.SIGTERM)
    run.wait()
    reservation.release()
    end, source = report_of(report)["requests"]
    assert (end["type"], end["name"], end["count"], end["failures"]) == ("PULL", "end", 20000, 0)
    assert (source["type"], source["name"], source["count"]) == ("PUSH", "source", 20000)
    assert end["latency"]["count"] == 20000


def children_of(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(number) for number in text.split()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_pump_is_left_however_locust_ends(program, tmp_path, number):
    file = locustfile(
        tmp_path,
        'class Source(PumpUser):\n    pump = {"endpoint": "tcp://127.0.0.1:*", "bind": "yes", "alias": "source"}\n',
    )
    run = program(*LOCUST, "-f", file, "-u", "1", "-t", "600s")
    end = time.monotonic() + DEADLINE
    while not (children := children_of(run.process.pid)):
        assert time.monotonic() < end
        threading.Event().wait(0.05)
    # gevent loses an interrupt now and then, also of Locust without this library: a user sends another one.
    while run.process.poll() is None:
        assert time.monotonic() < end
        run.process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            run.wait(10)
    while any(Path(f"/proc/{child}").exists() for child in children):
        assert time.monotonic() < end
        threading.Event().wait(0.05)


def test_locust_that_is_not_there_is_told_with_the_command_that_installs_it():
    code = """
import sys
sys.modules["locust"] = None
try:
    import ZmqLibrary.frontends.locust_user
except ImportError as problem:
    print(problem)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "needs the package 'locust'. Install it with: pip install 'robotframework-zmqlibrary[locust]'" in run.stdout


def test_the_port_of_the_master_is_free_for_it(port):
    socket.create_server(("127.0.0.1", port)).close()


def test_the_example_order_service_takes_load(program):
    example = HERE.parents[1] / "examples" / "order_service"
    stock = program(
        sys.executable,
        "-c",
        "import json, zmq\n"
        "rep = zmq.Context().socket(zmq.REP)\n"
        "rep.bind('tcp://127.0.0.1:*')\n"
        "print(rep.last_endpoint.decode(), flush=True)\n"
        "while True:\n"
        "    order = json.loads(rep.recv_multipart()[-1])\n"
        "    rep.send(json.dumps({'order': order['order'], 'reserved': True}).encode())\n",
    )
    reserves = stock.wait_for(r"tcp://\S+")[0]
    service = program(
        sys.executable, "-u", str(example / "service.py"), "tcp://127.0.0.1:*", "tcp://127.0.0.1:*", reserves
    )
    commands = service.wait_for(r"ready (\S+)")[1]
    run = program(*LOCUST, "-f", str(example / "locustfile.py"), "--host", commands, "-u", "5", "-r", "5", "-t", "600s")
    run.wait_for(r"DEALER +order plum +[1-9]")
    run.process.send_signal(signal.SIGTERM)
    assert run.wait() == 0
    assert re.search(r"DEALER +order apple +[\d,]+ +0 +\d+\.\d{3} ", run.output)
