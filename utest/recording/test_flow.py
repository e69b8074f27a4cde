"""The message flow: of sightings that are made up, and of real sockets."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from ZmqLibrary.errors import InvalidValue, NotOpen
from ZmqLibrary.recording.flow import MOST_ARROWS, FlowEvent, Witness, diagram_of
from ZmqLibrary.recording.names import Party, Sighting
from ZmqLibrary.report.sequence_diagram import StepKind, as_mermaid, as_svg

A, B, STRANGER = Party("a", "PUSH"), Party("b", "PULL"), Party("10.0.0.1:4000", "PULL")
TCP = "tcp://127.0.0.1:*"
SVG = "{http://www.w3.org/2000/svg}"


def sent(time, *frames, to=B):
    return Sighting(time, A, to, frames)


def received(time, *frames):
    return Sighting(time, A, B, frames)


def steps(*witnesses, last=None):
    diagram = diagram_of(witnesses, 0.0, 100, last)
    names = [lane.name for lane in diagram.lanes]
    return [
        (s.kind.name, names[s.source], names[s.target], s.label) for s in diagram.steps if s.kind is not StepKind.GAP
    ]


def test_what_both_ends_have_seen_is_one_arrow():
    a = Witness(A, [], [sent(1, b"x"), sent(2, b"x")], (2, 0))
    b = Witness(B, [received(1.5, b"x"), received(2.5, b"x")], [], (0, 2))
    diagram = diagram_of([a, b], 0.0, 100)
    assert [(step.time, step.took) for step in diagram.steps] == [(1, 0.5), (2, 0.5)]


def test_what_was_never_received_is_told_of_sockets_that_would_remember_it():
    a = Witness(A, [], [sent(1, b"x"), sent(5, b"y"), sent(6, b"z", to=STRANGER)], (3, 0))
    assert [step[0] for step in steps(a, Witness(B, [received(1, b"x")], [], (0, 1)))] == ["MESSAGE", "LOST", "MESSAGE"]
    forgetful = Witness(B, [], [], (0, 500), complete_since=4)
    assert [step[0] for step in steps(a, forgetful)] == ["MESSAGE", "LOST", "MESSAGE"]


@pytest.mark.parametrize(("mechanism", "kind"), [("NULL", "LOST"), ("PLAIN", "LOST"), ("CURVE", "MESSAGE")])
def test_of_what_a_proxy_sees_encrypted_nobody_says_that_it_was_never_received(mechanism, kind):
    proxy = Party("link", "proxy")
    a = Witness(A, [], [sent(1, b"x", to=proxy)], (1, 0), mechanism=mechanism)
    passed = [Sighting(2, A, proxy, [b"MESSAGE..."])], [Sighting(2, proxy, B, [b"MESSAGE..."])]
    link = Witness(proxy, *passed, (1, 1), mechanism=mechanism)
    b = Witness(B, [Sighting(3, STRANGER, B, [b"x"])], [], (0, 1), mechanism=mechanism)
    assert [step[0] for step in steps(a, link, b)] == [kind, "MESSAGE", kind, "MESSAGE"]


def test_lanes_come_in_the_order_in_which_they_are_needed():
    connects = FlowEvent(0.5, A, B, "connects")
    assert steps(
        Witness(B, [received(1, b"x")], [], (0, 1)), Witness(A, [], [sent(1, b"x")], (1, 0), events=[connects])
    ) == [
        ("EVENT", "a", "b", "connects"),
        ("MESSAGE", "a", "b", "'x'"),
    ]


def test_of_many_messages_the_first_and_the_last_are_shown_and_the_rest_is_a_number():
    many = [sent(number, b"%d" % number, to=STRANGER) for number in range(300)]
    diagram = diagram_of([Witness(A, [], many, (5000, 0))], 0.0, 100)
    labels = [step.label for step in diagram.steps]
    assert sum(step.kind is StepKind.MESSAGE for step in diagram.steps) == MOST_ARROWS
    assert (labels[0], labels[49], labels[50], labels[-1]) == ("'0'", "'49'", "… 4,800 messages left out", "'299'")
    last = diagram_of([Witness(A, [], many, (5000, 0))], 0.0, 100, last=2)
    assert [step.label for step in last.steps] == ["… 4,998 messages left out", "'298'", "'299'"]


@pytest.mark.parametrize("begin", [0.0, 1_780_000_000.0])
def test_what_was_left_out_is_said_where_it_was(begin):
    many = [sent(begin + number * 1e-6, b"%d" % number, to=STRANGER) for number in range(300)]
    labels = [step.label for step in diagram_of([Witness(A, [], many, (300, 0))], begin, 100).steps]
    assert labels[49:52] == ["'49'", "… 100 messages left out", "'150'"]
    last = diagram_of([Witness(A, [], many, (300, 0))], begin, 100, last=2)
    assert [step.label for step in last.steps] == ["… 298 messages left out", "'298'", "'299'"]


def test_of_a_receiver_that_is_behind_the_last_messages_are_marked_and_each_counts_once(library):
    library.bind_zmq_socket("inproc://jobs", "PULL", "jobs")
    library.connect_zmq_socket("inproc://jobs", "PUSH", "work")
    library.send_messages([f"m{number}" for number in range(600)], socket="work")
    library.receive_messages(500, socket="jobs")
    lines = library.log_message_flow(format="MERMAID").splitlines()
    shown = [line.partition(" s ")[2] for line in lines if "->>" in line or "-x" in line]
    received = [f"'m{number}'" for number in (*range(50), *range(450, 500))]
    assert shown == [*received, *(f"'m{number}' not received" for number in range(500, 600))]
    assert "400 messages left out" in lines[lines.index(next(line for line in lines if "'m49'" in line)) + 1]


def test_which_of_equal_messages_a_receiver_that_is_behind_has_received_is_not_made_up(library):
    library.bind_zmq_socket("inproc://jobs", "PULL", "jobs")
    library.connect_zmq_socket("inproc://jobs", "PUSH", "work")
    library.send_messages(["same"] * 600, socket="work")
    library.receive_messages(500, socket="jobs")
    assert "not received" not in library.log_message_flow(format="MERMAID")


@pytest.mark.parametrize(("endpoint", "proxied"), [(TCP, False), (TCP, True), ("inproc://feed", False)])
def test_only_what_a_subscriber_has_subscribed_to_is_marked(library, endpoint, proxied):
    library.bind_zmq_socket(endpoint, "PUB", "feed")
    address = library.get_zmq_endpoint()
    if proxied:
        library.start_proxy(address, alias="link")
        address = library.get_proxy_endpoint()
    library.connect_zmq_socket(address, "SUB", "reader", subscribe="t")
    library.wait_for_subscriber("t", socket="feed")
    for text in ("u0", "t1", "u2", "t3"):
        library.send_message(text, socket="feed")
    library.receive_message(socket="reader")
    library.subscribe_to_topics("u", socket="reader")
    library.wait_for_subscriber("u", socket="feed")
    library.send_message("u4", socket="feed")
    lines = library.log_message_flow(format="MERMAID").splitlines()
    marked = {line[line.index("'") :] for line in lines if "not received" in line}
    assert marked == {"'t3' not received", "'u4' not received"}


def test_a_fault_is_at_its_place():
    link = Party("link", "proxy")
    arrived = Sighting(1, A, link, [b"x"])
    left = Sighting(1, link, B, [b"x"], certain=False)
    diagram = diagram_of([Witness(link, [arrived], [left], (1, 1), notes=[["loss"]])], 0.0, 100)
    (step,) = diagram.steps
    assert step.notes == ["loss"]
    assert "⚡loss" in as_svg(diagram)


@pytest.mark.parametrize(("limit", "label"), [(0, "''… (6 bytes)"), (3, "'ses'… (6 bytes)"), (500, "'sesame'")])
def test_labels_show_no_more_of_a_frame_than_the_log_may(limit, label):
    diagram = diagram_of([Witness(A, [], [sent(1, b"sesame")], (1, 0))], 0.0, limit)
    assert [step.label for step in diagram.steps] == [label]
    assert ("sesame" in as_svg(diagram)) == ("sesame" in as_mermaid(diagram)) == (limit == 500)


HOSTILE = "</text></svg><script>alert(1)</script>\x00\x1b[31m]]>&amp;\ud800 %%{init}%% \n; end"


def test_hostile_text_is_only_text():
    frame = HOSTILE.encode("utf-8", "surrogatepass")
    bad, sender = Party(HOSTILE, "<b>"), Party("<i>&")
    diagram = diagram_of([Witness(sender, [], [Sighting(1, sender, bad, [frame])], (1, 0))], 0, 500)
    root = ET.fromstring(as_svg(diagram))
    assert {element.tag for element in root.iter()} <= {SVG + tag for tag in ("svg", "g", "text", "path", "title")}
    mermaid = as_mermaid(diagram)
    assert len(mermaid.splitlines()) == 4
    assert "<" not in mermaid
    assert "; end" not in mermaid.replace("#59; end", "")


def test_the_flow_of_real_sockets_has_names_types_times_and_no_script(library):
    library.bind_zmq_socket(TCP, "PULL", "jobs")
    library.connect_zmq_socket(library.get_zmq_endpoint(), "PUSH", "work")
    library.send_multipart("job", "<script>alert(1)</script>", socket="work")
    library.receive_multipart(socket="jobs")
    text = library.log_message_flow()
    root = ET.fromstring(text)
    shown = "".join(root.itertext())
    for word in ("work", "PUSH", "jobs", "PULL", "'job'", "connects", "handshake"):
        assert word in shown
    assert "<script" not in text
    assert "href" not in text
    assert "currentColor" in text
    assert "not received" not in text


def test_a_message_that_was_not_taken_is_marked(library):
    library.bind_zmq_socket(TCP, "PULL", "jobs")
    library.connect_zmq_socket(library.get_zmq_endpoint(), "PUSH", "work")
    library.send_message("taken", socket="work")
    library.receive_message(socket="jobs")
    library.send_message("left", socket="work")
    text = library.log_message_flow(format="MERMAID")
    assert text.startswith("sequenceDiagram\n")
    assert text.count("not received") == 1
    assert "'left' not received" in text


def test_a_long_test_keeps_its_diagram_small(library, tmp_path):
    library.bind_zmq_socket("inproc://jobs", "PULL", "jobs")
    library.connect_zmq_socket("inproc://jobs", "PUSH", "work")
    for _ in range(5):
        library.send_messages([f"{number:x<500}" for number in range(1000)], socket="work")
        library.receive_messages(1000, socket="jobs")
    path = tmp_path / "not" / "there" / "flow.svg"
    text = library.log_message_flow(path=str(path))
    assert len(text) < 200_000
    assert path.read_text("utf-8") == text
    assert "4,800 messages left out" in text


def test_a_short_test_shows_whole_messages(library):
    library.bind_zmq_socket("inproc://jobs", "PULL", "jobs")
    library.connect_zmq_socket("inproc://jobs", "PUSH", "work")
    library.send_message("y" * 400 + "END", socket="work")
    library.send_message("z" * 1_000_000, socket="work")
    library.receive_messages(2, socket="jobs")
    text = library.log_message_flow()
    assert "y" * 400 + "END" in text
    assert "1,000,000 bytes" in text
    assert len(text) < 60_000


@pytest.mark.parametrize(
    ("wrong", "kind", "told"),
    [
        ({"last": 0}, InvalidValue, "last=0"),
        ({"sockets": "nobody"}, NotOpen, "nobody"),
        ({"path": f"{__file__}/flow.svg"}, InvalidValue, "/test_flow.py/flow.svg cannot be written"),
    ],
)
def test_wrong_arguments_are_named(library, wrong, kind, told):
    with pytest.raises(kind, match=told):
        library.log_message_flow(**wrong)
