"""Who may come in: the rules of an authenticator, and the answers that tests script.

In this order: the newest scripted answer that fits; addresses (a denied one never comes in, and where any are allowed,
only those); then with PLAIN user and password, with CURVE the key. Unknown keys and users are refused, so
an authenticator without rules lets in only NULL. A rule that lets a key or user in is for one domain, or `*` for all.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from types import MappingProxyType
from typing import NamedTuple

from ..errors import InvalidValue
from ..surrogates import require_text
from .zap import STATUS_TEXTS, Answer, ZapRequest
from .zap_names import ANY_KEY, Mechanism, SpecialAnswer

EVERY_DOMAIN = "*"
_IPC, _IPC_COLONS = r"localhost:[0-9*?!:\[\]-]+", 3
_IPV4_BEGINS = 96
_WITHOUT_TEXT = (SpecialAnswer.RULES, SpecialAnswer.NONE, SpecialAnswer.MALFORMED)


class AddressPattern(NamedTuple):
    """Addresses that a rule is about: an IP address or network, or a glob for ipc peers.

    Attributes:
        text: As the user gave it.
        network: None for ipc peers.
    """

    text: str
    network: IPv4Network | IPv6Network | None

    @classmethod
    def of(cls, text: str) -> AddressPattern:
        """Reads what a user gives.

        Raises:
            InvalidValue: It is neither.
        """
        if re.fullmatch(_IPC, text) and ("*" in text or text.count(":") == _IPC_COLONS):
            return cls(text, None)
        try:
            network = ip_network(text.strip("[]"), strict=False)
        except ValueError:
            raise InvalidValue(
                f"'{text}' is not an address. Give an IP address or network such as 10.0.0.0/8 or ::1, or for ipc "
                "peers a pattern of localhost:UID:GID:PID such as localhost:1000:*. Host names are not looked up."
            ) from None
        mapped = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
        if mapped is not None and network.prefixlen >= _IPV4_BEGINS:
            network = IPv4Network((mapped, network.prefixlen - _IPV4_BEGINS))
        return cls(str(network), network)

    def fits(self, address: str) -> bool:
        """Whether a peer has such an address."""
        if self.network is None:
            return fnmatchcase(address, self.text)
        try:
            ip = ip_address(address)
        except ValueError:
            return False
        mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
        return ip in self.network or (mapped is not None and mapped in self.network)


class ScriptedAnswer(NamedTuple):
    """An answer that a test wants, and to which requests: those that fit all that is given.

    Attributes:
        answer: What to answer; with `SpecialAnswer.RULES` what the rules say.
        delay: Seconds before it is sent.
        mechanism: Only of this mechanism.
        address: Only from there.
        key: Only of this key.
    """

    answer: Answer
    delay: float = 0.0
    mechanism: Mechanism | None = None
    address: AddressPattern | None = None
    key: str | None = None

    def fits(self, request: ZapRequest) -> bool:
        """Whether it is for a request."""
        return (
            self.mechanism in (None, request.mechanism)
            and (self.address is None or self.address.fits(request.address))
            and self.key in (None, request.key)
        )

    def same_requests(self, other: ScriptedAnswer) -> bool:
        """Whether it is for the same requests as another one."""
        return (self.mechanism, self.address, self.key) == (other.mechanism, other.address, other.key)


class _User(NamedTuple):
    password: bytes
    user_id: str


class AdmissionRules:
    """The rules of one authenticator."""

    def __init__(self) -> None:
        self._keys: dict[tuple[str, str], str | None] = {}
        self._denied_keys: set[str] = set()
        self._users: dict[tuple[str, str], _User] = {}
        self._allowed: dict[AddressPattern, None] = {}
        self._denied: dict[AddressPattern, None] = {}
        self._scripts: list[ScriptedAnswer] = []

    # Setting up

    def allow_key(self, key: str, user_id: str | None, domain: str) -> None:
        """Lets a key in, or any; its user id is the key unless there is another one."""
        self._keys[key, domain] = user_id

    def allow_keys(self, keys: Iterable[str]) -> None:
        """Lets in many keys, for all domains."""
        for key in keys:
            self.allow_key(key, None, EVERY_DOMAIN)

    def deny_key(self, key: str) -> None:
        """Keeps a key out, also where any is allowed; `any` keeps out all that are not allowed by name.

        A rule that lets it in later, for one domain or all, counts there.
        """
        self._keys = {rule: user_id for rule, user_id in self._keys.items() if rule[0] != key}
        if key != ANY_KEY:
            self._denied_keys.add(key)

    def allow_user(self, username: str, password: bytes, user_id: str | None, domain: str) -> None:
        """Lets a user in who has the password."""
        self._users[username, domain] = _User(password, username if user_id is None else user_id)

    def allow_addresses(self, patterns: list[AddressPattern]) -> None:
        """Lets in nobody but those who come from an allowed address."""
        for pattern in patterns:
            self._denied.pop(pattern, None)
            self._allowed[pattern] = None

    def deny_addresses(self, patterns: list[AddressPattern]) -> None:
        """Keeps out who comes from these, even if they or a wider network are allowed.

        Those that were allowed stay so for the others: without any, everybody would come in.
        """
        for pattern in patterns:
            self._denied[pattern] = None

    def script(self, script: ScriptedAnswer) -> None:
        """Adds a scripted answer; it takes the place of one for the same requests."""
        self._scripts = [script, *(other for other in self._scripts if not other.same_requests(script))]

    # Judging

    def judge(self, request: ZapRequest) -> tuple[Answer, float]:
        """What to answer, and after how many seconds."""
        script = next((script for script in self._scripts if script.fits(request)), None)
        if script is None:
            return self._by_rules(request), 0.0
        if script.answer.special is SpecialAnswer.RULES:
            return self._by_rules(request), script.delay
        return _scripted(script.answer, request), script.delay

    def _by_rules(self, request: ZapRequest) -> Answer:
        if any(pattern.fits(request.address) for pattern in self._denied):
            return _refused("Address is denied")
        if self._allowed and not any(pattern.fits(request.address) for pattern in self._allowed):
            return _refused("Address is not allowed")
        if request.mechanism is Mechanism.CURVE:
            return self._by_key(request)
        return self._by_password(request) if request.mechanism is Mechanism.PLAIN else _welcome("")

    def _by_key(self, request: ZapRequest) -> Answer:
        key = request.identity
        denied = key in self._denied_keys
        rules = [(key, request.domain), (key, EVERY_DOMAIN)]
        if not denied:
            rules += [(ANY_KEY, request.domain), (ANY_KEY, EVERY_DOMAIN)]
        for rule in rules:
            if rule in self._keys:
                user_id = self._keys[rule]
                return _welcome(key if user_id is None else user_id)
        if denied:
            return _refused("Key is denied")
        return _refused("Key is not allowed" + self._elsewhere(key, self._keys))

    def _by_password(self, request: ZapRequest) -> Answer:
        name = request.identity
        user = self._users.get((name, request.domain)) or self._users.get((name, EVERY_DOMAIN))
        if user is None:
            return _refused("User is not known" + self._elsewhere(name, self._users))
        if not hmac.compare_digest(user.password, request.password):
            return _refused("Password is wrong")
        return _welcome(user.user_id)

    @staticmethod
    def _elsewhere(name: str, rules: Mapping[tuple[str, str], object]) -> str:
        return " in this domain" if any(rule[0] == name for rule in rules) else ""


def scripted_answer(
    status: int | SpecialAnswer, text: str | None = None, metadata: Mapping[str, str] = MappingProxyType({})
) -> Answer:
    """The answer that a test asks for.

    Raises:
        InvalidValue: There is no such status, metadata without 200, or a text where none is sent.
    """
    special = status if isinstance(status, SpecialAnswer) else None
    number = status if isinstance(status, int) else None
    if number is not None and number not in STATUS_TEXTS:
        choices = [str(known) for known in STATUS_TEXTS] + [kind.name for kind in SpecialAnswer]
        raise InvalidValue(f"status: {number} is not a ZAP status. There are: {', '.join(choices)}.")
    if metadata and number != 200:
        raise InvalidValue("metadata: only an answer with status 200 has metadata.")
    if text is not None and special in _WITHOUT_TEXT:
        raise InvalidValue(f"text= is for an answer of its own, and status={special.name} has none. Omit it.")
    require_text(text or "", "text")
    default = STATUS_TEXTS.get(number or 0, special.name if special else "")
    return Answer(number, default if text is None else text, "", metadata, special)


def _scripted(answer: Answer, request: ZapRequest) -> Answer:
    """User ids belong to status 200 only."""
    user_id = request.identity if answer.status == 200 else ""
    return Answer(answer.status, answer.text, user_id, answer.metadata, answer.special)


def _welcome(user_id: str) -> Answer:
    return Answer(200, STATUS_TEXTS[200], user_id)


def _refused(text: str) -> Answer:
    return Answer(400, text)
