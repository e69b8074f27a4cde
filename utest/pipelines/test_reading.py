"""The numbers that services write themselves."""

from __future__ import annotations

import json

import pytest

from ZmqLibrary.pipelines.reading import OwnFields
from ZmqLibrary.pipelines.settings import SinkSettings


@pytest.mark.parametrize(
    ("value", "number"),
    [(7, 7), (7.0, 7), ("7", 7), (1.5, None), ("1.5", None), (True, None), (None, None), ([7], None), (2**64, None)],
)
def test_only_whole_numbers_are_numbers_of_messages(value, number):
    fields = OwnFields(SinkSettings("out", "tcp://127.0.0.1:*", "PULL", sequence="$.id"))
    assert fields.number([json.dumps({"id": value}).encode()]) == number
