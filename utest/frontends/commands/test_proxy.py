"""`zmqlibrary proxy` between two sockets of pyzmq."""

from __future__ import annotations

import json
import signal

import pytest
import zmq

from utest.frontends.test_command_line import LONG, listening


@pytest.fixture
def pipe(raw, started):
    def connect(*words):
        target = raw("PULL", bind="tcp://127.0.0.1:*")
        target.rcvtimeo = 60_000
        process = started("proxy", target.last_endpoint.decode(), *words)
        client = raw("PUSH", connect=listening(process))
        return process, client, target

    return connect


def test_what_is_dropped_is_told_at_the_end(pipe):
    process, client, target = pipe("--drop", "job*", "--drop-every", 2, "--latency", "10ms", "--json")
    with process:
        for text in ("job 1", "job 2", "other", "end"):
            client.send_string(text)
        assert [target.recv_string() for _ in range(3)] == ["job 1", "other", "end"]
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=LONG)
    report = json.loads(output)
    assert [(fault["name"], fault["acted"] > 0) for fault in report["faults"]] == [("latency", True), ("drop", True)]
    assert (report["connections"], process.returncode) == (1, 130)
    assert "Traceback" not in errors


def test_it_ends_after_its_duration(pipe):
    process, client, target = pipe("--duration", "5s")
    with process:
        client.send(b"hello")
        assert target.recv() == b"hello"
        output, _ = process.communicate(timeout=LONG)
    assert (process.returncode, output) == (0, "1 connection passed.\n")


@pytest.mark.parametrize(
    "words",
    [
        ["tcp://127.0.0.1:0"],
        ["tcp://127.0.0.1:5555", "--latency", "soon"],
        ["inproc://x"],
        [],
        ["tcp://x:1", "--drop-every", "0"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_used_is_told_as_usage(ran, words):
    code, output, errors = ran("proxy", *words)
    assert (code, output) == (2, "")
    assert errors


def test_a_port_in_use_is_told(ran, raw):
    other = raw("PULL", bind="tcp://127.0.0.1:*")
    endpoint = other.get_string(zmq.LAST_ENDPOINT)
    code, _, errors = ran("proxy", "tcp://127.0.0.1:5555", "--listen", endpoint)
    assert code == 2
    assert endpoint in errors
