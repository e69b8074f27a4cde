"""CurveKeypair: what keywords return as a CURVE identity. Apart, because few suites have one."""

from __future__ import annotations

from dataclasses import dataclass

from robot.api.types import Secret


@dataclass(frozen=True)
class CurveKeypair:
    """A CURVE identity.

    Attributes:
        public: What others may know: 40 characters of Z85 text.
        secret: What nobody else may know: a Robot ``Secret`` with such a text.
    """

    public: str
    secret: Secret
