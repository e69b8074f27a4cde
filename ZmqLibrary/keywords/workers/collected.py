"""Keywords that check the messages that were collected."""

from __future__ import annotations

from datetime import timedelta
from operator import ge, gt

from assertionengine import AssertionOperator
from robot.api.deco import keyword

from ...errors import CheckFailed, Hint, InvalidValue
from ...log import logger
from ...messages.patterns import MatchKind, message_pattern
from ...report.words import seconds, with_message
from ...workers import collector_failures as failures
from ..arguments import given_pattern, patterns_of
from ..assertion_engine import holds, require_comparison
from ..base import FormatArgument, KeywordGroup
from .finding import collector_of

_HOPELESS = {"==": gt, "<=": gt, "<": ge}  # because a count only grows


class CollectedKeywords(KeywordGroup):
    """Assertions on collected messages."""

    @keyword
    def collected_messages_should_contain(
        self,
        *patterns: object,
        match: MatchKind = MatchKind.GLOB,
        format: FormatArgument = None,
        layout: str | None = None,
        collector: str | None = None,
        socket: str | None = None,
        message: str | None = None,
        **fields: object,
    ) -> None:
        """Fails unless one of the collected messages matches. Does not wait; see `Wait For Collected Message`.

        Args:
            patterns: One for each frame; ``*`` stands for any frame. Fewer patterns than frames match the leading
                frames; none match every message.
            match: How the patterns are held against the frames.
            layout: The layout of the fields that patterns are given for, instead of ``format``.
            collector: Name of the collector. See `Collectors`.
            fields: With a layout, patterns by field: ``header={"type": "status"}``. See `Patterns`.

        Raises:
            CheckFailed: None matches; the message shows how many there are and how the last ones differ.

        Example:
        | Bind Zmq Socket       inproc://feed    PULL    feed
        | Start Collecting Messages
        | Connect Zmq Socket    inproc://feed    PUSH    source
        | Send Multipart        price    {"cents": 42}
        | Collected Message Count Should Be    ==    1
        | Collected Messages Should Contain    price    {"cents": 42}    match=EXACT    format=TEXT,JSON

        Tags: Assertion, Collector
        """
        item = collector_of(self.session, collector, socket)
        formats = self.session.formats_for(item.socket, format, layout=layout)
        pattern = given_pattern(patterns_of(patterns), fields, match, formats)
        if not any(pattern.matches(m.raw) for m in item.messages):
            raise CheckFailed(with_message(message, failures.none_matches(item, pattern)))

    @keyword
    def collected_messages_should_not_contain(
        self,
        *patterns: object,
        match: MatchKind = MatchKind.GLOB,
        format: FormatArgument = None,
        layout: str | None = None,
        collector: str | None = None,
        socket: str | None = None,
        message: str | None = None,
        **fields: object,
    ) -> None:
        """Fails if one of the collected messages matches. Does not wait.

        Messages that the collector had to drop are not looked at: `Collected Messages Should Be Complete` fails where
        there are some.

        Args:
            patterns: As with `Collected Messages Should Contain`; none mean any message.
            match: How the patterns are held against the frames.
            layout: The layout of the fields that patterns are given for, instead of ``format``.
            collector: Name of the collector. See `Collectors`.
            fields: With a layout, patterns by field: ``header={"type": "status"}``. See `Patterns`.

        Raises:
            CheckFailed: Some match; the message shows the first ones.

        Example:
        | Bind Zmq Socket    inproc://feed    PULL    feed
        | Start Collecting Messages
        | Collected Messages Should Not Contain    error

        Tags: Assertion, Collector
        """
        item = collector_of(self.session, collector, socket)
        formats = self.session.formats_for(item.socket, format, layout=layout)
        pattern = given_pattern(patterns_of(patterns), fields, match, formats)
        if found := failures.matching(item.messages, pattern):
            raise CheckFailed(with_message(message, failures.some_match(item, pattern, found)))

    @keyword
    def collected_message_count_should_be(
        self,
        operator: AssertionOperator,
        count: int,
        *,
        timeout: timedelta | None = None,
        collector: str | None = None,
        socket: str | None = None,
        message: str | None = None,
    ) -> int:
        """Waits until there are as many collected messages as expected.

        Passes as soon as it is so: ``== 3`` does not look whether a fourth message comes. Dropped messages do not
        count.

        Args:
            operator: ``==``, ``!=``, ``>``, ``>=``, ``<`` or ``<=``.
            count: How many messages.
            collector: Name of the collector. See `Collectors`.

        Returns:
            How many messages there are.

        Raises:
            CheckFailed: It was not so in time, or there are too many already; the message shows the last ones.

        Example:
        | Bind Zmq Socket       inproc://feed    PULL    feed
        | Start Collecting Messages
        | Connect Zmq Socket    inproc://feed    PUSH    source
        | FOR    ${n}    IN RANGE    20
        |     Send Multipart    price    ${n}
        | END
        | Collected Message Count Should Be    >=    20    timeout=2s

        Tags: Assertion, Collector, Waiting
        """
        require_comparison(operator)
        item = collector_of(self.session, collector, socket)
        deadline = self._deadline(timeout)
        seen = 0

        def decided() -> bool:
            nonlocal seen
            seen = item.count
            return holds(seen, operator, count) or _is_hopeless(seen, operator, count)

        item.wait_for(decided, deadline)
        if not holds(seen, operator, count):
            waited = (
                f" in {seconds(deadline.seconds)}" if item.alive and not _is_hopeless(seen, operator, count) else ""
            )
            sequences = self.session.sequences.reports(item.socket)
            text = failures.wrong_count(item, seen, f"{operator.value} {count:,}", waited, sequences)
            raise CheckFailed(with_message(message, text))
        logger.info(item.describe())
        return seen

    @keyword
    def collected_messages_should_be_in_order(
        self,
        *patterns: object,
        match: MatchKind = MatchKind.GLOB,
        format: FormatArgument = None,
        collector: str | None = None,
        socket: str | None = None,
        message: str | None = None,
    ) -> None:
        """Fails unless messages that match were collected in this order. Other messages may come between them.

        Args:
            patterns: One for each *message*: a pattern for its first frame, or a list of patterns, one for each of its
                leading frames.
            match: How the patterns are held against the frames.
            collector: Name of the collector. See `Collectors`.

        Raises:
            CheckFailed: One did not come after those before it; the message says whether it came earlier.

        Example:
        | Bind Zmq Socket       inproc://feed    PULL    feed
        | Start Collecting Messages
        | Connect Zmq Socket    inproc://feed    PUSH    source
        | Send Multipart        open
        | Send Multipart        price    42
        | Send Multipart        price    43
        | Send Multipart        closed
        | Wait For Collected Message    closed
        | VAR    @{last price}    price    43
        | Collected Messages Should Be In Order    open    ${last price}    closed

        Tags: Assertion, Collector
        """
        item = collector_of(self.session, collector, socket)
        formats = self.session.formats_for(item.socket, format)
        wanted = [message_pattern(patterns_of([pattern]), match, formats) for pattern in patterns]
        if not wanted:
            raise InvalidValue("Collected Messages Should Be In Order takes a pattern for each message.")
        if problem := failures.out_of_order(item, wanted):
            raise CheckFailed(with_message(message, problem))

    @keyword
    def collected_messages_should_be_complete(
        self, *, collector: str | None = None, socket: str | None = None, message: str | None = None
    ) -> None:
        """Fails if the collector had to drop messages, because there were more than its ``limit``.

        Messages that were lost before they reached the socket are found with `Start Sequence Check`.

        Args:
            collector: Name of the collector. See `Collectors`.

        Raises:
            CheckFailed: Messages were dropped; the message says how many.

        Example:
        | Bind Zmq Socket       inproc://feed    PULL    feed
        | Start Collecting Messages    limit=1000
        | Connect Zmq Socket    inproc://feed    PUSH    source
        | Send Message          tick
        | Wait For Collected Message    tick
        | Collected Messages Should Be Complete

        Tags: Assertion, Collector
        """
        item = collector_of(self.session, collector, socket)
        if item.dropped:
            raise CheckFailed(with_message(message, failures.incomplete(item)), Hint.CLEAR_COLLECTED)
        logger.info(item.describe())


def _is_hopeless(count: int, operator: AssertionOperator, expected: int) -> bool:
    return operator.value in _HOPELESS and _HOPELESS[operator.value](count, expected)
