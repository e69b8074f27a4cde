"""What the installed libzmq can do."""

from __future__ import annotations

import re

import zmq

from ..errors import CheckFailed, InvalidValue

_FEATURES = ("curve", "ipc", "draft", "gssapi", "norm", "pgm", "vmci", "ws", "wss")
_VERSION = r"(libzmq|pyzmq)\s*(>=|==|<=|>|<)\s*([0-9.]+)"


def versions() -> dict[str, str]:
    """The versions of libzmq and pyzmq."""
    return {"libzmq": zmq.zmq_version(), "pyzmq": zmq.pyzmq_version()}


def require(capability: str) -> None:
    """Checks one capability.

    Args:
        capability: A feature such as `curve`, or a version such as `libzmq>=4.2`.

    Raises:
        CheckFailed: libzmq does not have it.
        InvalidValue: There is no such capability.
    """
    name = capability.strip().lower()
    if version := re.fullmatch(_VERSION, name):
        _require_version(*version.groups())
    elif name not in _FEATURES:
        raise InvalidValue(
            f"There is no capability '{capability}'. Use one of {', '.join(_FEATURES)}, "
            "or a version such as libzmq>=4.2."
        )
    elif not zmq.has(name):
        raise CheckFailed(f"libzmq {zmq.zmq_version()} was built without {name}. Use a pyzmq whose libzmq has it.")


def _require_version(package: str, operator: str, wanted: str) -> None:
    found = versions()[package]
    left, right = _numbers(found), _numbers(wanted)
    same = left[: len(right)] == right  # 4.3.5 is one of 4.3
    right += [0] * (len(left) - len(right))
    holds = {">=": left >= right, "==": same, "<=": left <= right, ">": left > right, "<": left < right}
    if not holds[operator]:
        raise CheckFailed(f"{package} is {found}, but {operator}{wanted} is required.")


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]
