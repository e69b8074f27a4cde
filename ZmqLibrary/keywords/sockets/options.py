"""Keywords about socket options and about what libzmq can do."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from robot.api.deco import keyword
from robot.utils import secs_to_timestr

from ...errors import InvalidValue
from ...formats import Hidden
from ...log import logger
from ...sockets.capabilities import require, versions
from ...sockets.option_table import SocketOption, check_readable, find_option, from_libzmq
from ..arguments import option_values
from ..base import KeywordGroup
from ..secured_sockets import check_keys, require_unbound, shown_value

if TYPE_CHECKING:
    from ...sockets.zmq_socket import ZmqSocket


class OptionKeywords(KeywordGroup):
    """Socket options and capabilities."""

    @keyword
    def set_zmq_socket_option(self, name: str, value: Hidden | object, *, socket: str | None = None) -> object:
        """Sets a socket option of an open socket.

        Most options act only on later binds and connects, so that is the time to set them: here on a socket from
        `Open Zmq Socket`, or as ``name=value`` of `Bind Zmq Socket` and `Connect Zmq Socket`. Otherwise there is a
        warning. See [https://libzmq.readthedocs.io/en/latest/zmq_setsockopt.html|zmq_setsockopt] for the options.

        Args:
            name: With or without ``ZMQ_``; case, spaces and underscores do not matter.
            value: Times in Robot's form (``50ms``; a number is seconds), ``yes`` and ``no``, numbers, text or bytes;
                ``-1`` where it means no limit. Secret options, and every Robot ``Secret``, are never logged.

        Returns:
            The old value where libzmq returns it and neither it nor the new one is secret, otherwise None.

        Raises:
            InvalidValue: There is no such option, or it does not take the value.
            WrongUse: A security option (``CURVE_…``, ``PLAIN_…``, ``ZAP_…``) of a socket that has endpoints already.

        Example:
        | Open Zmq Socket          DEALER
        | ${old}=                  Set Zmq Socket Option    linger    200 ms
        | Should Be Equal          ${old}    1 second

        Tags: Option
        """
        zmq_socket = self.session.socket(socket)
        [(option, raw)] = option_values([(name, value)], zmq_socket.type)
        require_unbound(zmq_socket, option)
        check_keys(self.session, [(option, raw)])
        old = _readable_value(zmq_socket, option)
        zmq_socket.set_option(option, raw)
        if not option.immediate and zmq_socket.endpoints:
            logger.warn(f"Option {option.name} acts only on later binds and connects of socket {zmq_socket.title}.")
        shown = shown_value(option, raw) if option.hidden else _shown(option, raw)
        logger.info(f"Set {option.name} of {zmq_socket.title} to {shown}.")
        return old

    @keyword
    def get_zmq_socket_option(self, name: str, *, socket: str | None = None) -> object:
        """Returns the value of a socket option: number, boolean, text, bytes, or a time such as ``50 milliseconds``.

        Args:
            name: With or without ``ZMQ_``; case, spaces and underscores do not matter.

        Raises:
            InvalidValue: There is no such option, or libzmq does not return it.

        Example:
        | Open Zmq Socket    DEALER    sndhwm=10
        | ${limit}=          Get Zmq Socket Option    ZMQ_SNDHWM
        | Should Be Equal    ${limit}    ${10}

        Tags: Getter, Option
        """
        zmq_socket = self.session.socket(socket)
        option = find_option(name)
        check_readable(option, zmq_socket.type.name)
        if option.secret:
            raise InvalidValue(f"Option {option.name} is secret and cannot be read.")
        return _shown(option, zmq_socket.ask(lambda: zmq_socket.get_option(option)))

    @keyword
    def get_zmq_version(self) -> dict[str, str]:
        """Returns a dictionary with the versions of ``libzmq`` and ``pyzmq``.

        Example:
        | &{version}=         Get Zmq Version
        | Should Match        ${version.libzmq}    4.*

        Tags: Getter
        """
        return versions()

    @keyword
    def zmq_should_support(self, *capabilities: str) -> None:
        """Fails unless libzmq can do all of these; names what is missing.

        Args:
            capabilities: ``curve``, ``ipc``, ``draft``, ``gssapi``, ``norm``, ``pgm``, ``vmci``, ``ws``, ``wss``, or a
                version such as ``libzmq>=4.2`` or ``pyzmq>=26``.

        Example:
        | Zmq Should Support    curve    libzmq>=4.2

        Tags: Assertion
        """
        for capability in capabilities:
            require(capability)


def _readable_value(socket: ZmqSocket, option: SocketOption) -> object:
    readable = option.readable and not socket.options.is_secret(option)
    return _shown(option, socket.get_option(option)) if readable else None


def _shown(option: SocketOption, raw: int | bytes) -> object:
    value = from_libzmq(option, raw)
    return secs_to_timestr(value) if isinstance(value, timedelta) else value
