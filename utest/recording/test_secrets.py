from __future__ import annotations

import pickle
from datetime import timedelta

import pytest
from robot.api.types import Secret

from ZmqLibrary.errors import CheckFailed, WaitTimeout
from ZmqLibrary.formats import HiddenBytes
from ZmqLibrary.recording.secrets import SentSecrets

TCP = "tcp://127.0.0.1:*"
SECRET = Secret("hush-hush")


@pytest.fixture
def linked(library, caplog):
    """A PUSH `work` that is connected to a PULL `jobs` through a proxy `link`."""
    caplog.set_level("DEBUG")
    library.bind_zmq_socket(TCP, "PULL", "jobs")
    library.start_proxy(library.get_zmq_endpoint(), alias="link")
    library.connect_zmq_socket(library.get_proxy_endpoint(), "PUSH", "work")
    return library


def test_what_has_a_secret_in_it_is_hidden():
    secrets = SentSecrets()
    frames = [b"x", b"the word is hush-hush", b"abc and more", b"abc"]
    assert secrets.hidden(frames) is frames
    assert not secrets
    secrets.note([b"x", HiddenBytes(b"hush-hush"), HiddenBytes(b"abc"), HiddenBytes(b"y" * 9000)])
    assert secrets
    assert list(map(str, secrets.hidden(frames))) == ["b'x'", "<secret>", "b'abc and more'", "<secret>"]
    cut = [b"y" * 4096]
    assert str(secrets.hidden(cut)[0]) == "<secret>"


def test_with_too_many_all_are_hidden():
    secrets = SentSecrets()
    secrets.note([HiddenBytes(b"hush-%d" % number) for number in range(1001)])
    assert secrets.too_many
    assert str(secrets.hidden([b"x"])[0]) == "<secret>"


@pytest.mark.parametrize("received", [True, False])
def test_the_message_flow_shows_none_behind_a_proxy(linked, received):
    linked.send_multipart("job", SECRET, socket="work")
    linked.send_multipart("job", "open", socket="work")
    if received:
        linked.receive_messages(2, socket="jobs")
    else:
        linked.wait_for_proxy_message("job", "open")
    flow = linked.log_message_flow(format="MERMAID")
    assert flow.count("'job' #124; #60;secret#62;") == 2
    assert flow.count("open") == 2
    assert "hush" not in flow


def test_the_log_of_a_proxy_and_its_errors_show_none(linked, caplog):
    linked.send_message(SECRET, socket="work")
    linked.send_message({"key": SECRET}, socket="work", format="JSON")
    linked.send_message("open", socket="work")
    linked.wait_for_proxy_message("open")
    texts = []
    for check in (
        lambda: linked.proxy_should_not_have_seen("hush*"),
        lambda: linked.proxy_should_have_seen("hush-hash", match="EXACT"),
        lambda: linked.proxy_should_have_seen({"key": "hash"}),
        lambda: linked.proxy_should_have_seen("open", times=2),
    ):
        with pytest.raises(CheckFailed) as caught:
            check()
        texts.append(str(caught.value))
    assert "1 TO_TARGET: <secret>" in texts[0]
    assert "'open'" in texts[1]
    assert "offset 8" not in texts[1]
    linked.session.look_after()
    assert "to target, connection 1: <secret>" in caplog.text
    for text in (*texts, caplog.text):
        assert "hush-hush" not in text


def test_the_messages_of_a_proxy_show_none_and_have_its_value(linked):
    linked.send_multipart("job", SECRET, socket="work")
    linked.send_message({"key": SECRET}, socket="work", format="JSON")
    message = linked.wait_for_proxy_message("job")
    assert message == ["job", "hush-hush"]
    assert message.frames == [b"job", b"hush-hush"]
    assert f"{message} {message!r} {message.frames}" == "['job', <secret>] ['job', <secret>] [b'job', <secret>]"
    assert str(pickle.loads(pickle.dumps(message))) == "['job', <secret>]"
    linked.wait_for_proxy_message({"key": "*"})
    assert str(linked.get_proxy_messages("job")) == "[['job', <secret>]]"
    assert str(linked.get_proxy_messages({"key": "*"}, format="JSON")) == "[[<secret>]]"
    assert linked.get_proxy_messages({"key": "*"}, format="JSON")[0][0]["key"] == "hush-hush"


def test_those_are_known_that_were_sent_before_the_proxy_was_there_or_long_ago(library, closed_port):
    library.connect_zmq_socket(closed_port, "PUSH", "work", lazy=True)
    library.send_message(SECRET, socket="work")
    library.bind_zmq_socket(TCP, "PULL", "jobs")
    library.start_proxy(library.get_zmq_endpoint(), closed_port)
    for number in range(500):
        library.send_message(Secret("hush-later") if number == 150 else "open", socket="work")
    library.receive_messages(501, socket="jobs")
    with pytest.raises(CheckFailed) as caught:
        library.proxy_should_not_have_seen("hush*")
    assert "1 TO_TARGET: <secret>\n  152 TO_TARGET: <secret>" in str(caught.value)


def test_sockets_look_for_none_as_long_as_there_is_no_proxy(library):
    library.bind_zmq_socket(TCP, "PUSH", "work")
    assert library.session.socket("work").traffic.watchers == ()


def test_a_secret_topic_that_too_few_have_subscribed_to_is_not_shown(library):
    library.bind_zmq_socket(TCP, "PUB", "feed")
    library.start_proxy(library.get_zmq_endpoint())
    library.connect_zmq_socket(library.get_proxy_endpoint(), "SUB", subscribe=[SECRET, "news"])
    library.wait_for_subscription_at_proxy("news")
    with pytest.raises(WaitTimeout) as caught:
        library.wait_for_subscription_at_proxy(SECRET, count=2, timeout=timedelta(0))
    assert "<secret>, 'news'" in str(caught.value) or "'news', <secret>" in str(caught.value)
    assert "hush" not in str(caught.value)


def test_a_mock_server_behind_a_proxy_replies_with_one(library):
    library.start_mock_server(TCP, "REP", "service")
    library.when_mock_receives("who", reply=SECRET)
    library.start_proxy(library.get_mock_endpoint(), alias="link")
    library.connect_zmq_socket(library.get_proxy_endpoint(), "REQ", "client")
    assert library.send_request("who") == ["hush-hush"]
    assert "hush" not in library.log_message_flow(format="MERMAID")
