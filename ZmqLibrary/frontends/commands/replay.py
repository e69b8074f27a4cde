"""`zmqlibrary replay`: sends again what was recorded."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ...recording.replaying import steps_of
from ...report.words import count_of
from .command import OK, Subcommand, library, print_json
from .input import whole_file
from .options import LARGEST_PORT, add_common_options, count_from
from .security import add_security_options
from .talking import SOCKET, open_socket, wait_for_peer


def _add_options(parser: ArgumentParser) -> None:
    parser.add_argument("path", help="a recording or a capture; - is standard input")
    parser.add_argument("endpoint", help="such as tcp://127.0.0.1:5555")
    add_common_options(parser, "PUSH, PUB, REQ, DEALER, PAIR", formats=False)
    parser.add_argument("--speed", default="1", help="1 as recorded (default), 2 twice as fast, MAX at once")
    parser.add_argument("--sender", help="name, socket type or host:port of the sender (default: the first)")
    parser.add_argument("--count", type=count_from(1), help="the first messages only")
    parser.add_argument("--port", type=count_from(1, LARGEST_PORT), help="only connections of this port")
    add_security_options(parser)


def _run(options: Namespace) -> int:
    from ...keywords.recording.replaying import speed_of  # with Robot Framework, for which help does not wait

    with library(options.timeout) as opened, whole_file(options.path) as path:
        recording = opened.load_recording(path, port=options.port)
        # So that nothing is opened if there is nothing to send, or a number cannot be used.
        steps_of(recording, options.sender, speed_of(options.speed), None)
        socket = open_socket(opened, options, options.bind)
        opened.set_zmq_socket_option("LINGER", round(options.timeout * 1000))
        wait_for_peer(opened, socket)
        sent = opened.replay_recording(
            recording, socket=SOCKET, speed=options.speed, sender=options.sender, count=options.count
        )
        if options.json:
            print_json({"sent": sent})
        else:
            print(f"Sent {count_of(sent, 'message')}.")
    return OK


COMMAND = Subcommand(
    "replay",
    "send again what was recorded",
    "replay run.jsonl tcp://127.0.0.1:5555 --type PUSH --speed MAX",
    _add_options,
    _run,
)
