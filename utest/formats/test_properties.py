"""What holds for every value and every frame."""

from __future__ import annotations

import base64
import json
import os
import random
import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from utest.hostile import broken_frames
from ZmqLibrary.errors import DecodeError
from ZmqLibrary.formats import FormatTable, FrameFormats

TABLE = FormatTable()
RANDOM_FRAMES = int(os.environ.get("RANDOM_FRAMES", "2000"))  # `invoke soak` has more

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]))
SIZES = {"8": [""], "16": ["LE", "BE"], "32": ["LE", "BE"], "64": ["LE", "BE"]}


def documents(leaves: st.SearchStrategy[object], keys: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(keys, inner), max_leaves=10)


FLOATS = st.floats(allow_nan=False, allow_infinity=False)
JSON_LEAVES = st.none() | st.booleans() | st.integers() | FLOATS | TEXT
# At the top level text is JSON already.
JSON_VALUES = documents(JSON_LEAVES, TEXT).filter(lambda value: not isinstance(value, str))
INTEGERS_64 = st.integers(-(2**63), 2**64 - 1)
BINARY_LEAVES = st.none() | st.booleans() | INTEGERS_64 | st.floats(allow_nan=False) | TEXT | st.binary()
BINARY_VALUES = documents(BINARY_LEAVES, TEXT | INTEGERS_64 | st.binary())
VALUES: dict[str, st.SearchStrategy[object]] = {
    "TEXT": TEXT,
    "BYTES": st.binary(),
    "SKIP": st.binary(),
    "ROUTING_ID": st.binary().map(lambda rest: b"\0" + rest) | TEXT.filter(lambda text: text[:1] != "\0"),
    "LITERAL:<IDS|MSG>": st.just("<IDS|MSG>"),
    "HEX": st.binary().map(lambda data: data.hex(" ")),
    "BASE64": st.binary().map(lambda data: base64.b64encode(data).decode()),
    "EMPTY": st.just(""),
    "JSON": JSON_VALUES,
    "MSGPACK": BINARY_VALUES,
    "CBOR": BINARY_VALUES,
    "PROTOBUF:google.protobuf.struct_pb2.Struct": st.dictionaries(
        TEXT, documents(st.none() | st.booleans() | FLOATS | TEXT, TEXT), max_size=3
    ),
    "STRUCT:<IhxQ3sd?": st.tuples(
        st.integers(0, 2**32 - 1),
        st.integers(-(2**15), 2**15 - 1),
        st.integers(0, 2**64 - 1),
        st.binary(min_size=3, max_size=3),
        FLOATS,
        st.booleans(),
    ).map(list),
    **{f"U{bits}{order}": st.integers(0, 2 ** int(bits) - 1) for bits in SIZES for order in SIZES[bits]},
    **{
        f"I{bits}{order}": st.integers(-(2 ** (int(bits) - 1)), 2 ** (int(bits) - 1) - 1)
        for bits in SIZES
        for order in SIZES[bits]
    },
    **{
        f"F{bits}{order}": st.floats(allow_nan=False, width=int(bits)) for bits in ("32", "64") for order in SIZES[bits]
    },
}


def test_every_format_has_its_properties_tested() -> None:
    assert {spec.partition(":")[0] for spec in VALUES} == set(TABLE.names())


@pytest.mark.parametrize("spec", VALUES)
def test_what_is_sent_is_what_is_received(spec: str) -> None:
    formats = TABLE.get(spec)

    @settings(deadline=None, max_examples=60, database=None, suppress_health_check=list(HealthCheck))
    @given(VALUES[spec])
    def check(value: object) -> None:
        assert formats.decode(formats.encode([value])) == [value]

    check()


def random_value(spec: str, chance: random.Random) -> object:
    """Returns a value that the format has; quicker than a strategy, so that there can be many."""
    name = spec.partition(":")[0]
    if name in ("BYTES", "SKIP", "HEX", "BASE64", "ROUTING_ID"):
        data = chance.randbytes(chance.randint(0, 40))
        encoded = {"HEX": data.hex(" "), "BASE64": base64.b64encode(data).decode(), "ROUTING_ID": b"\0" + data}
        return encoded.get(name, data)
    if name[0] in "UI" and name[1:].rstrip("LEB").isdigit():
        bits = int(name[1:].rstrip("LEB"))
        return chance.getrandbits(bits) - (0 if name[0] == "U" else 2 ** (bits - 1))
    if name[0] == "F":
        number = chance.uniform(-1, 1) * 10.0 ** chance.randint(-30, 30)
        return struct.unpack("f", struct.pack("f", number))[0] if name.startswith("F32") else number
    if name == "STRUCT":
        numbers = [chance.getrandbits(32), chance.getrandbits(16) - 2**15, chance.getrandbits(64)]
        return [*numbers, chance.randbytes(3), chance.random(), chance.random() < 0.5]
    if name in ("EMPTY", "LITERAL"):
        return spec.partition(":")[2]
    return random_text(chance) if name == "TEXT" else {random_text(chance): random_part(name, chance)}


def random_text(chance: random.Random) -> str:
    characters = (
        chance.choice((range(128), range(0xD800), range(0xE000, 0x110000))) for _ in range(chance.randint(0, 8))
    )
    return "".join(chr(chance.choice(range_)) for range_ in characters)


def random_part(name: str, chance: random.Random, depth: int = 0) -> object:
    kind = chance.randrange(6 if depth > 2 else 8)
    if kind == 6:
        return [random_part(name, chance, depth + 1) for _ in range(chance.randint(0, 3))]
    if kind == 7:
        return {random_text(chance): random_part(name, chance, depth + 1) for _ in range(chance.randint(0, 3))}
    if kind == 5:
        return chance.randbytes(5) if name in ("MSGPACK", "CBOR") else random_text(chance)
    # The numbers of this protobuf message are floats.
    whole = float(chance.getrandbits(40)) if name == "PROTOBUF" else chance.getrandbits(63) - 2**62
    return (None, chance.random() < 0.5, whole, chance.uniform(-1e9, 1e9), random_text(chance))[kind]


@pytest.mark.parametrize("spec", VALUES)
def test_many_random_values_are_received_as_they_were_sent(spec: str) -> None:
    formats, chance = TABLE.get(spec), random.Random(spec)
    for _ in range(RANDOM_FRAMES):
        value = random_value(spec, chance)
        assert formats.decode(formats.encode([value])) == [value]


def decoding_problem(formats: FrameFormats, frame: bytes) -> DecodeError | None:
    try:
        formats.decode([frame])
    except DecodeError as error:
        return error
    return None


@pytest.mark.parametrize("spec", VALUES)
def test_random_bytes_give_a_value_or_the_clear_error(spec: str) -> None:
    formats = TABLE.get(spec)
    refused = 0
    for frame in broken_frames(spec, RANDOM_FRAMES):
        problem = decoding_problem(formats, frame)
        if problem is not None:
            refused += 1
            assert str(problem).startswith(f"Frame 0 is not {spec}: ")
    assert refused < RANDOM_FRAMES
    assert (refused == 0) == TABLE.format(spec).any_frame


@settings(deadline=None, max_examples=200, database=None)
@given(st.text(alphabet='[]{}",:\\ud8019e-.NaInfity ', max_size=40))
def test_json_takes_nothing_that_python_refuses(text: str) -> None:
    try:
        value = TABLE.get("JSON").decode([text.encode()])
    except DecodeError:
        return
    assert value == [json.loads(text)]


@settings(deadline=None, max_examples=100, database=None)
@given(st.lists(TEXT | st.integers() | st.binary(), max_size=5))
def test_text_frames_keep_their_number_and_order(values: list[object]) -> None:
    frames = TABLE.get("TEXT").encode(values)
    expected = [value if isinstance(value, bytes) else str(value).encode() for value in values]
    assert frames == expected
