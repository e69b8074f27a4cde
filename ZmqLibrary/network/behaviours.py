"""How peers speak badly on purpose, and what libzmq 4.3.5 makes of it (`utest/network/test_odd_peer.py` holds that)."""

from __future__ import annotations

from enum import Enum


class Behaviour(Enum):
    """What an odd peer does; and what a service on libzmq makes of it, as its monitor reports.

    Before the handshake:

    - SILENT: connects and says nothing. ACCEPTED, and DISCONNECTED after ``handshake_ivl`` (30 s).
    - HTTP: speaks HTTP. ACCEPTED, and nothing more: libzmq takes what is no greeting for ZMTP 1.0, waits for the rest
      of a frame, and may receive parts of it as messages.
    - TLS: begins a TLS handshake. As HTTP.
    - GARBAGE: sends random bytes. As HTTP.
    - ZMTP1: speaks ZMTP 1.0, of ZeroMQ 2. ACCEPTED, and nothing more: the monitor reports no handshake.
    - ZMTP2: speaks ZMTP 2.0, of ZeroMQ 3. As ZMTP1; messages pass.
    - WRONG_TYPE: says that it is of a socket type that the service does not talk to. DISCONNECTED, without a reason.
    - WRONG_MECHANISM: wants another security mechanism. HANDSHAKE_FAILED_PROTOCOL.
    - SLOW: sends one byte at a time, 2 ms apart. HANDSHAKE_SUCCEEDED.
    - COALESCED: sends its greeting and its handshake in one packet. HANDSHAKE_SUCCEEDED.

    After the handshake (HANDSHAKE_SUCCEEDED), when it has taken the READY of the service:

    - SILENT_AFTER_READY: says nothing more, and takes what comes.
    - CLOSES_AFTER_READY: closes. DISCONNECTED.
    - UNKNOWN_COMMAND: sends a command that nobody knows. It is ignored.
    - OVERSIZE: announces a frame of 2^62 bytes. DISCONNECTED at once; with a ``maxmsgsize`` as well.
    - HALF_MESSAGE: closes in the middle of a message. DISCONNECTED; nothing of the message is received.
    - NEVER_READS: takes nothing from the network. Messages for it pile up, to the high-water mark.
    - NO_PONG: takes everything and answers no heartbeat. DISCONNECTED after ``heartbeat_timeout``, if that is set.
    """

    SILENT = "SILENT"
    HTTP = "HTTP"
    TLS = "TLS"
    GARBAGE = "GARBAGE"
    ZMTP1 = "ZMTP1"
    ZMTP2 = "ZMTP2"
    WRONG_TYPE = "WRONG_TYPE"
    WRONG_MECHANISM = "WRONG_MECHANISM"
    SLOW = "SLOW"
    COALESCED = "COALESCED"
    SILENT_AFTER_READY = "SILENT_AFTER_READY"
    CLOSES_AFTER_READY = "CLOSES_AFTER_READY"
    UNKNOWN_COMMAND = "UNKNOWN_COMMAND"
    OVERSIZE = "OVERSIZE"
    HALF_MESSAGE = "HALF_MESSAGE"
    NEVER_READS = "NEVER_READS"
    NO_PONG = "NO_PONG"
