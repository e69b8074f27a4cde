"""Keywords that break messages: what gets lost, comes late, twice, in another order, damaged, replaced or held."""

from __future__ import annotations

from datetime import timedelta

from robot.api.deco import keyword

from ...errors import InvalidValue
from ...messages.patterns import MatchKind
from ...network.fault_options import Corruption, FaultDirection
from ..base import FormatArgument
from .group import Looks, ProxyGroup, Where, Which

_BOTH = FaultDirection.BOTH


class MessageFaultKeywords(ProxyGroup):
    """Faults of messages."""

    @keyword
    def proxy_drops_messages(
        self,
        *patterns: object,
        match: MatchKind = MatchKind.GLOB,
        format: FormatArgument = None,
        layout: str | None = None,
        direction: FaultDirection = _BOTH,
        times: int | None = None,
        skip: int = 0,
        every: int = 1,
        probability: float = 1.0,
        seed: int | None = None,
        lasting: timedelta | None = None,
        name: str | None = None,
        client: str | None = None,
        proxy: str | None = None,
        **fields: object,
    ) -> str:
        """Messages are lost silently.

        See `Broken networks` for the arguments that all faults of messages have.

        Args:
            patterns: One for each leading frame; none mean every message.

        Returns:
            The name of the fault.

        Example:
        | Bind Zmq Socket       tcp://127.0.0.1:*    PULL    service
        | ${target}=            Get Zmq Endpoint
        | Start Proxy           ${target}
        | ${address}=           Get Proxy Endpoint
        | Connect Zmq Socket    ${address}    PUSH    client
        | Proxy Drops Messages    job    4?    times=1
        | Send Multipart        job    41
        | Send Multipart        job    42
        | @{job}=               Receive Multipart    socket=service
        | Should Be Equal       ${job}[1]    42

        Tags: Proxy, Fault
        """
        from ...network.faults import Drop

        looks, which = Looks(patterns, match, format, layout, fields), Which(times, skip, every, probability, seed)
        return self._break_messages(Drop(), looks, which, Where(direction, lasting, name, client, proxy))

    @keyword
    def proxy_delays_messages(
        self,
        delay: timedelta,
        *patterns: object,
        match: MatchKind = MatchKind.GLOB,
        format: FormatArgument = None,
        layout: str | None = None,
        direction: FaultDirection = _BOTH,
        times: int | None = None,
        skip: int = 0,
        every: int = 1,
        probability: float = 1.0,
        seed: int | None = None,
        lasting: timedelta | None = None,
        name: str | None = None,
        client: str | None = None,
        proxy: str | None = None,
        **fields: object,
    ) -> str:
        """Messages come late, without holding up those behind them.

        See `Broken networks` for the arguments that all faults of messages have.

        Args:
            delay: How late.
            patterns: One for each leading frame; none mean every message.

        Returns:
            The name of the fault.

        Example:
        | Bind Zmq Socket       tcp://127.0.0.1:*    PULL    service
        | ${target}=            Get Zmq Endpoint
        | Start Proxy           ${target}
        | ${address}=           Get Proxy Endpoint
        | Connect Zmq Socket    ${address}    PUSH    client
        | Proxy Delays Messages    100ms    slow
        | Send Message          slow
        | Send Message          fast
        | ${first}=             Receive Message    socket=service
        | Should Be Equal       ${first}    fast
        | Receive Message       socket=service

        Tags: Proxy, Fault
        """
        from ...network.faults import Delay

        looks, which = Looks(patterns, match, format, layout, fields), Which(times, skip, every, probability, seed)
        return self._break_messages(
            Delay(delay.total_seconds()), looks, which, Where(direction, lasting, name, client, proxy)
        )

    @keyword
    def proxy_duplicates_messages(
        self,
        *patterns: object,
        copies: int = 1,
        match: MatchKind = MatchKind.GLOB,
        format: FormatArgument = None,
        layout: str | None = None,
        direction: FaultDirection = _BOTH,
        times: int | None = None,
        skip: int = 0,
        every: int = 1,
        probability: float = 1.0,
        seed: int | None = None,
        lasting: timedelta | None = None,
        name: str | None = None,
        client: str | None = None,
        proxy: str | None = None,
        **fields: object,
    ) -> str:
        """Messages come more than once, the copies right behind the first.

        See `Broken networks` for the arguments that all faults of messages have.

        Args:
            copies: How many more; together not more bytes than the proxy's ``limit``.
            patterns: One for each leading frame; none mean every message.

        Returns:
            The name of the fault.

        Example:
        | Bind Zmq Socket       tcp://127.0.0.1:*    PULL    service
        | ${target}=            Get Zmq Endpoint
        | Start Proxy           ${target}
        | ${address}=           Get Proxy Endpoint
        | Connect Zmq Socket    ${address}    PUSH    client
        | Proxy Duplicates Messages    pay
        | Send Message          pay
        | @{messages}=          Receive Messages    2    socket=service

        Tags: Proxy, Fault
        """
        from ...network.faults import Duplicate

        looks, which = Looks(patterns, match, format, layout, fields), Which(times, skip, every, probability, seed)
        return self._break_messages(Duplicate(copies), looks, which, Where(direction, lasting, name, client, proxy))

    @keyword
    def proxy_reorders_messages(
        self,
        *patterns: object,
        window: int = 2,
        match: MatchKind = MatchKind.GLOB,
        format: FormatArgument = None,
        layout: str | None = None,
        direction: FaultDirection = _BOTH,
        times: int | None = None,
        skip: int = 0,
        every: int = 1,
        probability: float = 1.0,
        seed: int | None = None,
        lasting: timedelta | None = None,
        name: str | None = None,
        client: str | None = None,
        proxy: str | None = None,
        **fields: object,
    ) -> str:
        """Of each so many matching messages the order is another one than it was.

        Messages wait until so many came; after a second, and at the end of the fault, those go on that are there.
        ``times``, ``every`` and ``probability`` count windows, ``skip`` counts messages.

        See `Broken networks` for the arguments that all faults of messages have.

        Args:
            window: How many messages; two are swapped.
            patterns: One for each leading frame; none mean every message.

        Returns:
            The name of the fault.

        Example:
        | Bind Zmq Socket       tcp://127.0.0.1:*    PULL    service
        | ${target}=            Get Zmq Endpoint
        | Start Proxy           ${target}
        | ${address}=           Get Proxy Endpoint
        | Connect Zmq Socket    ${address}    PUSH    client
        | Proxy Reorders Messages    times=1
        | Send Message          first
        | Send Message          second
        | ${text}=              Receive Message    socket=service
        | Should Be Equal       ${text}    second

        Tags: Proxy, Fault
        """
        from ...network.faults import Reorder

        looks, which = Looks(patterns, match, format, layout, fields), Which(times, skip, every, probability, seed)
        return self._break_messages(Reorder(window), looks, which, Where(direction, lasting, name, client, proxy))

    @keyword
    def proxy_corrupts_messages(
        self,
        *patterns: object,
        how: Corruption = Corruption.FLIP_BIT,
        frame: int = -1,
        match: MatchKind = MatchKind.GLOB,
        format: FormatArgument = None,
        layout: str | None = None,
        direction: FaultDirection = _BOTH,
        times: int | None = None,
        skip: int = 0,
        every: int = 1,
        probability: float = 1.0,
        seed: int | None = None,
        lasting: timedelta | None = None,
        name: str | None = None,
        client: str | None = None,
        proxy: str | None = None,
        **fields: object,
    ) -> str:
        """Messages are damaged in one frame. They are still well-formed: only their content is wrong.

        What cannot be damaged so, such as an empty frame, passes untouched, and the fault has a ``problem``.

        See `Broken networks` for the arguments that all faults of messages have.

        Args:
            how: What happens to the frame.
            frame: Its number, behind the envelope of REQ and REP; negative ones count from the end.
            patterns: One for each leading frame; none mean every message.

        Returns:
            The name of the fault.

        Example:
        | Bind Zmq Socket       tcp://127.0.0.1:*    PULL    service
        | ${target}=            Get Zmq Endpoint
        | Start Proxy           ${target}
        | ${address}=           Get Proxy Endpoint
        | Connect Zmq Socket    ${address}    PUSH    client
        | Proxy Corrupts Messages    how=CUT_FRAME
        | Send Message          hello
        | ${text}=              Receive Message    socket=service
        | Should Not Be Equal   ${text}    hello

        Tags: Proxy, Fault
        """
        from ...network.faults import Corrupt

        looks, which = Looks(patterns, match, format, layout, fields), Which(times, skip, every, probability, seed)
        return self._break_messages(Corrupt(how, frame), looks, which, Where(direction, lasting, name, client, proxy))

    @keyword
    def proxy_replaces_messages(
        self,
        *patterns: object,
        replacement: object,
        match: MatchKind = MatchKind.GLOB,
        format: FormatArgument = None,
        layout: str | None = None,
        direction: FaultDirection = _BOTH,
        times: int | None = None,
        skip: int = 0,
        every: int = 1,
        probability: float = 1.0,
        seed: int | None = None,
        lasting: timedelta | None = None,
        name: str | None = None,
        client: str | None = None,
        proxy: str | None = None,
        **fields: object,
    ) -> str:
        """Another message comes instead, in the same envelope.

        See `Broken networks` for the arguments that all faults of messages have.

        Args:
            replacement: One frame, or a list of frames; in ``format``. With a layout also a dictionary with a value for
                each field.
            patterns: One for each leading frame; none mean every message.

        Returns:
            The name of the fault.

        Example:
        | Bind Zmq Socket       tcp://127.0.0.1:*    PULL    service
        | ${target}=            Get Zmq Endpoint
        | Start Proxy           ${target}
        | ${address}=           Get Proxy Endpoint
        | Connect Zmq Socket    ${address}    PUSH    client
        | Proxy Replaces Messages    job    replacement=${{['job', '99']}}
        | Send Multipart        job    42
        | @{job}=               Receive Multipart    socket=service
        | Should Be Equal       ${job}[1]    99

        Tags: Proxy, Fault
        """
        from ...network.faults import Replace

        frames = self._encoded([replacement], format, layout)
        if not frames:
            raise InvalidValue("replacement= has no frames: give one frame, or a list of them.")
        self.session.recordings.note_secrets(frames)
        looks, which = Looks(patterns, match, format, layout, fields), Which(times, skip, every, probability, seed)
        return self._break_messages(
            Replace(tuple(frames)), looks, which, Where(direction, lasting, name, client, proxy)
        )

    @keyword
    def proxy_holds_messages(
        self,
        *patterns: object,
        match: MatchKind = MatchKind.GLOB,
        format: FormatArgument = None,
        layout: str | None = None,
        direction: FaultDirection = _BOTH,
        times: int | None = None,
        skip: int = 0,
        every: int = 1,
        probability: float = 1.0,
        seed: int | None = None,
        lasting: timedelta | None = None,
        name: str | None = None,
        client: str | None = None,
        proxy: str | None = None,
        **fields: object,
    ) -> str:
        """Messages wait until `Proxy Releases Messages`, or until the fault ends; others go on.

        See `Broken networks` for the arguments that all faults of messages have.

        Args:
            patterns: One for each leading frame; none mean every message.

        Returns:
            The name of the fault.

        Example:
        | Bind Zmq Socket       tcp://127.0.0.1:*    PULL    service
        | ${target}=            Get Zmq Endpoint
        | Start Proxy           ${target}
        | ${address}=           Get Proxy Endpoint
        | Connect Zmq Socket    ${address}    PUSH    client
        | Proxy Holds Messages    slow    name=held
        | Send Message          slow
        | Send Message          fast
        | ${first}=             Receive Message    socket=service
        | Should Be Equal       ${first}    fast
        | Wait For Proxy Message    slow
        | Proxy Releases Messages    name=held
        | Receive Message       socket=service

        Tags: Proxy, Fault
        """
        from ...network.faults import Hold

        looks, which = Looks(patterns, match, format, layout, fields), Which(times, skip, every, probability, seed)
        return self._break_messages(Hold(), looks, which, Where(direction, lasting, name, client, proxy))
