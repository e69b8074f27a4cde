"""What each format makes of values and of frames."""

from __future__ import annotations

import array
import struct
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

import cbor2
import pytest

from ZmqLibrary.errors import DecodeError, EncodeError, Hint, InvalidValue
from ZmqLibrary.formats import FormatTable, PlainText

TABLE = FormatTable()
DEEP_LIST = "[" * 10_000 + "]" * 10_000
CBOR_LONG_TEXT = b"\x7a" + (1_000_000).to_bytes(4, "big") + b"x" * 1_000_000


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


def cycle() -> list[object]:
    value: list[object] = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    ("spec", "value", "frame"),
    [
        ("TEXT", "grüße", "grüße".encode()),
        ("TEXT", 7, b"7"),
        ("TEXT", 1.5, b"1.5"),
        ("TEXT", b"\xff", b"\xff"),
        ("TEXT", "", b""),
        ("BYTES", "ü", "ü".encode()),
        ("BYTES", bytearray(b"a"), b"a"),
        ("BYTES", memoryview(b"abcd")[::2], b"ac"),
        ("BYTES", array.array("B", [1, 2]), b"\1\2"),
        ("HEX", "00 ff A1", b"\0\xff\xa1"),
        ("HEX", "0 0f f", b"\0\xff"),
        ("HEX", "0x00 0xFF", b"\0\xff"),
        ("HEX", "00:ff-a1", b"\0\xff\xa1"),
        ("HEX", b"raw", b"raw"),
        ("BASE64", "AP+h", b"\0\xff\xa1"),
        ("BASE64", "AP-h\n", b"\0\xff\xa1"),
        ("BASE64", b"raw", b"raw"),
        ("JSON", '{ "a": 1 }', b'{ "a": 1 }'),
        ("JSON", b"[1]", b"[1]"),
        ("JSON", {"ä": [1, None, True, 0.5]}, '{"ä":[1,null,true,0.5]}'.encode()),
        ("JSON", None, b"null"),
        ("JSON", (1, 2), b"[1,2]"),
        ("U8", "0x10", b"\x10"),
        ("U8", "010", b"\x0a"),
        ("U8", 5.0, b"\5"),
        ("U16LE", 258, b"\2\1"),
        ("U16BE", 258, b"\1\2"),
        ("I64LE", -1, b"\xff" * 8),
        ("F32BE", "1", b"\x3f\x80\0\0"),
        ("F64LE", "inf", struct.pack("<d", float("inf"))),
        ("F32BE", "-Infinity", struct.pack(">f", -float("inf"))),
        ("F64LE", float("inf"), struct.pack("<d", float("inf"))),
        ("STRUCT:<IHH", [1, 2, 3], struct.pack("<IHH", 1, 2, 3)),
        ("STRUCT:<IHH", ["1", "0x2", 3.0], struct.pack("<IHH", 1, 2, 3)),
        ("STRUCT:>3s2x?d", ["abc", True, "0.5"], struct.pack(">3s2x?d", b"abc", True, 0.5)),
        ("EMPTY", "", b""),
        ("SKIP", b"\xff", b"\xff"),
        ("MSGPACK", {"a": [1, b"\xff"]}, b"\x81\xa1a\x92\x01\xc4\x01\xff"),
        ("CBOR", {"a": [1, b"\xff"]}, b"\xa1\x61a\x82\x01\x41\xff"),
        ("PROTOBUF:google.protobuf.timestamp_pb2.Timestamp", '"1970-01-01T00:00:05Z"', b"\x08\x05"),
        ("PROTOBUF:google.protobuf.descriptor_pb2.FileDescriptorProto", {"name": "a"}, b"\x0a\x01a"),
        ("PROTOBUF:google.protobuf.descriptor_pb2.DescriptorProto.ExtensionRange", {"start": 5}, b"\x08\x05"),
    ],
)
def test_a_value_becomes_this_frame(spec: str, value: object, frame: bytes) -> None:
    assert TABLE.get(spec).encode([value]) == [frame]


@pytest.mark.parametrize(
    ("spec", "frame", "value"),
    [
        ("HEX", b"\0\xff\xa1", "00 ff a1"),
        ("BASE64", b"\0\xff\xa1", "AP+h"),
        ("BYTES", b"\xff", b"\xff"),
        ("SKIP", b"\xff", b"\xff"),
        ("EMPTY", b"", ""),
        ("JSON", b' {"a":"\\ud83d\\ude00"} ', {"a": "\U0001f600"}),
        ("JSON", b'"\\\\ud800"', "\\ud800"),
        ("STRUCT:<2sH", b"ab\1\0", [b"ab", 1]),
        ("MSGPACK", b"\x82\xa1a\xd1\x00\x01\xc0\x90", {"a": 1, None: []}),
        ("CBOR", b"\xc2\x49\x01" + bytes(8), 1 << 64),
    ],
)
def test_a_frame_becomes_this_value(spec: str, frame: bytes, value: object) -> None:
    assert TABLE.get(spec).decode([frame]) == [value]


REFUSED_VALUES = [
    ("TEXT", True, "a bool is not text. Use format=JSON"),
    ("TEXT", None, "None is not text. Use format=JSON"),
    ("TEXT", ["a"], "a list is not text. Use format=JSON"),
    ("TEXT", {"a": 1}, "a dict is not text. Use format=JSON to send a dict, or give the text to send."),
    ("TEXT", object(), "an object is not text. Give the text to send."),
    ("BYTES", {1, 2}, "a set is not bytes. Give text or bytes."),
    ("TEXT", "a\ud800", "character 1 is U+D800, half of a surrogate pair"),
    ("TEXT", 10**5000, "too many digits: 4,300 are the most"),
    ("JSON", {"n": 10**5000}, "too many digits: 4,300 are the most"),
    ("BYTES", 5, "an int is not bytes. Use format=TEXT"),
    ("BYTES", False, "a bool is not bytes. Use format=JSON"),
    ("HEX", 5, "an int is not hexadecimal digits"),
    ("HEX", "0g", "'g' in '0g' is not a hexadecimal digit"),
    ("HEX", "000", "odd number of digits, 3"),
    ("BASE64", "a", "is not base 64"),
    ("BASE64", "ä===", "is not base 64"),
    ("BASE64", None, "None is not base 64 text"),
    ("EMPTY", "a", "its length is 1"),
    ("EMPTY", None, "None is not empty text"),
    ("JSON", "hello", "Expecting value (byte offset 0). Give JSON text"),
    ("JSON", '{"ä": x}', "Expecting value (byte offset 7)"),
    ("JSON", '"\ud800"', "U+D800 is half of a surrogate pair"),
    ("JSON", ["\ud800"], "U+D800 is half of a surrogate pair"),
    ("JSON", float("nan"), "NaN and Infinity are not JSON values"),
    ("JSON", [float("inf")], "NaN and Infinity are not JSON values"),
    ("JSON", {1, 2}, "set is not JSON serializable"),
    ("JSON", cycle(), "Circular reference"),
    ("JSON", nested(10_000), "nested too deeply"),
    ("JSON", nested(501), "nested more than 500 deep (byte offset 500)"),
    ("JSON", ["[" * 600, nested(500)], "nested more than 500 deep (byte offset 1103)"),
    ("JSON", DEEP_LIST, "nested more than 500 deep (byte offset 500)"),
    ("U8", 256, "256 is out of range: U8 holds 0 to 255"),
    ("U8", -1, "-1 is out of range"),
    ("I8", 128, "I8 holds -128 to 127"),
    ("U64LE", 10**5000, "an integer of about 5000 digits is out of range"),
    ("U32LE", True, "a bool is not a whole number"),
    ("U32LE", 1.5, "1.5 is not a whole number"),
    ("U32LE", float("nan"), "nan is not a whole number"),
    ("U32LE", "ten", "'ten' is not a whole number"),
    ("U32LE", b"\1", "a bytes is not a whole number"),
    ("F32LE", 1e39, "1e+39 is out of range"),
    ("F64LE", 10**400, "is not a number of this size"),
    ("F64LE", True, "a bool is not a number"),
    ("F64LE", "x", "'x' is not a number"),
    ("STRUCT:<IHH", 5, "an int is not a list of values"),
    ("STRUCT:<IHH", [1, 2], "it has 2 values, but STRUCT:<IHH has 3"),
    ("STRUCT:<IHH", [1, 70000, 3], "value 1 does not fit 'H'"),
    ("STRUCT:<IHH", [1, None, 3], "value 1 does not fit 'H': None is not a whole number"),
    ("STRUCT:<2s", ["abc"], "value 0 does not fit 's': its length is 3, but the field has 2"),
    ("STRUCT:<?", ["yes"], "a str is not True or False"),
    ("STRUCT:<f", [1e39], "value 0 does not fit 'f'"),
    ("STRUCT:<B", [True], "value 0 does not fit 'B': a bool is not a whole number"),
    ("STRUCT:<Hd", [1, False], "value 1 does not fit 'd': a bool is not a number"),
    ("STRUCT:<d", ["1e400"], "value 0 does not fit 'd': '1e400' is not a number of this size"),
    ("F64LE", "1e400", "'1e400' is not a number of this size"),
    ("F32LE", "-1e400", "'-1e400' is not a number of this size"),
    ("MSGPACK", 1 << 64, "Integer value out of range"),
    ("MSGPACK", object(), "can not serialize"),
    ("MSGPACK", "\ud800", "half of a surrogate pair"),
    ("MSGPACK", nested(10_000), "recursion limit"),
    ("CBOR", object(), "cannot encode type"),
    ("CBOR", "\ud800", "half of a surrogate pair"),
    ("CBOR", nested(200_000), "nested more than 400 deep"),
    ("CBOR", nested(401), "nested more than 400 deep"),
    ("CBOR", {"a": {"b": nested(399)}}, "nested more than 400 deep"),
    ("CBOR", cycle(), "cyclic"),
    ("PROTOBUF:google.protobuf.timestamp_pb2.Timestamp", 5, "Timestamp"),
    ("PROTOBUF:google.protobuf.struct_pb2.Struct", [1], "a list does not fit google.protobuf.struct_pb2.Struct"),
    ("PROTOBUF:google.protobuf.struct_pb2.Struct", '{"a":1,"a":2}', "duplicate key"),
    ("PROTOBUF:google.protobuf.descriptor_pb2.FileDescriptorProto", {"nome": "a"}, 'no field named "nome"'),
    ("PROTOBUF:google.protobuf.struct_pb2.ListValue", nested(10_000), "too deep"),
]


@pytest.mark.parametrize(("spec", "value", "reason"), REFUSED_VALUES, ids=lambda item: str(type(item).__name__))
def test_a_value_that_does_not_fit_is_refused_with_its_frame_and_nothing_is_sent(
    spec: str, value: object, reason: str
) -> None:
    with pytest.raises(EncodeError) as caught:
        TABLE.get(["BYTES", spec]).encode([b"first", value])
    text = str(caught.value)
    assert text.startswith(("Frame 1 (a", "Frame 1 (None)"))
    assert f"cannot be sent as {spec}" in text
    assert reason in text
    assert len(text) < 2000


def test_none_is_named_without_an_article() -> None:
    with pytest.raises(EncodeError, match=r"^Frame 0 \(None\) cannot be sent as TEXT: None is not text\."):
        TABLE.get("TEXT").encode([None])


MSGPACK_DEEP = b"\x91" * 10_000 + b"\x01"
CBOR_DEEP = b"\x81" * 10_000 + b"\x01"
REFUSED_FRAMES = [
    ("TEXT", b"abc\xff", "byte 0xff is not UTF-8 (byte offset 3). It can be read as HEX or BYTES."),
    ("TEXT", b"\xc3", "byte 0xc3 is not UTF-8 (byte offset 0)"),
    ("EMPTY", b"x", "it has 1 byte, but must be empty (byte offset 0). It can be read as TEXT or HEX or BYTES."),
    ("JSON", b"", "it is empty (byte offset 0)"),
    ("JSON", "[ä,".encode() + b"x]", "Expecting value (byte offset 1)"),
    ("JSON", '["ä",x]'.encode(), "Expecting value (byte offset 6)"),
    ("JSON", b"[1] 2", "Extra data (byte offset 4). It can be read as TEXT or HEX or BYTES."),
    ("JSON", b"[\xff]", "byte 0xff is not UTF-8, which JSON must be (byte offset 1)"),
    ("JSON", b"\xef\xbb\xbf1", "byte order mark (byte offset 0)"),
    ("JSON", b'["NaN", NaN]', "NaN is not a JSON value (byte offset 8)"),
    ("JSON", b"[-Infinity]", "-Infinity is not a JSON value (byte offset 1)"),
    ("JSON", b'[1, "2e999", 1e999]', "1e999 is too large for a number (byte offset 13)"),
    ("JSON", b"[" + b"9" * 5000 + b"]", "too many digits: 4,300 are the most"),
    ("JSON", '{"ä": 1, "b": {"b": 1}, "\\u00e4": 2}'.encode(), "key 'ä' is there twice in one object (byte offset 25)"),
    ("JSON", b'["\\ud83d\\ude00\\ud800"]', "\\ud800 is half of a surrogate pair, which is not text (byte offset 14)"),
    ("JSON", DEEP_LIST.encode(), "nested more than 500 deep (byte offset 500)"),
    ("JSON", b'["[",' + b'{"a":[' * 5000 + b"]}" * 5000 + b"]", "nested more than 500 deep"),
    ("JSON", b"[" * 100_000, "nested more than 500 deep"),
    ("U32LE", b"\0" * 3, "it has 3 bytes, but U32LE has exactly 4 (byte offset 3)"),
    ("U32LE", b"\0" * 5, "it has 5 bytes, but U32LE has exactly 4 (byte offset 4)"),
    ("F64BE", b"", "it has 0 bytes, but F64BE has exactly 8"),
    ("STRUCT:<IHH", b"\0" * 9, "it has 9 bytes, but STRUCT:<IHH has exactly 8 (byte offset 8)"),
    ("MSGPACK", b"", "it is empty"),
    ("MSGPACK", b"\x92\x01", "ends in the middle of a MessagePack value (byte offset 2)"),
    ("MSGPACK", b"\x01\x02", "1 more byte follows the MessagePack value (byte offset 1)"),
    ("MSGPACK", b"\x92\x01\xc1", "it is not MessagePack: invalid byte (byte offset 2)"),
    ("MSGPACK", b"\xa2\xff\xff", "can't decode byte 0xff"),
    ("MSGPACK", b"\x82\x01\x01\x01\x02", "a key is there twice in one map"),
    ("MSGPACK", b"\x81\x90\x01", "unhashable"),
    ("MSGPACK", b"\xdd\xff\xff\xff\xff", "it "),
    ("MSGPACK", MSGPACK_DEEP, "nested too deeply"),
    ("CBOR", b"", "it is empty"),
    ("CBOR", b"\x82\x01", "ends in the middle of a CBOR value (byte offset 2)"),
    ("CBOR", b"\x01\x02\x03", "2 more bytes follow the CBOR value (byte offset 1)"),
    ("CBOR", b"\x82\x01\x1c", "(byte offset 2)"),
    ("CBOR", b"\x62\xff\xff", "it is not CBOR"),
    ("CBOR", b"\xa2\x01\x01\x01\x02", "Duplicate map key"),
    ("CBOR", b"\xd8\x1c\x81\xd8\x1d\x00", "shared references (tag 29) are not read"),
    ("CBOR", b"\x9b\x7f" + b"\xff" * 7, "it "),
    ("CBOR", b"\xc0" + CBOR_LONG_TEXT, "Invalid isoformat string"),
    ("CBOR", b"\xa2" + 2 * (CBOR_LONG_TEXT + b"\x01"), "Duplicate map key"),
    ("CBOR", CBOR_DEEP, "nesting depth (400)"),
    ("PROTOBUF:google.protobuf.struct_pb2.Struct", b"\xff", "it is not a google.protobuf.struct_pb2.Struct"),
    ("PROTOBUF:google.protobuf.timestamp_pb2.Timestamp", b"\x08" + b"\xff" * 8 + b"\x7f", "Timestamp"),
]


@pytest.mark.parametrize(("spec", "frame", "reason"), REFUSED_FRAMES, ids=lambda item: str(item)[:30])
def test_a_frame_that_does_not_fit_is_explained_with_its_number_and_kept(spec: str, frame: bytes, reason: str) -> None:
    formats = TABLE.get(["BYTES", spec])
    for read in (formats.decode, formats.check):
        with pytest.raises(DecodeError) as caught:
            read([b"first", frame])
        text = str(caught.value)
        assert text.startswith(f"Frame 1 is not {spec}: ")
        assert reason in text
        assert caught.value.hint is Hint.READ_AS_BYTES
        assert len(text) < 1000


def test_brackets_in_text_are_not_depth() -> None:
    value = ["[" * 1000, '\\"{' * 1000, {"a": [1] * 10}] * 300
    formats = TABLE.get("JSON")
    assert formats.decode(formats.encode([value])) == [value]


def test_the_encoding_is_that_of_the_table() -> None:
    table = FormatTable("latin-1")
    assert table.get("TEXT").encode(["é"]) == table.get("BYTES").encode(["é"]) == [b"\xe9"]
    assert table.get("TEXT").decode([b"\xe9"]) == ["é"]
    assert table.get("JSON").encode(['"é"']) == ['"é"'.encode()]
    with pytest.raises(EncodeError, match=r"character 1 '€' \(U\+20AC\) does not exist in latin-1"):
        table.get("TEXT").encode(["a€"])


@pytest.mark.parametrize("encoding", ["klingon", "hex", "", "utf\0", None])
def test_an_unknown_encoding_is_refused_at_once(encoding: str) -> None:
    with pytest.raises(InvalidValue, match="is not known"):
        FormatTable(encoding)


def test_a_protobuf_message_object_is_sent_and_one_of_another_class_is_refused() -> None:
    timestamp_pb2 = pytest.importorskip("google.protobuf.timestamp_pb2")
    struct_pb2 = pytest.importorskip("google.protobuf.struct_pb2")
    formats = TABLE.get("PROTOBUF:google.protobuf.timestamp_pb2.Timestamp")
    assert formats.encode([timestamp_pb2.Timestamp(seconds=5)]) == [b"\x08\x05"]
    with pytest.raises(EncodeError, match="a Struct is not a google"):
        formats.encode([struct_pb2.Struct()])


@pytest.mark.parametrize("format", ["MSGPACK", "CBOR"])
def test_json_text_of_an_object_or_list_is_that_value_and_other_text_is_itself(format):
    kind = FormatTable().format(format)
    for text, value in {'{"a": 1}': {"a": 1}, ' [1, "x"]': [1, "x"], "{}": {}, "[]": []}.items():
        assert kind.decode(kind.encode(text)) == value
        assert kind.decode(kind.encode(PlainText(text))) == text
    for text in ("5", "true", '"x"', "{a}", "[ERROR] x", "", '{"a": 1, "a": 2}'):
        assert kind.decode(kind.encode(text)) == text


@pytest.mark.parametrize("format", ["MSGPACK:TEXT", "cbor:text", "JSON:TEXT"])
def test_with_the_option_text_every_text_is_itself(format):
    kind = FormatTable().format(format)
    for value in ('{"a": 1}', "x", {"a": 1}, 5):
        assert kind.decode(kind.encode(value)) == value


def test_a_struct_takes_the_json_text_of_a_list():
    assert FormatTable().format("STRUCT:<HB").encode("[1, 2]") == b"\1\0\2"


def test_no_other_option_is_taken():
    with pytest.raises(InvalidValue, match=r"MSGPACK takes no parameter but TEXT\. Use MSGPACK or MSGPACK:TEXT"):
        FormatTable().format("MSGPACK:x")


def cbor_map(keys: Iterable[bytes]) -> bytes:
    pairs = [key + b"\x00" for key in keys]
    return b"\xb9" + len(pairs).to_bytes(2, "big") + b"".join(pairs)


def of_one_hash(count: int) -> list[bytes]:
    """Integers that Python gives the hash 0."""
    return [cbor2.dumps(number * (2**61 - 1)) for number in range(8, count + 8)]


COLLIDING = {
    "integers": cbor_map(of_one_hash(2_000)),
    "lists": cbor_map(b"\x90" + bytes(0x20 + (number >> bit & 1) for bit in range(16)) for number in range(2_000)),
    "fractions": cbor_map(b"\xd8\x1e\x82" + number + b"\x01" for number in of_one_hash(2_000)),
    "decimals": cbor_map(b"\xc4\x82\x00" + number for number in of_one_hash(2_000)),
    "set": b"\xd9\x01\x02\x99\x07\xd0" + b"".join(of_one_hash(2_000)),
    "without a length": b"\xbf" + cbor_map(of_one_hash(2_000))[3:] + b"\xff",
    "in a list": b"\x82\x5f\x41a\xff" + cbor_map(of_one_hash(2_000)),
    "in a key": b"\xa1\x81" + cbor_map(of_one_hash(2_000)) + b"\x00",
}


@pytest.mark.parametrize("name", COLLIDING)
def test_keys_of_one_hash_are_refused_because_they_take_long(name: str) -> None:
    with pytest.raises(DecodeError, match="more than 100 keys have the same hash"):
        TABLE.get("CBOR").decode([COLLIDING[name]])


@pytest.mark.parametrize(
    "value",
    [
        {number: [number] for number in range(5_000)},
        {(number, -number): number for number in range(5_000)},
        {2**64 + number: {Decimal(number): Fraction(number, 7)} for number in range(2_000)},
        [{(1, 2): number} for number in range(5_000)],
        [number * (2**61 - 1) for number in range(2_000)],
        {str(number): [number, {"x": [1.5]}] for number in range(2_000)},
        {frozenset([number]): {number, 2**70 + number} for number in range(2_000)},
    ],
)
def test_other_keys_are_read_however_many_they_are(value: object) -> None:
    assert TABLE.get("CBOR").decode([cbor2.dumps(value)]) == [value]


def test_a_broken_frame_with_such_keys_is_explained() -> None:
    frame = COLLIDING["in a list"]
    for broken in (frame[:-1], frame[:40] + b"\x1c" + frame[41:], frame + b"\x00"):
        with pytest.raises(DecodeError):
            TABLE.get("CBOR").decode([broken])


@pytest.mark.parametrize(
    ("spec", "value"),
    [("JSON", nested(500)), ("JSON", ["[" * 600, nested(499)]), ("CBOR", nested(400)), ("CBOR", [[1, "ü"]] * 500)],
)
def test_what_is_as_deep_as_can_be_sent_can_be_read(spec, value):
    codec = TABLE.format(spec)
    assert codec.decode(codec.encode(value)) == value
