"""The keyword that shows who said what to whom."""

from __future__ import annotations

from collections.abc import Sequence

from robot.api.deco import keyword

from ...errors import InvalidValue
from ...log.flow import FlowFormat, log_flow
from .group import RecordingGroup, file_at, names_in, require_known


class FlowKeywords(RecordingGroup):
    """Message flow."""

    @keyword
    def log_message_flow(
        self,
        *,
        sockets: str | Sequence[str] | None = None,
        last: int | None = None,
        format: FlowFormat = FlowFormat.SVG,
        path: str | None = None,
    ) -> str:
        """Logs a diagram of the messages of this test: who said what to whom, in which order.

        It has a lane for each socket, mock server, proxy and peer; messages with their time since the beginning, the
        time of day, a preview, and, where the mouse rests on them, size and whole content; connects, handshakes,
        subscriptions, and what faults did. A message that a socket of the library should have received and has not is
        marked. Of more than 200 messages the first 50 and the last 150 are shown. The log of a failed test has the
        same diagram, folded.

        Args:
            sockets: Names of sockets, mock servers and proxies, as a list or separated by commas; default is all.
            last: Only so many messages, the last ones.
            format: ``SVG`` for the log and browsers, ``MERMAID`` for tickets and wikis.
            path: A file that the diagram is written to. Directories that are missing are made.

        Returns:
            The diagram, as SVG or as Mermaid text.

        Raises:
            InvalidValue: The file cannot be written.
            NotOpen: There is no such socket.

        Example:
        | Bind Zmq Socket       inproc://jobs    PULL    jobs
        | Connect Zmq Socket    inproc://jobs    PUSH    work
        | Send Message          job 1
        | Receive Message       socket=jobs
        | ${text}=              Log Message Flow    format=MERMAID
        | Should Contain        ${text}    job 1

        Tags: Recording
        """
        if last is not None and last < 1:
            raise InvalidValue(f"last={last} cannot be used: give 1 or more messages, or none for all.")
        wanted = names_in(sockets)
        recordings = self.session.recordings
        known = [*(socket.name for socket in recordings.sockets), *(proxy.name for proxy in recordings.proxies)]
        require_known("socket or proxy", wanted, known)
        diagram = recordings.flow(self.session.settings.log_limit, wanted, last)
        return log_flow(diagram, format, file_at(path) if path is not None else None)
