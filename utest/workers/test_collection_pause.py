from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from ZmqLibrary.workers import collection_pause
from ZmqLibrary.workers.collection_pause import CollectionPause


class Cycle:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def pause(monkeypatch) -> Iterator[CollectionPause]:
    monkeypatch.setattr(collection_pause, "LONGEST_SECONDS", 600.0)
    pause = CollectionPause()
    pause.begin()
    yield pause
    pause.end()
    assert not gc.get_freeze_count()


def lost_cycle() -> weakref.ref[Cycle]:
    return weakref.ref(Cycle())


def test_a_full_collection_looks_at_nothing_while_it_is_put_off(pause):
    cycle = lost_cycle()
    gc.collect()
    assert cycle() is not None
    pause.end()
    gc.collect()
    assert cycle() is None


def test_collections_are_not_put_off_for_ever(pause, monkeypatch):
    monkeypatch.setattr(collection_pause, "LONGEST_SECONDS", 0.0)
    pause.end()
    pause.begin()
    cycle = lost_cycle()
    gc.collect()
    assert cycle() is None


def test_garbage_without_cycles_goes_at_once(pause):
    class Plain:
        pass

    plain = Plain()
    gone = weakref.ref(plain)
    gc.collect()
    del plain
    assert gone() is None


def test_the_last_one_gives_back_what_was_put_off(pause):
    other = CollectionPause()
    other.begin()
    other.end()
    assert gc.get_freeze_count()
    other.end()
    pause.end()
    assert not gc.get_freeze_count()
