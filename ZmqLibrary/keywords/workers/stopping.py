"""Keywords about everything that runs in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

from robot.api.deco import keyword

from ...log import logger
from ...report.words import count_of
from ..base import KeywordGroup

if TYPE_CHECKING:
    from ...workers.worker_status import WorkerStatus


class WorkerKeywords(KeywordGroup):
    """Workers of all kinds."""

    @keyword
    def stop_all_workers(self) -> None:
        """Stops all collectors, mock servers and other workers, the last started first; their sockets are free again.

        What was collected can still be read, as after `Stop Collecting Messages`. Does nothing if none is running.

        Raises:
            WorkerFailed: Workers did not stop within a second, or have failed before. All others are stopped all the
                same.

        Example:
        | Bind Zmq Socket    inproc://feed    PULL    feed
        | Start Collecting Messages
        | Stop All Workers
        | Close Zmq Socket    feed

        Tags: Worker
        """
        stopped = self.session.workers.all
        self.session.workers.stop_all()
        logger.info(f"Stopped {count_of(len(stopped), 'worker')}.")
        for worker in stopped:
            if worker.unreported_error:
                worker.check()

    @keyword
    def get_workers(self) -> list[WorkerStatus]:
        """Returns the workers that were started and not stopped, in the order started.

        Returns:
            A list of objects with the attributes ``name``, ``kind`` (such as ``collector``), ``socket`` (name of the
            socket that it holds) and ``state``: ``RUNNING`` or ``FAILED``.

        Example:
        | Bind Zmq Socket    inproc://feed    PULL    feed
        | Start Collecting Messages    alias=prices
        | @{workers}=        Get Workers
        | Should Be Equal    ${workers[0].name}: ${workers[0].kind} of ${workers[0].socket}    prices: collector of feed
        | Should Be Equal    ${workers[0].state}    RUNNING
        | Stop All Workers
        | @{workers}=        Get Workers
        | Should Be Empty    ${workers}

        Tags: Getter, Worker
        """
        return self.session.workers.statuses
