"""Settings go to another process as JSON and come out the same."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError

import pytest

from ZmqLibrary.pipelines.settings import PumpSettings, SinkSettings, read_settings

PUMP = PumpSettings(
    name="source", endpoint="tcp://127.0.0.1:5555", type="PUSH",
    options=(("SNDHWM", 10), ("CURVE_SERVERKEY", b"\xff" * 32)),
    frames=((b"EUR \xff",), (b'{"n": ', "n", b"}")), rate="1000:1s,2000:1s", duration=1.5,
)  # fmt: skip
SINK = SinkSettings(
    name="out", endpoint="ipc:///tmp/a", type="SUB", subscribe=(b"", b"\xff"), sequence="$.id", rate=0.5
)


@pytest.mark.parametrize("settings", [PUMP, SINK], ids=["pump", "sink"])
def test_settings_are_the_same_after_a_way_through_json(settings):
    assert read_settings(type(settings), json.loads(json.dumps(settings.as_json()))) == settings


def test_settings_are_frozen():
    with pytest.raises(FrozenInstanceError):
        PUMP.count = 5


def test_an_option_that_is_not_set_has_the_default():
    assert (PUMP.option("SNDHWM", 1000), PUMP.option("RCVHWM", 1000)) == (10, 1000)
