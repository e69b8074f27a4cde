"""`zmqlibrary read`: prints the messages of a recording or a capture."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from ...plain_text import listed, printable
from ...recording.recording import Recording, RecordingQuery
from .command import NOT_MET, OK, Subcommand, library
from .input import whole_file
from .options import FORMATS, LARGEST_PORT, add_common_options, count_from
from .talking import Printer, add_expect_option


def _add_options(parser: ArgumentParser) -> None:
    parser.add_argument("path", help="a recording, or a capture: pcap, pcapng; - is standard input")
    add_common_options(parser, None, bind=False, waits=False)
    parser.add_argument("--port", type=count_from(1, LARGEST_PORT), help="only connections of this port")
    parser.add_argument("--sender", help="name, socket type or host:port of the sender")
    parser.add_argument("--receiver", help="the same of the receiver")
    add_expect_option(parser)


def _run(options: Namespace) -> int:
    with library(options.timeout) as opened, whole_file(options.path) as path:
        formats = opened.session.formats.get(options.format)
        printer = Printer(options, formats)
        recording = opened.load_recording(path, port=options.port)
        for note in recording.notes:
            print(f"zmqlibrary read: {printable(note)}", file=sys.stderr)
        found = 0
        for message in recording.select(RecordingQuery(sender=options.sender, receiver=options.receiver)):
            if printer.accepts(message):
                found += 1
                printer.print(message, time=round(message.time, 9), sender=message.sender, receiver=message.receiver)
        if not found and not options.expect:
            print(f"zmqlibrary read: {_nothing(options.path, recording)}", file=sys.stderr)
    if options.expect and not found:
        print(f"zmqlibrary read: no message of {options.path} is what is expected.", file=sys.stderr)
        return NOT_MET
    return OK


def _nothing(path: str, recording: Recording) -> str:
    sides = sorted({f"{message.sender} to {message.receiver}" for message in recording.messages})
    those = f"Its messages go from {listed(sides)}." if sides else "It has none at all."
    return printable(f"no message of {path} matches. {those}")


COMMAND = Subcommand(
    "read",
    "print the messages of a recording or a capture",
    "read traffic.pcap --port 5555 --expect job --expect '4?'",
    _add_options,
    _run,
    (FORMATS,),
)
