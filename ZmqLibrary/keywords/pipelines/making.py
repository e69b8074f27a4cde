"""Settings of pumps and sinks from what keywords are given. Everything is checked before anything is started."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from ...errors import InvalidValue
from ...pipelines.messages import messages_in
from ...pipelines.pieces import format_for_process, pieces_of
from ...pipelines.schedule import HIGHEST, LOWEST, parse_schedule
from ...pipelines.settings import PeerSettings, PumpSettings, SinkSettings
from ...pipelines.stamp import MOST_LANES, SIZE
from ...pipelines.states import Engine, StampPlace
from ...pipelines.wire_engine import why_not_wire
from ...sockets.endpoints import is_inproc, parse_endpoint
from ...sockets.socket_types import SocketType
from ..arguments import frames_of, option_values
from ..base import FormatArgument
from ..secrets import revealed
from ..secured_sockets import check_admission, check_options, client_options, server_options

if TYPE_CHECKING:
    from ...formats import FormatTable
    from ...session.session import Session

UNLIMITED = "MAX"
_PUMPS = (SocketType.PUSH, SocketType.PUB, SocketType.DEALER, SocketType.REQ, SocketType.PAIR)
_SINKS = (SocketType.PULL, SocketType.SUB, SocketType.DEALER, SocketType.REP, SocketType.ROUTER, SocketType.PAIR)
_TYPES = {"pump": _PUMPS, "sink": _SINKS}
_TAKES_TURNS = (SocketType.REQ, SocketType.REP)
_MAY_REPLY = {"pump": (SocketType.REQ, SocketType.DEALER), "sink": (SocketType.REP, SocketType.ROUTER)}
_DEFAULT_SIZE = 100
_LARGEST = 1 << 30
_CHECKED_LINES = 100_000


class EndpointArguments(NamedTuple):
    """What pumps and sinks are given alike, as keywords take it."""

    endpoint: str
    type: SocketType
    bind: bool
    connections: int
    replies: bool | None
    lazy: bool | None
    timeout: timedelta | None


class Security(NamedTuple):
    """How a pump or sink proves who it is, or asks its peers."""

    curve_server_key: object
    curve_keypair: object
    plain_server: bool
    plain_username: object
    plain_password: object
    zap_domain: str | None

    def options(self, session: Session, bind: bool) -> dict[str, object]:
        """The socket options for it.

        Raises:
            InvalidValue: What is given is not enough, too much, not a key, or for the other side.
        """
        wrong: dict[str, object] = (
            {
                "curve_server_key": self.curve_server_key,
                "plain_username": self.plain_username,
                "plain_password": revealed(self.plain_password),
            }
            if bind
            else {"plain_server": self.plain_server or None, "zap_domain": self.zap_domain}
        )
        for name, value in wrong.items():
            if value is not None:
                sides = ("connects", "bind=no") if bind else ("listens", "bind=yes")
                raise InvalidValue(f"{name} is for the side that {sides[0]}: give {sides[1]}, or omit {name}.")
        if bind:
            return server_options(session, self.curve_keypair, self.zap_domain, self.plain_server)
        return client_options(
            session, self.curve_server_key, self.curve_keypair, self.plain_username, self.plain_password
        )


def peer_values(
    session: Session,
    what: str,
    connection: EndpointArguments,
    security: Security,
    options: Iterable[tuple[str, object]],
    keyword: Callable[..., object],
) -> dict[str, Any]:
    """The settings that pumps and sinks have in common, by name.

    Args:
        what: `pump` or `sink`.
        options: Names and values of socket options; None for those that were not given.
        keyword: Which takes them.

    Raises:
        InvalidValue: Something cannot be used; the error names the argument and the choices.
    """
    endpoint, type, bind, connections, replies, lazy, timeout = connection
    if type not in _TYPES[what]:
        known = ", ".join(known.name for known in _TYPES[what])
        raise InvalidValue(f"A {what} cannot be of type {type.name}. Types are: {known}.")
    _check_endpoint(endpoint, bind)
    given = [(name, value) for name, value in options if value is not None]
    values = option_values([*given, *security.options(session, bind).items()], type, keyword)
    _check_connections(what, connections, bind, [option.name for option, _ in values])
    check_options(session, values, endpoint)
    seconds = session.settings.timeout if timeout is None else timeout.total_seconds()
    if seconds < 0:
        raise InvalidValue(f"timeout={seconds:g} cannot be negative. Give lazy=yes to not wait for the peer.")
    return {
        "endpoint": endpoint,
        "type": type.name,
        "bind": bind,
        "connections": connections,
        "replies": _replies(what, type, replies),
        "lazy": session.settings.lazy_connect if lazy is None else lazy,
        "timeout": seconds,
        "options": tuple((option.name, value) for option, value in values),
    }


def _check_endpoint(endpoint: str, bind: bool) -> None:
    try:
        parse_endpoint(endpoint, "bind" if bind else "connect")
    except InvalidValue as error:
        if bind or not _can_be_bound(endpoint):
            raise
        raise InvalidValue(f"{error} Give bind=yes to listen there.", error.hint) from None


def _can_be_bound(endpoint: str) -> bool:
    try:
        parse_endpoint(endpoint, "bind")
    except InvalidValue:
        return False
    return True


def _check_connections(what: str, connections: int, bind: bool, options: Collection[str]) -> None:
    if not 1 <= connections <= MOST_LANES:
        raise InvalidValue(f"connections={connections} cannot be used: give a number from 1 to {MOST_LANES:,}.")
    if connections > 1 and bind:
        raise InvalidValue(f"connections={connections} is for a {what} that connects: give bind=no, or one connection.")
    if connections > 1 and "ROUTING_ID" in options:
        raise InvalidValue("routing_id is for one connection: a ROUTER would take only one of several.")


def _replies(what: str, type: SocketType, replies: bool | None) -> bool:
    if type in _TAKES_TURNS:
        if replies is False:
            raise InvalidValue(
                f"replies=no is not possible with {type.name}, which takes turns with its peer: omit it."
            )
        return True
    if replies and type not in _MAY_REPLY[what]:
        known = " or ".join(known.name for known in _MAY_REPLY[what])
        raise InvalidValue(f"replies=yes is for a {what} of type {known}, not {type.name}.")
    return bool(replies)


def content_of(
    table: FormatTable,
    frames: Sequence[object],
    size: int | None,
    source: object,
    format: FormatArgument,
    stamp: StampPlace,
) -> dict[str, Any]:
    """What a pump's messages are made from, and where their stamp is: its settings by name.

    Raises:
        InvalidValue: There is more than one thing given, or it cannot be used.
    """
    if format is not None:
        table.get(format)
    given = [name for name, is_given in (("frames", bool(frames)), ("size", size is not None),
                                         ("source", source is not None)) if is_given]  # fmt: skip
    if len(given) > 1:
        raise InvalidValue(f"{' and '.join(given)} are both given: messages are made from frames, a size, or a source.")
    own_body = not frames and source is None
    place = stamp if stamp is not StampPlace.AUTO else StampPlace.PREFIX if own_body else StampPlace.FRAME
    if own_body:
        return {"stamp": place.name, "size": _checked_size(_DEFAULT_SIZE if size is None else size, place)}
    if source is not None:
        return {"stamp": place.name, **_checked_source(source, format, table)}
    pieces, template = pieces_of(frames_of(frames), format, table)
    return {"stamp": place.name, "frames": pieces, "template": template}


def _checked_size(size: int, place: StampPlace) -> int:
    if not 0 <= size <= _LARGEST:
        raise InvalidValue(f"size={size} cannot be used: give a number of bytes from 0 to {_LARGEST:,}.")
    if place is StampPlace.PREFIX and size < SIZE:
        raise InvalidValue(
            f"size={size} cannot be used with stamp=PREFIX: the stamp alone has {SIZE} bytes. Give {SIZE} or more, "
            "stamp=FRAME for a frame of its own, or stamp=NONE for messages without number and time."
        )
    return size


def _checked_source(source: object, format: FormatArgument, table: FormatTable) -> dict[str, Any]:
    """The file, of which the first lines are read, and what its lines are values of."""
    if not isinstance(source, (str, os.PathLike)):
        raise InvalidValue(
            "source is the path of a file of lines, or of a recording. Give a list of frames after the alias; write "
            "messages that differ to a file, each in a line of its own."
        )
    if not str(source):
        raise InvalidValue("source is empty: give the path of a file of lines, or of a recording, or omit it.")
    path = os.path.abspath(os.fspath(source))
    if format is None:
        next(messages_in(path))
        return {"source": path}
    name = format_for_process(format, "source", "a file whose lines are the frames themselves")
    for _ in islice(messages_in(path, table.get(name)), _CHECKED_LINES):
        pass
    return {"source": path, "line_format": (name, table.encoding)}


def profile_of(rate: object) -> str | None:
    """The profile of a `rate=` argument; None for as fast as it goes.

    Raises:
        InvalidValue: It is none.
    """
    if rate is None or str(rate).strip().upper() == UNLIMITED:
        return None
    return str(parse_schedule(rate))


def slow_rate_of(rate: object) -> float | None:
    """How many messages a second a slow consumer reads; None for as fast as it goes.

    Raises:
        InvalidValue: It is no number, or one that no clock can follow.
    """
    if rate is None or str(rate).strip().upper() == UNLIMITED:
        return None
    try:
        number = float(str(rate))
    except ValueError:
        number = 0.0
    if not LOWEST <= number <= HIGHEST:
        raise InvalidValue(
            f"rate={rate} cannot be used: give the number of messages per second, from 0.001 to 1,000,000,000, or MAX."
        )
    return number


def reading_of(table: FormatTable, sequence: object, sent_at: object, format: FormatArgument) -> dict[str, Any]:
    """Where a sink finds a service's own number and time, and in which format: its settings by name.

    Raises:
        InvalidValue: A place is empty, there is no such format, or the sink's process does not know it.
    """
    places = {"sequence": sequence, "sent_at": sent_at}
    for argument, place in places.items():
        if place is not None and not str(place).strip():
            raise InvalidValue(
                f"{argument} is empty: give a JSON path in the last frame, such as $.id, or the number of a frame, or "
                f"omit {argument}."
            )
    given = {argument: str(place).strip() for argument, place in places.items() if place is not None}
    name = "TEXT" if format is None else format if isinstance(format, str) else ",".join(format)
    table.get(name)
    if given:
        format_for_process(name, " and ".join(given), "it to `Get Sink Messages`")
    return {**given, "format": name}


def with_engine(settings: PeerSettings, engine: Engine) -> tuple[PeerSettings, str]:
    """The settings with the engine that moves the messages, and why it is this one.

    Raises:
        InvalidValue: WIRE is wanted and cannot do it.
    """
    problem = why_not_wire(settings)
    if engine is Engine.WIRE and problem:
        raise InvalidValue(f"engine=WIRE cannot be used: {problem}. Give engine=SOCKET, or AUTO.")
    if engine is Engine.AUTO:
        return replace(settings, engine="SOCKET" if problem else "WIRE"), problem and f", because {problem}"
    return replace(settings, engine=engine.name), ""


def needs_library(session: Session, settings: PeerSettings) -> bool:
    """Whether it has to run in the library's process: for inproc, and for peers that its authenticator admits.

    Raises:
        WrongUse: A PLAIN server without authenticator, which nobody could ever connect to.
    """
    if is_inproc(settings.endpoint):
        return True
    title = f"'{settings.name}' ({settings.type})"
    return check_admission(session, title, settings.endpoint, dict(settings.options))


def described(settings: PumpSettings | SinkSettings, endpoint: str) -> str:
    """What a pump or sink does, for the log."""
    place = f"{'listens at' if settings.bind else 'connected to'} {endpoint}"
    if isinstance(settings, SinkSettings):
        what = f"follows {settings.sequence}" if settings.sequence else f"stamps {settings.stamp}"
        slow = f", reads {settings.rate:g} messages a second" if settings.rate else ""
        return f"{place}, {what}{slow}"
    amount = "until stopped" if settings.count is None else f"{settings.count:,} messages"
    if settings.duration is not None:
        amount += f", for {settings.duration:g} s"
    rate = f"{settings.rate} a second" if settings.rate else "as fast as it goes"
    return f"{place}, {amount}, {rate}, stamp {settings.stamp}"
