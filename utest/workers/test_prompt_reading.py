from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Iterator

import pytest

from ZmqLibrary.workers import prompt_reading
from ZmqLibrary.workers.prompt_reading import SWITCH_SECONDS, PromptReading


class Cycle:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def reading() -> Iterator[PromptReading]:
    before = sys.getswitchinterval()
    reading = PromptReading()
    reading.begin()
    yield reading
    reading.end()
    assert not gc.get_freeze_count()
    assert sys.getswitchinterval() == before


def lost_cycle() -> weakref.ref[Cycle]:
    return weakref.ref(Cycle())


def test_a_full_collection_looks_at_nothing_while_it_is_put_off(reading):
    cycle = lost_cycle()
    gc.collect()
    assert cycle() is not None
    reading.end()
    gc.collect()
    assert cycle() is None


def test_collections_are_not_put_off_for_ever(reading, monkeypatch):
    monkeypatch.setattr(prompt_reading, "LONGEST_SECONDS", 0.0)
    reading.end()
    reading.begin()
    cycle = lost_cycle()
    gc.collect()
    assert cycle() is None


def test_garbage_without_cycles_goes_at_once(reading):
    class Plain:
        pass

    plain = Plain()
    gone = weakref.ref(plain)
    gc.collect()
    del plain
    assert gone() is None


def test_the_last_one_gives_back_what_was_put_off(reading):
    other = PromptReading()
    other.begin()
    other.end()
    assert gc.get_freeze_count()
    other.end()
    reading.end()
    assert not gc.get_freeze_count()


def test_threads_take_short_turns_until_the_last_one_ends(reading):
    other = PromptReading()
    other.begin()
    reading.end()
    assert sys.getswitchinterval() == pytest.approx(SWITCH_SECONDS)
    other.end()
    assert sys.getswitchinterval() > SWITCH_SECONDS


def test_a_shorter_switch_interval_stays(reading):
    reading.end()
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS / 2)
    try:
        reading.begin()
        assert sys.getswitchinterval() == pytest.approx(SWITCH_SECONDS / 2)
        reading.end()
    finally:
        sys.setswitchinterval(before)
