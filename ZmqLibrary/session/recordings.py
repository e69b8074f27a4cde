"""Recordings of a session: those that are being made, and the one that was loaded last."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import Hint, InvalidValue, NotOpen
from ..formats import HiddenBytes
from ..log.flow import flow_diagram
from ..registry import Registry

if TYPE_CHECKING:
    from ..formats import FrameFormats
    from ..recording.recorder import RecordableProxy, Recorder
    from ..recording.recording import Recording
    from ..recording.secrets import SentSecrets
    from ..report.sequence_diagram import Diagram
    from ..sockets.zmq_socket import ZmqSocket


class Recordings:
    """What was recorded in this session.

    Attributes:
        recorders: By alias; those that were stopped stay, to be asked by their names.
        sockets: All sockets of the library, also those that were closed in this test.
        proxies: The same of proxies.
        unsettled: Those that run, and those whose failure no keyword has reported yet; each keyword asks them.
        test_started: When the test before was over, in seconds since the epoch.
    """

    def __init__(self) -> None:
        self.recorders: Registry[Recorder] = Registry("recording", Hint.START_RECORDING)
        self.sockets: list[ZmqSocket] = []
        self.proxies: list[RecordableProxy] = []
        self.unsettled: list[Recorder] = []
        self.test_started = time.time()
        self._latest: Recording | None = None
        self._may_come_back = False

    def added(self, socket: ZmqSocket) -> ZmqSocket:
        """Has a socket recorded that was opened, and remembers it until the test is over."""
        self.sockets.append(socket)
        if self._may_come_back:
            self._note_secrets_of(socket)
        for recorder in self.running:
            recorder.watch(socket)
        return socket

    def add_proxy(self, proxy: RecordableProxy) -> None:
        """Has a proxy recorded that was started, and remembers it until it has ended."""
        self.proxies.append(proxy)
        if not self._may_come_back:
            self._may_come_back = True
            for socket in self.sockets:
                self._note_secrets_of(socket)
        for recorder in self.running:
            recorder.watch_proxy(proxy)

    @cached_property
    def secrets(self) -> SentSecrets:
        """What was sent as a secret and may come back: through a proxy, or from a process of its own."""
        from ..recording.secrets import SentSecrets

        return SentSecrets()

    def note_secrets(self, frames: Iterable[object]) -> None:
        """Has what no socket of the library sends as a secret left out where it comes back."""
        secrets = [frame for frame in frames if isinstance(frame, HiddenBytes)]
        if secrets:
            self.secrets.note(secrets)
        for recorder in self.running:
            recorder.secrets.note(secrets)

    def _note_secrets_of(self, socket: ZmqSocket) -> None:
        traffic = socket.traffic
        if traffic.remembers:
            for entry in traffic.kept:
                self.secrets.take(entry)
            traffic.watchers = [*traffic.watchers, self.secrets.take]

    def end_test(self) -> None:
        """Forgets the sockets that are closed, and begins to remember the messages of the others anew."""
        self.sockets = [socket for socket in self.sockets if not socket.closed]
        self.proxies = [proxy for proxy in self.proxies if proxy.running]
        self.unsettled = [recorder for recorder in self.unsettled if recorder.running or recorder.writer.failed]
        for socket in self.sockets:
            socket.traffic.begin()
        self.test_started = time.time()

    def make_room(self, name: str) -> None:
        """Stops a recording whose name is used again, maybe for the same file."""
        if name in self.recorders:
            self.recorders.get(name).stop()
            self.recorders.remove(name)

    def start(self, recorder: Recorder) -> None:
        """Starts a recorder of what is open, which is meant from now on where no recording is named."""
        recorder.secrets.update(self.secrets)
        recorder.start()
        self.recorders.add(recorder.name, recorder)
        self.unsettled.append(recorder)
        self._latest = None
        for socket in self.sockets:
            recorder.watch(socket)
        for proxy in self.proxies:
            if proxy.running:
                recorder.watch_proxy(proxy)

    def stop(self, recorder: Recorder) -> None:
        """Ends a recording; bounded. Stopping twice does nothing.

        Raises:
            WorkerFailed: Not all of it could be written, and that was not reported yet.
        """
        recorder.stop()
        recorder.writer.check()

    def stop_all(self) -> None:
        """Ends all recordings."""
        for recorder in self.running:
            recorder.stop()

    @property
    def running(self) -> list[Recorder]:
        """Those that were not stopped."""
        return [recorder for recorder in self.recorders if recorder.running]

    def flush(self) -> None:
        """Waits until what has happened so far is in the files; bounded."""
        for recorder in self.running:
            recorder.flush()

    def load(self, path: Path, port: int | None, formats: FrameFormats) -> Recording:
        """Reads a file, which is meant from now on where no recording is named.

        Raises:
            InvalidValue: It cannot be read.
            MissingPackage: It is a capture, and dpkt is not installed.
        """
        # Imported here, because few suites have recordings.
        from ..recording.loading import load_recording

        self._latest = load_recording(path, port, formats)
        return self._latest

    def find(self, given: object, formats: FrameFormats) -> Recording:
        """What a `recording=` argument means: a recording, the alias of one of this run, or a path.

        Raises:
            NotOpen: None was given, and there is none.
            InvalidValue: It is none of these, or cannot be read.
        """
        from ..recording.loading import load_recording
        from ..recording.recording import Recording

        if given is None and self._latest is not None:
            return self._latest
        if isinstance(given, Recording):
            return given
        if given is not None and not isinstance(given, (str, Path)):
            raise InvalidValue(f"Give a recording itself, its alias or a path, not {given!r}.", Hint.START_RECORDING)
        if given is None and not len(self.recorders):
            raise NotOpen("No recording was started or loaded.", Hint.START_RECORDING)
        recorder = self.recorders.find(None if given is None else str(given))
        if recorder is None:
            return load_recording(Path(str(given)), None, formats)
        recorder.flush()
        return load_recording(recorder.path, None, formats)

    def flow(self, limit: int, names: Collection[str] | None = None, last: int | None = None) -> Diagram:
        """The diagram of what sockets and proxies have said in this test.

        Args:
            limit: How many bytes of a frame are shown.
            names: Of sockets and proxies; None for all.
            last: Only so many messages.
        """
        sockets = [socket for socket in self.sockets if names is None or socket.name in names]
        proxies = [proxy for proxy in self.proxies if names is None or proxy.name in names]
        return flow_diagram(sockets, proxies, self.sockets, self.secrets, self.test_started, limit, last)
