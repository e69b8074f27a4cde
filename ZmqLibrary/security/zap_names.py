"""The names that tests give to what ZAP knows, apart from the rest of it: few suites have an authenticator."""

from __future__ import annotations

from enum import Enum

ZAP_ENDPOINT = "inproc://zeromq.zap.01"
ANY_KEY = "any"


class Mechanism(Enum):
    """How a peer proves who it is.

    - NULL: not at all; only its address is known. Asked for only where there is a ZAP domain.
    - PLAIN: with a user name and a password.
    - CURVE: with a key.
    """

    NULL = "NULL"
    PLAIN = "PLAIN"
    CURVE = "CURVE"


class SpecialAnswer(Enum):
    """Answers that are no status.

    - RULES: as the rules say; for delayed answers, and to go back to the rules.
    - NONE: no answer at all; both sides wait.
    - MALFORMED: an answer without a status. The server reports ``ZAP_MALFORMED_REPLY``.
    - WRONG_VERSION: an answer of ZAP version 2.0. The server reports ``ZAP_BAD_VERSION``.
    - WRONG_REQUEST_ID: the answer to another request. The server reports ``ZAP_BAD_REQUEST_ID``.
    - WRONG_STATUS: an answer with status 999. The server reports ``ZAP_INVALID_STATUS_CODE``.
    - WRONG_METADATA: an answer whose metadata cannot be read. The server reports ``ZAP_INVALID_METADATA``.
    """

    RULES = "RULES"
    NONE = "NONE"
    MALFORMED = "MALFORMED"
    WRONG_VERSION = "WRONG_VERSION"
    WRONG_REQUEST_ID = "WRONG_REQUEST_ID"
    WRONG_STATUS = "WRONG_STATUS"
    WRONG_METADATA = "WRONG_METADATA"
