"""Keywords that record what sockets, mock servers and proxies say."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from robot.api.deco import keyword

from ...errors import InvalidValue
from ...log import logger
from ...waiting.uninterrupted import Uninterrupted
from .group import Names, RecordingGroup, file_at, is_same_file, names_in, require_known

if TYPE_CHECKING:
    from ...recording.recorder import Recorder


class RecordingKeywords(RecordingGroup):
    """Start and end of recordings."""

    @keyword
    def start_recording(
        self, path: str, *, sockets: Names = None, proxies: Names = None, alias: str | None = None
    ) -> str:
        """Begins to record what sockets, mock servers and proxies send and receive into a file, and returns its name.

        The file has a line of JSON for each message and each event of a connection (of a proxy's: one line for the
        connection), written within 100 ms, so that it can be read when the run was killed: see the page Record, replay,
        compare. Secrets are not in it, nor are handshakes and keys. If it cannot be written, the next keyword fails;
        messages go on without it. Pumps, sinks and odd peers are not recorded; a proxy in front of one is.

        Args:
            path: The file; an older one is replaced. Directories that are missing are made.
            sockets: Names of sockets and mock servers that are recorded, as a list or separated by commas.
            proxies: The same of proxies. Without both: all sockets, mock servers and proxies, also later ones.
            alias: Name of the recording; default is a generated one such as ``RECORDING-1``.

        Raises:
            InvalidValue: The file cannot be written.
            NotOpen: There is no such socket or proxy.

        Example:
        | Bind Zmq Socket       inproc://jobs    PULL    jobs
        | Connect Zmq Socket    inproc://jobs    PUSH    work
        | Start Recording       %{TEMPDIR=/tmp}/run.jsonl    sockets=work
        | Send Multipart        job    42
        | ${path}=              Stop Recording
        | Recording Should Contain    job    42    recording=${path}

        Tags: Recording
        """
        recordings = self.session.recordings
        name = recordings.recorders.new_name(alias, "RECORDING")
        wanted = self._wanted(sockets, proxies)
        recorder = self._recorder(name, self._free_file(path, name), *wanted)
        recordings.make_room(name)
        with Uninterrupted():  # so that what runs has an owner
            recordings.start(recorder)
            self.session.lifetimes.own(partial(recordings.stop, recorder))
        logger.info(f"Recording '{name}' is written to {recorder.path}.")
        return name

    def _wanted(self, sockets: Names, proxies: Names) -> tuple[frozenset[str] | None, frozenset[str] | None]:
        """The names of sockets and of proxies that are recorded; None and None for all."""
        recordings = self.session.recordings
        wanted, wanted_proxies = names_in(sockets), names_in(proxies)
        require_known("socket", wanted, {socket.name for socket in recordings.sockets if not socket.closed})
        require_known("proxy", wanted_proxies, {proxy.name for proxy in recordings.proxies if proxy.running})
        if wanted is None and wanted_proxies is None:
            return None, None
        return wanted or frozenset(), wanted_proxies or frozenset()

    def _free_file(self, path: str, name: str) -> Path:
        """The file of a recording; an older one of its name that has the same file ends here."""
        recordings, file = self.session.recordings, file_at(path)
        for other in recordings.running:
            if other.name != name and is_same_file(other.path, file):
                raise InvalidValue(
                    f"Recording '{other.name}' is written to {file}. Stop that first, or use another file."
                )
        older = recordings.recorders.find(name)
        if older is not None and is_same_file(older.path, file):
            recordings.make_room(name)
        return file

    def _recorder(
        self, name: str, file: Path, wanted: frozenset[str] | None, wanted_proxies: frozenset[str] | None
    ) -> Recorder:
        # Imported here, because few suites have recordings.
        from ...recording.recorder import Recorder

        with Uninterrupted():  # so that what has the file has an owner
            recorder = Recorder(name, file, lambda: self.session.recordings.sockets, wanted, wanted_proxies)
            self.session.hand.hold(recorder.writer.let_go)
        return recorder

    @keyword
    def stop_recording(self, recording: str | None = None) -> str:
        """Ends a recording and returns the path of its file. Stopping twice does nothing.

        Raises:
            WorkerFailed: Not all of it could be written.

        Example:
        | Start Recording    %{TEMPDIR=/tmp}/nothing.jsonl
        | ${path}=           Stop Recording
        | ${recording}=      Load Recording    ${path}
        | Should Be Empty    ${recording.messages}

        Tags: Recording
        """
        recorder = self.session.recordings.recorders.get(recording)
        self.session.recordings.stop(recorder)
        return str(recorder.path)
