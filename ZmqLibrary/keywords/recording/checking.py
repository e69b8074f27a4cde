"""Keywords that look at recordings: what was said, and whether two say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from robot.api.deco import keyword

from ...errors import CheckFailed, DecodeError, Hint
from ...log import logger
from ...messages.json_path import paths_in
from ...messages.patterns import MatchKind
from ...report.words import count_of, with_message
from ..arguments import given_pattern, patterns_of, require_count
from ..base import FormatArgument
from .group import RecordingGroup, file_at

if TYPE_CHECKING:
    from ...recording.recording import RecordedMessage, Recording


class RecordingCheckKeywords(RecordingGroup):
    """Loading and checking of recordings."""

    @keyword
    def load_recording(self, path: str, *, port: int | None = None) -> Recording:
        """Loads a recording, or a capture of tcpdump or Wireshark, and returns it.

        The kind of file is recognized by its content: a recording made with `Start Recording`, a pcap or a pcapng file.
        Captures need the extra ``pcap``. Of a run that was killed, all is loaded but the last line if that is cut off.
        What cannot be read of a capture, such as messages that CURVE encrypts, is in the log.

        Args:
            path: The file.
            port: Only connections of this port; default is all.

        Returns:
            A recording with the attributes ``messages`` (a list as in `Get Recorded Messages`), ``connections`` (a
            list, each with ``number``, ``client``, ``server``, ``client_type``, ``server_type``, ``mechanism``,
            ``opaque`` and ``problem``) and ``events``.

        Raises:
            InvalidValue: The file cannot be read, or is none of these.
            MissingPackage: It is a capture, and the extra ``pcap`` is not installed.

        Example:
        | Bind Zmq Socket       tcp://127.0.0.1:*    PULL    jobs
        | ${endpoint}=          Get Zmq Endpoint
        | Connect Zmq Socket    ${endpoint}    PUSH    work
        | Start Recording       %{TEMPDIR=/tmp}/jobs.jsonl    sockets=work
        | Send Message          job 1
        | ${path}=              Stop Recording
        | ${recording}=         Load Recording    ${path}
        | Should Be Equal       ${recording.messages}[0][0]    job 1

        Tags: Recording
        """
        # Imported here, because few suites have recordings.
        from ...recording.overview import described

        recording = self.session.recordings.load(file_at(path), port, self._recorded_formats(None))
        logger.info("\n".join([f"{described(recording)}.", *recording.notes]))
        return recording

    @keyword
    def get_recorded_messages(
        self,
        *patterns: object,
        match: MatchKind = MatchKind.GLOB,
        format: FormatArgument = None,
        layout: str | None = None,
        sender: str | None = None,
        receiver: str | None = None,
        recording: object = None,
        **fields: object,
    ) -> list[RecordedMessage]:
        """Returns the messages of a recording, the oldest first.

        Each has, besides what all messages have, ``time`` (seconds since the recording began), ``sender``,
        ``receiver``, ``sender_type``, ``receiver_type`` and ``connection``. Of REQ and REP the frames are those behind
        the envelope. Subscriptions are no messages. A message that two recorded sockets have seen is there twice,
        as sent and as received; with ``sender`` only as the sender has seen it, with ``receiver`` alone only as the
        receiver has.

        Args:
            patterns: One for each leading frame, see `Patterns`. Without any, all messages.
            match: How the patterns are held against the frames.
            layout: The layout of the fields that patterns are given for, instead of ``format``.
            fields: With a layout, patterns by field. See `Patterns`.
            sender: Alias, socket type or ``host:port`` of who sent them; of a peer that was gone before its message was
                received, libzmq tells only the host.
            receiver: The same of who received them.
            recording: What `Load Recording` has returned, the alias of a recording of this run, or a path; default is
                the one started or loaded last.

        Raises:
            DecodeError: A frame does not have its format.

        Example:
        | Bind Zmq Socket       inproc://jobs    PULL    jobs
        | Connect Zmq Socket    inproc://jobs    PUSH    work
        | Start Recording       %{TEMPDIR=/tmp}/messages.jsonl
        | Send Multipart        job    42
        | Receive Multipart     socket=jobs
        | @{sent}=              Get Recorded Messages    job    4?    sender=work
        | Length Should Be      ${sent}    1
        | Should Be Equal       ${sent}[0][1]    42
        | Should Be Equal       ${sent[0].receiver}    jobs

        Tags: Getter, Recording
        """
        from ...recording.recording import RecordingQuery

        formats = self._recorded_formats(format, layout)
        pattern = given_pattern(patterns_of(patterns), fields, match, formats)
        found = list(self._recording(recording).select(RecordingQuery(pattern.matches, sender, receiver)))
        if format is None and layout is None:
            return found
        try:
            for one in found:
                formats.check(one.raw)
        except DecodeError as error:
            raise DecodeError(str(error), Hint.READ_RECORDED) from error.__cause__
        return [one.meant_as(formats) for one in found]

    @keyword
    def recording_should_contain(
        self,
        *patterns: object,
        times: int | None = None,
        match: MatchKind = MatchKind.GLOB,
        format: FormatArgument = None,
        layout: str | None = None,
        sender: str | None = None,
        receiver: str | None = None,
        recording: object = None,
        message: str | None = None,
        **fields: object,
    ) -> None:
        """Fails unless a recording has a message.

        Args:
            patterns: As with `Get Recorded Messages`.
            times: How many such messages. Default is one or more. ``0`` fails also where some could not be read.
            match: How the patterns are held against the frames.
            layout: As with `Get Recorded Messages`.
            fields: As with `Get Recorded Messages`.
            sender: As with `Get Recorded Messages`.
            receiver: As with `Get Recorded Messages`.
            recording: As with `Get Recorded Messages`.

        Raises:
            CheckFailed: It has not; the message says in what the last messages differ.

        Example:
        | Bind Zmq Socket       inproc://jobs    PULL    jobs
        | Connect Zmq Socket    inproc://jobs    PUSH    work
        | Start Recording       %{TEMPDIR=/tmp}/contains.jsonl    sockets=work
        | Send Multipart        job    42
        | Recording Should Contain    job    42    times=1

        Tags: Assertion, Recording
        """
        from ...recording.overview import described, lines_of, strangers, unreadable
        from ...recording.recording import RecordingQuery

        require_count(times, 0, "times")
        loaded = self._recording(recording)
        pattern = given_pattern(patterns_of(patterns), fields, match, self._recorded_formats(format, layout))
        query = RecordingQuery(pattern.matches, sender, receiver)
        found = list(loaded.select(query))
        of_whom = "".join([f" from {sender}" if sender else "", f" to {receiver}" if receiver else ""])
        if times == 0 and not found and (unread := loaded.unread(query)):
            head = f"{described(loaded)}, so there may have been a message{of_whom} that is {pattern}."
            raise CheckFailed(with_message(message, head, *(connection.unread for connection in unread)))
        if len(found) == times or (times is None and found):
            return
        number = "no message" if times is None else count_of(len(found), "message")
        wanted = "" if times is None else f" instead of {times:,}"
        verb = "is" if len(found) == 1 or times is None else "are"
        lines = [f"{described(loaded)}, but {number}{of_whom}{wanted} that {verb} {pattern}.", *unreadable(loaded)]
        lines += strangers(loaded, sender, receiver)
        shown = found or list(loaded.select(RecordingQuery(sender=sender, receiver=receiver)))
        raise CheckFailed(with_message(message, *lines, *lines_of(shown, None if found else pattern)))

    @keyword
    def recordings_should_be_equal(
        self, first: object, second: object, *, ignore: object = None, message: str | None = None
    ) -> None:
        """Fails unless two recordings have the same messages in the same order for each sender.

        So a run can be held against a golden one. Times, ports and numbers of connections never count. Frames that are
        JSON are compared by value, as in `Received Json Should Equal`, others byte by byte.

        Args:
            first: What is expected: what `Load Recording` has returned, the alias of a recording of this run, or a
                path.
            second: What is compared with it, in the same ways.
            ignore: What does not matter, as a list or separated by commas: JSON paths such as ``$.time``, and numbers
                of frames, from 0, such as that of a signature; negative ones count from the end.

        Raises:
            CheckFailed: They are not; the message says the first message that differs for each sender, and where.
            MissingPackage: JSON differs, and the extra ``json`` is not installed.

        Example:
        | Bind Zmq Socket       inproc://jobs    PULL    jobs
        | Connect Zmq Socket    inproc://jobs    PUSH    work
        | Start Recording       %{TEMPDIR=/tmp}/first.jsonl    sockets=work    alias=first
        | Send Message          {"job": 1, "at": 12.5}
        | Stop Recording
        | Start Recording       %{TEMPDIR=/tmp}/second.jsonl    sockets=work    alias=second
        | Send Message          {"job": 1, "at": 99.9}
        | Stop Recording
        | Recordings Should Be Equal    first    second    ignore=$.at

        Tags: Assertion, Recording
        """
        from ...recording.equality import ignored, recording_differences

        items = paths_in(ignore) if isinstance(ignore, str) else ignore
        matters_not = ignored(items if isinstance(items, (list, tuple)) else [] if items is None else [items])
        expected, actual = self._recording(first), self._recording(second)
        if lines := recording_differences(expected, actual, matters_not):
            head = f"{expected} and {actual} differ:"
            raise CheckFailed(with_message(message, head, *lines))
        logger.info(f"Both have the same {count_of(len(list(expected.said())), 'message')}.")
