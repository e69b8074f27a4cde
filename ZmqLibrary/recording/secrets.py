"""What was sent as a secret: it is one still where a peer or a proxy passes it on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ..formats import HiddenBytes

if TYPE_CHECKING:
    from ..sockets.traffic import Entry

SECRET = b"<secret>"
"""What a recording has in place of a frame that is a secret."""

UNKNOWN = b"<hidden, because more than 1,000 different secrets were sent>"
"""What it has in place of one that may be a secret."""

_MOST = 1_000
_SHORTEST = 4
_LEAST_OF_CUT = 4096  # bytes that proxies keep of a frame at least


class SentSecrets:
    """The frames that were sent as secrets. They are noted in the threads of sockets and asked for in others."""

    def __init__(self) -> None:
        self._frames: set[bytes] = set()

    def __bool__(self) -> bool:
        """Whether there is one."""
        return bool(self._frames)

    @property
    def too_many(self) -> bool:
        """Whether there are more than can be looked for."""
        return len(self._frames) > _MOST

    def note(self, frames: Iterable[object]) -> None:
        """Notes those frames of a message that are secrets."""
        if not self.too_many:
            self._frames.update([bytes(frame) for frame in frames if isinstance(frame, HiddenBytes)])

    def take(self, entry: Entry) -> None:
        """Notes the secrets of a message that a socket has sent."""
        if type(entry) is tuple and HiddenBytes in map(type, entry[1]):
            self.note(entry[1])

    def update(self, other: SentSecrets) -> None:
        """Notes those of another."""
        self._frames.update(other._frames)

    def clear(self) -> None:
        """Forgets all."""
        self._frames.clear()

    def hidden(self, frames: Sequence[bytes]) -> Sequence[bytes]:
        """The frames with those as `HiddenBytes` that are secrets or have one in them; all if there are too many."""
        if not self._frames:
            return frames
        if self.too_many:
            return list(map(HiddenBytes, frames))
        secrets = list(self._frames)  # a copy, because other threads add to it
        return [HiddenBytes(frame) if _is_secret(frame, secrets) else frame for frame in frames]


def _is_secret(frame: bytes, secrets: Sequence[bytes]) -> bool:
    return isinstance(frame, HiddenBytes) or any(
        secret == frame
        or (len(secret) >= _SHORTEST and secret in frame)
        or (len(frame) >= _LEAST_OF_CUT and secret.startswith(frame))
        for secret in secrets
    )
