"""What users give as keys, passwords and security of a socket, as socket options that no log shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from ..errors import InvalidValue, WrongUse
from ..log import logger
from ..security.keys import generate_keypair, key_text, keypair_of
from ..security.zap_names import ZAP_ENDPOINT
from ..sockets.capabilities import require
from ..sockets.endpoints import is_inproc
from ..sockets.option_table import OptionKind, SocketOption, from_libzmq
from .secrets import keypair_from, public_key_from, revealed

if TYPE_CHECKING:
    from ..registry import Registry
    from ..security.authenticator import Authenticator
    from ..session.session import Session
    from ..sockets.zmq_socket import ZmqSocket

_OPEN_TO_ALL = {
    "CURVE_SERVER": "is a CURVE server without an authenticator: libzmq lets any client key in",
    "ZAP_DOMAIN": "has a ZAP domain, but there is no authenticator: libzmq lets everybody in",
}
_SERVER_OPTIONS = ("PLAIN_SERVER", *_OPEN_TO_ALL)
_CLIENT_OPTIONS = ("CURVE_SERVERKEY", "PLAIN_USERNAME", "PLAIN_PASSWORD")
_NEEDED = {
    "CURVE_SERVERKEY": ("CURVE_PUBLICKEY", "CURVE_SECRETKEY"),
    "CURVE_SERVER": ("CURVE_SECRETKEY",),
    "CURVE_PUBLICKEY": ("CURVE_SECRETKEY",),
    "PLAIN_USERNAME": ("PLAIN_PASSWORD",),
    "PLAIN_PASSWORD": ("PLAIN_USERNAME",),
}


def client_options(
    session: Session, server_key: object, keypair: object, username: object, password: object
) -> dict[str, object]:
    """The socket options of a peer that connects.

    Raises:
        InvalidValue: What is given is not enough, too much, or not a key.
    """
    curve, plain = (revealed(server_key), revealed(keypair)), (username, revealed(password))
    if _given(curve) and _given(plain):
        raise InvalidValue("A socket uses either CURVE (curve_…) or PLAIN (plain_…), and both are given.")
    if _given(plain):
        if None in plain:
            raise InvalidValue("PLAIN needs both plain_username and plain_password.")
        return {"PLAIN_USERNAME": username, "PLAIN_PASSWORD": password}
    if not _given(curve):
        return {}
    if curve[0] is None:
        raise InvalidValue(
            "A CURVE client needs curve_server_key, the public key of the server, besides curve_keypair."
        )
    require("curve")
    keys = session.secret_keys
    pair = keys.remember(generate_keypair()) if curve[1] is None else keypair_from(keypair, "curve_keypair", keys)
    server = public_key_from(server_key, "curve_server_key", keys)
    return {"CURVE_SERVERKEY": server, "CURVE_PUBLICKEY": pair.public, "CURVE_SECRETKEY": pair.secret}


def _given(arguments: tuple[object, ...]) -> bool:
    return any(argument is not None for argument in arguments)


def server_options(session: Session, keypair: object, zap_domain: object, plain_server: bool) -> dict[str, object]:
    """The socket options of a peer that listens.

    Raises:
        InvalidValue: There is too much, or no key.
    """
    curve = revealed(keypair) is not None
    if curve and plain_server:
        raise InvalidValue("A server uses either CURVE (curve_keypair) or PLAIN (plain_server), and both are given.")
    options: dict[str, object] = {} if zap_domain is None else {"ZAP_DOMAIN": zap_domain}
    if plain_server:
        options["PLAIN_SERVER"] = True
    if curve:
        require("curve")
        pair = keypair_from(keypair, "curve_keypair", session.secret_keys)
        options.update(CURVE_SERVER=True, CURVE_PUBLICKEY=pair.public, CURVE_SECRETKEY=pair.secret)
    return options


def security_options(
    session: Session,
    server_key: object,
    keypair: object,
    username: object,
    password: object,
    plain_server: bool,
    zap_domain: object,
) -> dict[str, object]:
    """The socket options of a peer of which only these say whether it connects or listens.

    A user name or password alone is taken as it is: the other one may follow before the socket connects.

    Raises:
        InvalidValue: They do not go together.
    """
    client = _given((revealed(server_key), username, revealed(password)))
    if client and (plain_server or zap_domain is not None):
        raise InvalidValue(
            "curve_server_key, plain_username and plain_password are for a socket that connects, plain_server and "
            "zap_domain for one that listens. Give those of one side."
        )
    plain = {"PLAIN_USERNAME": username, "PLAIN_PASSWORD": password}
    given = {name: value for name, value in plain.items() if revealed(value) is not None}
    if len(given) == 1 and not _given((revealed(server_key), revealed(keypair))):
        return given
    if client:
        return client_options(session, server_key, keypair, username, password)
    return server_options(session, keypair, zap_domain, plain_server)


def check_options(session: Session, values: Sequence[tuple[SocketOption, int | bytes]], endpoint: str | None) -> None:
    """Refuses socket options whose security is not what it seems, however it was given.

    Args:
        values: All options of the socket.
        endpoint: Which it gets; None if it gets its first one later, and further options before.

    Raises:
        InvalidValue: They do not go together, there is not enough, they do nothing there, or a key is in a wrong place.
    """
    check_keys(session, values)
    security = {option.name: bool(raw) for option, raw in values if option.secures}
    _require_one_mechanism(security)
    if endpoint is not None:
        check_security(security, endpoint)


def check_security(security: Mapping[str, bool], endpoint: str) -> None:
    """Refuses the security of a socket that gets an endpoint.

    Args:
        security: The options by name, and whether they are on.
        endpoint: Where it listens or connects to.

    Raises:
        InvalidValue: They do not go together, there is not enough, or they do nothing there.
    """
    _require_one_mechanism(security)
    on = [name for name, is_on in security.items() if is_on]
    for name in on:
        missing = [needed for needed in _NEEDED.get(name, ()) if needed not in on]
        if name == "CURVE_SECRETKEY" and not {"CURVE_SERVER", "CURVE_SERVERKEY"}.intersection(on):
            missing = ["CURVE_SERVER, or CURVE_SERVERKEY and CURVE_PUBLICKEY,"]
        if missing:
            arguments = " curve_server_key= and curve_keypair= set what they need." if name.startswith("CURVE_") else ""
            raise InvalidValue(f"Socket option {name} needs {' and '.join(missing)} as well.{arguments}")
    if on and is_inproc(endpoint):
        raise InvalidValue(
            f"Security does nothing at {endpoint}: inproc has no handshake. Use tcp://127.0.0.1:* or ipc:// instead."
        )


def _require_one_mechanism(security: Mapping[str, bool]) -> None:
    """Raises InvalidValue for options of which libzmq would let the last one decide, up to no security at all."""
    on = sorted(name for name, is_on in security.items() if is_on)
    mechanisms = [name for name in on if not name.startswith("ZAP_")]
    given = ", ".join(mechanisms)
    for name in ("CURVE_SERVER", "PLAIN_SERVER"):
        if mechanisms and security.get(name) is False:
            raise InvalidValue(f"{name}=no turns security off, and there is security: {given}. Omit {name}.")
    if len({name.partition("_")[0] for name in mechanisms}) > 1:
        raise InvalidValue(f"A socket uses either CURVE or PLAIN, and options of both are given: {given}.")
    client = ", ".join(name for name in _CLIENT_OPTIONS if name in on)
    server = ", ".join(name for name in _SERVER_OPTIONS if name in on)
    if client and server:
        raise InvalidValue(f"{client} make a socket a client, and {server} a server. Give those of one side.")


def check_keys(session: Session, values: Iterable[tuple[SocketOption, int | bytes]]) -> None:
    """Refuses a key among socket options where one of the other kind belongs; remembers the secret ones.

    Raises:
        InvalidValue: There is one.
    """
    keys = [(option, key_text(raw, option.name)) for option, raw in values if option.kind is OptionKind.KEY]
    for option, key in keys:
        if option.secret:
            session.secret_keys.require_secret(key, option.name)
            session.secret_keys.remember(keypair_of(key, option.name))
    for option, key in keys:
        if not option.secret:
            session.secret_keys.require_public(key, option.name)


def shown_value(option: SocketOption, raw: int | bytes) -> str:
    """The value of an option for the log, unless it is hidden."""
    if option.secret:
        return "<secret>"
    return "a key" if option.hidden else str(from_libzmq(option, raw))


def require_unbound(socket: ZmqSocket, option: SocketOption) -> None:
    """Raises WrongUse for a security option that would come too late."""
    if option.secures and socket.endpoints:
        raise WrongUse(
            f"Option {option.name} does nothing for the endpoints that socket {socket.title} has: "
            f"{', '.join(socket.endpoints)}. Set it before, or leave these endpoints first."
        )


def check_endpoint(session: Session, socket: ZmqSocket, endpoint: str) -> None:
    """Refuses an endpoint at which the security of a socket is not what it seems.

    Raises:
        InvalidValue: Its options do not go together, there is not enough, or they do nothing there.
        WrongUse: A PLAIN server without authenticator, which nobody could ever connect to.
        WorkerFailed: The authenticator has failed.
    """
    check_security(socket.options.security, endpoint)
    check_admission(session, socket.title, endpoint, socket.options.security)


def check_admission(session: Session, title: str, endpoint: str, options: Mapping[str, object]) -> bool:
    """Whether somebody is there who decides about the peers of a secured socket that gets an endpoint.

    Returns:
        Whether the authenticator decides about its peers.

    Raises:
        WrongUse: A PLAIN server without authenticator, which nobody could ever connect to.
        WorkerFailed: The authenticator has failed.
    """
    asked = [name for name in _SERVER_OPTIONS if options.get(name)]
    if is_inproc(endpoint) or not asked:
        return False
    if _has_authenticator(session):
        return True
    if "PLAIN_SERVER" in asked:
        raise WrongUse(
            f"Cannot use {title} as a PLAIN server: without an authenticator nobody checks passwords, and "
            "libzmq lets nobody in. Use `Start Authenticator` and `Allow Plain User` first."
        )
    logger.warn(f"Socket {title} {_OPEN_TO_ALL[asked[0]]}. Use `Start Authenticator` before.")
    return False


def authenticators_of(session: Session) -> Registry[Authenticator]:
    """The authenticators that run: one or none."""
    # Imported when used, since few suites secure their sockets.
    from ..security.authenticator import Authenticator

    return session.workers.of(Authenticator)


def running_authenticator(session: Session) -> Authenticator:
    """The authenticator.

    Raises:
        NotOpen: There is none.
        WorkerFailed: It has failed.
    """
    authenticator = authenticators_of(session).get()
    authenticator.check()
    return authenticator


def _has_authenticator(session: Session) -> bool:
    authenticators = authenticators_of(session)
    for authenticator in authenticators:
        authenticator.check()
    return bool(len(authenticators)) or any(ZAP_ENDPOINT in socket.places.bound for socket in session.sockets)
