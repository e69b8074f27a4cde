"""Keywords about CURVE keys, and about who has sent a message."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from robot.api.deco import keyword

from ...errors import CheckFailed
from ...formats import Hidden
from ...log import logger
from ...plain_text import printable
from ...report.words import with_message
from ...security.keys import generate_keypair
from ...sockets.capabilities import require
from ..base import KeywordGroup
from ..secrets import as_keypair, keypair_from

if TYPE_CHECKING:
    from ..curve_keypair import CurveKeypair


class SecurityKeywords(KeywordGroup):
    """CURVE keys and the users behind messages."""

    @keyword
    def generate_curve_keypair(self) -> CurveKeypair:
        """Returns a new CURVE identity with the attributes ``public`` and ``secret``.

        Returns:
            The keys: ``public`` is Z85 text, ``secret`` a Robot ``Secret``, which no log shows.

        Example:
        | ${alice}=                  Generate Curve Keypair
        | Length Should Be           ${alice.public}    40
        | Should Be Equal As Strings    ${alice.secret}    <secret>

        Tags: Security
        """
        require("curve")
        return as_keypair(self.session.secret_keys.remember(generate_keypair()))

    @keyword
    def save_curve_keypair(self, keypair: Hidden | object, path: Path) -> list[str]:
        """Writes the two certificate files of a CURVE identity, as czmq and pyzmq read them.

        The file with the public key has the given path, the one with both keys has ``_secret`` behind it. Programs with
        pyzmq want the name to end with ``.key``. The secret file can be read by its owner only. Missing directories are
        made, and older files replaced. If one file cannot be written, neither is.

        Args:
            keypair: From `Generate Curve Keypair` or `Load Curve Keypair`, or a secret key.
            path: The file with the public key.

        Returns:
            The paths of the public and of the secret file.

        Raises:
            InvalidValue: They cannot be written.

        Example:
        | ${alice}=    Generate Curve Keypair
        | ${public file}    ${secret file}=    Save Curve Keypair    ${alice}    %{TEMPDIR=/tmp}/zmq-alice.key
        | ${again}=    Load Curve Keypair    ${secret file}
        | Should Be Equal    ${again.public}    ${alice.public}

        Tags: Security
        """
        from ...security import certificates

        pair = keypair_from(keypair, "keypair", self.session.secret_keys)
        paths = [str(file) for file in certificates.save_keypair(pair, path)]
        logger.info(f"Saved a CURVE identity to {paths[0]} and {paths[1]}.")
        return paths

    @keyword
    def load_curve_keypair(self, path: Path) -> CurveKeypair:
        """Returns the CURVE identity in a certificate: ``alice.key`` with its secret file ``alice.key_secret``.

        A secret file that others than its owner may read gives a warning.

        Args:
            path: The secret file, or the path that was given to `Save Curve Keypair`: where the file at the path has no
                secret key, the one with ``_secret`` behind its name is read.

        Raises:
            InvalidValue: There is no such file, it has no secret key, or its keys do not belong together.

        Example:
        | ${alice}=    Generate Curve Keypair
        | Save Curve Keypair    ${alice}    %{TEMPDIR=/tmp}/zmq-alice.key
        | ${again}=    Load Curve Keypair    %{TEMPDIR=/tmp}/zmq-alice.key
        | Should Be Equal    ${again.public}    ${alice.public}

        Tags: Security
        """
        from ...security import certificates

        path = certificates.secret_file(path)
        pair = self.session.secret_keys.remember(certificates.load_keypair(path))
        if certificates.readable_by_others(path):
            logger.warn(f"Certificate file {path} has a secret key and others may read it. Set its mode to 0600.")
        return as_keypair(pair)

    @keyword
    def load_curve_public_key(self, path: Path) -> str:
        """Returns the public key in a certificate file, such as ``alice.key``.

        Args:
            path: Either file of a certificate.

        Raises:
            InvalidValue: There is no such file, or it has no public key.

        Example:
        | ${alice}=    Generate Curve Keypair
        | ${files}=    Save Curve Keypair    ${alice}    %{TEMPDIR=/tmp}/zmq-alice.key
        | ${key}=      Load Curve Public Key    ${files}[0]
        | Should Be Equal    ${key}    ${alice.public}

        Tags: Security
        """
        from ...security import certificates

        key = certificates.load_public_key(path)
        if certificates.has_secret(path):
            self.session.secret_keys.remember(certificates.load_keypair(path))
        return key

    @keyword
    def received_message_should_come_from_user(
        self,
        user_id: str | None,
        *,
        metadata: Mapping[str, str] | None = None,
        socket: str | None = None,
        message: str | None = None,
    ) -> None:
        """Fails unless the received message came from a peer to which the authenticator gave this user id.

        Args:
            user_id: From the rule that let the peer in: ``user_id`` of `Allow Curve Client` or `Allow Plain User`,
                and if it has none, the key or the user name. ``${None}``: a peer that no authenticator was asked about.
            metadata: Further properties that the authenticator gave the peer, by name.

        Example:
        | Start Authenticator
        | Allow Plain User      alice    open sesame    user_id=Alice
        | Bind Zmq Socket       tcp://127.0.0.1:*    PULL    sink    plain_server=yes
        | ${address}=           Get Zmq Endpoint
        | Connect Zmq Socket    ${address}    PUSH    plain_username=alice    plain_password=open sesame
        | Send Message          hello
        | Receive Message       socket=sink
        | Received Message Should Come From User    Alice

        Tags: Assertion, Security
        """
        zmq_socket, received = self.session.last_received(socket)
        wanted = {"User-Id": user_id, **(metadata or {})}
        actual = {"User-Id": received.user_id, **received.peer.metadata}
        wrong = [name for name in wanted if actual.get(name) != wanted[name]]
        if wrong:
            differences = "".join(
                f"\n{name}: {_shown(actual.get(name))}, not {_shown(wanted[name])}." for name in wrong
            )
            known = "" if received.user_id is not None else _NOBODY_ASKED
            text = f"The message of socket {zmq_socket.title} comes from another user.{differences}{known}"
            raise CheckFailed(with_message(message, text))


_NOBODY_ASKED = (
    "\nNo authenticator was asked about this peer: that takes a server socket with curve_keypair, plain_server or "
    "zap_domain, not inproc, and `Start Authenticator` before the peer comes."
)


def _shown(value: str | None) -> str:
    return "none" if value is None else f"'{printable(value)}'"
