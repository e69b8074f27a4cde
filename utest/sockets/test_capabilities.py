from __future__ import annotations

import pytest

from ZmqLibrary.errors import CheckFailed, InvalidValue
from ZmqLibrary.sockets.capabilities import require, versions


@pytest.mark.parametrize(
    "capability", ["curve", "IPC", "libzmq>=4.2", "pyzmq >= 26", "libzmq<5", "libzmq==4.3", "libzmq>4"]
)
def test_what_there_is_passes(capability):
    require(capability)


@pytest.mark.parametrize("capability", ["libzmq>=99", "pyzmq<20", "libzmq==4.2", "libzmq<=4", "libzmq>4.99"])
def test_what_there_is_not_fails_with_what_there_is(capability):
    with pytest.raises(CheckFailed, match="is required"):
        require(capability)


def test_an_unknown_capability_lists_those_that_are_known():
    with pytest.raises(InvalidValue, match=r"no capability 'warp'. Use one of curve, ipc"):
        require("warp")
    assert set(versions()) == {"libzmq", "pyzmq"}
