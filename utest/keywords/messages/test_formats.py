from __future__ import annotations

import pytest
from robot.api.types import Secret

from ZmqLibrary.errors import InvalidValue
from ZmqLibrary.sockets.socket_types import SocketType

FIELDS = {"mac": "HMAC-SHA256:a", "a": "TEXT"}


@pytest.mark.parametrize("key", ["swordfish", b"swordfish", bytearray(b"swordfish"), Secret("swordfish")])
def test_a_layout_is_signed_with_text_bytes_or_a_secret(library, key):
    library.define_message_layout("known", hmac_key="swordfish", **FIELDS)
    library.define_message_layout("signed", hmac_key=key, **FIELDS)
    library.bind_zmq_socket("inproc://jobs", SocketType.PULL, "jobs")
    library.connect_zmq_socket("inproc://jobs", SocketType.PUSH)
    library.send_multipart(layout="signed", a="x")
    assert library.receive_multipart(layout="known", socket="jobs").a == "x"


@pytest.mark.parametrize(
    ("key", "kind"), [(["swordfish"], "list"), (True, "bool"), (17, "int"), (b"swordfish"[0], "int")]
)
def test_what_is_no_key_is_refused(library, key, kind):
    with pytest.raises(InvalidValue, match=f"^The hmac_key is text or bytes, not a value of type {kind}"):
        library.define_message_layout("signed", hmac_key=key, **FIELDS)


def test_the_format_of_a_field_is_no_secret(library):
    with pytest.raises(InvalidValue, match="format of field 'mac' has to be text"):
        library.define_message_layout("signed", mac=Secret("swordfish"), a="TEXT")
