"""WorkerStatus: what users see of a worker."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WorkerStatus:
    """What users see of a worker: its name and kind, the name of its socket, and RUNNING or FAILED."""

    name: str
    kind: str
    socket: str
    state: str
