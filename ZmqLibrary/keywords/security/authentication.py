"""Keywords about the authenticator: its start and end, what it answers, and what it was asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from robot.api.deco import keyword

from ...errors import InvalidValue, WrongUse
from ...formats import Hidden
from ...log import logger
from ...plain_text import printable
from ...security.zap_names import Mechanism, SpecialAnswer
from ..base import KeywordGroup
from ..secrets import public_key_if_given, shown_key
from ..secured_sockets import authenticators_of, running_authenticator

if TYPE_CHECKING:
    from ...security.zap import AuthenticationRequest


class AuthenticationKeywords(KeywordGroup):
    """The authenticator (ZAP handler) of the library's servers."""

    @keyword
    def start_authenticator(self, alias: str | None = None) -> str:
        """Starts to decide who may connect to the library's CURVE and PLAIN servers.

        Start it before binding a secured socket. There is one at a time. Without further rules it lets in nobody but
        NULL peers; who may come in is set by `Allow Curve Client`, `Allow Curve Clients From`, `Allow Plain User`,
        `Allow Address` and `Deny Address`. It is stopped at the end of the test or suite. See `Security`.

        Args:
            alias: A name for it, which the log shows.

        Returns:
            The name: the alias, or a generated one.

        Raises:
            WrongUse: One is running, or was stopped and has not ended yet.

        Example:
        | Start Authenticator
        | Allow Curve Client    any
        | ${server}=            Generate Curve Keypair
        | Bind Zmq Socket       tcp://127.0.0.1:*    PULL    curve_keypair=${server}

        Tags: Security
        """
        from ...security.authenticator import Authenticator

        running = authenticators_of(self.session)
        if len(running):
            raise WrongUse(f"{running.get().title.capitalize()} is running, and there is one at a time. Stop it first.")
        for late in self.session.workers.left_behind:
            if isinstance(late, Authenticator):
                raise WrongUse(f"{late.heading} was stopped but is still busy, and there is one at a time.")
        name = running.new_name(alias, Authenticator.kind)
        settings = self.session.private_settings._replace(formats=self.session.formats.get("BYTES"))
        with self._for_worker(lambda: Authenticator.open_socket(self.session.context, name, settings)) as socket:
            self.session.start(Authenticator(name, socket, self.session.workers.journal))
        logger.info(f"Started authenticator '{printable(name)}'.")
        return name

    @keyword
    def stop_authenticator(self) -> None:
        """Stops the authenticator and forgets its rules; does nothing if none is running.

        CURVE servers that stay bound let any key in from then on, and PLAIN servers nobody.

        Example:
        | Start Authenticator
        | Stop Authenticator

        Tags: Security
        """
        for authenticator in authenticators_of(self.session):
            self.session.workers.stop(authenticator)
            authenticator.check()

    @keyword
    def set_authenticator_answer(
        self,
        status: int | SpecialAnswer = 400,
        text: str | None = None,
        delay: timedelta | None = None,
        metadata: Mapping[str, str] | None = None,
        mechanism: Mechanism | None = None,
        address: str | None = None,
        key: Hidden | object = None,
    ) -> None:
        """Scripts what the authenticator answers, instead of what its rules say.

        Without ``mechanism``, ``address`` and ``key`` it is the answer to all requests. Of several that fit, the one
        that was set last counts; ``status=RULES`` goes back to the rules.

        Args:
            status: 200 (welcome), 300 (temporary error: the client sees nothing), 400 (refused), 500 (internal
                error), or one that is no proper answer.
            text: The text that explains the status.
            delay: How long to wait with the answer.
            metadata: With status 200: properties of the connection, which the server's messages then have.
            mechanism: Only answer requests of this mechanism so.
            address: Only answer requests about peers from there so: an IP address or network, or an ipc pattern.
            key: Only answer requests about this public key so.

        Raises:
            InvalidValue: It is no answer, libzmq would not take what is in it, or there are no such requests.

        Example:
        | Start Authenticator
        | Set Authenticator Answer    300
        | Bind Zmq Socket             tcp://127.0.0.1:*    PULL    sink    zap_domain=test
        | ${address}=                 Get Zmq Endpoint
        | Connect Zmq Socket          ${address}    PUSH    lazy=yes
        | Handshake Should Fail       reason=AUTH 300    socket=sink

        Tags: Security
        """
        from ...security.admission_rules import AddressPattern, ScriptedAnswer, scripted_answer
        from ...security.zap import check_metadata

        wait = delay.total_seconds() if delay else 0.0
        if wait < 0:
            raise InvalidValue(f"delay={wait:g} cannot be negative: give how long to wait with the answer.")
        if wait and status is SpecialAnswer.NONE:
            raise InvalidValue("delay= is for an answer, and with status=NONE there is none. Omit it.")
        properties = check_metadata(metadata or {})
        script = ScriptedAnswer(
            scripted_answer(status, text, properties),
            wait,
            mechanism,
            None if address is None else AddressPattern.of(address),
            self._key(key, mechanism),
        )
        running_authenticator(self.session).change(lambda rules: rules.script(script))
        self.session.metadata_names.update(dict.fromkeys(properties))

    @keyword
    def get_authentication_requests(self) -> list[AuthenticationRequest]:
        """Returns what the authenticator was asked and has answered, in this order; the last 10,000.

        Returns:
            Objects with the attributes ``mechanism``, ``domain``, ``address``, ``routing_id`` (of the server socket),
            ``username``, ``key``, ``status``, ``text``, ``user_id`` and ``time``. Passwords are not in them.

        Example:
        | Start Authenticator
        | @{requests}=       Get Authentication Requests
        | Should Be Empty    ${requests}

        Tags: Getter, Security
        """
        return running_authenticator(self.session).requests

    @keyword
    def wait_for_authentication_request(
        self,
        *,
        mechanism: Mechanism | None = None,
        username: str | None = None,
        key: Hidden | object = None,
        address: str | None = None,
        timeout: timedelta | None = None,
    ) -> AuthenticationRequest:
        """Waits until the authenticator is asked about a peer, and returns the request with its answer.

        Takes the first request that fits and that this keyword has not returned before; it may be there already.

        Args:
            mechanism: Only of this mechanism.
            username: Only about this PLAIN user.
            key: Only about this CURVE client.
            address: Only about peers from this IP address or network, or ipc pattern.

        Returns:
            An object as in `Get Authentication Requests`.

        Raises:
            WaitTimeout: None has come in time; the message lists what was asked.

        Example:
        | Start Authenticator
        | Allow Curve Client    any
        | ${server}=            Generate Curve Keypair
        | Bind Zmq Socket       tcp://127.0.0.1:*    PULL    curve_keypair=${server}
        | ${address}=           Get Zmq Endpoint
        | Connect Zmq Socket    ${address}    PUSH    curve_server_key=${server.public}
        | ${request}=           Wait For Authentication Request    mechanism=CURVE
        | Should Be Equal       ${request.status}    ${200}

        Tags: Security, Waiting
        """
        from ...security.admission_rules import AddressPattern

        pattern = None if address is None else AddressPattern.of(address)
        public = self._key(key, mechanism)
        if username is not None and (mechanism not in (None, Mechanism.PLAIN) or public):
            raise InvalidValue("username= is for PLAIN and key= for CURVE: no request is about both.")
        name = None if mechanism is None else mechanism.value

        def accepts(request: AuthenticationRequest) -> bool:
            same = name in (None, request.mechanism) and username in (None, request.username)
            return same and public in (None, request.key) and (pattern is None or pattern.fits(request.address))

        who = {"user": username, "key": public and shown_key(public), "address": address}
        about = ", ".join(f"{what} {value}" for what, value in who.items() if value is not None)
        wanted = " ".join([*filter(None, [name]), "authentication request"]) + (f" about {about}" if about else "")
        authenticator, deadline = running_authenticator(self.session), self._deadline(timeout)
        return authenticator.wait_for_request(accepts, wanted, deadline, self.session.hand)

    def _key(self, key: object, mechanism: Mechanism | None) -> str | None:
        """The key that requests are about; None for all.

        Raises:
            InvalidValue: It is not a public key, or such requests have none.
        """
        public = public_key_if_given(key, "key", self.session.secret_keys)
        if public and mechanism not in (None, Mechanism.CURVE):
            raise InvalidValue(f"key= is for CURVE, and requests of {mechanism.value} have none. Omit one of them.")
        return public
