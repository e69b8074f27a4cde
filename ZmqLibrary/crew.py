"""Crew: all workers of a library instance, by kind and name."""

from __future__ import annotations

from typing import TypeVar, cast

from .errors import WorkerFailed
from .registry import Registry
from .workers import Journal, Worker

W = TypeVar("W", bound=Worker)


class Crew:
    """Workers in the order started; each kind has its own current one."""

    def __init__(self) -> None:
        self.journal = Journal()
        self._by_kind: dict[type[Worker], Registry[Worker]] = {}
        self._order: list[Worker] = []

    def of(self, kind: type[W]) -> Registry[W]:
        """The workers of one kind by name."""
        registry = self._by_kind.setdefault(kind, Registry(kind.kind, kind.opener))
        return cast("Registry[W]", registry)

    @property
    def all(self) -> list[Worker]:
        """All workers in the order started."""
        return list(self._order)

    def start(self, worker: Worker) -> None:
        """Starts a worker and makes it the current one of its kind; if it does not start, it is not kept.

        Raises:
            WrongUse: Another worker has its socket.
            WorkerFailed: Its thread did not get ready.
        """
        try:
            worker.start()
        except BaseException:
            worker.stop()
            raise
        self.of(type(worker)).add(worker.name, worker)
        self._order.append(worker)

    def stop(self, worker: Worker) -> None:
        """Stops a worker and forgets its name; does nothing if that was done before.

        Raises:
            WorkerFailed: The thread did not end in time and was left behind with its socket.
        """
        if worker in self._order:
            self._order.remove(worker)
            self.of(type(worker)).remove(worker.name)
        if not worker.stop():
            raise WorkerFailed(f"{worker.title.capitalize()} did not stop in time; its thread is left behind.")

    def stop_all(self) -> None:
        """Stops all workers, the last started first.

        Raises:
            WorkerFailed: Threads did not end in time; all others are stopped all the same.
        """
        problems = []
        for worker in reversed(self.all):
            try:
                self.stop(worker)
            except WorkerFailed as problem:
                problems.append(str(problem))
        if problems:
            raise WorkerFailed("\n".join(problems))

    def holder_of(self, socket: object) -> Worker | None:
        """The worker that has a socket."""
        return next((worker for worker in self._order if worker.socket is socket), None)
