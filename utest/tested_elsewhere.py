"""Modules that have no test file of their name: where they are tested instead, and why there.

`utest/` mirrors the package, folder by folder; `test_mirror.py` holds that, with this as the only list of exceptions.
"""

from __future__ import annotations

from typing import NamedTuple


class Elsewhere(NamedTuple):
    """Modules of one folder that are tested in one place.

    Args:
        place: A test file below `utest/`, or a folder of Robot suites.
        reason: Why there.
        folder: Of the modules, below the package.
        modules: Their names, separated by blanks.
    """

    place: str
    reason: str
    folder: str
    modules: str


TESTED_ELSEWHERE = (
    Elsewhere("utest/test_packaging.py", "a constant, which has to be that of the distribution", "", "version"),
    Elsewhere("utest/keywords/test_mistakes.py", "exceptions have no behaviour; users see their texts", "", "errors"),
    Elsewhere(
        "utest/formats/test_values.py",
        "one table of values goes through all formats, as users have them",
        "formats",
        "base cbor_keys frames hidden json_text numbers protobuf serialized structs structure text",
    ),
    Elsewhere(
        "utest/sockets/test_diagnosis.py", "one table has all failures, of both directions", "sockets", "send_diagnosis"
    ),
    Elsewhere("utest/pipelines/test_report.py", "constants of reports", "pipelines", "states"),
    Elsewhere(
        "utest/test_docs.py", "text, whose examples run and whose links lead somewhere", "keywords", "introduction"
    ),
    Elsewhere(
        "utest/keywords/test_mistakes.py",
        "what is wrong with arguments shows in keywords",
        "keywords",
        "arguments base",
    ),
    Elsewhere(
        "utest/keywords/test_secrets.py",
        "a secret is looked for in everything that a run writes",
        "keywords",
        "curve_keypair secret_converter",
    ),
    Elsewhere(
        "utest/keywords/messages/test_assertions.py",
        "the engine is AssertionEngine's; what we add shows in the getters",
        "keywords",
        "assertion_engine",
    ),
    Elsewhere("atest/patterns", "envelopes make sense between real peers", "keywords/messages", "envelopes"),
    Elsewhere(
        "atest/formats",
        "thin keywords on top of formats/ and messages/, which have their own tests",
        "keywords/messages",
        "json_assertions sequences",
    ),
    Elsewhere(
        "utest/keywords/mocks/test_servers.py",
        "a keyword about a mock server does nothing without one",
        "keywords/mocks",
        "condition group making",
    ),
    Elsewhere(
        "atest/mocks",
        "thin keywords on top of mocks/, which has its own tests",
        "keywords/mocks",
        "rules sending",
    ),
    Elsewhere(
        "atest/security",
        "thin keywords on top of security/, which has its own tests",
        "keywords/security",
        "keys",
    ),
    Elsewhere(
        "utest/keywords/workers/test_collecting.py",
        "a keyword about collected messages does nothing without a collector",
        "keywords/workers",
        "collected finding stopping",
    ),
    Elsewhere("utest/log/test_message_log.py", "levels show in which messages have a line", "log", "log_level"),
    Elsewhere("utest/log/test_text_from_outside.py", "what it escapes comes from the wire", "log", "logger"),
    Elsewhere("utest/messages/test_layouts.py", "a layout is its definition", "messages", "layout_definition"),
    Elsewhere(
        "utest/messages/test_sequences.py", "a sequence check is a counter for each topic", "messages", "counters"
    ),
    Elsewhere("utest/messages/test_json_checks.py", "checks are what reads paths", "messages", "distinct json_path"),
    Elsewhere("utest/messages/test_comparison.py", "comparing is what has equal values", "messages", "equality values"),
    Elsewhere(
        "utest/keywords/messages/test_waiting.py", "only waiting makes such messages", "messages", "json_message"
    ),
    Elsewhere("utest/messages/test_regexp.py", "expressions are what runs apart", "messages", "apart"),
    Elsewhere(
        "utest/mocks/test_rules.py", "a rule makes replies, and requests meet rules", "mocks", "replies request_log"
    ),
    Elsewhere(
        "utest/mocks/test_mock_server.py",
        "they answer for a mock server, in a thread of their own",
        "mocks",
        "user_functions",
    ),
    Elsewhere(
        "utest/monitoring/test_monitor.py",
        "words for what the monitor has",
        "monitoring",
        "event_meanings socket_event",
    ),
    Elsewhere("utest/sockets/test_places.py", "sockets linger after their close", "monitoring", "lingering"),
    Elsewhere("utest/report/test_frames.py", "what frames are shown with", "report", "html words"),
    Elsewhere("utest/session/test_session.py", "the session is what has them", "session", "settings"),
    Elsewhere("utest/messages/test_sequences.py", "sequence checks by name", "session", "sequence_checks"),
    Elsewhere(
        "utest/sockets/test_zmq_socket.py",
        "parts of a socket, which do nothing without it",
        "sockets",
        "inbox outbox socket_options socket_settings socket_types wait_loop",
    ),
    Elsewhere("utest/workers/test_wakeup.py", "what a thread that waits is woken by", "waiting", "timers"),
    Elsewhere("utest/keywords/test_interrupted.py", "what a keyword holds when a signal ends it", "waiting", "hand"),
    Elsewhere(
        "utest/workers/test_collector.py",
        "what a collector drops, and words for what it has",
        "workers",
        "collector_failures drop_policy",
    ),
    Elsewhere("utest/workers/test_worker_registry.py", "what it tells of workers", "workers", "worker_status"),
    Elsewhere("utest/workers/test_worker.py", "what every worker is", "workers", "background service_thread"),
    Elsewhere("utest/mocks/test_mock_server.py", "mock servers are what sends unasked", "workers", "sending_worker"),
    Elsewhere(
        "utest/network/test_message_stages.py",
        "parts of a proxy, seen as its receivers see it; most of them run in its process only",
        "network",
        "active_fault chain connection event_loop fault_proxy fault_set outlet "
        "owner proxy_log proxy_process reordering reports seen stage_table stream",
    ),
    Elsewhere("utest/network/test_library_patterns.py", "the other end of these", "network", "remote_pattern"),
    Elsewhere("utest/network/test_faults.py", "what faults are made of", "network", "corruption fault_options"),
    Elsewhere(
        "utest/pipelines/test_runner.py",
        "parts of a pump or sink, which run in its process only",
        "pipelines",
        "job pump sink socket_sink vehicles",
    ),
    Elsewhere(
        "utest/recording/test_capture.py",
        "steps from a capture to messages, on captures made in code",
        "recording",
        "boundaries capture_file conversation loading packets tcp",
    ),
    Elsewhere("utest/recording/test_tape.py", "a tape is what is recorded", "recording", "recording reel"),
    Elsewhere("utest/zmtp/test_connection.py", "steps of a connection", "zmtp", "events handshake opening"),
    Elsewhere("utest/zmtp/test_frames.py", "many frames of one shape", "zmtp", "runs"),
    Elsewhere("utest/zmtp/test_peer.py", "the I/O of a peer", "zmtp", "transport"),
    Elsewhere("utest/security/test_zap.py", "names of what ZAP knows", "security", "zap_names"),
    Elsewhere("utest/frontends/test_remote_server.py", "what the server starts", "frontends", "remote_session"),
    Elsewhere("utest/network/test_odd_peer.py", "what odd peers do", "network", "behaviours performances"),
    Elsewhere(
        "utest/pipelines/test_wire_engine.py",
        "parts of the engine, which move bytes only together",
        "pipelines",
        "receive_buffer wire_link wire_pump wire_sink",
    ),
    Elsewhere(
        "utest/test_docs.py",
        "keywords on top of network/, which has its own tests; their examples run",
        "keywords/network",
        "connection_faults fault_control message_faults odd_peers passed proxies",
    ),
    Elsewhere(
        "atest/pipelines",
        "keywords on top of pipelines/, which has its own tests",
        "keywords/pipelines",
        "making pumps sinks",
    ),
    Elsewhere(
        "utest/frontends/test_command_line.py",
        "commands are what the command line runs",
        "frontends/commands",
        "command pump sink watching",
    ),
    Elsewhere("utest/messages/test_likeness.py", "patterns by the names of fields", "messages", "field_patterns"),
    Elsewhere(
        "utest/test_docs.py",
        "seen in the examples of the keywords, which record real sockets",
        "recording",
        "names overview witnesses",
    ),
    Elsewhere("utest/test_docs.py", "keywords on top of recording/; their examples run", "session", "recordings"),
    Elsewhere(
        "utest/test_docs.py",
        "keywords on top of recording/; their examples run",
        "keywords/recording",
        "flow group",
    ),
    Elsewhere("utest/test_docs.py", "the flow is seen in the example of its keyword", "log", "flow"),
    Elsewhere("utest/test_docs.py", "the flow is seen in the example of its keyword", "report", "sequence_diagram"),
    Elsewhere("utest/recording/test_tape.py", "the lines of a tape", "recording", "tape_lines"),
    Elsewhere(
        "utest/frontends/test_command_line.py",
        "commands are what the command line runs",
        "frontends/commands",
        "keys read receive record remote replay reply request send",
    ),
    Elsewhere("utest/frontends/test_command_line.py", "texts of a command line as values", "frontends", "converting"),
    Elsewhere(
        "utest/frontends/test_locust_user.py",
        "parts of a load, which Locust runs together",
        "frontends",
        "load pump_user",
    ),
    Elsewhere("utest/log/test_worker_log.py", "what a session writes through it", "log", "session_log"),
    Elsewhere(
        "utest/session/test_session.py", "parts of a session", "session", "chosen_formats received session_context"
    ),
    Elsewhere("utest/keywords/messages/test_sending.py", "bulk sending", "keywords/messages", "bursts"),
    Elsewhere("utest/keywords/messages/test_sending.py", "bulk sending", "sockets", "bulk"),
    Elsewhere("utest/session/test_session.py", "the context of a session", "sockets", "context"),
)
