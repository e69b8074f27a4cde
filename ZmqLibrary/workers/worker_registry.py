"""WorkerRegistry: all workers of a library instance, by kind and name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar, cast

from ..errors import AddressTaken, WorkerFailed, in_use
from ..registry import Registry
from ..waiting.deadline import Deadline, Patience
from ..waiting.uninterrupted import Uninterrupted
from .background import Background
from .journal import Journal
from .service_thread import STOP_SECONDS
from .worker import Worker

if TYPE_CHECKING:
    from .worker_status import WorkerStatus

W = TypeVar("W", bound=Background)
Result = TypeVar("Result")


class WorkerRegistry:
    """Workers in the order started; each kind has its own current one.

    Args:
        at_forgetting: Called with a worker that can no longer be asked for.
        listener_at: Names the socket or worker that listens at an address, if one does.

    Attributes:
        journal: Where they report what they do.
    """

    def __init__(self, at_forgetting: Callable[[Background], object], listener_at: Callable[[str], str | None]) -> None:
        self.journal = Journal()
        self._at_forgetting = at_forgetting
        self._listener_at = listener_at
        self._left: list[Background] = []
        self._by_kind: dict[type[Background], Registry[Background]] = {}
        self._order: list[Background] = []
        self._forgotten_failures: list[Background] = []

    def of(self, kind: type[W]) -> Registry[W]:
        """The workers of one kind by name; also those that were retired."""
        registry = self._by_kind.setdefault(kind, Registry(kind.kind, kind.opener))
        return cast("Registry[W]", registry)

    @property
    def all(self) -> list[Background]:
        """All workers that were not stopped, in the order started."""
        return list(self._order)

    @property
    def left_behind(self) -> list[Background]:
        """Stopped workers whose threads have not ended yet; until they do, their sockets stay open."""
        self._left = [worker for worker in self._left if worker.running]
        return list(self._left)

    @property
    def statuses(self) -> list[WorkerStatus]:
        """What users see of them."""
        from .worker_status import WorkerStatus  # when somebody asks: every library instance imports this module

        return [
            WorkerStatus(worker.name, worker.kind, _socket_name(worker), "FAILED" if worker.error else "RUNNING")
            for worker in self._order
        ]

    def start(self, worker: Background, own: Callable[[Callable[[], None]], object]) -> None:
        """Starts a worker and makes it the current one of its kind; if it does not start, it is not kept.

        Args:
            worker: Who is started.
            own: Takes what stops it again.

        Raises:
            AddressTaken: Somebody listens where it should.
            WrongUse: Another worker has its socket.
            WorkerFailed: Its thread did not get ready.
        """
        try:
            self._start(worker, own)
        except AddressTaken:  # by whom, only this process knows
            address = worker.listens_at
            if holder := address and self._listener_at(address):
                raise AddressTaken(f"Cannot bind {worker.listener} to {address}: {in_use(address, holder)}") from None
            raise

    def _start(self, worker: Background, own: Callable[[Callable[[], None]], object]) -> None:
        try:
            worker.start()
            with Uninterrupted():
                self.of(type(worker)).add(worker.name, worker)
                self._order.append(worker)
                own(partial(self.stop, worker))
        except BaseException:
            self._end(worker, Patience(STOP_SECONDS))
            self._forget(worker, name_too=True)
            raise

    def stop(self, worker: Background) -> None:
        """Stops a worker and forgets its name; does nothing if that was done before.

        If an exception comes in between, such as Robot's timeout, the worker stays in the workers, to be stopped again.

        Raises:
            WorkerFailed: The thread did not end in time and was left behind with its socket.
        """
        self._stop([worker], keep_results=False)

    def retire(self, worker: Background) -> None:
        """Stops a worker; one that keeps results keeps its name, until it is stopped or its name is used again.

        Raises:
            WorkerFailed: The thread did not end in time and was left behind with its socket.
        """
        self._stop([worker], keep_results=True)

    def stop_all(self) -> None:
        """Retires all workers, the last started first.

        Raises:
            WorkerFailed: Threads did not end in time; all others are stopped all the same.
        """
        self._stop(self._order[::-1], keep_results=True)

    def holder_of(self, socket: object) -> Worker | None:
        """The worker that has a socket."""
        return next((w for w in self._order if isinstance(w, Worker) and w.socket is socket), None)

    def release(self, socket: object) -> WorkerFailed | None:
        """Retires the worker that has a socket, if one has.

        Returns:
            What is wrong if its thread did not end in time.
        """
        try:
            if holder := self.holder_of(socket):
                self.retire(holder)
        except WorkerFailed as late:
            return late
        return None

    def listening_at(self, address: str) -> str | None:
        """Names the worker that listens, or has listened, at an address without a socket of the library."""
        there = (worker for worker in self._order if worker.listens_at == address and worker.running)
        return next((worker.title for worker in there), None)

    def bequeath(self, socket: object) -> bool:
        """Leaves a socket to the worker that was left behind with it, to be closed when that ends.

        Returns:
            Whether there is such a worker.
        """
        return any(w.inherit() for w in self.left_behind if isinstance(w, Worker) and w.socket is socket)

    def consult(self, socket: object, action: Callable[[], Result]) -> Result:
        """Runs a function that looks at a socket, in the thread that may do so.

        Raises:
            WorkerFailed: The worker that has the socket did not answer.
        """
        holder = self.holder_of(socket)
        return holder.consult(action) if holder else action()

    def conclude(self) -> None:
        """Has all workers report what is known only at the end of a test or suite."""
        for worker in self._order:
            if isinstance(worker, Worker):
                worker.conclude()

    def take_failures(self) -> list[tuple[Background, BaseException]]:
        """The workers that failed and whose failure nobody has reported, each once, and with what they failed."""
        workers = [*self._forgotten_failures, *self._order]
        failed = [(worker, error) for worker in workers if (error := worker.unreported_error)]
        self._forgotten_failures.clear()
        for worker, _ in failed:
            worker.reported = True
        return failed

    def _stop(self, workers: list[Background], *, keep_results: bool) -> None:
        """All get the message before the first is waited for, so that they share the time."""
        for worker in workers:
            worker.ask_to_stop()
        deadline = Patience(STOP_SECONDS)
        late = []
        for worker in workers:
            ended = self._end(worker, deadline)
            self._forget(worker, name_too=not (keep_results and ended and worker.keeps_results))
            if not ended:
                late.append(
                    f"{worker.heading} did not stop in time; its thread is left behind with its socket until it ends."
                )
        if late:
            raise WorkerFailed("\n".join(late))

    def _end(self, worker: Background, deadline: Deadline) -> bool:
        ended = worker.stop(deadline)
        if not ended and worker not in self._left:
            self._left.append(worker)
        return ended

    def _forget(self, worker: Background, *, name_too: bool) -> None:
        with Uninterrupted():
            if worker in self._order:
                self._order.remove(worker)
                if worker.unreported_error:
                    self._forgotten_failures.append(worker)
            registry = self.of(type(worker))
            if name_too:
                self._at_forgetting(worker)
                if registry.find(worker.name) is worker:
                    registry.remove(worker.name)


def _socket_name(worker: Background) -> str:
    """Who has no socket of the library is known by the name under which it is asked."""
    return worker.name if worker.socket is None else worker.socket.name
