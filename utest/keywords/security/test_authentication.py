"""Answers that could never be given as they are scripted are refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
import zmq

from ZmqLibrary.errors import InvalidValue, WaitTimeout
from ZmqLibrary.security.zap_names import Mechanism, SpecialAnswer

HALF = chr(0xD800)
RULES, NONE, MALFORMED = SpecialAnswer.RULES, SpecialAnswer.NONE, SpecialAnswer.MALFORMED


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ({"delay": timedelta(seconds=-5)}, r"delay=-5 cannot be negative"),
        (
            {"status": NONE, "delay": timedelta(seconds=5)},
            "delay= is for an answer, and with status=NONE there is none",
        ),
        ({"text": HALF}, r"text .* half of a surrogate pair"),
        ({"status": RULES, "text": "x"}, "text= is for an answer of its own, and status=RULES has none"),
        ({"status": NONE, "text": "x"}, "text= is for an answer of its own, and status=NONE has none"),
        ({"status": MALFORMED, "text": "x"}, "text= is for an answer of its own, and status=MALFORMED has none"),
        ({"status": 200, "metadata": {"X": HALF}}, r"metadata: X .* half of a surrogate pair"),
        ({"status": 200, "metadata": {"X": "a\0b"}}, r"metadata: X .* NUL"),
        ({"status": 200, "metadata": {"User-Id": "bob"}}, "metadata: libzmq sets User-Id itself"),
        ({"status": 200, "metadata": {"Peer-Address": "::1"}}, "metadata: libzmq sets Peer-Address itself"),
        ({"mechanism": Mechanism.PLAIN, "key": "x" * 40}, "key= is for CURVE"),
        ({"mechanism": Mechanism.NULL, "key": "x" * 40}, "key= is for CURVE"),
    ],
)
def test_an_answer_that_cannot_be_is_refused(library, answer, problem):
    library.start_authenticator()
    with pytest.raises(InvalidValue, match=problem):
        library.set_authenticator_answer(**answer)


def test_a_key_that_nobody_has_may_be_a_secret_one_and_is_not_shown(library):
    library.start_authenticator()
    secret = zmq.curve_keypair()[1].decode()
    with pytest.raises(WaitTimeout, match=r"No authentication request about key .{6}… in") as caught:
        library.wait_for_authentication_request(key=secret, timeout=timedelta(0))
    assert secret[:7] not in str(caught.value)


def test_nobody_waits_for_a_request_that_cannot_come(library):
    library.start_authenticator()
    with pytest.raises(InvalidValue, match="key= is for CURVE"):
        library.wait_for_authentication_request(mechanism=Mechanism.PLAIN, key="x" * 40)
    with pytest.raises(InvalidValue, match="username= is for PLAIN"):
        library.wait_for_authentication_request(mechanism=Mechanism.CURVE, username="alice")
    with pytest.raises(InvalidValue, match="username= is for PLAIN and key= for CURVE"):
        library.wait_for_authentication_request(username="alice", key="x" * 40)
