"""What workers tell, in the order of its time, bounded and counted."""

from __future__ import annotations

import threading

import pytest

from ZmqLibrary.formats import FormatTable
from ZmqLibrary.messages.message import Message, Receipt
from ZmqLibrary.workers.journal import Journal, JournalEntry, journal_lines


@pytest.fixture
def message():
    receipt = Receipt("x", FormatTable().get("TEXT"))
    return lambda time, *frames: Message(frames, receipt, time)


def test_entries_come_in_the_order_of_their_time(message):
    journal = Journal()
    journal.add(JournalEntry(3.0, "a", "third"))
    journal.add_received("b", [message(1.0, b"first"), message(4.0, b"fourth")])
    journal.add(JournalEntry(2.0, "c", "second", warning=True))
    entries, dropped = journal.take()
    assert [(entry.time, entry.worker) for entry in entries] == [(1.0, "b"), (2.0, "c"), (3.0, "a"), (4.0, "b")]
    assert dropped == 0


def test_what_was_taken_is_gone():
    journal = Journal()
    assert not journal.added
    journal.add(JournalEntry(1.0, "a", "x"))
    assert journal.added == 1
    journal.take()
    assert not journal.added
    assert journal.take() == ([], 0)


def test_the_oldest_are_dropped_and_counted_and_warnings_stay(message):
    journal = Journal(size=2)
    journal.add(JournalEntry(0.0, "a", "look", warning=True))
    journal.add_received("b", [message(float(n), b"%d" % n) for n in range(1, 6)])
    entries, dropped = journal.take()
    assert [entry.time for entry in entries] == [0.0, 4.0, 5.0]
    assert dropped == 3
    assert journal.take()[1] == 0


def test_lines_show_time_worker_and_frames_and_what_is_left_out(message):
    entries = [JournalEntry(float(n), "feed", "received", (b"topic", b"%d" % n)) for n in range(5)]
    lines = journal_lines(entries, 7, 100, most=2)
    assert lines[0] == "… 10 earlier left out"
    assert lines[2].endswith("feed: received 'topic' | '4'")
    assert len(lines) == 3
    assert len(journal_lines(entries, 0, 100)) == 5


def test_many_threads_lose_nothing():
    journal = Journal(size=100_000)

    def tell():
        for number in range(1000):
            journal.add(JournalEntry(float(number), "a", "x"))

    threads = [threading.Thread(target=tell) for _ in range(4)]
    for thread in threads:
        thread.start()
    taken = 0
    while any(thread.is_alive() for thread in threads):
        taken += len(journal.take()[0])
    assert taken + len(journal.take()[0]) == 4000
