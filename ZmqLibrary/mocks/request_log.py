"""Requests: what a mock server has received, kept for verification; bounded, and counts what it had to drop."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from ..messages.message import Message
from ..messages.patterns import shown_frames
from ..report.frames import preview
from ..report.values import value_summary
from ..report.words import count_of
from .envelopes import is_generated

if TYPE_CHECKING:
    from ..formats import FrameFormats
    from ..messages.field_patterns import Pattern
    from ..messages.message import Receipt

LIMIT = 100_000
_SHOWN = 120
_SHOWN_REQUESTS = 5


class Request(Message):
    """A message that a mock server has received: its frames are those after the envelope.

    Attributes:
        number: Counts the requests of the server, from 1.
        wanted: Whether a rule took it, or nobody has to.
        problem: Why it could not be answered as its rule says; empty if all went well.
        reason: Why no rule took it, where its content does not show that; else empty.
        awaited: Whether a wait for a request has returned it.
        doubtful: Whether the envelope may be the routing id alone, and what follows it a part of the request.
    """

    __slots__ = ("_envelope", "awaited", "doubtful", "number", "problem", "reason", "wanted")

    def __init__(
        self,
        frames: Sequence[bytes],
        receipt: Receipt,
        time: float,
        envelope: Sequence[bytes] = (),
        number: int = 0,
        doubtful: bool = False,
    ) -> None:
        super().__init__(frames, receipt, time)
        self._envelope = tuple(envelope)
        self.number = number
        self.doubtful = doubtful
        self.wanted = True
        self.problem = ""
        self.reason = ""
        self.awaited = False

    @property
    def envelope(self) -> tuple[bytes, ...]:
        """What a ROUTER received before the frames: the routing id, and for a REQ client an empty frame.

        Between them are the routing ids of clients that the peer, a broker, forwards for.
        """
        return self._envelope

    @property
    def routing_id(self) -> bytes | None:
        """The client's routing id; None where the socket has no envelopes."""
        return self._envelope[0] if self._envelope else None

    def read_as(self, formats: FrameFormats) -> Request:
        """The same request with values in other formats."""
        formats.check(self.raw)
        return self._read(self.raw, self._envelope, self.receipt._replace(formats=formats))

    @property
    def readings(self) -> Sequence[Request]:
        """The ways to read it: as it is, and if it is doubtful with the routing id alone as its envelope."""
        if not self.doubtful:
            return (self,)
        return self, self._read((*self._envelope[1:], *self.raw), self._envelope[:1], self.receipt)

    def fitting(self, pattern: Pattern) -> Request | None:
        """The reading of it that satisfies a pattern, if one does."""
        if pattern.matches(self.raw):
            return self
        return next((other for other in self.readings[1:] if pattern.matches(other.raw)), None)

    def _read(self, frames: Sequence[bytes], envelope: Sequence[bytes], receipt: Receipt) -> Request:
        doubtful = self.doubtful and envelope == self._envelope
        request = Request(frames, receipt, self.timestamp, envelope, self.number, doubtful)
        request.wanted, request.problem, request.awaited = self.wanted, self.problem, self.awaited
        request.reason = self.reason
        return request


class FirstRequests:
    """The first requests of those that are not expected, and how many came when there was no room for more.

    One thread adds to them, another one may take them meanwhile.

    Attributes:
        more: How many are not kept.
    """

    def __init__(self) -> None:
        self.more = 0
        self._kept: deque[Request] = deque()

    def add(self, request: Request) -> None:
        """Adds a request; those that are expected by now make room for it."""
        with suppress(IndexError):  # they were taken
            while len(self._kept) >= LIMIT and not _is_unexpected(self._kept[0]):
                self._kept.popleft()
        if len(self._kept) < LIMIT:
            self._kept.append(request)
        else:
            self.more += 1

    @property
    def unexpected(self) -> list[Request]:
        """Those that are not expected by now."""
        return list(filter(_is_unexpected, list(self._kept)))

    def take(self) -> list[Request]:
        """Those that are not expected by now, and from now on others."""
        self.more = 0
        return list(filter(_is_unexpected, [self._kept.popleft() for _ in range(len(self._kept))]))

    def clear(self) -> None:
        """Forgets all."""
        self._kept.clear()
        self.more = 0


class RequestLog:
    """The last requests of one mock server; its thread adds to them, others only look."""

    def __init__(self) -> None:
        self._requests: deque[Request] = deque(maxlen=LIMIT)
        self._unexpected = FirstRequests()
        self._unwanted = FirstRequests()
        self._count = 0

    @property
    def next_number(self) -> int:
        """The number of the next request."""
        return self._count + 1

    def add(self, request: Request) -> None:
        """Adds a request."""
        self._requests.append(request)
        self._count = request.number
        if not request.wanted or request.problem:
            self._unexpected.add(request)
        if not (request.wanted or request.problem):
            self._unwanted.add(request)

    def fail(self, request: Request, problem: str) -> None:
        """A request that was added could not be answered."""
        first = self._requests[0].number if self._requests else 0
        kept = first <= request.number <= self._count
        is_new = not request.problem and request.wanted
        request.problem = problem
        # Of one from before a reset nobody wants to know.
        if is_new and (request.number < first or (kept and self._requests[request.number - first] is request)):
            self._unexpected.add(request)

    def clear(self) -> None:
        """Forgets all requests."""
        self._requests.clear()
        self._unexpected.clear()
        self._unwanted.clear()
        self._count = 0

    @property
    def dropped(self) -> int:
        """How many of the oldest requests are no longer kept."""
        return max(0, self._count - LIMIT)

    @property
    def more_unexpected(self) -> int:
        """How many requests that no rule took, or that could not be answered, are not kept."""
        return self._unexpected.more

    @property
    def more_unwanted(self) -> int:
        """How many more there are than `take_unwanted` will return."""
        return self._unwanted.more

    def has(self, number: int) -> bool:
        """Whether there was a request of that number."""
        return self._count >= number

    def since(self, number: int) -> list[Request]:
        """The requests from that number on, as far as they are kept."""
        kept = list(self._requests)
        return kept[max(0, number - kept[0].number) :] if kept else []

    def matching(self, pattern: Pattern) -> list[Request]:
        """The requests that satisfy a pattern, in the reading that does."""
        return [found for request in list(self._requests) if (found := request.fitting(pattern)) is not None]

    def unexpected(self) -> list[Request]:
        """The requests that no rule took and no wait has returned, or that could not be answered; the first ones."""
        return sorted(self._unexpected.unexpected, key=lambda request: request.number)

    def take_unwanted(self) -> list[Request]:
        """The requests since the last call that no rule took and no wait has returned by now."""
        return self._unwanted.take()

    def overview(self, pattern: Pattern | None = None, formats: FrameFormats | None = None) -> list[str]:
        """What was received, as lines of an error message.

        Args:
            pattern: What was expected instead; each request comes with its first difference.
            formats: In which requests are shown, if not in their own.
        """
        kept = list(self._requests)
        if not kept:
            return ["It has received nothing."]
        last, count, dropped = kept[-_SHOWN_REQUESTS:], kept[-1].number, kept[0].number - 1
        head = f"It has received {count_of(count, 'message')}"
        lines = [f"{head}; the last ones:" if len(last) < count else f"{head}:"]
        lines += [_line(request, pattern, formats) for request in last]
        return [*lines, f"The oldest {dropped:,} are no longer kept."] if dropped else lines


def _is_unexpected(request: Request) -> bool:
    return bool(request.problem) or not (request.wanted or request.awaited)


def described(
    requests: Sequence[Request], formats: FrameFormats | None = None, pattern: Pattern | None = None, more: int = 0
) -> list[str]:
    """Unexpected requests as lines of an error message.

    Args:
        requests: The requests.
        formats: In which they are shown, if not in their own.
        pattern: Which they match.
        more: How many there are besides.
    """
    lines = [_line(request, pattern, formats) for request in requests[:_SHOWN_REQUESTS]]
    more += len(requests) - _SHOWN_REQUESTS
    return [*lines, f"  … and {more:,} more"] if more > 0 else lines


def _line(request: Request, pattern: Pattern | None, formats: FrameFormats | None) -> str:
    client = request.routing_id
    sender = f" from {preview(client, _SHOWN)}" if client and not is_generated(client) else ""
    if hops := request.envelope[1:-1]:
        sender += f" in envelope {value_summary((*hops, b''), None, _SHOWN)}"
    problem = f": {request.problem}" if request.problem else ""
    difference = pattern.difference(request.raw) if pattern else request.reason
    arrow = f"\n       {difference}" if difference else ""
    content = value_summary(shown_frames(pattern, request.raw), formats or request.receipt.formats, _SHOWN)
    return f"  {request.number}{sender}: {content}{problem}{arrow}"
