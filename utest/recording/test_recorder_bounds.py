"""What a recorder keeps of sockets and secrets."""

from __future__ import annotations

import base64
import gc
import weakref

import pytest
from robot.api.types import Secret

from .test_recorder import TCP, pair, recorded


@pytest.mark.parametrize("named", ["work", None])
@pytest.mark.parametrize("stopped", [True, False])
def test_a_recording_keeps_no_socket_that_was_closed(library, tmp_path, stopped, named):
    pair(library)
    library.start_recording(str(tmp_path / "run.jsonl"), alias="run", sockets=named)
    library.send_message("x", socket="work")
    library.receive_message(socket="jobs")
    seen = [weakref.ref(library.session.socket(name)) for name in ("work", "jobs")]
    if stopped:
        library.stop_recording()
    library.close_all_zmq_sockets()
    library.session.recordings.end_test()
    library.session.recordings.flush()
    library.session.recordings.flush()  # the first one may have come while it was looked at what is closed
    assert "work" in {message.track.seen_by for message in library.get_recorded_messages(recording="run")}
    gc.collect()
    assert [socket() for socket in seen] == [None, None]


@pytest.mark.parametrize("number", [1000, 1001])
def test_of_too_many_secrets_none_is_written_when_it_comes_back(library, tmp_path, number):
    library.start_mock_server(TCP, "PULL", "service")
    library.connect_zmq_socket(library.get_mock_endpoint(), "PUSH", "work")
    library.start_recording(str(tmp_path / "run.jsonl"), sockets="service")
    for last in range(number):
        library.send_message(Secret(f"hush-{last:06}"), socket="work")
    library.send_message(f"it was hush-{last:06}", socket="work")
    library.send_message("open", socket="work")
    *_, copy, other = recorded(library, number + 2)
    assert copy.raw[0].startswith(b"<")
    assert (other.raw[0] == b"open") is (number == 1000)
    assert base64.b64encode(f"it was hush-{last:06}".encode()) not in (tmp_path / "run.jsonl").read_bytes()
