"""MessageBursts: many messages as a keyword is given them, encoded in bursts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from itertools import islice
from typing import TYPE_CHECKING

from ...errors import EncodeError, InvalidValue, ZmqLibraryError, described, ends_test
from ...messages.message import Message
from ..arguments import concealed

if TYPE_CHECKING:
    from ...formats import FrameFormats

_BURST = 1_000
_NO_MESSAGES = (str, bytes, bytearray, memoryview, Mapping)
_PLAIN = (str, bytes, int, float)


class MessageBursts:
    """Encodes messages as they are sent; those of a list before the first is, so that nothing is sent if one is wrong.

    Args:
        messages: Each item is the value of a frame, a list of such values, or with a layout a dictionary of fields.
        formats: How they become frames.

    Attributes:
        total: How many there are, if that is known.

    Raises:
        InvalidValue: They are no messages.
        EncodeError: One of a list does not fit the formats.
    """

    def __init__(self, messages: object, formats: FrameFormats) -> None:
        if isinstance(messages, _NO_MESSAGES) or not isinstance(messages, Iterable):
            raise InvalidValue(
                f"Send Messages takes a list of messages, not {type(messages).__name__}. "
                "For a single message use `Send Message` or `Send Multipart`."
            )
        self.total = len(messages) if isinstance(messages, Sized) else None
        encoded = self._encoded(messages, formats)
        self._encoded_messages = iter(list(encoded)) if isinstance(messages, Sequence) else encoded

    def __iter__(self) -> Iterator[Sequence[Sequence[bytes]]]:
        while burst := list(islice(self._encoded_messages, _BURST)):
            yield burst

    def _encoded(self, messages: Iterable[object], formats: FrameFormats) -> Iterator[Sequence[bytes]]:
        encode, has_fields, number = formats.encode, bool(formats.field_names), 0
        try:
            for message in messages:
                number += 1
                if type(message) in _PLAIN:
                    yield encode((message,))
                elif isinstance(message, (list, tuple, Message)):
                    yield encode(_frames(message))
                elif has_fields and isinstance(message, Mapping):
                    yield formats.encode_fields({name: concealed(value) for name, value in message.items()})
                else:
                    yield encode((concealed(message),))
        except EncodeError as error:
            raise EncodeError(f"Message {number:,}: {error}") from error
        except Exception as error:
            # The boundary: what makes the messages is the user's.
            if isinstance(error, ZmqLibraryError) or ends_test(error):
                raise
            raise InvalidValue(f"There is no message {number + 1:,}, because of {described(error)}.") from error


def _frames(message: Sequence[object]) -> Sequence[object]:
    if not message:
        raise EncodeError("A message has at least one frame, and this one has none.")
    return [value if type(value) in _PLAIN else concealed(value) for value in message]
