"""Keywords that keep what a socket receives while the test does something else."""

from __future__ import annotations

from datetime import timedelta

from robot.api.deco import keyword

from ...errors import DecodeError, Hint, WaitTimeout
from ...log import logger
from ...messages.message import Message, MessageList, UnreadableMessage, read_all
from ...messages.patterns import MatchKind
from ...plain_text import printable
from ...report.words import count_of, seconds
from ...workers.collector_failures import matching, none_matches
from ...workers.drop_policy import DropPolicy
from ..arguments import given_pattern, patterns_of
from ..base import FormatArgument, KeywordGroup
from .finding import collector_name, collector_of


class CollectorKeywords(KeywordGroup):
    """Collecting."""

    @keyword
    def start_collecting_messages(
        self,
        socket: str | None = None,
        alias: str | None = None,
        limit: int = 100_000,
        drop: DropPolicy = DropPolicy.OLDEST,
    ) -> str:
        """Begins to keep every message that the socket receives, in the background, with the time of each.

        The collector holds the socket: until `Stop Collecting Messages` other keywords cannot use it. It stops at the
        end of the test or suite in which it was started, before the socket is closed.

        Args:
            alias: The name by which other keywords know the collector. An older collector of that name is stopped,
                with a warning, and its messages are gone.
            limit: How many messages are kept at most.
            drop: Which messages are dropped beyond that. See `Collected Messages Should Be Complete`.

        Returns:
            The name: the alias, or a generated one such as ``COLLECTOR-1``.

        Raises:
            WrongUse: The socket only sends, or another collector or mock server holds it.

        Example:
        | Bind Zmq Socket       inproc://feed    PULL    feed
        | Start Collecting Messages
        | Connect Zmq Socket    inproc://feed    PUSH    source
        | Send Multipart        price    42
        | Wait For Collected Message    price    4?

        Tags: Collector
        """
        from ...workers.collector import Collector

        zmq_socket = self.session.socket(socket)
        zmq_socket.require_receiver(turn=False)
        workers = self.session.workers
        name = workers.of(Collector).new_name(alias, "COLLECTOR")
        self.session.start(Collector(name, zmq_socket, workers.journal, limit, drop))
        logger.info(f"Collector '{printable(name)}' keeps the messages of {zmq_socket.title}.")
        return name

    @keyword
    def stop_collecting_messages(self, collector: str | None = None, *, socket: str | None = None) -> int:
        """Ends collecting and gives the socket back.

        Messages that were not collected yet stay on the socket, in order, to be received. Those that were collected
        can still be read and checked, until the end of the test or suite or until the alias is used again. Stopping
        twice does nothing.

        Args:
            collector: Name of the collector. See `Collectors`.

        Returns:
            How many collected messages there are.

        Raises:
            WorkerFailed: The collector has failed before. The socket is given back all the same.

        Example:
        | Bind Zmq Socket       inproc://feed    PULL    feed
        | Start Collecting Messages
        | Connect Zmq Socket    inproc://feed    PUSH    source
        | Send Message          first
        | Wait For Collected Message    first
        | Stop Collecting Messages
        | Send Message          second
        | ${text}=              Receive Message    socket=feed
        | Should Be Equal       ${text}    second

        Tags: Collector
        """
        from ...workers.collector import Collector

        item = self.session.workers.of(Collector).get(collector_name(self.session, collector, socket))
        self.session.touched = item.socket
        fresh = item in self.session.workers.all
        self.session.workers.retire(item)
        logger.info(f"Stopped. {item.describe()}")
        if fresh:
            item.check()
        return item.count

    @keyword
    def get_collected_messages(
        self,
        *patterns: object,
        match: MatchKind = MatchKind.GLOB,
        format: FormatArgument = None,
        layout: str | None = None,
        collector: str | None = None,
        socket: str | None = None,
        **fields: object,
    ) -> list[Message]:
        """Returns the messages that were collected, in the order in which they came; all stay collected.

        Args:
            patterns: Only messages that match, as with `Wait For Collected Message`; none mean all.
            match: How the patterns are held against the frames.
            layout: The layout of the fields that patterns are given for, instead of ``format``.
            collector: Name of the collector. See `Collectors`.
            fields: With a layout, patterns by field: ``header={"type": "status"}``. See `Patterns`.

        Returns:
            A list of messages; ``received_at`` of each is its time.

        Raises:
            DecodeError: A frame does not have its format.

        Example:
        | Bind Zmq Socket       inproc://feed    PULL    feed
        | Start Collecting Messages
        | Connect Zmq Socket    inproc://feed    PUSH    source
        | Send Multipart        price    {"cents": 42}
        | Collected Message Count Should Be    ==    1
        | @{messages}=          Get Collected Messages    price    format=TEXT,JSON
        | Should Be Equal       ${messages}[0][1][cents]    ${42}

        Tags: Collector, Getter
        """
        item = collector_of(self.session, collector, socket)
        formats = self.session.formats_for(item.socket, format, layout=layout)
        messages = item.messages
        if patterns or fields:
            wanted = given_pattern(patterns_of(patterns), fields, match, formats)
            messages = [message for _, message in matching(messages, wanted)]
        try:
            found = MessageList(read_all(messages, formats))
        except UnreadableMessage as error:
            self.session.received.remember(item.socket, messages[error.place].meant_as(formats))
            raise DecodeError(str(error), Hint.READ_COLLECTED) from error
        logger.info(f"{item.describe()} Returned: {count_of(len(found), 'message')}.")
        return found

    @keyword
    def wait_for_collected_message(
        self,
        *patterns: object,
        match: MatchKind = MatchKind.GLOB,
        format: FormatArgument = None,
        layout: str | None = None,
        collector: str | None = None,
        socket: str | None = None,
        timeout: timedelta | None = None,
        **fields: object,
    ) -> Message:
        """Returns the first collected message that matches, and waits for one if there is none yet.

        The message stays collected. It is then the received message, to which keywords such as `Received Message
        Should Equal` apply.

        Args:
            patterns: One for each frame; ``*`` stands for any frame. Fewer patterns than frames match the leading
                frames; none match every message.
            match: How the patterns are held against the frames.
            layout: The layout of the fields that patterns are given for, instead of ``format``.
            collector: Name of the collector. See `Collectors`.
            fields: With a layout, patterns by field: ``header={"type": "status"}``. See `Patterns`.

        Raises:
            WaitTimeout: None came in time; the message shows how many came and how the last ones differ.

        Example:
        | Bind Zmq Socket       inproc://feed    PULL    feed
        | Start Collecting Messages
        | Connect Zmq Socket    inproc://feed    PUSH    source
        | Send Multipart        price    42
        | Send Multipart        closed    yes
        | ${topic}    ${value}=    Wait For Collected Message    closed
        | Should Be Equal       ${value}    yes

        Tags: Collector, Waiting
        """
        item = collector_of(self.session, collector, socket)
        formats = self.session.formats_for(item.socket, format, layout=layout)
        wanted = given_pattern(patterns_of(patterns), fields, match, formats)
        deadline = self._deadline(timeout)
        message = item.find(lambda m: wanted.matches(m.raw), deadline)
        if message is None:
            waited = f" in {seconds(deadline.seconds)}" if item.alive else ", and it was stopped"
            raise WaitTimeout(none_matches(item, wanted, waited))
        return self._received(item.socket, message, formats)

    @keyword
    def clear_collected_messages(self, collector: str | None = None, *, socket: str | None = None) -> int:
        """Forgets what was collected so far, and the number of dropped messages. Collecting goes on.

        Args:
            collector: Name of the collector. See `Collectors`.

        Returns:
            How many messages there were.

        Example:
        | Bind Zmq Socket       inproc://feed    PULL    feed
        | Start Collecting Messages
        | Connect Zmq Socket    inproc://feed    PUSH    source
        | Send Message          before
        | Wait For Collected Message    before
        | Clear Collected Messages
        | Send Message          after
        | Wait For Collected Message    after
        | Collected Messages Should Not Contain    before

        Tags: Collector
        """
        item = collector_of(self.session, collector, socket)
        count = item.clear()
        logger.info(f"Collector '{printable(item.name)}' has forgotten {count_of(count, 'message')}.")
        return count
