"""What few keywords return is imported for Libdoc, and not while tests run."""

from __future__ import annotations

from datetime import timedelta

from ZmqLibrary import ZmqLibrary
from ZmqLibrary.keywords.type_hints import all_hints, argument_hints


def test_arguments_have_their_types():
    hints = argument_hints(ZmqLibrary.wait_for_pump)
    assert hints["timeout"] == timedelta | None
    assert "return" not in hints


def test_what_a_module_imports_for_typing_only_is_known_to_libdoc():
    from ZmqLibrary.pipelines.report import PumpReport

    assert all_hints(ZmqLibrary.wait_for_pump)["return"] is PumpReport
    assert all_hints(ZmqLibrary.wait_for_pump)["timeout"] == timedelta | None
