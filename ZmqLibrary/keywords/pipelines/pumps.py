"""Keywords about pumps, which put messages into a pipeline."""

from __future__ import annotations

import time
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING

from robot.api.deco import keyword
from robot.api.types import Secret

from ...errors import InvalidValue, WaitTimeout
from ...formats import Hidden
from ...log import logger
from ...pipelines.states import ENDED, Engine, StampPlace
from ...report.words import count_of, lines, seconds
from ...sockets.socket_types import SocketType
from ..base import FormatArgument
from .group import PipelineGroup, require_positive

if TYPE_CHECKING:
    from ...pipelines.report import PumpReport
    from ...pipelines.runner import PumpRun


class PumpKeywords(PipelineGroup):
    """Pumps."""

    @keyword
    def start_pump(
        self,
        endpoint: str,
        type: SocketType = SocketType.PUSH,
        alias: str | None = None,
        *frames: object,
        size: int | None = None,
        source: object = None,
        format: FormatArgument = None,
        count: int | None = None,
        duration: timedelta | None = None,
        rate: object = None,
        stamp: StampPlace = StampPlace.AUTO,
        bind: bool = False,
        connections: int = 1,
        replies: bool | None = None,
        engine: Engine = Engine.AUTO,
        lazy: bool | None = None,
        timeout: timedelta | None = None,
        send_hwm: int | None = None,
        receive_hwm: int | None = None,
        routing_id: object = None,
        curve_server_key: Hidden | object = None,
        curve_keypair: Hidden | object = None,
        plain_server: bool = False,
        plain_username: str | Secret | None = None,
        plain_password: Hidden | object = None,
        zap_domain: str | None = None,
        **options: Hidden | object,
    ) -> str:
        """Starts a pump, which puts messages into a pipeline at the speed of the wire, and makes it the current pump.

        It runs in a process of its own until its count, duration or profile is over, and is stopped at the end of the
        test or suite like sockets are closed. See `Pipelines`.

        Args:
            endpoint: Where it connects to, or with ``bind`` where it listens.
            type: ``PUSH``, ``PUB``, ``DEALER``, ``REQ`` or ``PAIR``.
            alias: The name by which other keywords know it. An older pump of that name is stopped, with a warning.
            frames: The frames of each message, or a single list of them. ``$n`` is the number of the message, from 1,
                and ``$time`` the local time, as with `Mock Publishes`.
            size: Instead of frames: bytes of the body that the pump makes itself. Default is 100.
            source: Instead of frames: a file of lines, or a recording. Without ``count`` and ``duration`` each of its
                messages is sent once; with them the pump begins the file again.
            format: Of the frames; default is TEXT, or JSON for what is a dictionary. Of a file it is that of its lines,
                whose bytes are sent as they are by default.
            count: How many messages.
            duration: For how long. Whichever of count and duration comes first ends the pump.
            rate: Messages per second in all connections together, or a profile: steps ``1000:1s,4000:1s``, a ramp
                ``1000..3000:1s``, bursts ``100/250ms``. Default is ``MAX``, as fast as it goes.
            stamp: Where each message has its number, its time and its checksum. Default is PREFIX for bodies that the
                pump makes, else FRAME.
            bind: Whether it listens at the endpoint rather than connects. It begins when its first peer is there.
            connections: How many connections share the messages.
            replies: Whether it waits for the reply to each message: REQ, which always does, and DEALER. After an
                overdue reply, requests of a REQ with ``bind`` and the SOCKET engine have one frame more before the
                empty one.
            engine: What moves the messages. See `Pipelines`.
            lazy: Whether not to wait for the handshake, and as a PUB not for a subscription; default is the library's
                ``lazy_connect``.
            timeout: For the connection, and for replies: one that takes longer is overdue.
            send_hwm: High-water mark for sending; giving one takes the SOCKET engine, except for a PUB. Default of both
                is 1,000.
            receive_hwm: High-water mark for replies; giving one takes the SOCKET engine.
            routing_id: The name by which a ROUTER at the other end knows it.
            curve_server_key: The public key of a CURVE server. See `Security`.
            curve_keypair: The CURVE identity.
            plain_server: Whether it asks its peers for user name and password.
            plain_username: For a PLAIN server: text or a Robot ``Secret``.
            plain_password: For a PLAIN server: text or a Robot ``Secret``; no log shows it.
            zap_domain: The name under which the authenticator has rules for it.
            options: Further socket options by name, as with `Set Zmq Socket Option`.

        Returns:
            The name: the alias, or a generated one such as ``PUMP-1``.

        Raises:
            InvalidValue: An argument cannot be used; nothing was started.
            EndpointFailed: The address is in use, or cannot be used.
            ConnectFailed: The handshake was not done in time.

        Example:
        | Start Sink           tcp://127.0.0.1:*    PULL    out    bind=yes
        | ${address}=          Get Sink Endpoint
        | Start Pump           ${address}    PUSH    source    size=1024    count=1000    rate=10000
        | Wait For Pump        source
        | Wait For Sink        pump=source    sink=out
        | Sink Should Be Complete    pump=source    sink=out

        Example:
        | Start Pump           tcp://127.0.0.1:*    PUB    prices    EUR    {"n": $n}    bind=yes    stamp=NONE
        | ${address}=          Get Pump Endpoint
        | Connect Zmq Socket   ${address}    SUB    subscribe=EUR
        | ${tick}=             Receive Multipart
        | Should Start With    ${tick}[1]    {"n":

        Tags: Pipeline, Opening
        """
        from ...pipelines.runner import PumpRun
        from ...pipelines.settings import PumpSettings
        from .making import EndpointArguments, Security, content_of, peer_values, profile_of

        seconds = None if duration is None else duration.total_seconds()
        require_positive(count=count, duration=seconds)
        named = {"ROUTING_ID": routing_id, "SNDHWM": send_hwm, "RCVHWM": receive_hwm}
        settings = PumpSettings(
            name=self.session.workers.of(PumpRun).new_name(alias, "PUMP"),
            **peer_values(
                self.session,
                "pump",
                EndpointArguments(endpoint, type, bind, connections, replies, lazy, timeout),
                Security(curve_server_key, curve_keypair, plain_server, plain_username, plain_password, zap_domain),
                [*named.items(), *options.items()],
                self.start_pump,
            ),
            **content_of(self.session.formats, frames, size, source, format, stamp),
            count=count,
            duration=seconds,
            rate=profile_of(rate),
        )
        self.session.recordings.note_secrets(chain.from_iterable(settings.frames))
        return self._start(PumpRun, settings, engine)

    @keyword
    def stop_pump(self, pump: str | None = None) -> PumpReport:
        """Stops a pump. Its report can still be asked for; stopping twice does nothing.

        A PUB takes up to a second longer, where subscribers have not taken yet what it has published. With the SOCKET
        engine ``sent`` is what libzmq has taken: what is in its queue when the peer takes no more is thrown away, and
        counts as lost at the sink. With the WIRE engine a message of which a part was sent does not count as sent.

        Returns:
            The report. See `Get Pump Report`.

        Raises:
            WorkerFailed: It has failed, or its process was killed.

        Example:
        | Start Pump         tcp://127.0.0.1:*    PUSH    source    bind=yes
        | ${report}=         Stop Pump    source
        | Should Be Equal    ${report.state}    STOPPED

        Tags: Pipeline, Closing
        """
        run = self._pump(pump)
        self._stop(run)
        return run.report

    @keyword
    def pause_pump(self, pump: str | None = None) -> None:
        """Makes a pump send nothing until `Resume Pump`; what would have been due meanwhile is not made up for.

        Raises:
            WrongUse: The pump has ended.

        Example:
        | Start Pump         tcp://127.0.0.1:*    PUSH    source    bind=yes    rate=1000
        | Pause Pump         source
        | ${report}=         Get Pump Report    source
        | Should Be Equal    ${report.state}    PAUSED
        | Resume Pump        source

        Tags: Pipeline
        """
        self._pause(self._pump(pump))

    @keyword
    def resume_pump(self, pump: str | None = None) -> None:
        """Makes a pump go on after `Pause Pump`, at its rate and without catching up.

        Raises:
            WrongUse: The pump has ended.

        Example:
        | Start Pump         tcp://127.0.0.1:*    PUSH    source    bind=yes    rate=1000
        | Pause Pump
        | Resume Pump

        Tags: Pipeline
        """
        self._resume(self._pump(pump))

    @keyword
    def set_pump_rate(self, rate: object, pump: str | None = None) -> object:
        """Makes a pump follow another rate from now on; what is overdue is still sent.

        Args:
            rate: As with `Start Pump`: a number, a profile, or ``MAX`` for as fast as it goes.

        Returns:
            The old rate, so that it can be set again: a number, a profile, or ``MAX``.

        Raises:
            WrongUse: The pump has ended.

        Example:
        | Start Pump         tcp://127.0.0.1:*    PUSH    source    bind=yes    rate=1000
        | ${old}=            Set Pump Rate    500
        | Should Be Equal As Numbers    ${old}    1000

        Tags: Pipeline
        """
        from .making import UNLIMITED, profile_of

        profile = profile_of(rate) or UNLIMITED
        run = self._pump(pump)
        old = number_if_it_is_one(str(run.control("rate", rate=profile)))
        logger.info(f"Set the rate of {run.title} from {old} to {profile}.")
        return old

    @keyword
    def wait_for_pump(self, pump: str | None = None, *, timeout: timedelta | None = None) -> PumpReport:
        """Waits until a pump has sent everything, has its replies, and the peer's system has taken it all.

        Returns:
            The report. See `Get Pump Report`.

        Raises:
            WaitTimeout: It was not done in time; the message says how many messages were sent, and whether the peer
                does not take more.
            WorkerFailed: It has failed, or its process was killed.

        Example:
        | Start Sink         tcp://127.0.0.1:*    PULL    bind=yes
        | ${address}=        Get Sink Endpoint
        | Start Pump         ${address}    PUSH    count=500
        | ${report}=         Wait For Pump    timeout=20s
        | Should Be Equal As Integers    ${report.sent}    500

        Tags: Pipeline, Waiting
        """
        run = self._pump(pump)
        deadline = self._deadline(timeout)
        self._wait(run, lambda: has_ended(run), deadline, run.settings.count)
        run.check()
        if not has_ended(run):
            raise WaitTimeout(_not_done(run, deadline.seconds))
        self._log_end(run)
        return run.report

    @keyword
    def wait_until_pump_is_blocked(
        self,
        lasting: timedelta = timedelta(milliseconds=100),
        pump: str | None = None,
        *,
        timeout: timedelta | None = None,
    ) -> None:
        """Waits until the peer takes nothing more from a pump that has messages to send: backpressure.

        Args:
            lasting: For how long without a break.

        Raises:
            WaitTimeout: It was not so in time, or the pump has ended before.

        Example:
        | Start Sink         tcp://127.0.0.1:*    PULL    bind=yes    receive_hwm=10
        | ${address}=        Get Sink Endpoint
        | Pause Sink
        | Start Pump         ${address}    PUSH    size=10000    send_hwm=10
        | Wait Until Pump Is Blocked    lasting=200ms    timeout=20s
        | Resume Sink

        Tags: Pipeline, Waiting
        """
        wanted = lasting.total_seconds()
        if wanted < 0:
            raise InvalidValue(f"lasting={wanted:g} cannot be negative: give for how long it is to be blocked.")
        run = self._pump(pump)
        deadline = self._deadline(timeout)
        over = run.wait_for(lambda: blocked_for(run) >= max(wanted, 1e-9) or has_ended(run), deadline)
        run.check()
        if not over or has_ended(run):
            why = "has ended" if over else f"was not blocked for {seconds(wanted)} in {seconds(deadline.seconds)}"
            raise WaitTimeout(_not_blocked(run, why))
        logger.info(f"{run.heading} is blocked for {seconds(blocked_for(run))}.")

    @keyword
    def get_pump_report(self, pump: str | None = None) -> PumpReport:
        """Returns what a pump has done so far, also after its end.

        Returns:
            A report with the attributes ``name``, ``type``, ``endpoint``, ``state`` (``RUNNING``, ``PAUSED``,
            ``BLOCKED``, ``DONE``, ``STOPPED``), ``engine``, ``asked`` (planned so far), ``sent``, ``acknowledged``
            (taken by the peer's system; with the SOCKET engine known at the end only, and not for types that receive,
            PUB and inproc, where it becomes ``sent``), ``dropped`` (by a PUB, summed over subscribers),
            ``dropped_is_minimum`` (whether it may be more: of several subscribers libzmq does not tell how many miss a
            message, while the WIRE engine counts each), ``bytes``, ``seconds``, ``rate``, ``bytes_per_second``,
            ``replies``, ``lost`` (overdue replies), ``latency`` (of replies), ``lag`` (how late messages were sent),
            ``blocked`` (seconds), ``bottleneck`` and ``per_second`` (list of ``second`` and ``sent``). ``latency`` and
            ``lag`` have ``count``, ``min``, ``mean``, ``p50``, ``p90``, ``p99``, ``p99_9``, ``p99_99`` and ``max``, in
            seconds, also as ``${report.lag}[p99.9]``; or are None.

        Example:
        | Start Pump         tcp://127.0.0.1:*    PUSH    source    bind=yes
        | ${report}=         Get Pump Report
        | Should Be Equal    ${report.name}    source

        Tags: Pipeline, Getter
        """
        return self._pump(pump).report

    @keyword
    def get_pump_endpoint(self, pump: str | None = None) -> str:
        """Returns the address at which a pump listens, ready to connect to; or the one that it connects to.

        Example:
        | Start Pump            tcp://127.0.0.1:*    PUSH    bind=yes    count=1    stamp=NONE
        | ${address}=           Get Pump Endpoint
        | Connect Zmq Socket    ${address}    PULL
        | Receive Message

        Tags: Pipeline, Getter
        """
        return self._pump(pump).endpoint


def has_ended(run: PumpRun) -> bool:
    """Whether a pump has ended by itself or was stopped."""
    return run.status.get("state") in ENDED


def blocked_for(run: PumpRun) -> float:
    """For how many seconds the peer takes nothing."""
    since = run.status.get("since")
    return 0.0 if since is None else (time.monotonic_ns() - since) / 1e9


def number_if_it_is_one(text: str) -> object:
    """A rate as a number where it is no profile."""
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else number


def _not_done(run: PumpRun, waited: float) -> str:
    status = run.status
    number, count = status.get("sent", 0), run.settings.count
    blocked, missing_peer = blocked_for(run), run.missing_peer
    sent = "it has sent " + (count_of(number, "message") if count is None else f"{number:,} of {count:,} messages")
    if status.get("state") == "PAUSED":
        return f"{run.heading} is not done in {seconds(waited)}: {sent} and is paused. Use `Resume Pump`."
    if blocked:
        cause = "it has no peer" if missing_peer else f"its peer at {run.endpoint} takes no more"
        state = f"{sent} and is blocked for {seconds(round(blocked, 1))}, because {cause}."
        return lines(f"{run.heading} is not done in {seconds(waited)}: {state}", missing_peer)
    if not status.get("asked"):
        return lines(
            f"{run.heading} is not done in {seconds(waited)}: it waits for its {_first_peer(run)}.", missing_peer
        )
    missing = number - status.get("replies", 0) if run.settings.replies else 0
    waits = f" and waits for the replies to {missing:,} of them" if missing > 0 else ""
    return f"{run.heading} is not done in {seconds(waited)}: {sent}{waits}. Give it more time with timeout=."


def _not_blocked(run: PumpRun, why: str) -> str:
    if not run.status.get("asked"):
        return lines(f"{run.heading} {why}: it waits for its {_first_peer(run)}.", run.missing_peer)
    return f"{run.heading} {why}: its peer has taken {count_of(run.status.get('sent', 0), 'message')}."


def _first_peer(run: PumpRun) -> str:
    return "first subscriber" if SocketType[run.settings.type].publishes else "first peer"
