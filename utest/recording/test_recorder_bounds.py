"""What a recorder keeps of sockets and secrets."""

from __future__ import annotations

import gc
import weakref

import pytest

from .test_recorder import pair


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
