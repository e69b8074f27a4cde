"""Layouts: named frames, repeated ones, signatures, and what is refused."""

from __future__ import annotations

import copy
import hashlib
import hmac
from inspect import getmembers, isfunction, signature

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ZmqLibrary.errors import DecodeError, EncodeError, Hint, InvalidValue
from ZmqLibrary.formats import FormatTable, Hidden, HiddenBytes
from ZmqLibrary.messages.layout_definition import define_layout
from ZmqLibrary.messages.layouts import MessageLayout
from ZmqLibrary.messages.message import Message, Receipt

KEY = "a0436f6c-1916-498b-8eb9-e81ab9368e84"
JUPYTER = {
    "ids": "ROUTING_ID...",
    "delimiter": "LITERAL:<IDS|MSG>",
    "signature": "HMAC-SHA256:header..content",
    "header": "JSON",
    "parent_header": "JSON",
    "metadata": "JSON",
    "content": "JSON",
    "buffers": "BYTES...",
}
VALUES = {"header": {"msg_id": "1"}, "parent_header": {}, "metadata": {}, "content": {"code": "6*7"}}


@pytest.fixture
def table() -> FormatTable:
    return FormatTable()


@pytest.fixture
def jupyter(table: FormatTable) -> MessageLayout:
    return define_layout("jupyter", JUPYTER, table, KEY)


def received(layout: MessageLayout, frames: list[bytes]) -> Message:
    return Message(frames, Receipt("shell", layout), 0.0)


def test_the_signature_is_that_of_the_jupyter_protocol(jupyter):
    frames = jupyter.encode_fields(VALUES)
    signer = hmac.new(KEY.encode(), b"".join(frames[2:6]), hashlib.sha256)
    assert frames[:2] == [b"<IDS|MSG>", signer.hexdigest().encode()]
    assert jupyter.decode(frames)[2] == {"msg_id": "1"}


def test_values_are_reached_by_name(jupyter):
    message = received(jupyter, [b"topic", b"\0\1", *jupyter.encode_fields({**VALUES, "buffers": [b"x", b"y"]})])
    assert message.content == {"code": "6*7"}
    assert message["header"] == {"msg_id": "1"}
    assert message.ids == ["topic", b"\0\1"]
    assert message.buffers == [b"x", b"y"]
    assert message.index_of("content") == 7
    assert message.envelope == (b"topic", b"\0\1")


@pytest.mark.parametrize("ids", [[], [b"a"], [b"a", b"b"]])
@pytest.mark.parametrize("buffers", [[], [b"x"], [b"x", b""]])
def test_repeated_fields_have_any_number_of_frames(jupyter, ids, buffers):
    message = received(jupyter, jupyter.encode_fields({**VALUES, "ids": ids, "buffers": buffers}))
    assert (message.ids, message.buffers) == ([frame.decode() for frame in ids], buffers)
    assert message.content == VALUES["content"]


def test_a_field_that_is_not_there_is_named(jupyter):
    message = received(jupyter, jupyter.encode_fields(VALUES))
    with pytest.raises(AttributeError, match=r"no attribute 'contend'\. Its fields are: ids, delimiter"):
        _ = message.contend
    with pytest.raises(InvalidValue, match="no field 'contend'"):
        _ = message["contend"]
    with pytest.raises(InvalidValue, match="'buffers' stands for any number of frames"):
        message.index_of("buffers")


def test_messages_without_a_layout_have_no_fields(table):
    message = Message([b"a"], Receipt("shell", table.get("TEXT")), 0.0)
    assert not hasattr(message, "header")
    with pytest.raises(InvalidValue, match="was not received with a layout"):
        _ = message["header"]


def test_messages_with_fields_can_be_copied(jupyter):
    message = received(jupyter, jupyter.encode_fields(VALUES))
    assert copy.copy(message).content == message.content
    with pytest.raises(AttributeError):
        Message.__new__(Message).content  # noqa: B018  # what copy and pickle do before there are frames


@settings(deadline=None, max_examples=200, database=None)
@given(
    st.fixed_dictionaries(
        {name: st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.integers()) for name in VALUES}
    ),
    st.lists(st.binary().filter(lambda frame: frame != b"<IDS|MSG>")),
    st.lists(st.binary()),
)
def test_what_is_sent_by_name_is_what_is_received(values, ids, buffers):
    layout = define_layout("jupyter", JUPYTER, FormatTable(), KEY)
    message = received(layout, layout.encode_fields({**values, "ids": ids, "buffers": buffers}))
    assert {name: message[name] for name in values} == values
    assert message.buffers == buffers
    assert layout.encode(message.values) == list(message.raw)


def decoding_problem(layout: MessageLayout, frames: list[bytes]) -> DecodeError | None:
    try:
        layout.decode(frames)
    except DecodeError as error:
        return error
    return None


def test_random_frames_fit_or_give_the_clear_error(jupyter):
    good = jupyter.encode_fields(VALUES)

    @settings(deadline=None, max_examples=300, database=None)
    @given(st.lists(st.binary(max_size=5) | st.sampled_from(good), max_size=9))
    def check(frames):
        problem = decoding_problem(jupyter, frames)
        assert problem is None or problem.hint is Hint.READ_AS_BYTES

    check()


@pytest.mark.parametrize("number", range(2, 6))
def test_a_change_of_any_signed_frame_is_noticed(jupyter, number):
    frames = jupyter.encode_fields(VALUES)
    frames[number] = b'{"changed": 1}'
    with pytest.raises(DecodeError, match=r"Field 'signature' \(frame 1\) is not the HMAC-SHA256:header..content"):
        jupyter.check(frames)


def test_the_key_is_never_shown(jupyter):
    frames = [*jupyter.encode_fields(VALUES)]
    frames[1] = b"0" * 64
    with pytest.raises(DecodeError) as error:
        jupyter.decode(frames)
    for shown in (repr(jupyter), str(jupyter), str(error.value), repr(jupyter.signature)):
        assert KEY not in shown


def test_an_empty_key_stands_for_messages_that_are_not_signed(table):
    layout = define_layout("open", JUPYTER, table, "")
    assert layout.encode_fields(VALUES)[1] == b""


def test_a_secret_in_a_field_stays_hidden(jupyter):
    frames = jupyter.encode_fields({**VALUES, "content": {"password": Hidden("swordfish")}})
    assert isinstance(frames[5], HiddenBytes)
    assert jupyter.decode(frames)[5] == {"password": "swordfish"}


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({}, "needs a value for field 'header'"),
        ({**VALUES, "contant": {}}, r"has no field 'contant'\. Did you mean 'content'\?"),
        ({**VALUES, "buffers": b"x"}, "takes a list"),
        ({**VALUES, "delimiter": "x"}, "none of its frames from 0 on is field delimiter=LITERAL"),
        ({**VALUES, "metadata": "{"}, r"Field 'metadata' \(frame 4\) \(a str\) cannot be sent as JSON"),
        ({**VALUES, "signature": 5}, r"Field 'signature' \(frame 1\) \(an int\)"),
    ],
)
def test_what_cannot_be_sent_is_explained(jupyter, values, reason):
    with pytest.raises(EncodeError, match=reason):
        jupyter.encode_fields(values)


@pytest.mark.parametrize(
    ("fields", "key", "reason"),
    [
        ({}, None, "has no fields"),
        ({"frames": "TEXT"}, None, "an attribute of each message"),
        ({"timeout": "TEXT"}, None, "an argument name"),
        ({"_a": "TEXT"}, None, "begins with a letter"),
        ({"a b": "TEXT"}, None, "begins with a letter"),
        ({"a": 1}, None, "has to be text"),
        ({"a": "TEXTS"}, None, "field 'a': Format 'TEXTS' is not known. Did you mean TEXT"),
        ({"a": "HMAC-MD5:b", "b": "TEXT"}, "k", "A signature is written"),
        ({"a": "HMAC-SHA256:b", "b": "TEXT"}, None, "needs a key"),
        ({"a": "HMAC-SHA256:a..b", "b": "TEXT"}, "k", "cannot sign itself"),
        ({"a": "HMAC-SHA256:c..b", "b": "TEXT", "c": "TEXT"}, "k", "cannot sign 'c..b'"),
        ({"a": "HMAC-SHA256:b", "b": "HMAC-SHA256:a"}, "k", "more than one signature"),
        ({"a": "TEXT"}, "k", "has an hmac_key, but no field"),
        (
            {"a": "HMAC-SHA256:b", "b": "TEXT"},
            "k" + chr(0xD800),
            r"^The hmac_key cannot be used: character 1 is U\+D800",
        ),
        ({"a": "TEXT...", "b": "JSON", "c": "TEXT..."}, None, "where the frames of 'a' end is not clear"),
    ],
)
def test_a_layout_that_cannot_work_is_refused(table, fields, key, reason):
    with pytest.raises(InvalidValue, match=reason):
        define_layout("task", fields, table, key)


@pytest.mark.parametrize("name", ["hmackey", "hmac_kye", "HmacKey", "hmac", "key", "secret"])
def test_what_may_be_a_key_is_not_shown(table, name):
    with pytest.raises(InvalidValue, match=f"field '{name}': its format is not known") as caught:
        define_layout("task", {name: "swordfish", "a": "TEXT"}, table)
    assert "swordfish" not in str(caught.value)


@pytest.mark.parametrize("mac", ["k" + chr(0xD800), Hidden("k" + chr(0xD800))])
def test_a_signature_that_is_no_text_is_refused(table, mac):
    layout = define_layout("task", {"mac": "HMAC-SHA256:b", "b": "TEXT"}, table, "key")
    with pytest.raises(EncodeError, match=r"^Field 'mac' \(frame 0\) \(a (str|secret)\) cannot be sent"):
        layout.encode_fields({"mac": mac, "b": "x"})


@pytest.mark.parametrize(("name", "reason"), [("JSON", "is the name of a format"), ("a,b", "a name begins with")])
def test_names_of_layouts_are_checked(table, name, reason):
    with pytest.raises(InvalidValue, match=reason):
        define_layout(name, {"a": "TEXT"}, table)


def test_a_layout_is_found_by_its_name(table, jupyter):
    assert table.get("Jupyter") is jupyter
    assert table.layout("jupyter") is jupyter
    with pytest.raises(InvalidValue, match="Defined are: jupyter"):
        table.layout("jupiter")
    with pytest.raises(InvalidValue, match="is the name of a layout"):
        table.register("jupyter", str, str)


def test_too_many_or_too_few_frames_are_counted_by_field(table):
    layout = define_layout("task", {"id": "TEXT", "body": "JSON"}, table)
    with pytest.raises(DecodeError, match=r"1 frame, but layout 'task' is for 2 frames: .* Field 'body' and what"):
        layout.decode([b"a"])
    with pytest.raises(DecodeError, match="3 frames, but layout 'task' is for 2 frames"):
        layout.decode([b"a", b"1", b"c"])


def test_the_field_that_lacks_its_frame_is_named_where_a_repeated_one_has_taken_some(jupyter):
    frames = [b"a", b"b", b"<IDS|MSG>", b"signature", b"{}", b"{}"]
    reason = (
        r"has 6 frames, but layout 'jupyter' is for at least 8 frames, of which repeated fields have 2: ids=.*\. "
        r"Field 'metadata' and what follows is missing\."
    )
    with pytest.raises(DecodeError, match=reason):
        jupyter.decode(frames)


def test_other_hashes_and_single_fields_can_be_signed(table):
    fields = {"a": "TEXT", "b": "TEXT", "c": "TEXT", "mac": "HMAC-SHA512:a,c"}
    layout = define_layout("task", fields, table, b"\xff")
    frames = layout.encode_fields({"a": "1", "b": "2", "c": "3"})
    assert frames[3] == hmac.new(b"\xff", b"13", hashlib.sha512).hexdigest().encode()
    layout.check([b"1", b"changed", b"3", frames[3]])


def test_fields_may_have_the_names_of_methods_of_sequences(table):
    layout = define_layout("task", {"name": "TEXT", "index": "U8", "count": "U8"}, table)
    message = received(layout, [b"x", b"\1", b"\2"])
    assert (message.name, message.index, message.count) == ("x", 1, 2)
    plain = Message([b"a", b"b", b"b"], Receipt("x", table.get("TEXT")), 0.0)
    assert (plain.index("b"), plain.count("b")) == (1, 2)


def test_fields_cannot_be_called_what_keywords_with_fields_take_by_name(library):
    keywords = [signature(keyword).parameters for _, keyword in getmembers(library, isfunction)]
    takers = [parameters for parameters in keywords if "fields" in parameters and not {"name", "proxy"} & {*parameters}]
    names = {name for taker in takers for name, p in taker.items() if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)}
    assert len(takers) > 20
    assert {"times", "reply", "match"} <= names
    for name in names:
        with pytest.raises(InvalidValue, match=f"cannot be called '{name}', which is an"):
            define_layout("x", {name: "TEXT"}, FormatTable())


@pytest.mark.parametrize("literal", ["OK\r\n", " ", "\ta"])
def test_white_space_of_a_literal_counts(table, literal):
    layout = define_layout("line", {"end": f" LITERAL:{literal}", "lines": " TEXT ... "}, table)
    assert layout.encode_fields({"lines": ["x"]}) == [literal.encode(), b"x"]
    assert received(layout, [literal.encode()]).end == literal
    with pytest.raises(DecodeError, match="Field 'end'"):
        layout.decode([literal.strip().encode()])


@pytest.mark.parametrize("value", ["<IDS|MSG>", b"<IDS|MSG>"])
def test_a_value_that_would_end_its_field_is_refused(jupyter, value):
    with pytest.raises(EncodeError, match=r"Item 1 of field 'ids' of layout 'jupyter' cannot be told from field deli"):
        jupyter.encode_fields({**VALUES, "ids": ["a", value]})
    assert jupyter.encode_fields({**VALUES, "buffers": [value]})[-1] == b"<IDS|MSG>"


def test_where_one_field_is_repeated_it_may_have_what_follows_it(table):
    layout = define_layout("one", {"ids": "BYTES...", "end": "EMPTY", "body": "TEXT"}, table)
    assert layout.encode_fields({"ids": ["", "a"], "body": "x"}) == [b"", b"a", b"", b"x"]
