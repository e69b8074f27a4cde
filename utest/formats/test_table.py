"""How formats are named, counted, registered, and how secrets stay hidden."""

from __future__ import annotations

import pytest

from ZmqLibrary.errors import DecodeError, EncodeError, InvalidValue, MissingPackage
from ZmqLibrary.formats import FormatTable, FrameProblem, Hidden, HiddenBytes, base, frame_format


@pytest.fixture
def table() -> FormatTable:
    return FormatTable()


def names(table: FormatTable, spec: str | list[str], count: int) -> list[str]:
    return [format_.name for format_ in table.get(spec).of(count)]


@pytest.mark.parametrize(
    ("spec", "count", "expected"),
    [
        ("TEXT", 3, ["TEXT"] * 3),
        ("TEXT", 0, []),
        (" text , Json ", 2, ["TEXT", "JSON"]),
        (["TEXT", "STRUCT:<IHH"], 2, ["TEXT", "STRUCT:<IHH"]),
        ("TEXT,BYTES,...", 4, ["TEXT", "BYTES", "BYTES", "BYTES"]),
        ("TEXT,BYTES...", 1, ["TEXT"]),
        ("BYTES,...,EMPTY,JSON", 4, ["BYTES", "BYTES", "EMPTY", "JSON"]),
        ([" TEXT ", " BYTES ... "], 2, ["TEXT", "BYTES"]),
        (" literal : OK\r\n", 1, ["LITERAL: OK\r\n"]),
        ("LITERAL: ", 1, ["LITERAL: "]),
        ("LITERAL: a , LITERAL:b\n,TEXT", 3, ["LITERAL: a", "LITERAL:b", "TEXT"]),
        (["LITERAL: a ", " LITERAL:b\n...", "TEXT "], 4, ["LITERAL: a ", "LITERAL:b\n", "LITERAL:b\n", "TEXT"]),
    ],
)
def test_a_specification_names_the_format_of_each_frame(
    table: FormatTable, spec: str | list[str], count: int, expected: list[str]
) -> None:
    assert names(table, spec, count) == expected


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("JSNO", "Format 'JSNO' is not known. Did you mean JSON? The formats are: BASE64, BYTES"),
        ("U32", "Did you mean"),
        ("", "is not known"),
        ("LITERAL:", "LITERAL needs a parameter"),
        (["TEXT", ""], "is not known"),
        ("TEXT,,JSON", "is not known"),
        ("...", "can stand once, after the format it repeats"),
        ("TEXT,...,JSON,...", "can stand once"),
        ([], "write a format"),
        ([5], "give the names of formats as text"),
        (5, "give the names of formats as text"),
        ("TEXT:latin-1", "TEXT takes no parameter"),
        ("STRUCT", "STRUCT needs a parameter, such as STRUCT:<IHH"),
        ("STRUCT:<zz", "bad char in struct format"),
        ("PROTOBUF:nothing.at.all", "there is no module 'nothing.at' on the Python path"),
        ("PROTOBUF:Message", "there is no module"),
        ("PROTOBUF:google.protobuf.struct_pb2.Strict", "'Strict' is not a message class"),
        ("PROTOBUF:os.path", "is not a message class"),
    ],
)
def test_a_wrong_specification_is_explained(table: FormatTable, spec: str, reason: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        table.get(spec)
    assert reason in str(caught.value)


def test_a_specification_is_parsed_once(table: FormatTable) -> None:
    assert table.get("TEXT,JSON") is table.get("TEXT,JSON")


def test_another_number_of_frames_is_an_error_that_says_both_numbers(table: FormatTable) -> None:
    with pytest.raises(EncodeError, match=r"has 1 frame, but format=TEXT,JSON is for 2 frames\. Name one format"):
        table.get("TEXT,JSON").encode(["a"])
    with pytest.raises(DecodeError, match=r"has 3 frames, .* for 2 frames\. "):
        table.get("TEXT,JSON").check([b"a", b"1", b""])
    with pytest.raises(DecodeError, match="is for at least 2 frames"):
        table.get("BYTES,...,EMPTY,JSON").decode([b"a"])


def test_check_does_not_decode_formats_that_every_frame_has(table: FormatTable) -> None:
    for name in ("BYTES", "SKIP", "HEX", "BASE64"):
        table.get(name).check([b"\xff", b""])
        table.get(f"TEXT,{name}").check([b"a", b"\xff"])


def test_what_is_written_in_another_way_is_received_in_the_usual_one(table: FormatTable) -> None:
    formats = table.get("JSON,U8,HEX")
    assert formats.decode(formats.encode(['{"a": 1}', "0x10", "00FF"])) == [{"a": 1}, 16, "00 ff"]


@pytest.mark.parametrize(("spec", "module"), [("MSGPACK", "msgpack"), ("CBOR", "cbor2"), ("PROTOBUF:a.B", "google")])
def test_a_missing_package_is_named_with_its_pip_command(
    table: FormatTable, spec: str, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def not_installed(name: str) -> object:
        assert name.startswith(module)
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(base.importlib, "import_module", not_installed)
    with pytest.raises(MissingPackage, match=r"pip install 'robotframework-zmqlibrary\["):
        table.get(spec)


def test_a_registered_format_is_used_replaced_and_listed(table: FormatTable) -> None:
    table.register("Upper", lambda value: str(value).upper(), lambda frame: frame.decode().lower())
    assert table.get("UPPER").encode(["abc"]) == [b"ABC"]
    assert table.get("upper").decode([b"ABC"]) == ["abc"]
    assert "UPPER" in table.names()
    assert "UPPER" not in FormatTable().names()
    table.register("upper", lambda value: b"x", lambda frame: 1, by_value=False)
    assert table.get("UPPER").encode(["abc"]) == [b"x"]
    assert not table.format("upper").by_value
    with pytest.raises(InvalidValue, match="takes no parameter"):
        table.get("UPPER:x")


def test_what_a_registered_function_does_wrong_is_explained(table: FormatTable) -> None:
    table.register("BAD", lambda value: 1 / 0 if value else 5, lambda frame: frame[10])
    with pytest.raises(EncodeError, match="its encode function failed: ZeroDivisionError: division by zero") as caught:
        table.get("BAD").encode([1])
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    with pytest.raises(EncodeError, match="its encode function returned an int, not bytes or text"):
        table.get("BAD").encode([0])
    with pytest.raises(DecodeError, match="Frame 0 is not BAD: its decode function failed: IndexError"):
        table.get("BAD").decode([b""])


@pytest.mark.parametrize("name", ["json", "a b", "A,B", "A:B", "", "...", "A...", "5", None])
def test_a_name_that_cannot_be_registered_is_refused(table: FormatTable, name: str) -> None:
    with pytest.raises(InvalidValue, match="cannot be registered"):
        table.register(name, str, bytes)


def test_what_cannot_be_called_cannot_be_registered(table: FormatTable) -> None:
    with pytest.raises(InvalidValue, match="decode is a str, not callable"):
        table.register("X", bytes, "decode")  # type: ignore[arg-type]


def test_a_built_in_name_cannot_be_taken_by_the_decorator() -> None:
    with pytest.raises(InvalidValue, match="There is a format 'JSON' already"):
        frame_format("json")


def test_the_decorator_adds_a_format_to_every_table(monkeypatch: pytest.MonkeyPatch, table: FormatTable) -> None:
    monkeypatch.setattr(base, "BUILT_IN", dict(base.BUILT_IN))
    monkeypatch.setattr("ZmqLibrary.formats.table.BUILT_IN", base.BUILT_IN)

    @frame_format("ROT", example="1")
    def rot(settings: base.Settings) -> base.Codec:
        shift = int(settings.parameter)
        return lambda value: bytes([int(str(value)) + shift]), lambda frame: frame[0] - shift

    assert table.get("ROT:5").encode([7]) == [b"\x0c"]
    assert table.get("ROT:5").decode([b"\x0c"]) == [7]
    assert rot is not None


HIDDEN = "s3cr3t-ü"


@pytest.mark.parametrize(
    ("spec", "value", "frame"),
    [
        ("TEXT", Hidden(HIDDEN), HIDDEN.encode()),
        ("BYTES", Hidden(HIDDEN), HIDDEN.encode()),
        ("HEX", Hidden("00 ff"), b"\0\xff"),
        ("JSON", Hidden('{"a": 1}'), b'{"a": 1}'),
        ("JSON", {"a": [Hidden(HIDDEN)]}, f'{{"a":["{HIDDEN}"]}}'.encode()),
        ("MSGPACK", {"a": Hidden("b")}, b"\x81\xa1a\xa1b"),
        ("CBOR", [Hidden(b"b")], b"\x81\x41b"),
        ("U8", Hidden("5"), b"\5"),
        ("STRUCT:<B", [Hidden(5)], b"\5"),
        ("PROTOBUF:google.protobuf.descriptor_pb2.FileDescriptorProto", {"name": Hidden("a")}, b"\x0a\x01a"),
        ("TEXT", HiddenBytes(b"abc"), b"abc"),
        ("OWN", Hidden("x"), b"x"),
    ],
)
def test_a_secret_is_sent_by_its_value_and_shown_as_secret(
    table: FormatTable, spec: str, value: object, frame: bytes
) -> None:
    table.register("OWN", str, bytes)
    made = table.get(spec).encode([value])
    assert made == [frame]
    assert isinstance(made[0], HiddenBytes)
    assert repr(made) == "[<secret>]"
    assert f"{made[0]}{value}".startswith("<secret>")


@pytest.mark.parametrize(
    ("spec", "value"),
    [
        ("TEXT", Hidden("s3cr3t\ud800")),
        ("HEX", Hidden("s3cr3t")),
        ("BASE64", Hidden("s3cr3t")),
        ("JSON", Hidden("[s3cr3t")),
        ("JSON", {"a": Hidden("s3cr3t"), "b": {1}}),
        ("JSON", HiddenBytes(b"s3cr3t")),
        ("U8", Hidden("s3cr3t")),
        ("F64LE", Hidden("s3cr3t")),
        ("STRUCT:<B", [Hidden("s3cr3t")]),
        ("MSGPACK", [Hidden("s3cr3t\ud800")]),
        ("CBOR", [Hidden("s3cr3t\ud800")]),
        ("PROTOBUF:google.protobuf.timestamp_pb2.Timestamp", Hidden('"s3cr3t"')),
        ("OWN", Hidden("s3cr3t")),
        ("EMPTY", Hidden("s3cr3t")),
    ],
)
def test_an_error_about_a_secret_does_not_tell_it(table: FormatTable, spec: str, value: object) -> None:
    table.register("OWN", lambda value: int(str(value)), bytes)
    with pytest.raises(EncodeError) as caught:
        table.get(spec).encode([value])
    error: BaseException | None = caught.value
    while error is not None:
        assert "s3cr3t" not in str(error)
        assert "offset" not in str(caught.value)
        error = error.__cause__ or error.__context__
    assert "Frame 0 (a secret) cannot be sent as" in str(caught.value)


def test_an_error_about_a_secret_frame_does_not_tell_it(table: FormatTable) -> None:
    with pytest.raises(DecodeError) as caught:
        table.get("JSON").decode([HiddenBytes(b"[s3cr3t")])
    assert "s3cr3t" not in str(caught.value)
    assert "offset" not in str(caught.value)


def test_a_problem_reads_as_sentences() -> None:
    assert str(FrameProblem("it is bad")) == "it is bad."
    assert str(FrameProblem("it is bad", offset=3, instead="Do this.")) == "it is bad (byte offset 3). Do this."
