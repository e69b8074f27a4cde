"""Lines of recordings, and the program that writes them: only the standard library, because it starts while tests wait.

To make a line takes as long as to send a message, and threads of one process would wait for each other. So the process
of the library hands over what was sent as it is, in batches, and this one makes the lines. It ends when its standard
input does, also when the library was killed.

    python tape_lines.py FILE STARTED    appends to a file; batches on standard input, answers on standard output

The file is a path, or the number of a descriptor that this process has inherited, with the lock on it.
"""

from __future__ import annotations

import json
import marshal
import struct
import sys
from binascii import b2a_base64
from collections.abc import Sequence
from contextlib import suppress
from typing import IO

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

LENGTH = struct.Struct("<I")
"""What goes before each batch: how many bytes it has."""

DONE = b"d"
FAILED = b"f"
_NANOSECONDS = 1_000_000_000


def message_line(
    time: int, head: str, frames: Sequence[bytes], envelope: Sequence[bytes] = (), faults: Sequence[str] = ()
) -> str:
    """A message, with the names of faults that have acted on it."""
    if not envelope and not faults:  # most are so
        return f'{{"time": {time}, {head}, "frames": [{_base64(frames)}]}}\n'
    prefix = f'"envelope": [{_base64(envelope)}], ' if envelope else ""
    prefix += f'"faults": {json.dumps(list(faults))}, ' if faults else ""
    return f'{{"time": {time}, {head}, {prefix}"frames": [{_base64(frames)}]}}\n'


def _base64(frames: Sequence[bytes]) -> str:
    return ", ".join([f'"{b2a_base64(frame, newline=False).decode()}"' for frame in frames])


def take(file: IO[str]) -> bool:
    """Keeps a file for this process, and for those that inherit it, until all of them have closed it.

    Returns:
        Whether nobody else keeps it. Where files cannot be locked, nobody does.
    """
    try:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        pass
    return True


def main(target: str | int, started: float) -> None:
    """Writes what comes until there is no more. A batch is a list of lines, new heads, and messages as they were sent.

    - a text: lines
    - (number, head, envelope): how the lines of messages with this number begin
    - (number, seconds since the epoch, frames): a message

    An empty batch asks for an answer.
    """
    heads: dict[int, tuple[str, Sequence[bytes]]] = {}
    source, answers = sys.stdin.buffer, sys.stdout.buffer
    try:
        with open(target, "a", encoding="utf-8", newline="\n") as file:
            while len(head := source.read(LENGTH.size)) == LENGTH.size:
                lines: list[str] = []
                for item in marshal.loads(source.read(*LENGTH.unpack(head))):
                    if isinstance(item, str):
                        lines.append(item)
                    elif isinstance(item[1], str):
                        heads[item[0]] = item[1:]
                    else:
                        number, time, frames = item
                        lines.append(
                            message_line(
                                round((time - started) * _NANOSECONDS), heads[number][0], frames, heads[number][1]
                            )
                        )
                if lines:
                    file.write("".join(lines))
                    file.flush()
                else:
                    answers.write(DONE)
                    answers.flush()
    except OSError as error:
        with suppress(OSError):
            answers.write(FAILED + (error.strerror or str(error)).encode("utf-8", "replace"))
            answers.flush()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt, EOFError):
        main(int(sys.argv[1]) if sys.argv[1].isdecimal() else sys.argv[1], float(sys.argv[2]))
