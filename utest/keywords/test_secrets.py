"""A suite is run at level TRACE, and no secret is in anything that it leaves behind."""

from __future__ import annotations

import base64
import html
import json
import re
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
import zmq

PASSWORDS = ["CorrectHorse1", "CorrectHorse2", "CorrectHorse3"]
PAIRS = [tuple(key.decode() for key in zmq.curve_keypair()) for _ in range(3)]
VARIABLES = f"""
import logging
from robot.api.types import Secret
logging.getLogger().addHandler(logging.FileHandler("python.log"))
logging.getLogger("zmq").debug("The log of Python works.")
PASSWORD, OTHER = {PASSWORDS[0]!r}, {PASSWORDS[1]!r}
SECRET_PASSWORD = Secret({PASSWORDS[2]!r})
SERVER, SERVER_PUBLIC = {PAIRS[0][1]!r}, {PAIRS[0][0]!r}
CLIENT = Secret({PAIRS[1][1]!r})
THIRD, THIRD_PUBLIC = {PAIRS[2][1]!r}, {PAIRS[2][0]!r}
THIRD_BYTES = {PAIRS[2][1].encode()!r}
CUT = THIRD[:39]
"""
SUITE = """\
*** Settings ***
Library           ZmqLibrary    timeout=30s
Library           Collections
Variables         secrets_here.py
Test Timeout      2 minutes

*** Test Cases ***
Curve
    Start Authenticator
    Bind Zmq Socket       tcp://127.0.0.1:*    PULL    server    curve_keypair=${SERVER}
    ${address}=           Get Zmq Endpoint
    Allow Curve Client    any
    Connect Zmq Socket    ${address}    PUSH    curve_server_key=${SERVER_PUBLIC}    curve_keypair=${CLIENT}
    Send Message          hello
    Receive Message       socket=server
    Connect Zmq Socket    ${address}    PUSH    curve_serverkey=${SERVER_PUBLIC}
    ...    curve_publickey=${THIRD_PUBLIC}    curve_secretkey=${THIRD}
    ${requests}=          Get Authentication Requests
    Log Many              @{requests}
    ${pair}=              Generate Curve Keypair
    Log                   ${pair}
    Log                   ${pair.secret}
    ${files}=             Save Curve Keypair    ${SERVER}    ${CURDIR}/server.key
    ${pair}=              Load Curve Keypair    ${files}[1]
    Log                   ${pair}

Plain
    Start Authenticator
    Allow Plain User      alice    ${PASSWORD}
    Allow Plain User      bob      ${SECRET_PASSWORD}
    Bind Zmq Socket       tcp://127.0.0.1:*    PULL    server    plain_server=yes
    ${address}=           Get Zmq Endpoint
    Connect Zmq Socket    ${address}    PUSH    plain_username=alice    plain_password=${PASSWORD}
    Connect Zmq Socket    ${address}    PUSH    plain_username=bob    plain_password=${SECRET_PASSWORD}
    Send Message          hello
    Receive Message       socket=server
    Connect Zmq Socket    ${address}    PUSH    plain_username=alice    plain_password=${OTHER}    lazy=yes
    Handshake Should Fail    reason=AUTH 400
    ${requests}=          Get Authentication Requests
    Log Many              @{requests}
    Open Zmq Socket       PUSH    plain_password=${PASSWORD}
    Set Zmq Socket Option    plain_password    ${OTHER}
    Set Zmq Socket Option    socks password    ${OTHER}
    Set Zmq Socket Option    ZMQ_CURVE_SECRETKEY    ${THIRD}
    Set Zmq Socket Option    CURVE_SECRETKEY    ${CLIENT}

User names
    VAR    &{plain}       plain_username=${SECRET_PASSWORD}    plain_password=${SECRET_PASSWORD}    lazy=yes
    Connect Zmq Socket    tcp://127.0.0.1:1    PUSH    &{plain}
    Start Pump            tcp://127.0.0.1:1    PUSH    &{plain}
    Start Pump            tcp://127.0.0.1:1    PUSH    &{plain}    engine=SOCKET
    Start Sink            tcp://127.0.0.1:1    PULL    &{plain}

Proxy
    Bind Zmq Socket       tcp://127.0.0.1:*    PULL    server
    ${address}=           Get Zmq Endpoint
    Start Proxy           ${address}
    ${address}=           Get Proxy Endpoint
    Connect Zmq Socket    ${address}    PUSH
    Send Message          ${SECRET_PASSWORD}
    ${message}=           Wait For Proxy Message
    ${messages}=          Get Proxy Messages
    Log                   ${message.frames}

Layout
    Define Message Layout    signed    hmac_key=${PASSWORD}    mac=HMAC-SHA256:a    a=TEXT
    Define Message Layout    signed    hmac_key=${SECRET_PASSWORD}    mac=HMAC-SHA256:a    a=TEXT

Refused 1
    Open Zmq Socket       PUSH    plain_passwort=${PASSWORD}

Refused 2
    Open Zmq Socket       PUSH    plain_password=${{[$PASSWORD]}}

Refused 3
    Open Zmq Socket       PUSH    curve_secretkey=${CUT}

Refused 4
    Bind Zmq Socket       tcp://127.0.0.1:*    PULL    server    curve_keypair=${CUT}

Refused 5
    Connect Zmq Socket    tcp://127.0.0.1:1    PULL    curve_server_key=${CUT}    curve_keypair=${THIRD_BYTES}

Refused 6
    Start Authenticator
    Allow Plain User      alice    ${{[$PASSWORD]}}

Refused 7
    Save Curve Keypair    ${THIRD}    ${CURDIR}/third.key
    Start Authenticator
    Allow Curve Client    ${THIRD}

Refused 8
    Connect Zmq Socket    tcp://127.0.0.1:1    PULL    plain_password=${PASSWORD}

Refused 9
    Start Authenticator
    Bind Zmq Socket       tcp://127.0.0.1:*    PULL    server    plain_server=yes
    ${address}=           Get Zmq Endpoint
    Connect Zmq Socket    ${address}    PUSH    plain_username=alice    plain_password=${PASSWORD}

Refused 10
    Start Authenticator
    Bind Zmq Socket       tcp://127.0.0.1:*    PULL    server    curve_keypair=${SERVER}
    ${address}=           Get Zmq Endpoint
    Connect Zmq Socket    ${address}    PUSH    curve_server_key=${SERVER}    curve_keypair=${THIRD}

Refused 11
    Open Zmq Socket       PUSH
    Set Zmq Socket Option    curve_serverkey    ${CUT}

Refused 12
    Open Zmq Socket       PUSH
    Set Zmq Socket Option    plain_password    ${{$PASSWORD * 30}}

Refused 13
    Received A Number
    Get Received Frame    0    validate    ${SECRET_PASSWORD}

Refused 14
    Received A Number
    Get Received Json    $    then    ${SECRET_PASSWORD}

Refused 15
    Received A Number
    Get Received Json    $    matches    ${SECRET_PASSWORD}

Refused 16
    Received A Number
    Get Received Json    $    contains    ${SECRET_PASSWORD}

Refused 17
    Define Message Layout    signed    hmackey=${PASSWORD}    mac=HMAC-SHA256:a    a=TEXT

Refused 18
    Define Message Layout    signed    hmac_key=${{[$PASSWORD]}}    mac=HMAC-SHA256:a    a=TEXT

Refused 19
    Define Message Layout    signed    mac=${SECRET_PASSWORD}    a=TEXT

*** Keywords ***
Received A Number
    Bind Zmq Socket       inproc://numbers    PULL    numbers
    Connect Zmq Socket    inproc://numbers    PUSH
    Send Message          17
    Receive Message       socket=numbers
"""


@pytest.fixture(scope="module")
def outputs(tmp_path_factory) -> dict[str, str]:
    directory: Path = tmp_path_factory.mktemp("secrets")
    (directory / "secrets_here.py").write_text(VARIABLES, "utf-8")
    (directory / "suite.robot").write_text(SUITE, "utf-8")
    command = [sys.executable, "-m", "robot", "--loglevel", "TRACE", "--debugfile", "debug.txt", "--xunit", "xunit.xml"]
    run = subprocess.run(
        [*command, "suite.robot"], cwd=directory, capture_output=True, text=True, check=False, timeout=60
    )
    names = ("output.xml", "log.html", "report.html", "debug.txt", "xunit.xml", "python.log")
    texts = {name: (directory / name).read_text("utf-8") for name in names}
    texts["log.html"] += unpacked(texts["log.html"])
    return {**texts, "console": run.stdout + run.stderr}


def unpacked(log: str) -> str:
    """The long texts of a log.html, which are compressed in it."""
    found = []
    for text in re.findall(r'"([A-Za-z0-9+/=]{40,})"', log):
        try:
            found.append(zlib.decompress(base64.b64decode(text)).decode("utf-8"))
        except (ValueError, zlib.error):
            continue
    return "\n".join(found)


def test_the_suite_does_what_it_is_meant_to(outputs):
    assert "24 tests, 5 passed, 19 failed" in outputs["console"], outputs["console"]
    assert "Arguments: [ 'plain_password' | &lt;secret&gt; ]" in outputs["output.xml"]


@pytest.mark.parametrize(
    "name", ["output.xml", "log.html", "report.html", "debug.txt", "xunit.xml", "python.log", "console"]
)
def test_no_secret_is_in(name, outputs):
    text = outputs[name]
    for secret in [*PASSWORDS, *(pair[1] for pair in PAIRS)]:
        for part in (secret, secret[:12], secret[-12:]):
            for written in {
                part,
                html.escape(part),
                html.escape(part, quote=False),
                json.dumps(part)[1:-1],
                repr(part)[1:-1],
            }:
                assert written not in text, f"{name} has a secret, or a part of it"
