from __future__ import annotations

import pytest

from ZmqLibrary.errors import InvalidValue, NotOpen
from ZmqLibrary.registry import Registry


@pytest.fixture
def registry() -> Registry[str]:
    return Registry("socket", "Connect Zmq Socket")


def test_the_last_added_is_current_and_then_the_one_before_it(registry):
    for name in "abc":
        registry.add(name, name.upper())
    assert registry.get() == "C"
    assert registry.switch("a") == "c"
    assert registry.get() == "A"
    registry.remove("a")
    assert registry.get() == "C"
    assert registry.names == ["b", "c"]
    assert list(registry) == ["B", "C"]
    assert "b" in registry
    assert len(registry) == 2


def test_generated_names_are_free_ones(registry):
    assert registry.new_name(None, "PUSH") == "PUSH-1"
    registry.add("PUSH-1", "x")
    assert registry.new_name(None, "PUSH") == "PUSH-2"
    assert registry.new_name("mine", "PUSH") == "mine"
    with pytest.raises(InvalidValue, match="cannot be empty"):
        registry.new_name(" ", "PUSH")


def test_what_is_not_there_is_explained(registry):
    with pytest.raises(NotOpen, match=r"No socket is open\.$"):
        registry.get()
    registry.add("a", "A")
    with pytest.raises(NotOpen, match=r"There is no socket 'b'. Open: a."):
        registry.get("b")
    registry.remove("a")
    with pytest.raises(NotOpen, match=r"Socket 'a' was closed. No socket is open."):
        registry.switch("a")


def test_what_was_there_and_is_gone_is_known(registry):
    assert not registry.had()
    registry.add("a", "A")
    registry.add("b", "B")
    assert not registry.had("a")
    assert not registry.had()
    registry.remove("a")
    assert registry.had("a")
    assert not registry.had("never")
    assert not registry.had()
    registry.remove("b")
    assert registry.had()
    registry.add("a", "A")
    assert not registry.had("a")
