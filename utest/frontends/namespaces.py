"""Three network namespaces with an address each, as three machines have them. It takes root and iproute2."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple


class Machine(NamedTuple):
    """A network namespace.

    Attributes:
        name: Of the namespace.
        address: The one that the others reach it by.
    """

    name: str
    address: str

    @property
    def prefix(self) -> tuple[str, ...]:
        """What comes before a command that is to run there."""
        return ("ip", "netns", "exec", self.name)


class NoNamespaces(Exception):
    """They cannot be made here; the message says why."""


@contextmanager
def three_machines() -> Iterator[list[Machine]]:
    """Three machines at one switch, which the first of them has.

    Raises:
        NoNamespaces: They cannot be made here.
    """
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        raise NoNamespaces("Network namespaces take root.")
    if shutil.which("ip") is None:
        raise NoNamespaces("The command ip (package iproute2) is not installed.")
    machines = [Machine(f"zmq{os.getpid()}-{number}", f"10.77.0.{number}") for number in (1, 2, 3)]
    try:
        _connect(machines)
        yield machines
    finally:
        for machine in machines:
            subprocess.run(["ip", "netns", "del", machine.name], capture_output=True)


def _connect(machines: list[Machine]) -> None:
    first, *others = machines
    for machine in machines:
        _ip("netns", "add", machine.name)
        _ip("-n", machine.name, "link", "set", "lo", "up")
    _ip("-n", first.name, "link", "add", "switch", "type", "bridge")
    _ip("-n", first.name, "address", "add", f"{first.address}/24", "dev", "switch")
    _ip("-n", first.name, "link", "set", "switch", "up")
    for number, machine in enumerate(others):
        near, far = f"port{number}", "uplink"
        _ip("-n", first.name, "link", "add", near, "type", "veth", "peer", "name", far, "netns", machine.name)
        _ip("-n", first.name, "link", "set", near, "master", "switch", "up")
        _ip("-n", machine.name, "address", "add", f"{machine.address}/24", "dev", far)
        _ip("-n", machine.name, "link", "set", far, "up")


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True)
    if done.returncode:
        raise NoNamespaces(f"ip {' '.join(words)}: {done.stderr.strip()}")
