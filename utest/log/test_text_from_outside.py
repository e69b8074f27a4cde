"""A peer puts a hostile text into everything that it can set, and the suite fails in all ways that show it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest
from robot.utils import html_format

PEER = r"""
import zmq
HOSTILE = ("x\nFORGED line\n\x1b[31mRED\x1b[0m \u202etxt\x00 [javascript:alert(1)|click] javascript://%0aalert(2) "
           "*HTML*<script>alert(1)</script><img src=http://evil.example/b.png>")
RAW = HOSTILE.encode()
ROBOT_LIBRARY_SCOPE = "GLOBAL"
context = zmq.Context()
opened = []

def peer(type, endpoint, *frames, **options):
    socket = context.socket(getattr(zmq, type))
    socket.linger = 1000
    socket.rcvtimeo = socket.sndtimeo = 60_000
    for name, value in options.items():
        socket.set(getattr(zmq, name.upper()), value)
    socket.connect(endpoint)
    if frames:
        socket.send_multipart(list(frames))
    opened.append(socket)

def ask(endpoint, count: int):
    peer("REQ", endpoint)
    for _ in range(count):
        opened[-1].send_multipart([RAW[:60], RAW[60:]])
        opened[-1].recv()

def close_peers():
    while opened:
        opened.pop().close()

def raises(request):
    raise ValueError(HOSTILE)

def decodes(frame):
    raise ValueError(frame.decode("utf-8", "replace"))
"""

SUITE = r"""
*** Settings ***
Library           ZmqLibrary    timeout=60s
Library           hostile.py
Variables         hostile.py
Suite Setup       Suite Has Workers
Suite Teardown    Ask    ${AT THE END}    3
Test Teardown     Close Peers

*** Test Cases ***
Frames
    Receive From Peer    ${RAW}    ${RAW}
    Received Message Should Equal    other    other
Frames In Html
    Receive From Peer    ${RAW}    ${RAW}
    Received Message Should Equal    other    other    message=*HTML* <b>not equal</b>
Frames In Html By Operator
    Receive From Peer    ${RAW}
    Get Received Frame    0    ==    other    message=*HTML* <b>{value}</b>
Operator
    Receive From Peer    ${RAW}
    Get Received Frame    0    ==    other
Json
    Receive From Peer    ${{json.dumps({$HOSTILE: [$HOSTILE, '\u202e\x9b']}, ensure_ascii=False).encode()}}
    Received Json Should Equal    {"a": 1}
Json Path
    Receive From Peer    ${{json.dumps({$HOSTILE: $HOSTILE}, ensure_ascii=False).encode()}}
    Get Received Json    $.nowhere
Json Schema
    Receive From Peer    ${{json.dumps({$HOSTILE: $HOSTILE}, ensure_ascii=False).encode()}}
    Received Json Should Match Schema    {"additionalProperties": false}
Not Json
    Receive From Peer    ${RAW}
    Get Received Message    format=JSON
Decoder Of The Suite
    Register Zmq Format    OURS    ${{lambda value: value}}    ${{hostile.decodes}}
    Receive From Peer    ${RAW}
    Get Received Message    format=OURS
Msgpack
    Receive From Peer    ${{msgpack.packb({$RAW: $HOSTILE})}}
    Wait For Message    *zz*    format=MSGPACK    socket=sink    timeout=2s
Cbor
    Receive From Peer    ${{b'\xc0\x78\x22' + $RAW[:34]}}
    Get Received Message    format=CBOR
Waiting
    Receive From Peer    ${RAW}
    Wait For Message    other    socket=sink    timeout=2s
Routing Id
    Bind Zmq Socket    tcp://127.0.0.1:*    ROUTER    sink
    ${address}=    Get Zmq Endpoint
    Peer    DEALER    ${address}    ${RAW}    routing_id=${RAW}
    Receive Multipart
    Received Message Should Equal    other    other
Topic
    Bind Zmq Socket    tcp://127.0.0.1:*    PUB    feed
    ${address}=    Get Zmq Endpoint
    Peer    SUB    ${address}    subscribe=${RAW}
    Wait For Subscriber    ${{$RAW.decode()}}
    Wait For Subscriber    other    timeout=0
User Name
    Start Authenticator
    Allow Plain User    ${HOSTILE}    secret
    Bind Zmq Socket    tcp://127.0.0.1:*    PULL    sink    plain_server=yes
    ${address}=    Get Zmq Endpoint
    Peer    PUSH    ${address}    ${{b'hello'}}    plain_username=${RAW}    plain_password=${{b'secret'}}
    Receive Message
    Received Message Should Come From User    nobody
Refused User
    Start Authenticator
    Bind Zmq Socket    tcp://127.0.0.1:*    PULL    sink    plain_server=yes
    ${address}=    Get Zmq Endpoint
    Peer    PUSH    ${address}    plain_username=${RAW}    plain_password=${{b'secret'}}
    Wait For Authentication Request
    Wait For Authentication Request    username=other    timeout=0
Metadata
    Start Authenticator
    Bind Zmq Socket    tcp://127.0.0.1:*    PULL    sink    zap_domain=x
    Allow Address    127.0.0.1
    ${address}=    Get Zmq Endpoint
    Peer    PUSH    ${address}    ${{b'hello'}}    metadata=${{b'X-name:' + $RAW.replace(b'\0', b'')}}
    Receive Message
    Received Message Should Come From User    nobody    metadata=${{ {'X-name': 'other'} }}
Mock
    Start Mock Server    tcp://127.0.0.1:*    REP    mock
    When Mock Receives    other
    Mock Calls    ${{hostile.raises}}
    ${address}=    Get Mock Endpoint
    Peer    REQ    ${address}    ${RAW}
    Wait For Mock Request
    Mock Should Have Received    other    timeout=0
Mock Function
    Start Mock Server    tcp://127.0.0.1:*    REP    mock
    Mock Calls    ${{hostile.raises}}
    ${address}=    Get Mock Endpoint
    Peer    REQ    ${address}    ${RAW}
    Wait For Mock Request
    Wait Until Keyword Succeeds    60s    50ms    Request Has Its Problem
    Mock Should Have No Unexpected Requests
Collector
    Bind Zmq Socket    tcp://127.0.0.1:*    PULL    sink
    ${address}=    Get Zmq Endpoint
    Start Collecting Messages    sink
    Peer    PUSH    ${address}    ${RAW}
    Wait For Collected Message
    Collected Messages Should Contain    other
Alias
    Open Zmq Socket    PULL    ${{$HOSTILE.replace('\0', '')}}
    Receive Message    timeout=0
Unknown Alias
    Receive Message    socket=${{$HOSTILE.replace('\0', '')}}
Pattern
    Bind Zmq Socket    inproc://sink    PULL    sink
    Wait For Message    ${HOSTILE}    timeout=0
Regular Expression
    Bind Zmq Socket    inproc://sink    PULL    sink
    Wait For Message    (${HOSTILE}    match=REGEXP
Unused Rule
    Start Mock Server    tcp://127.0.0.1:*    REP    ${{$HOSTILE.replace('\0', '')}}
    Mock Keeps Silent    ${HOSTILE}    times=1
    Fail    its warning is there
Unused Fault
    Bind Zmq Socket    tcp://127.0.0.1:*    PULL    sink
    ${address}=    Get Zmq Endpoint
    Start Proxy    ${address}
    Proxy Drops Messages    ${HOSTILE}    name=${HOSTILE}
    Fail    its warning is there
Worker
    Start Mock Server    tcp://127.0.0.1:*    REP    ${{$HOSTILE.replace('\0', '')}}
    Mock Calls    ${{hostile.raises}}
    ${address}=    Get Mock Endpoint
    Peer    REQ    ${address}    ${{b'hello'}}
    Wait Until Keyword Succeeds    60s    50ms    Request Has Its Problem
    Fail    its warning is there
Endpoint
    Connect Zmq Socket    tcp://${HOSTILE}:1    PULL    sink
Ipc Endpoint
    Bind Zmq Socket    ipc:///nowhere/${HOSTILE}    PULL    sink

*** Keywords ***
Request Has Its Problem
    Run Keyword And Expect Error    *    Mock Should Have No Unexpected Requests

Suite Has Workers
    Start Mock Server    tcp://127.0.0.1:*    REP    at the end
    Mock Replies By Default    ok
    ${address}=    Get Mock Endpoint
    Set Suite Variable    ${AT THE END}    ${address}
    Ask    ${address}    1

Receive From Peer
    [Arguments]    @{frames}
    Bind Zmq Socket    tcp://127.0.0.1:*    PULL    sink
    ${address}=    Get Zmq Endpoint
    Peer    PUSH    ${address}    @{frames}
    Receive Multipart    format=BYTES    socket=sink
    Peer    PUSH    ${address}    @{frames}
"""
# Opens all that is folded in log.html, until nothing new is there: children are made when their parent is opened.
UNFOLD = """
var quiet = 0;
var timer = window.setInterval(function () {
    var folded = document.querySelectorAll("details:not([open]), .element-header.closed");
    folded.forEach(function (item) { if (item.tagName == "DETAILS") item.open = true; else item.click(); });
    quiet = folded.length ? 0 : quiet + 1;
    if (quiet == 5) window.clearInterval(timer);
}, 100);
"""
LONG = 600  # seconds: a busy machine says nothing about the text
SHOWN = r"x\nFORGED line\n\x1b[31mRED\x1b[0m"


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> tuple[str, Path]:
    directory: Path = tmp_path_factory.mktemp("hostile")
    (directory / "hostile.py").write_text(PEER, "utf-8")
    (directory / "suite.robot").write_text(SUITE, "utf-8")
    command = [sys.executable, "-m", "robot", "--pythonpath", ".", "--loglevel", "DEBUG", "--consolecolors", "off"]
    done = subprocess.run([*command, "suite.robot"], cwd=directory, capture_output=True, check=False, timeout=LONG)
    return (done.stdout + done.stderr).decode("utf-8"), directory


def test_every_test_of_the_suite_shows_the_text_of_the_peer(run):
    console, _ = run
    tests = [line for line in SUITE.partition("*** Keywords ***")[0].splitlines() if line[:1].isalpha()]
    failed = [test for test in tests if test in console]
    assert f"{len(failed)} tests, 0 passed" in console, console
    assert console.count(SHOWN) > len(failed), console


def test_it_has_no_line_and_no_control_character_on_the_console(run):
    console, _ = run
    assert not re.findall(r"^FORGED.*", console, re.M)
    assert all(c.isprintable() or c == "\n" for c in console), {c for c in console if not c.isprintable()}


def test_it_has_no_line_in_messages_of_the_log(run):
    output = (run[1] / "output.xml").read_text("utf-8")
    messages = re.findall(r"<(?:msg|status)[^>]*>([^<]*)<", output)
    ours = [text for text in messages if not text.startswith(("${", "Traceback"))]
    assert not [text for text in ours if re.search(r"^FORGED", text, re.M)]


def test_its_metadata_is_no_markup(run):
    [metadata] = re.findall(r"<meta name=[^>]*>([^<]*)<", (run[1] / "output.xml").read_text("utf-8"))
    assert metadata.count(SHOWN) == 3
    assert html_format(unescape(metadata)).count("<") == 2


@pytest.mark.skipif(not shutil.which("chromium"), reason="needs Chromium")
def test_a_browser_makes_nothing_of_it(run):
    log = (run[1] / "log.html").read_text("utf-8")
    opened = run[1] / "opened.html"
    opened.write_text(log.replace("</body>", f"<script>{UNFOLD}</script></body>"), "utf-8")
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000", "--dump-dom"]
    profile = f"--user-data-dir={run[1] / 'chromium'}"
    done = subprocess.run([*command, profile, opened.as_uri()], capture_output=True, check=True, timeout=LONG)
    dom = re.sub(r"<script.*?</script>", "", done.stdout.decode("utf-8"), flags=re.S)
    assert dom.count("FORGED line") > 50, "it was not unfolded"
    for tag in re.findall(r"<(?:script|img|a)\b[^>]*>", dom):
        assert not re.search("evil|alert", tag), tag
