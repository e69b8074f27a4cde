"""Keywords about what has passed through a proxy."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from robot.api.deco import keyword

from ...errors import CheckFailed, WaitTimeout
from ...messages.patterns import MatchKind
from ...network.fault_options import FaultDirection
from ...report.frames import preview
from ...report.words import count_of, seconds, with_message
from ..arguments import require_count, topic_of
from ..base import FormatArgument
from .group import Looks, ProxyGroup, target_problem, unknown

if TYPE_CHECKING:
    from ...network.fault_proxy import FaultProxy
    from ...network.reports import ProxyMessage

_BOTH = FaultDirection.BOTH


class PassedKeywords(ProxyGroup):
    """What has passed."""

    @keyword
    def get_proxy_messages(
        self,
        *patterns: object,
        match: MatchKind = MatchKind.GLOB,
        format: FormatArgument = None,
        layout: str | None = None,
        direction: FaultDirection = _BOTH,
        proxy: str | None = None,
        **fields: object,
    ) -> list[ProxyMessage]:
        """Returns the messages that came into a proxy, the oldest first, also those that faults have dropped.

        The last 10,000 are kept, as far as they take less than 64 MB; of messages larger than half a megabyte, and of
        a flood of large ones, only the beginning is (``whole`` is False then). Injected ones are not among them.

        Args:
            patterns: Only messages that match; see `Patterns`. None mean all.
            match: How the patterns are held against the frames.
            format: Of the patterns and the messages.
            direction: Only messages that go this way.

        Returns:
            A list of messages, with the attributes ``direction`` (``TO_TARGET`` or ``TO_CLIENT``), ``faults`` (names of
            those that have acted on it), ``connection``, ``number``, ``size`` and ``whole`` besides. Of REQ and REP
            the frames are those behind the envelope.

        Example:
        | Bind Zmq Socket       tcp://127.0.0.1:*    PULL    service
        | ${target}=            Get Zmq Endpoint
        | Start Proxy           ${target}
        | ${address}=           Get Proxy Endpoint
        | Connect Zmq Socket    ${address}    PUSH    client
        | Proxy Drops Messages    lost    name=loss
        | Send Message          lost
        | Wait For Proxy Message    lost
        | @{messages}=          Get Proxy Messages
        | Should Be Equal       ${messages}[0][0]    lost
        | Should Be Equal       ${messages[0].faults}    ${{['loss']}}

        Tags: Proxy, Getter
        """
        item = self._proxy(proxy)
        messages = self._passed(item, Looks(patterns, match, format, layout, fields), direction)
        if format is not None or layout is not None:
            for message in messages:
                message.receipt.formats.check(message.raw)
        return messages

    @keyword
    def wait_for_proxy_message(
        self,
        *patterns: object,
        match: MatchKind = MatchKind.GLOB,
        format: FormatArgument = None,
        layout: str | None = None,
        direction: FaultDirection = _BOTH,
        proxy: str | None = None,
        timeout: timedelta | None = None,
        **fields: object,
    ) -> ProxyMessage:
        """Returns the first message that came into a proxy and matches, and waits for one if there is none yet.

        Args:
            patterns: One for each leading frame; none match every message.
            match: How the patterns are held against the frames.
            format: Of the patterns and the message; default is TEXT, and JSON for a pattern that is a dictionary or
                list.
            direction: Which way it goes.

        Raises:
            WaitTimeout: None came in time; the message shows in what the last ones differ.

        Example:
        | Bind Zmq Socket       tcp://127.0.0.1:*    PULL    service
        | ${target}=            Get Zmq Endpoint
        | Start Proxy           ${target}
        | ${address}=           Get Proxy Endpoint
        | Connect Zmq Socket    ${address}    PUSH    client
        | Send Multipart        job    42
        | ${job}=               Wait For Proxy Message    job
        | Should Be Equal       ${job}[1]    42

        Tags: Proxy, Waiting
        """
        item = self._proxy(proxy)
        looks = Looks(patterns, match, format, layout, fields)
        deadline = self._deadline(timeout)
        pattern = self._pattern(item, looks)
        message = item.wait_message(pattern, direction, self._read_formats(looks), deadline)
        if message is None:
            head = f"{item.heading} has not seen such a message in {seconds(deadline.seconds)}."
            reasons = unknown(item.sightings(pattern, direction))
            raise WaitTimeout("\n".join([head, *reasons, *self._last_seen(item, looks)]))
        if format is not None or layout is not None:
            message.receipt.formats.check(message.raw)
        return message

    @keyword
    def proxy_should_have_seen(
        self,
        *patterns: object,
        times: int | None = None,
        match: MatchKind = MatchKind.GLOB,
        format: FormatArgument = None,
        layout: str | None = None,
        direction: FaultDirection = _BOTH,
        proxy: str | None = None,
        message: str | None = None,
        **fields: object,
    ) -> None:
        """Fails unless a message came into a proxy. Does not wait: `Wait For Proxy Message` does.

        Args:
            patterns: One for each leading frame; none match every message.
            times: How many such messages. Default is one or more.
            match: How the patterns are held against the frames.
            direction: Which way they went.

        Raises:
            CheckFailed: It did not, or nobody can say it, as of messages that are not kept whole, encrypted, or kept no
                more; the message shows in what the last ones differ.

        Example:
        | Bind Zmq Socket       tcp://127.0.0.1:*    PULL    service
        | ${target}=            Get Zmq Endpoint
        | Start Proxy           ${target}
        | ${address}=           Get Proxy Endpoint
        | Connect Zmq Socket    ${address}    PUSH    client
        | Send Multipart        job    42
        | Receive Multipart     socket=service
        | Proxy Should Have Seen    job    42    times=1

        Tags: Proxy, Assertion
        """
        require_count(times, 0, "times")
        item = self._proxy(proxy)
        looks = Looks(patterns, match, format, layout, fields)
        there = item.sightings(self._pattern(item, looks), direction)
        found = len(there.found)
        if (found == times and there.is_certain) or (times is None and found):
            return
        wanted = "no such message" if times is None else f"{count_of(found, 'such message')}, not {times}"
        head = f"{item.heading} has seen {wanted}."
        if not there.is_certain and (times is None or found <= times):
            head = f"{item.heading} has seen {count_of(found, 'such message')} for certain; there may be more."
        raise CheckFailed(with_message(message, head, *unknown(there), *self._last_seen(item, looks)))

    @keyword
    def proxy_should_not_have_seen(
        self,
        *patterns: object,
        match: MatchKind = MatchKind.GLOB,
        format: FormatArgument = None,
        layout: str | None = None,
        direction: FaultDirection = _BOTH,
        proxy: str | None = None,
        message: str | None = None,
        **fields: object,
    ) -> None:
        """Fails if a message came into a proxy. Does not wait.

        Args:
            patterns: One for each leading frame; none match every message.
            match: How the patterns are held against the frames.
            direction: Which way it went.

        Raises:
            CheckFailed: It did, or nobody can say it, as of messages that are not kept whole, encrypted, or kept no
                more.

        Example:
        | Start Proxy           tcp://127.0.0.1:5555
        | Proxy Should Not Have Seen    job

        Tags: Proxy, Assertion
        """
        item = self._proxy(proxy)
        looks = Looks(patterns, match, format, layout, fields)
        there = item.sightings(self._pattern(item, looks), direction)
        if there.found:
            lines = self._lines(item.as_messages(there.found[-5:], self._read_formats(looks)), looks)
            head = f"{item.heading} has seen {count_of(len(there.found), 'such message')}:"
            raise CheckFailed(with_message(message, head, *lines))
        if not there.is_certain:
            head = f"It is not certain that {item.title} has seen no such message."
            raise CheckFailed(with_message(message, head, *unknown(there)))

    @keyword
    def wait_for_subscription_at_proxy(
        self,
        topic: object,
        count: int = 1,
        *,
        timeout: timedelta | None = None,
        proxy: str | None = None,
    ) -> None:
        """Waits until the publisher behind a proxy knows its subscribers: nothing that it sends then is lost.

        The publisher needs no change and gives no sign: the proxy sends a PING (ZMTP 3.1) behind the subscription and
        waits for the answer. A publisher of ZMTP 3.0 or 2.0 does not know PING: there the subscription has passed.

        Args:
            topic: Subscribers count that get messages which begin with it; empty means any message.
            count: How many subscribers.

        Raises:
            WaitTimeout: They did not come in time.
            WrongUse: The connection is encrypted (CURVE), which hides subscriptions.

        Example:
        | Bind Zmq Socket       tcp://127.0.0.1:*    PUB    publisher
        | ${target}=            Get Zmq Endpoint
        | Start Proxy           ${target}
        | ${address}=           Get Proxy Endpoint
        | Connect Zmq Socket    ${address}    SUB    subscriber    subscribe=prices
        | Wait For Subscription At Proxy    prices
        | Send Message          prices 42    socket=publisher
        | Receive Message       socket=subscriber

        Tags: Proxy, Waiting
        """
        require_count(count)
        item = self._proxy(proxy)
        wanted = topic_of(topic)
        deadline = self._deadline(timeout)
        if not item.wait_subscription(wanted, count, deadline):
            raise WaitTimeout("\n".join(self._no_subscription(item, wanted, count, deadline.seconds)))

    def _passed(self, item: FaultProxy, looks: Looks, direction: FaultDirection) -> list[ProxyMessage]:
        return item.messages(self._pattern(item, looks), direction, self._read_formats(looks))

    def _no_subscription(self, item: FaultProxy, topic: bytes, count: int, waited: float) -> list[str]:
        known, topics, hidden = item.subscriptions(topic)
        secrets = self.session.recordings.secrets
        secrets.note([topic])
        subscriber = count_of(count, "subscriber")
        head = (
            f"{item.heading} has not seen {subscriber} of {preview(topic, 60)} known to a publisher in "
            f"{seconds(waited)}; it knows {known}."
        )
        lines = [
            f"  connection {number}: {', '.join(preview(prefix, 60) for prefix in secrets.hidden(prefixes))}"
            for number, prefixes in topics[:10]
        ]
        return [
            head,
            *(["Subscriptions that passed:", *lines] if lines else []),
            *filter(None, [hidden]),
            *target_problem(item),
        ]
