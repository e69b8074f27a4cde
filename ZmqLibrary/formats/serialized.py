"""Binary documents: MSGPACK and CBOR, each read and written by the well-kept library for it.

Nothing that comes from the wire is ever evaluated: no object hooks, no pickles, extension types stay what they are.
"""

from __future__ import annotations

import itertools
import marshal
from collections.abc import Iterable
from io import SEEK_END, BytesIO
from itertools import chain
from typing import Any

from ..plain_text import shortened
from .base import TEXT_OPTION, Codec, FrameProblem, Settings, frame_format, kind_of, load_package
from .structure import meant

MAX_CBOR_DEPTH = 400
"""How deep CBOR may be nested: the default of cbor2's decoder; its encoder has no limit and would crash."""

_NO_CONTAINERS = bytes(set(range(256)) - set(range(0x80, 0xC0)))
"""Bytes with which neither list nor map begins."""

_MARSHAL_DEPTH = 2000
_SHARED_REFERENCE = 29
_SHOWN = 200


@frame_format("MSGPACK", option=TEXT_OPTION)
def msgpack_format(settings: Settings) -> Codec:
    """MessagePack (https://msgpack.org) of one value; text is sent as text unless it is a JSON object or list."""
    msgpack = load_package("msgpack", needed_for="Format MSGPACK", package="msgpack", extra="msgpack")
    pack, unpack = msgpack.packb, msgpack.unpackb
    keeps_text = bool(settings.parameter)
    out_of_data = msgpack.exceptions.OutOfData

    def encode(value: object) -> bytes:
        try:
            packed: bytes = pack(value if keeps_text else meant(value), use_bin_type=True)
        except Exception as error:
            raise _not_encodable(error, value, "MessagePack") from None
        return packed

    def strict(frame: bytes) -> object:
        return unpack(frame, raw=False, strict_map_key=False, object_pairs_hook=_unique_keys)

    def decode(frame: bytes) -> object:
        try:
            value: object = unpack(frame, raw=False, strict_map_key=False)
            # Packing again is faster than a hook for each map: a frame that comes out the same has no key twice.
            may_have_maps = isinstance(value, (dict, list))
            return value if not may_have_maps or _packs_to(value, frame) else strict(frame)
        except Exception as error:
            raise explained(frame) or FrameProblem(f"it is not MessagePack: {_text_of(error)}") from None

    def _packs_to(value: object, frame: bytes) -> bool:
        try:
            return bool(pack(value, use_bin_type=True) == frame)
        except Exception:
            return False

    def explained(frame: bytes) -> FrameProblem | None:
        """Reads once more, because only an Unpacker knows at which byte it has failed."""
        # The buffer is as large as the frame, so that no length in the frame makes room for more than it can hold.
        unpacker = msgpack.Unpacker(
            raw=False, strict_map_key=False, object_pairs_hook=_unique_keys, max_buffer_size=max(len(frame), 1)
        )
        unpacker.feed(frame)
        try:
            unpacker.unpack()
        except out_of_data:
            return _ends_early(frame, "MessagePack")
        except Exception as error:
            return _not_decodable(error, unpacker.tell(), "MessagePack")
        return _trailing(unpacker.tell(), len(frame), "MessagePack") if unpacker.tell() < len(frame) else None

    return encode, decode


@frame_format("CBOR", option=TEXT_OPTION)
def cbor_format(settings: Settings) -> Codec:
    """CBOR (RFC 8949) of one value; text is sent as text unless it is a JSON object or list."""
    from .cbor_keys import may_be_slow, refuse_slow_keys  # here, because few suites use it

    cbor2 = load_package("cbor2", needed_for="Format CBOR", package="cbor2", extra="cbor")
    dump, decoder = cbor2.dumps, cbor2.CBORDecoder
    keeps_text = bool(settings.parameter)
    premature_end = cbor2.CBORDecodeEOF

    def encode(value: object) -> bytes:
        try:
            meaning = value if keeps_text else meant(value)
            _refuse_depth(meaning)
            dumped: bytes = dump(meaning)
            if len(dumped.translate(None, _NO_CONTAINERS)) > MAX_CBOR_DEPTH:
                _refuse_depth(meaning, _MARSHAL_DEPTH - MAX_CBOR_DEPTH)
        except Exception as error:
            raise _not_encodable(error, value, "CBOR") from None
        return dumped

    # A reference may make a value that contains itself, or one that is huge when it is written out.
    careful = {
        "max_depth": MAX_CBOR_DEPTH,
        "allow_duplicate_keys": False,
        "semantic_decoders": {_SHARED_REFERENCE: _refuse_reference},
    }
    no_text = _refusal_of_keys(decoder)

    def hash_of(key: bytes) -> int:
        return hash(decoder(BytesIO(key), **careful).decode(immutable=True))

    def decode(frame: bytes) -> object:
        if not may_be_slow(frame):
            return read(frame)
        try:
            return read(frame, strict_hashable_types=True)
        except FrameProblem as problem:
            if no_text not in problem.reason:
                raise
        refuse_slow_keys(frame, hash_of)
        return read(frame)

    def read(frame: bytes, **stricter: bool) -> object:
        stream = BytesIO(frame)
        reader = decoder(stream, **careful, **stricter)
        try:
            value: object = reader.decode()
        except premature_end:
            raise _ends_early(frame, "CBOR") from None
        except Exception as error:
            raise _not_decodable(error, _wrong_byte(reader, stream), "CBOR") from None
        if stream.tell() != len(frame):
            raise _trailing(stream.tell(), len(frame), "CBOR")
        return value

    return encode, decode


def _refusal_of_keys(decoder: Any) -> str:
    """What cbor2 says of a key that is neither text nor bytes where it is to refuse it; empty if that is not known."""
    try:
        decoder(BytesIO(b"\xa1\x00\x00"), strict_hashable_types=True).decode()
    except Exception as error:
        return str(error).partition(" key ")[2].rpartition(",")[0]
    return ""


def _unique_keys(pairs: list[tuple[object, object]]) -> dict[object, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise FrameProblem("a key is there twice in one map")
    return result


def _refuse_reference(*_: object) -> object:
    raise FrameProblem("shared references (tag 29) are not read")


def _refuse_depth(value: object, levels: int = 0) -> None:
    """Refuses what cbor2's encoder, which has no limit, would overflow the stack of the process with.

    Args:
        value: What is to be encoded.
        levels: How many fewer than `_MARSHAL_DEPTH` it may have.
    """
    deeper = value
    for _ in range(levels):
        deeper = [deeper]
    try:
        # The quickest walk over a value that Python has: in C, and its depth has an end. What it makes is not used.
        marshal.dumps(deeper)  # type: ignore[arg-type]
    except ValueError:
        _refuse_levels(value)


def _refuse_levels(value: object) -> None:
    # Level by level, each container once, so that neither depth nor cycles nor sharing cost more.
    level: list[object] = [value]
    for _ in range(MAX_CBOR_DEPTH + 1):
        containers = {id(item): item for item in level if isinstance(item, _CONTAINERS)}
        if not containers:
            return
        level = list(chain.from_iterable(map(_parts, containers.values())))
    raise FrameProblem(f"it is nested more than {MAX_CBOR_DEPTH} deep, or contains itself")


_CONTAINERS = (dict, list, tuple, set, frozenset)


def _parts(container: Iterable[object]) -> Iterable[object]:
    return chain(container, container.values()) if isinstance(container, dict) else container


def _not_encodable(error: Exception, value: object, name: str) -> FrameProblem:
    if isinstance(error, FrameProblem):
        return error
    if isinstance(error, UnicodeEncodeError):
        half = f"U+{ord(error.object[error.start]):04X}"
        return FrameProblem(f"{half} is half of a surrogate pair, which is not text", instead="Give the character.")
    return FrameProblem(f"{kind_of(value)} cannot be written as {name}: {_text_of(error)}")


def _wrong_byte(reader: Any, stream: BytesIO) -> int:
    """Returns the offset of the last byte that a CBOR decoder has used; it reads ahead from the stream."""
    end = stream.tell()
    stream.seek(0, SEEK_END)
    for ahead in itertools.count(1):
        try:
            reader.read(1)
        except Exception:
            return end - ahead
    return end


def _not_decodable(error: Exception, offset: int, name: str) -> FrameProblem:
    reason = error.reason if isinstance(error, FrameProblem) else f"it is not {name}: {_text_of(error)}"
    return FrameProblem(reason, offset=max(offset, 0))


def _ends_early(frame: bytes, name: str) -> FrameProblem:
    reason = f"it ends in the middle of a {name} value" if frame else "it is empty"
    return FrameProblem(reason, offset=len(frame))


def _trailing(end: int, length: int, name: str) -> FrameProblem:
    count = length - end
    return FrameProblem(f"{count} more {'byte follows' if count == 1 else 'bytes follow'} the {name} value", offset=end)


def _text_of(error: BaseException) -> str:
    if isinstance(error.__cause__, Exception):
        return f"{shortened(str(error), _SHOWN)}: {shortened(str(error.__cause__), _SHOWN)}"
    # msgpack raises FormatError and StackError without a text.
    unnamed = {"StackError": "it is nested too deeply"}.get(type(error).__name__, "invalid byte")
    return shortened(str(error), _SHOWN) or unnamed
