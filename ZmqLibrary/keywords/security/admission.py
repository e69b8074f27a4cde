"""Keywords that say who may come in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from robot.api.deco import keyword

from ...errors import InvalidValue
from ...formats import Hidden
from ...log import logger
from ...plain_text import printable
from ...security.zap_names import ANY_KEY
from ..base import KeywordGroup
from ..secrets import public_key_from, revealed, secret_bytes, shown_key
from ..secured_sockets import running_authenticator

if TYPE_CHECKING:
    from ...security.admission_rules import AddressPattern

_MOST_BYTES = 255


class AdmissionKeywords(KeywordGroup):
    """The rules of the authenticator."""

    @keyword
    def allow_curve_client(self, public_key: Hidden | object, user_id: str | None = None, domain: str = "*") -> None:
        """Lets a CURVE client in by its public key.

        Args:
            public_key: Z85 text, 32 bytes, or a key pair of which the public key is taken; ``any`` for every client.
            user_id: Under which name the server knows the client; its key if there is none. See
                `Received Message Should Come From User`.
            domain: Only for servers with this ``zap_domain``.

        Raises:
            InvalidValue: It is not a key, it is known to be a secret one, or no message or server can have the user id
                or domain.

        Example:
        | ${alice}=             Generate Curve Keypair
        | Start Authenticator
        | Allow Curve Client    ${alice.public}    user_id=Alice

        Tags: Security
        """
        key = self._key_or_any(public_key)
        _check_rule(user_id, domain)
        running_authenticator(self.session).change(lambda rules: rules.allow_key(key, user_id, domain))
        logger.info(f"CURVE clients with {_shown(key)} may come in.")

    @keyword
    def deny_curve_client(self, public_key: Hidden | object) -> None:
        """Keeps a CURVE client out, even where any is allowed; those that are connected already stay.

        Args:
            public_key: As with `Allow Curve Client`. ``any`` keeps out all clients that are not allowed by their key.

        Example:
        | ${mallory}=           Generate Curve Keypair
        | Start Authenticator
        | Allow Curve Client    any
        | Deny Curve Client     ${mallory.public}

        Tags: Security
        """
        key = self._key_or_any(public_key)
        running_authenticator(self.session).change(lambda rules: rules.deny_key(key))
        logger.info(f"CURVE clients with {_shown(key)} may not come in.")

    @keyword
    def allow_curve_clients_from(self, directory: Path) -> list[str]:
        """Lets in the CURVE clients whose public certificate files are in a directory.

        Files that end with ``_secret`` are left out, and so are those without a ``public-key``. The files are read
        now: for those that come later, use the keyword again.

        Args:
            directory: Where the files are, such as ``alice.key``.

        Returns:
            The keys.

        Raises:
            InvalidValue: There is no such directory, or no certificate in it.

        Example:
        | ${alice}=                   Generate Curve Keypair
        | Save Curve Keypair          ${alice}    %{TEMPDIR=/tmp}/zmq-clients/alice.key
        | Start Authenticator
        | Allow Curve Clients From    %{TEMPDIR=/tmp}/zmq-clients

        Tags: Security
        """
        from ...security.certificates import load_public_keys

        authenticator = running_authenticator(self.session)
        found = load_public_keys(directory)
        for key in found.values():
            self.session.secret_keys.require_public(key, "public-key")
        authenticator.change(lambda rules: rules.allow_keys(found.values()))
        logger.info(f"CURVE clients may come in: {', '.join(path.name for path in found)}.")
        return list(found.values())

    @keyword
    def allow_plain_user(
        self, username: str, password: Hidden | object, user_id: str | None = None, domain: str = "*"
    ) -> None:
        """Lets a PLAIN user in who has the password.

        Args:
            username: The name; another password for the same name and domain replaces the one before.
            password: Text or a Robot ``Secret``; no log shows it.
            user_id: Under which name the server knows the user; the user name if there is none.
            domain: Only for servers with this ``zap_domain``.

        Raises:
            InvalidValue: No peer, message or server can have the name, password, user id or domain.

        Example:
        | Start Authenticator
        | Allow Plain User      alice    open sesame    domain=orders
        | Bind Zmq Socket       tcp://127.0.0.1:*    PULL    plain_server=yes    zap_domain=orders

        Tags: Security
        """
        secret = secret_bytes(password, "The password")
        for what, data in (("username", username.encode("utf-8", "replace")), ("password", secret)):
            if len(data) > _MOST_BYTES:
                raise InvalidValue(f"{what}: PLAIN takes at most {_MOST_BYTES} bytes, and this one has {len(data)}.")
        _check_rule(username, domain, "username")
        _check_rule(user_id, domain)
        running_authenticator(self.session).change(lambda rules: rules.allow_user(username, secret, user_id, domain))
        logger.info(f"PLAIN user '{printable(username)}' may come in.")

    @keyword
    def allow_address(self, *addresses: str) -> None:
        """Lets in only those peers that come from allowed addresses, and of these whom the other rules let in.

        Addresses are checked with every mechanism; with NULL only on servers that have a ``zap_domain``.

        Args:
            addresses: IP addresses or networks such as ``10.0.0.0/8``; for ipc peers patterns of
                ``localhost:UID:GID:PID`` such as ``localhost:1000:*``.

        Raises:
            InvalidValue: One is not an address, or there is none.

        Example:
        | Start Authenticator
        | Allow Address    127.0.0.1    10.0.0.0/8

        Tags: Security
        """
        patterns = _patterns(addresses)
        running_authenticator(self.session).change(lambda rules: rules.allow_addresses(patterns))

    @keyword
    def deny_address(self, *addresses: str) -> None:
        """Keeps out peers that come from these addresses, even where a wider network is allowed.

        Addresses are checked with every mechanism; with NULL only on servers that have a ``zap_domain``.

        Args:
            addresses: As with `Allow Address`.

        Raises:
            InvalidValue: One is not an address, or there is none.

        Example:
        | Start Authenticator
        | Deny Address          127.0.0.0/8
        | Bind Zmq Socket       tcp://127.0.0.1:*    PULL    sink    zap_domain=test
        | ${address}=           Get Zmq Endpoint
        | Connect Zmq Socket    ${address}    PUSH    lazy=yes
        | Handshake Should Fail    reason=AUTH 400

        Tags: Security
        """
        patterns = _patterns(addresses)
        running_authenticator(self.session).change(lambda rules: rules.deny_addresses(patterns))

    def _key_or_any(self, public_key: object) -> str:
        value = revealed(public_key)
        if isinstance(value, str) and value.lower() == ANY_KEY:
            return ANY_KEY
        return public_key_from(public_key, "public_key", self.session.secret_keys)


def _check_rule(user_id: str | None, domain: str, argument: str = "user_id") -> None:
    """Raises InvalidValue for a rule under which nobody could come in, or not as who the rule says."""
    from ...security.zap import check_domain, check_property

    check_domain(domain)
    if user_id is not None:
        check_property(user_id, argument)


def _patterns(addresses: Sequence[str]) -> list[AddressPattern]:
    from ...security.admission_rules import AddressPattern  # as with the authenticator, when it is used

    if not addresses:
        raise InvalidValue("No address was given, and the rules are as they were. Give one or more.")
    return [AddressPattern.of(address) for address in addresses]


def _shown(key: str) -> str:
    return "any key" if key == ANY_KEY else f"key {shown_key(key)}"
