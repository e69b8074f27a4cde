from __future__ import annotations

import pytest

from ZmqLibrary.monitoring.addresses import may_be_at, plain


@pytest.mark.parametrize(
    ("endpoint", "reported", "is_possible"),
    [
        ("tcp://localhost:5", "tcp://127.0.0.1:5", True),
        ("tcp://LOCALHOST:5", "tcp://[::1]:5", True),
        ("tcp://localhost:5", "tcp://127.0.0.2:5", False),
        ("tcp://some.host:5", "tcp://127.0.0.2:5", True),
        ("tcp://some.host:5", "tcp://127.0.0.2:6", False),
        ("tcp://some.host:5", "tcp://other.host:5", False),
        ("tcp://127.0.0.1:5", "tcp://127.0.0.2:5", False),
        ("tcp://127.0.0.1:5", "tcp://[::ffff:127.0.0.1]:5", True),
        ("tcp://[0:0:0:0:0:0:0:1]:5", "tcp://[::1]:5", True),
        ("tcp://127.0.0.1:0;some.host:5", "tcp://10.0.0.1:5", True),
    ],
)
def test_an_address_is_reported_where_a_name_or_the_same_address_was_given(endpoint, reported, is_possible):
    assert may_be_at(endpoint, reported) is is_possible


def test_ipv4_in_ipv6_is_written_as_ipv4():
    assert plain("tcp://[::ffff:127.0.0.1]:5") == "tcp://127.0.0.1:5"
    assert plain("tcp://[::1]:5") == "tcp://[::1]:5"
