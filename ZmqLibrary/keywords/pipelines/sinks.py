"""Keywords about sinks, which take messages out of a pipeline."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from robot.api.deco import keyword
from robot.api.types import Secret

from ...errors import InvalidValue, WaitTimeout
from ...formats import FrameFormats, Hidden
from ...log import logger
from ...messages.message import Message, Receipt
from ...messages.patterns import MatchKind, message_pattern
from ...pipelines.states import Engine, StampPlace
from ...sockets.socket_types import SocketType
from ..arguments import patterns_of, require_count, topics_of
from ..base import FormatArgument
from .group import PipelineGroup
from .sink_wait import SinkWait

if TYPE_CHECKING:
    from ...formats import FormatTable
    from ...pipelines.report import SinkReport

_IDLE = timedelta(seconds=1)
_MOST_KEPT = 1_000_000_000


class SinkKeywords(PipelineGroup):
    """Sinks."""

    @keyword
    def start_sink(
        self,
        endpoint: str,
        type: SocketType = SocketType.PULL,
        alias: str | None = None,
        *,
        subscribe: object = None,
        sequence: object = None,
        sent_at: object = None,
        format: FormatArgument = None,
        stamp: StampPlace = StampPlace.AUTO,
        bind: bool = False,
        connections: int = 1,
        keep: int = 20,
        rate: object = None,
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
        """Starts a sink, which takes messages out of a pipeline and checks each one, and makes it the current sink.

        It runs in a process of its own until it is stopped, at the end of the test or suite like sockets are closed.
        See `Pipelines`.

        Args:
            endpoint: Where it connects to, or with ``bind`` where it listens.
            type: ``PULL``, ``SUB``, ``DEALER``, ``REP``, ``ROUTER`` or ``PAIR``.
            alias: The name by which other keywords know it. An older sink of that name is stopped, with a warning.
            subscribe: Topic or list of topics, which a SUB needs; an empty one means all messages.
            sequence: The service's own number instead of the stamp: a JSON path in the last frame (``$.id``), or the
                number of a frame, from 0; negative ones count from the end. The first number that comes is the
                beginning.
            sent_at: The service's own time of sending, in the same places: seconds since the epoch, or milliseconds,
                microseconds or nanoseconds, recognised by the size of the number. A time in the future or more than a
                day ago gives no latency, which ``latency_problem`` of the report says.
            format: Of the frame in which ``sequence`` and ``sent_at`` are, and of `Get Sink Messages`. For a JSON path
                in JSON it may be omitted.
            stamp: Where a pump's stamp is; by default both places are looked at.
            bind: Whether it listens at the endpoint rather than connects.
            connections: How many connections.
            keep: How many messages are kept for `Get Sink Messages`: the last ones, with at most 32 MB in all, and
                always the last one.
            rate: At most so many messages are read in a second, as a slow consumer does; default is ``MAX``.
            replies: Whether it answers each message with itself: REP, which always does, and ROUTER.
            engine: What moves the messages. See `Pipelines`.
            lazy: Whether not to wait for the handshake; default is the library's ``lazy_connect``.
            timeout: For the connection.
            send_hwm: High-water mark for replies; giving one takes the SOCKET engine.
            receive_hwm: High-water mark for receiving; giving one takes the SOCKET engine, whose default is 1,000.
            routing_id: The name by which a ROUTER at the other end knows it.
            curve_server_key: The public key of a CURVE server. See `Security`.
            curve_keypair: The CURVE identity.
            plain_server: Whether it asks its peers for user name and password.
            plain_username: For a PLAIN server: text or a Robot ``Secret``.
            plain_password: For a PLAIN server: text or a Robot ``Secret``; no log shows it.
            zap_domain: The name under which the authenticator has rules for it.
            options: Further socket options by name, as with `Set Zmq Socket Option`.

        Returns:
            The name: the alias, or a generated one such as ``SINK-1``.

        Raises:
            InvalidValue: An argument cannot be used; nothing was started.
            EndpointFailed: The address is in use, or cannot be used.
            ConnectFailed: The handshake was not done in time.

        Example:
        | Start Sink            tcp://127.0.0.1:*    PULL    out    bind=yes    sequence=$.id
        | ${address}=           Get Sink Endpoint
        | Connect Zmq Socket    ${address}    PUSH
        | Send Message          {"id": 7}
        | Send Message          {"id": 9}
        | ${report}=            Wait For Sink    count=2
        | Should Be Equal As Integers    ${report.lost}    1

        Tags: Pipeline, Opening
        """
        from ...pipelines.reading import OwnFields
        from ...pipelines.runner import SinkRun
        from ...pipelines.settings import SinkSettings
        from .making import EndpointArguments, Security, peer_values, reading_of, slow_rate_of

        if not 0 <= keep <= _MOST_KEPT:
            raise InvalidValue(f"keep={keep} cannot be used: give a number of messages from 0 to {_MOST_KEPT:,}.")
        topics = topics_of(subscribe)
        if topics and not type.subscribes:
            raise InvalidValue(f"subscribe is for SUB; this sink is a {type.name}. Omit it, or give type SUB.")
        named = {"ROUTING_ID": routing_id, "SNDHWM": send_hwm, "RCVHWM": receive_hwm}
        settings = SinkSettings(
            name=self.session.workers.of(SinkRun).new_name(alias, "SINK"),
            **peer_values(
                self.session,
                "sink",
                EndpointArguments(endpoint, type, bind, connections, replies, lazy, timeout),
                Security(curve_server_key, curve_keypair, plain_server, plain_username, plain_password, zap_domain),
                [*named.items(), *options.items()],
                self.start_sink,
            ),
            stamp=stamp.name,
            subscribe=tuple(bytes(topic) for topic in topics),
            **reading_of(self.session.formats, sequence, sent_at, format),
            encoding=self.session.formats.encoding,
            keep=keep,
            rate=slow_rate_of(rate),
        )
        if type.subscribes and not topics and "SUBSCRIBE" not in dict(settings.options):
            raise InvalidValue(
                "A SUB gets only what it subscribes to: give subscribe= with its topics, or subscribe=${EMPTY} for all."
            )
        OwnFields(settings)  # refuses places that there are not
        return self._start(SinkRun, settings, engine)

    @keyword
    def stop_sink(self, sink: str | None = None) -> SinkReport:
        """Stops a sink. Its report and messages can still be asked for; stopping twice does nothing.

        Returns:
            The report. See `Get Sink Report`.

        Raises:
            WorkerFailed: It has failed, or its process was killed.

        Example:
        | Start Sink         tcp://127.0.0.1:*    PULL    out    bind=yes
        | ${report}=         Stop Sink    out
        | Should Be Equal    ${report.state}    STOPPED

        Tags: Pipeline, Closing
        """
        run = self._sink(sink)
        self._stop(run)
        return run.report

    @keyword
    def pause_sink(self, sink: str | None = None) -> None:
        """Makes a sink read nothing until `Resume Sink`: its peers feel backpressure, and nothing is lost by it.

        Only a peer with HEARTBEAT_IVL closes the connection, and what was on the way is lost, if nothing answers its
        heartbeats: the WIRE engine does so once the first one has come, before or after the pause, and the SOCKET
        engine while the queue of libzmq is not full.

        Raises:
            WrongUse: The sink was stopped.

        Example:
        | Start Sink         tcp://127.0.0.1:*    PULL    bind=yes
        | Pause Sink
        | ${report}=         Get Sink Report
        | Should Be Equal    ${report.state}    PAUSED
        | Resume Sink

        Tags: Pipeline
        """
        self._pause(self._sink(sink))

    @keyword
    def resume_sink(self, sink: str | None = None) -> None:
        """Makes a sink read again after `Pause Sink`.

        Raises:
            WrongUse: The sink was stopped.

        Example:
        | Start Sink         tcp://127.0.0.1:*    PULL    bind=yes
        | Pause Sink
        | Resume Sink

        Tags: Pipeline
        """
        self._resume(self._sink(sink))

    @keyword
    def set_sink_rate(self, rate: object, sink: str | None = None) -> object:
        """Makes a sink a slow consumer: from now on it reads at most so many messages in a second.

        Args:
            rate: Messages per second, or ``MAX`` for as fast as it goes.

        Returns:
            The old rate: a number, or ``MAX``.

        Raises:
            WrongUse: The sink was stopped.

        Example:
        | Start Sink         tcp://127.0.0.1:*    PULL    bind=yes    rate=500
        | ${old}=            Set Sink Rate    MAX
        | Should Be Equal As Integers    ${old}    500

        Tags: Pipeline
        """
        from .making import UNLIMITED, slow_rate_of

        wanted = slow_rate_of(rate)
        run = self._sink(sink)
        old = run.control("rate", rate=wanted)
        logger.info(f"Set the rate of {run.title} to {UNLIMITED if wanted is None else f'{wanted:g}'}.")
        return UNLIMITED if old is None else int(old) if float(old).is_integer() else old

    @keyword
    def wait_for_sink(
        self,
        *,
        count: int | None = None,
        idle: timedelta | None = None,
        pump: str | None = None,
        sink: str | None = None,
        timeout: timedelta | None = None,
    ) -> SinkReport:
        """Waits until a sink has what it is to get. Whether something was lost is not judged here.

        Returns as soon as one of these holds: ``count`` messages came; all that the ended ``pump`` sent came; the pump
        has ended, if one is named, and nothing came for ``idle``.

        Args:
            count: How many messages.
            idle: For how long nothing came, counted from the last message and from the call, while the sink reads: a
                pause, or what its ``rate`` makes it wait, does not count. With ``pump`` alone it is 1 second.
            pump: The pump at the beginning of the pipeline. What is missing at the end then counts as lost, too.

        Returns:
            The report. See `Get Sink Report`.

        Raises:
            WaitTimeout: None of these was so in time; the message says how many messages came.
            WorkerFailed: The sink or the pump has failed, or its process was killed.

        Example:
        | Start Sink         tcp://127.0.0.1:*    PULL    out    bind=yes
        | ${address}=        Get Sink Endpoint
        | Start Pump         ${address}    PUSH    source    count=500
        | ${report}=         Wait For Sink    pump=source    sink=out    idle=1s    timeout=20s
        | Should Be True     ${report.complete}

        Tags: Pipeline, Waiting
        """
        if count is None and idle is None and pump is None:
            raise InvalidValue("Wait For Sink needs what to wait for: give count, pump, or idle.")
        require_count(count)
        if idle is not None and idle < timedelta():
            raise InvalidValue(f"idle={idle.total_seconds():g} cannot be negative: give how long nothing is to come.")
        run = self._sink(sink)
        source = None if pump is None else self._pump(pump)
        pause = idle if idle is not None or count is not None or pump is None else _IDLE
        waiting = SinkWait(run, source, count, None if pause is None else pause.total_seconds())
        deadline = self._deadline(timeout)
        found = self._wait(run, waiting.is_over, deadline, waiting.wanted)
        run.refresh(deadline)  # what came while its last status was on the way counts
        while found and not waiting.is_over() and deadline.remaining():
            found = self._wait(run, waiting.is_over, deadline, waiting.wanted)
            run.refresh(deadline)
        if source is not None:
            source.check()
            self._expect_count(run, source)
        if not found:
            raise WaitTimeout(waiting.explanation(deadline.seconds))
        report = run.report
        self._log_state(run)
        return report

    @keyword
    def get_sink_report(self, sink: str | None = None) -> SinkReport:
        """Returns what a sink has received so far, also after its end.

        Returns:
            A report with the attributes ``name``, ``type``, ``endpoint``, ``state`` (``RUNNING``, ``PAUSED``,
            ``STOPPED``), ``engine``, ``received`` (all that came), ``bytes``, ``lost`` (numbers that never came),
            ``duplicates``, ``reordered``, ``corrupt``, ``unstamped``, ``complete``, ``bounded`` (too many gaps to keep
            them all), ``seconds``, ``rate``, ``bytes_per_second``, ``latency`` (from the planned time; as in `Get Pump
            Report`), ``latency_problem``, ``bottleneck``, ``first_lost``, ``first_duplicates``, ``first_reordered``,
            ``first_corrupt`` (the first numbers concerned) and ``per_second`` (list of ``second``, ``received``,
            ``latency``).

        Example:
        | Start Sink         tcp://127.0.0.1:*    PULL    out    bind=yes
        | ${report}=         Get Sink Report
        | Should Be Equal As Integers    ${report.received}    0

        Tags: Pipeline, Getter
        """
        return self._sink(sink).report

    @keyword
    def get_sink_endpoint(self, sink: str | None = None) -> str:
        """Returns the address at which a sink listens, ready to connect to; or the one that it connects to.

        Example:
        | Start Sink            tcp://127.0.0.1:*    PULL    bind=yes
        | ${address}=           Get Sink Endpoint
        | Connect Zmq Socket    ${address}    PUSH

        Tags: Pipeline, Getter
        """
        return self._sink(sink).endpoint

    @keyword
    def get_sink_messages(
        self,
        *patterns: object,
        match: MatchKind = MatchKind.GLOB,
        format: FormatArgument = None,
        sink: str | None = None,
    ) -> list[Message]:
        """Returns the last messages that a sink has kept, as many as its ``keep``, as they came: with their stamps.

        Of large messages it keeps fewer, with at most 32 MB in all, and always the last one.

        Args:
            patterns: One for each leading frame; only messages that match are returned. See `Patterns`.
            match: How the patterns are held against the frames.
            format: Of the values; default is the ``format`` of the sink, or TEXT. If it is one for all frames, the last
                one is still BYTES where it begins with a stamp.

        Returns:
            A list of messages, the oldest first.

        Example:
        | Start Sink            tcp://127.0.0.1:*    PULL    bind=yes
        | ${address}=           Get Sink Endpoint
        | Connect Zmq Socket    ${address}    PUSH
        | Send Multipart        EUR    1.07
        | Wait For Sink         count=1
        | @{prices}=            Get Sink Messages    EUR*
        | Should Be Equal       ${prices}[0][1]    1.07

        Tags: Pipeline, Getter
        """
        from ...pipelines.stamp import begins_with_stamp

        run = self._sink(sink)
        formats = self.session.formats.get(format if format is not None else run.settings.format)
        pattern = message_pattern(patterns_of(patterns), match, formats)
        receipts = Receipt(run.name, formats), Receipt(run.name, _beside_stamps(self.session.formats, formats))
        return [
            Message(kept.frames, receipts[begins_with_stamp(kept.frames[-1])], kept.time)
            for kept in run.kept
            if pattern.matches(kept.frames)
        ]


def _beside_stamps(table: FormatTable, formats: FrameFormats) -> FrameFormats:
    """The formats of messages whose last frame is, or begins with, a stamp: no text, no JSON."""
    if formats.repeated is None or formats.least or formats.field_names or formats.takes_anything:
        return formats
    return FrameFormats(formats.spec, (), formats.repeated, (table.format("BYTES"),), formats.fallbacks)
