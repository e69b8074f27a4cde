"""Arguments that are secrets: converted before Robot logs them at level TRACE."""

from __future__ import annotations

from inspect import Parameter, Signature

from robot.api.types import Secret

from ..formats import Hidden


def to_hidden(value):  # type: ignore[no-untyped-def]
    """Text, bytes or a Robot ``Secret``; is not shown in any log, not even at level TRACE."""
    return value if isinstance(value, Hidden) else Hidden(value.value if isinstance(value, Secret) else value)


# Robot looks at the signatures of custom converters anew at each call of each keyword (`TestLibrary.converters` in
# robot.running). One that is ready and has no annotations to evaluate takes an eighth of the time.
to_hidden.__signature__ = Signature([Parameter("value", Parameter.POSITIONAL_ONLY)])  # type: ignore[attr-defined]
