"""Job: one pump or sink from its settings on, with the engine that suits it; and the process that does nothing else.

The process reads JSON lines from standard input, the first with the settings, and writes JSON lines to standard output.
It ends when its standard input does, which is so when its parent ends in whatever way.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import IO, TYPE_CHECKING

from .control import Control, Document
from .pump import Pump
from .settings import PumpSettings, SinkSettings, read_settings
from .sink import Sink

if TYPE_CHECKING:
    from ..sockets.context import Context
    from .engine import PumpEngine, SinkEngine
    from .settings import PeerSettings

_GC_THRESHOLD = 20_000  # above the objects of a burst, which all go again: looking for cycles among them took a tenth
KINDS: dict[str, type[PeerSettings]] = {"pump": PumpSettings, "sink": SinkSettings}


class Job:
    """A pump or sink that is ready to run.

    Args:
        settings: What it does.
        emit: Takes what it reports; called in the thread that runs it.
        context: The library's context, where it runs in the library's process.
    """

    def __init__(
        self,
        settings: PeerSettings,
        emit: Callable[[Document], object],
        context: Context | None = None,
    ) -> None:
        self.control = Control(emit)
        self._settings = settings
        self._context = context

    def run(self) -> None:
        """Runs it to its end; what goes wrong is reported and not raised."""
        try:
            worker = self._made()
            worker.run()
            self.control.report_end(worker.results())
        except BaseException as error:
            self.control.failed(error)
        finally:
            self.control.close()

    def _made(self) -> Pump | Sink:
        settings, control = self._settings, self.control
        if isinstance(settings, PumpSettings):
            return Pump(settings, self._pump_engine(settings), control)
        if isinstance(settings, SinkSettings):
            return Sink(settings, self._sink_engine(settings), control)
        raise TypeError(settings)

    def _pump_engine(self, settings: PumpSettings) -> PumpEngine:
        if settings.engine == "WIRE":
            from .wire_pump import WirePump

            return WirePump(settings, self.control.wakeup)
        from .socket_engine import SocketPump

        return SocketPump(settings, self.control.wakeup, self._context)

    def _sink_engine(self, settings: SinkSettings) -> SinkEngine:
        if settings.engine == "WIRE":
            from .wire_sink import WireSink

            return WireSink(settings, self.control.wakeup)
        from .socket_io import use_plain_frames
        from .socket_sink import SocketSink

        if self._context is None:
            use_plain_frames()
        return SocketSink(settings, self.control.wakeup, self._context)


def serve(source: IO[bytes], target: IO[bytes]) -> int:
    """Runs the job that the first line describes, as the lines after it say.

    Returns:
        The exit code of the process.
    """
    head = json.loads(source.readline())
    lock = threading.Lock()

    def emit(document: Document) -> None:
        with lock:
            try:
                target.write(json.dumps(document).encode("utf-8") + b"\n")
                target.flush()
            except OSError:  # the parent is gone
                os._exit(0)

    job = Job(read_settings(KINDS[head["kind"]], head["settings"]), emit)
    reader = threading.Thread(target=_read_commands, args=(source, job.control), daemon=True)
    reader.start()
    job.run()
    return 0


def _read_commands(source: IO[bytes], control: Control) -> None:
    """Ends the process when the parent is gone, whatever the loop is doing, or at a stop while it still connects."""
    for line in source:
        command = json.loads(line)
        if command["do"] == "stop" and not control.has_started:
            break
        control.post(command)
    os._exit(0)


def main() -> None:
    """The process of a pump or sink. Whether an interrupt from the keyboard ends it is for its parent to say."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(_GC_THRESHOLD)
    status = serve(sys.stdin.buffer, sys.stdout.buffer)
    sys.stdout.flush()
    os._exit(status)
