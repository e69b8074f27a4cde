"""What users give as keys, passwords and security of a socket, as socket options that no log shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from robot.api import logger
from robot.api.types import Secret

from ..errors import InvalidValue, WrongUse
from ..formats import Hidden
from ..security.authenticator import Authenticator
from ..security.keys import KeyPair, SecretKeys, generate_keypair, key_text, keypair_of
from ..security.zap import ZAP_ENDPOINT
from ..sockets.capabilities import require
from ..sockets.option_table import OptionKind, SocketOption, find_option, from_libzmq
from ..surrogates import require_text

if TYPE_CHECKING:
    from ..session.session import Session
    from ..sockets.zmq_socket import ZmqSocket

_FAMILIES = ("CURVE_", "PLAIN_", "ZAP_")


@dataclass(frozen=True)
class CurveKeypair:
    """A CURVE identity.

    Attributes:
        public: What others may know: 40 characters of Z85 text.
        secret: What nobody else may know: a Robot ``Secret`` with such a text.
    """

    public: str
    secret: Secret


def as_keypair(pair: KeyPair) -> CurveKeypair:
    """A CURVE identity for Robot."""
    return CurveKeypair(pair.public, Secret(str(pair.secret.value)))


def keypair_from(value: object, argument: str, secret_keys: SecretKeys) -> KeyPair:
    """The CURVE identity that a user gives: a key pair, or only its secret key.

    Raises:
        InvalidValue: It is neither.
    """
    value = revealed(value)
    if isinstance(value, CurveKeypair):
        return secret_keys.remember(KeyPair(value.public, Hidden(value.secret.value)))
    return secret_keys.remember(keypair_of(value, argument))


def public_key_from(value: object, argument: str, secret_keys: SecretKeys) -> str:
    """The public key that a user gives: the key, or a key pair.

    Raises:
        InvalidValue: It is neither, or it is known to be secret.
    """
    value = revealed(value)
    if isinstance(value, CurveKeypair):
        return value.public
    return secret_keys.require_public(key_text(value, argument), argument)


def password_bytes(password: object) -> bytes:
    """A password as it goes over the wire.

    Raises:
        InvalidValue: It is not text.
    """
    value = revealed(password)
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    if not isinstance(value, str):
        raise InvalidValue(f"A password is text or bytes, not a value of type {type(value).__name__}.")
    require_text(value, "The password", secret=True)
    return value.encode("utf-8")


def public_key_if_given(value: object, argument: str, secret_keys: SecretKeys) -> str | None:
    """As `public_key_from`, but None stays None."""
    return None if revealed(value) is None else public_key_from(value, argument, secret_keys)


def revealed(value: object) -> object:
    """The value inside of a secret."""
    while isinstance(value, (Hidden, Secret)):
        value = value.value
    return value


def client_options(
    session: Session, server_key: object, keypair: object, username: str | None, password: object
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


def server_options(session: Session, keypair: object, zap_domain: str | None, plain_server: bool) -> dict[str, object]:
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


def require_handshake(endpoint: str, options: Mapping[str, object]) -> None:
    """Raises InvalidValue for security over inproc, where nothing is asked and nothing encrypted."""
    if options and endpoint.startswith("inproc:"):
        raise InvalidValue(
            f"Security does nothing at {endpoint}: inproc has no handshake. Use tcp://127.0.0.1:* or ipc:// instead."
        )


def check_keys(session: Session, values: Iterable[tuple[SocketOption, int | bytes]]) -> None:
    """Refuses a secret key among socket options where a public one belongs; remembers the secret ones.

    Raises:
        InvalidValue: There is one.
    """
    keys = [(option, key_text(raw, option.name)) for option, raw in values if option.kind is OptionKind.KEY]
    for option, key in keys:
        if option.secret:
            session.secret_keys.remember(keypair_of(key, option.name))
    for option, key in keys:
        if not option.secret:
            session.secret_keys.require_public(key, option.name)


def shown_value(option: SocketOption, raw: int | bytes) -> str:
    """The value of an option for the log; of a key nothing, because it may be a secret one in a wrong place."""
    if option.secret:
        return "<secret>"
    return "a key" if option.kind is OptionKind.KEY else str(from_libzmq(option, raw))


def require_unbound(socket: ZmqSocket, option: SocketOption) -> None:
    """Raises WrongUse for a security option that would come too late."""
    if option.name.startswith(_FAMILIES) and socket.endpoints:
        raise WrongUse(
            f"Option {option.name} does nothing for the endpoints that socket {socket.title} has: "
            f"{', '.join(socket.endpoints)}. Set it before, or leave these endpoints first."
        )


def check_authenticator(session: Session, socket: ZmqSocket, endpoint: str) -> None:
    """Before a bind: whether somebody is there who decides about the peers of a secured socket.

    Raises:
        WrongUse: A PLAIN server without authenticator, which nobody could ever connect to.
        WorkerFailed: The authenticator has failed.
    """
    if endpoint.startswith("inproc:") or _has_authenticator(session):
        return
    if _option(socket, "PLAIN_SERVER"):
        raise WrongUse(
            f"Cannot bind {socket.title} as a PLAIN server: without an authenticator nobody checks passwords, and "
            "libzmq lets nobody in. Use `Start Authenticator` and `Allow Plain User` first."
        )
    if _option(socket, "CURVE_SERVER"):
        _warn(socket, "a CURVE server without an authenticator: libzmq lets any client key in")
    elif _option(socket, "ZAP_DOMAIN"):
        _warn(socket, "bound with a ZAP domain, but there is no authenticator: libzmq lets everybody in")


def _warn(socket: ZmqSocket, what: str) -> None:
    logger.warn(f"Socket {socket.title} is {what}. Use `Start Authenticator` before binding.")


def running_authenticator(session: Session) -> Authenticator:
    """The authenticator.

    Raises:
        NotOpen: There is none.
        WorkerFailed: It has failed.
    """
    authenticator = session.crew.of(Authenticator).get()
    authenticator.check()
    return authenticator


def _has_authenticator(session: Session) -> bool:
    authenticators = session.crew.of(Authenticator)
    for authenticator in authenticators:
        authenticator.check()
    return bool(len(authenticators)) or any(ZAP_ENDPOINT in socket.bound for socket in session.sockets)


def _option(socket: ZmqSocket, name: str) -> object:
    value = socket.get_option(find_option(name))
    return value.rstrip(b"\0") if isinstance(value, bytes) else value
