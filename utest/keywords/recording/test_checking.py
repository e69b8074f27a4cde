"""What checks of recordings say where they cannot know, and of whom they do not know."""

from __future__ import annotations

import pytest

from utest.recording.wire import Talk, hello, pcap, written
from ZmqLibrary.errors import CheckFailed

TCP = "tcp://127.0.0.1:*"


def encrypted() -> Talk:
    talk = Talk(types=("", ""))
    for side, type in ((talk.client, "PUSH"), (talk.server, "PULL")):
        talk.send(side, hello(type, "CURVE")[:64])
    return talk


def begun_in_the_middle() -> Talk:
    talk = Talk()
    for number in range(20):
        talk.say(b"job", b"%d" % number)
    del talk.packets[:6]
    return talk


@pytest.mark.parametrize(
    ("talk", "reason"), [(encrypted(), "CURVE encrypts its messages"), (begun_in_the_middle(), "began in the middle")]
)
def test_that_there_was_no_such_message_is_not_said_where_some_could_not_be_read(library, tmp_path, talk, reason):
    path = str(written(tmp_path / "c.pcap", pcap(talk.packets)))
    recording = library.load_recording(path, port=5555)
    for more in ({}, {"sender": "10.0.0.1:40001"}, {"receiver": "10.0.0.2:5555"}):
        with pytest.raises(CheckFailed, match=rf"not all could be read.*there may have been a message.*\n.*{reason}"):
            library.recording_should_contain("x", times=0, recording=recording, **more)
    with pytest.raises(CheckFailed, match=reason):
        library.recording_should_contain("x", recording=recording)


def test_what_a_proxy_sees_encrypted_does_not_count_where_a_socket_has_seen_it(library, tmp_path):
    server = library.generate_curve_keypair()
    library.bind_zmq_socket(TCP, "PULL", "jobs", curve_keypair=server)
    library.start_proxy(library.get_zmq_endpoint(), alias="link")
    library.start_recording(str(tmp_path / "run.jsonl"))
    library.connect_zmq_socket(library.get_proxy_endpoint(), "PUSH", "work", curve_server_key=server.public)
    library.send_message("x", socket="work")
    library.receive_message(socket="jobs")
    library.recording_should_contain("y", times=0)
    library.recording_should_contain("x", times=1, sender="work")


def test_of_an_unknown_side_those_are_named_that_are_known(library, tmp_path):
    library.bind_zmq_socket("inproc://jobs", "PULL", "jobs")
    library.connect_zmq_socket("inproc://jobs", "PUSH", "work")
    library.start_recording(str(tmp_path / "run.jsonl"), sockets="work")
    library.send_message("x", socket="work")
    with pytest.raises(CheckFailed, match=r"'wrk' has sent nothing in .*run\.jsonl.*sent by: work \(PUSH\)\."):
        library.recording_should_contain("x", sender="wrk")
    with pytest.raises(CheckFailed, match=r"'job' has received nothing in .*received by: jobs \(PULL\)\."):
        library.recording_should_contain("x", receiver="job")
    with pytest.raises(CheckFailed, match=r"but 1 message from work instead of 5 that is "):
        library.recording_should_contain("x", sender="work", times=5)
