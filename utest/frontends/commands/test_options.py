"""Options of the command line: what their values may be, and how a wrong one is told."""

from __future__ import annotations

import pytest

from ZmqLibrary.frontends.command_line import main


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["send", "tcp://127.0.0.1:1", "x", "--type", "FOO"], "--type: 'FOO' is none of PAIR, PUB"),
        (["send", "tcp://127.0.0.1:1", "x", "--count", "many"], "--count: 'many' is no whole number."),
        (["send", "tcp://127.0.0.1:1", "x", "--count", "0"], "--count: it is 1 or more, and not 0."),
        (["send", "tcp://127.0.0.1:1", "x", "--timeout", "soon"], "'soon' is no time"),
        (["send", "tcp://127.0.0.1:1", "x", "--timeout=-1s"], "'-1s' is negative"),
        (["send", "tcp://127.0.0.1:1", "x", "--timeout", "-1s"], "'-1s' is negative"),
        (["send", "tcp://127.0.0.1:1", "x", "--timeout", "--json"], "--timeout: expected one argument"),
        (["send", "tcp://127.0.0.1:1", "x", "--timeout", "--", "--json"], "--timeout: expected one argument"),
        (["send", "tcp://127.0.0.1:1", "x", "--timeout", "nan"], "'nan' is too long"),
        (["send", "tcp://127.0.0.1:1", "x", "--timeout", "inf"], "'inf' is too long"),
        (["pump", "tcp://127.0.0.1:1", "--duration", "100000000000000d"], "is too long"),
        (["send", "tcp://127.0.0.1:1", "x", "--count", "9" * 30], "--count: it is 1,000,000,000,000 or less"),
        (["send", "tcp://127.0.0.1:1", "-x"], "A frame that begins with a dash goes behind --"),
        (["remote", "--port", "99999"], "--port: it is 65,535 or less"),
        (["read", "run.jsonl", "--port", "0"], "--port: it is 1 or more"),
        (["pump", "inproc://x", "--count", "1"], "each command is a process of its own"),
        (["sink", "inproc://x", "--bind"], "each command is a process of its own"),
        (["sink", "tcp://127.0.0.1:1", "--subscribe", "a"], "--subscribe is for SUB"),
        (["pump", "tcp://127.0.0.1:1", "--stamp", "there"], "--stamp: 'there' is none of AUTO, NONE"),
        (["pump", "tcp://127.0.0.1:1", "--size", "1MB"], "--size: '1MB' is no whole number."),
        (["pump", "tcp://127.0.0.1:1", "--rate", "fast"], "--rate fast cannot be used"),
        (["pump", "tcp://127.0.0.1:1", "--replies"], "--replies is for a pump of type REQ or DEALER"),
        (["proxy", "tcp://127.0.0.1:1", "--drop-every", "0"], "--drop-every: it is 1 or more"),
        (["receive", "tcp://127.0.0.1:*", "--bind", "--subscribe", "a"], "Give --type SUB."),
        (["receive", "inproc://x", "--bind"], "each command is a process of its own"),
        (["probe", "inproc://x"], "each command is a process of its own"),
        (["record", "tcp://127.0.0.1:1", "-"], "A recording goes into a file"),
        (["remote", "timeout=abc"], "with timeout=abc:"),
    ],
)
def test_a_wrong_value_is_told_with_its_option(words, told, capsys):
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err


def test_socket_types_are_taken_in_lower_case(capsys):
    assert main(["receive", "tcp://127.0.0.1:*", "--bind", "--type", "rep", "--timeout", "100ms"]) == 3
    assert "(REP, " in capsys.readouterr().err


@pytest.mark.parametrize("name", ["send", "receive", "request", "reply", "pump", "sink", "read"])
def test_help_names_formats(name, capsys):
    assert main([name, "--help"]) == 0
    assert "TEXT, JSON, MSGPACK, CBOR, HEX, BASE64" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["keys"], ["probe", "tcp://127.0.0.1:1"]])
def test_common_options_are_taken_where_they_have_nothing_to_do(words, capsys):
    assert main([*words, "--format", "JSON", "--timeout", "1s", "--json"]) in (0, 3)
