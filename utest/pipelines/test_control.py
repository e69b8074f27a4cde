"""What a pump or sink reports of itself, and when."""

from __future__ import annotations

import select
import time

from ZmqLibrary.pipelines.control import STATUS_SECONDS, Control


def test_a_status_that_comes_too_soon_after_another_one_is_due_shortly(monkeypatch):
    now, reported = [10**9], []
    monkeypatch.setattr(time, "monotonic_ns", lambda: now[0])
    control = Control(reported.append)
    try:
        for received, milliseconds, waiting in ((1, 0, False), (2, 1, True), (2, 5, False), (2, 60, False)):
            now[0] += milliseconds * 1_000_000
            control.report(lambda received=received: {"received": received}, soon=True)
            assert (control.pause < STATUS_SECONDS) is waiting
    finally:
        control.close()
    assert reported == [{"status": {"received": 1}}, {"status": {"received": 2}}]


def test_what_is_not_reported_while_messages_flow_is_due_shortly_when_they_stop():
    reported = []
    control = Control(reported.append)
    try:
        control.report(lambda: {"received": 1})
        control.report(lambda: {"received": 2})
        assert reported == [{"status": {"received": 1}}]
        assert control.pause < STATUS_SECONDS
    finally:
        control.close()


def test_a_command_that_fails_in_whatever_way_is_answered_and_the_next_one_runs():
    reported = []
    control = Control(reported.append)
    try:
        control.post({"do": "divide", "id": 1, "with": {"by": 0}})
        control.post({"do": "divide", "id": 2, "with": {"by": 2}})
        assert control.run_commands({"divide": lambda by: 6 // by})
    finally:
        control.close()
    text = "ZeroDivisionError: integer division or modulo by zero"
    assert reported == [{"answer": 1, "failed": "WorkerFailed", "text": text}, {"answer": 2, "value": 3}]


def test_a_command_that_comes_while_others_run_leaves_nothing_that_wakes_the_loop():
    """Each wait would end at once, for ever: a whole processor for nothing."""
    control = Control(lambda _: None)
    ran = []

    def ask_once_more() -> None:
        ran.append("first")
        control.post({"do": "second", "id": 2})

    try:
        control.post({"do": "first", "id": 1})
        while control.run_commands({"first": ask_once_more, "second": lambda: ran.append("second")}):
            assert len(ran) <= 2
        assert select.select([control.wakeup], [], [], 0)[0] == []
    finally:
        control.close()
    assert ran == ["first", "second"]
