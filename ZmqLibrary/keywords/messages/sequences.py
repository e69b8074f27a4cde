"""Keywords that watch a counter in the messages of a socket."""

from __future__ import annotations

import re

from robot.api.deco import keyword

from ...errors import CheckFailed, InvalidValue
from ...log import logger
from ...plain_text import printable
from ...report.words import count_of, with_message
from ..arguments import require_yes_or_no
from ..base import KeywordGroup

_POWER = r"\s*(\d{1,3})\s*\*\*\s*(\d{1,3})\s*"
_DEFAULT_FORMAT = "U32LE"


class SequenceKeywords(KeywordGroup):
    """Sequences."""

    @keyword
    def start_sequence_check(
        self,
        name: str,
        frame: int = -1,
        format: str = _DEFAULT_FORMAT,
        path: str | None = None,
        step: int = 1,
        wrap: int | str | None = None,
        per_topic: bool = True,
        *,
        socket: str | None = None,
    ) -> None:
        """Watches the counter in every message that is received on the socket from then on.

        It watches whichever keyword receives them, and also those that wait to be received. If a collector keeps the
        messages of the socket, those that it has collected are watched, too. `Sequence Should Be Complete` reports what
        was lost. See `Sequences`.

        Args:
            name: A name for the check; one that is used again begins anew.
            frame: Number of the frame with the counter, from 0; negative ones count from the end.
            format: Format of that frame. With ``path`` the default is ``JSON``.
            path: Where the counter is in a structured frame, such as ``$.header.seq``.
            step: By how much the counter goes on from message to message.
            wrap: The number at which it begins anew from 0, such as ``65536`` or ``2**32``. Default: it never does.
            per_topic: Whether each topic has a counter of its own. The topic is frame 0, unless that has the counter.

        Raises:
            InvalidValue: An argument cannot be used.

        Example:
        | Bind Zmq Socket         inproc://ticks    PULL    ticks
        | Connect Zmq Socket      inproc://ticks    PUSH    clock
        | Start Sequence Check    ticks    format=U32LE    socket=ticks
        | FOR    ${n}    IN RANGE    10
        |     Send Multipart      tick    ${n}    format=TEXT,U32LE    socket=clock
        | END
        | Receive Messages        10    format=TEXT,U32LE    socket=ticks
        | Sequence Should Be Complete    ticks

        Tags: Sequence
        """
        from ...messages.sequences import SequenceCheck, SequenceSettings

        require_yes_or_no("per_topic", per_topic)
        zmq_socket = self.session.socket(socket)
        chosen = "JSON" if path and format == _DEFAULT_FORMAT else format
        formats = self.session.formats.get(chosen)
        check = SequenceCheck(name, SequenceSettings(frame, formats, path or "", step, _number(wrap), per_topic))
        self.session.add_sequence(check, zmq_socket)
        logger.info(f"Watching the sequence '{printable(name)}' on {zmq_socket.title}.")

    @keyword
    def sequence_should_be_complete(self, name: str, *, message: str | None = None) -> None:
        """Fails if messages are missing, came twice or came out of order.

        The failure names for each topic the numbers that are missing, came twice or came late. It fails as well if a
        message had no counter, or if there was no message.

        Args:
            name: The name given to `Start Sequence Check`.

        Example:
        | Bind Zmq Socket         inproc://ticks    PULL    ticks
        | Connect Zmq Socket      inproc://ticks    PUSH    clock
        | Start Sequence Check    ticks    format=TEXT    socket=ticks
        | Send Message            1    socket=clock
        | Send Message            4    socket=clock
        | Receive Messages        2    socket=ticks
        | Run Keyword And Expect Error    *2 messages missing: 2 to 3 (2)*    Sequence Should Be Complete    ticks

        Tags: Assertion, Sequence
        """
        check = self.session.sequences.get(name)
        if check.problems():
            raise CheckFailed(with_message(message, *check.report_lines()))
        logger.info(f"Sequence '{printable(name)}' is complete, in {count_of(check.messages, 'message')}.")

    @keyword
    def get_sequence_report(self, name: str) -> dict[str, object]:
        """Returns the figures of a sequence check.

        Args:
            name: The name given to `Start Sequence Check`.

        Returns:
            A dictionary with ``messages``, ``missing``, ``duplicates``, ``reordered``, ``unreadable`` (messages without
            a counter), ``complete`` and ``topics``: for each topic the same figures, the ``first`` and the ``next``
            number, the list of its ``gaps`` with ``first``, ``last`` and ``count``, and the numbers that came ``twice``
            and ``late``: each list holds the first 1,000.

        Example:
        | Bind Zmq Socket         inproc://ticks    PULL    ticks
        | Connect Zmq Socket      inproc://ticks    PUSH    clock
        | Start Sequence Check    ticks    path=$.seq    socket=ticks
        | Send Multipart          tick    {"seq": 1}    socket=clock
        | Send Multipart          tick    {"seq": 3}    socket=clock
        | Receive Messages        2    socket=ticks
        | ${report}=              Get Sequence Report    ticks
        | Should Be Equal         ${report}[missing]    ${1}
        | Should Be Equal         ${report}[topics][tick][gaps][0][first]    ${2}

        Tags: Getter, Sequence
        """
        return self.session.sequences.get(name).report()


def _number(wrap: int | str | None) -> int | None:
    if isinstance(wrap, str) and not wrap.isdecimal():
        power = re.fullmatch(_POWER, wrap)
        if not power:
            raise InvalidValue(f"wrap={wrap} is not a number. Write it as 65536 or 2**16.")
        base, exponent = int(power[1]), int(power[2])
        return int(base**exponent)
    return None if wrap is None else int(wrap)
