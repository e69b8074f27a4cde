"""Everything that ZmqLibrary raises.

    ZmqLibraryError
    ├── InvalidValue           an argument, option or endpoint that cannot be used; nothing was done
    │   └── EncodeError        a value that does not become a frame
    ├── DecodeError            a received frame does not have its format; the message is kept
    ├── NotOpen                no open socket or worker has that name
    ├── WrongUse               the operation does not fit the socket's type, turn or holder
    ├── EndpointFailed         bind, connect, unbind or disconnect was refused
    │   └── ConnectFailed      the peer was not reached, or the handshake was not done in time
    ├── ProtocolError          bytes from a peer break the ZeroMQ protocol; names the byte and the rule
    ├── WaitTimeout            what was waited for did not happen in time
    ├── MissingPackage         an optional package is not installed; names the pip command
    ├── PatternTooSlow         a pattern was not held against a message in time; the message is kept
    ├── WorkerFailed           a background worker ended with an exception
    └── CheckFailed            an assertion does not hold (also an AssertionError)

Robot shows the messages without the class names. What to do next is a `Hint`: keywords word it as keywords, the command
line as options.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto

from .plain_text import printable, shortened


class Hint(Enum):
    """What to do about an error, in no front end's words."""

    OPEN_SOCKET = auto()
    START_COLLECTOR = auto()
    START_MOCK_SERVER = auto()
    START_RELAY = auto()
    START_PUMP = auto()
    START_SINK = auto()
    START_PROXY = auto()
    START_ODD_PEER = auto()
    HOLD_MESSAGES = auto()
    REMOVE_FAULT = auto()
    START_AUTHENTICATOR = auto()
    START_SEQUENCE_CHECK = auto()
    START_RECORDING = auto()
    GIVE_OWN_PATH = auto()
    GIVE_ENDPOINT = auto()
    ADDRESS_A_PEER = auto()
    CLOSE_SOCKETS = auto()
    SUBSCRIBE = auto()
    RECEIVE_FIRST = auto()
    READ_AS_BYTES = auto()
    READ_COLLECTED = auto()
    READ_REQUESTS = auto()
    READ_RECORDED = auto()
    GET_ENDPOINT = auto()
    CLEAR_COLLECTED = auto()
    DEFINE_LAYOUT = auto()
    LOAD_PUBLIC_KEY = auto()
    GENERATE_KEYS = auto()
    IMPORT_ALIKE = auto()


class ZmqLibraryError(Exception):
    """Base of all errors of this library.

    Args:
        message: What was tried, on what, and what is known of the cause.
        hint: What to do next.
    """

    ROBOT_SUPPRESS_NAME = True

    def __init__(self, message: str, hint: Hint | None = None) -> None:
        super().__init__(message)
        self.hint = hint

    def word_hint(self, words: Mapping[Hint, str]) -> None:
        """Adds the hint to the message, once, in the words of a front end."""
        if self.hint is not None:
            text = str(self)
            self.args = ("\n".join([text, words[self.hint]]) if "\n" in text else f"{text} {words[self.hint]}",)
            self.hint = None


class InvalidValue(ZmqLibraryError, ValueError):
    """An argument, option or endpoint that cannot be used; nothing was done."""


class EncodeError(InvalidValue):
    """A value that does not become a frame."""


class DecodeError(ZmqLibraryError):
    """A received frame does not have its format; the message is kept."""


class NotOpen(ZmqLibraryError, LookupError):
    """No open socket or worker has that name."""


class WrongUse(ZmqLibraryError):
    """The operation does not fit the socket's type, turn or holder."""


_ELSEWHERE = {
    "tcp": "Take another port, or `tcp://127.0.0.1:*` for a free one.",
    "ipc": "Use another path.",
    "inproc": "Take another name.",
}


def in_use(endpoint: str, holder: str = "") -> str:
    """The address of an endpoint is in use: by whom, if that is known, and what to do."""
    by = f" by {holder}" if holder else ""
    return f"the address is in use{by}. {_ELSEWHERE.get(endpoint.partition('://')[0], 'Take another address.')}"


class EndpointFailed(ZmqLibraryError):
    """Bind, connect, unbind or disconnect was refused."""


class AddressTaken(EndpointFailed):
    """Somebody listens there, or something else is in the way."""


class ConnectFailed(EndpointFailed):
    """The peer was not reached, or the handshake was not done in time."""


class ProtocolError(ZmqLibraryError):
    """Bytes from a peer break the ZeroMQ protocol (ZMTP).

    Args:
        offset: Position of the byte, counted from the beginning of what the peer sent.
        rule: What the protocol asks for, and what came instead.

    Attributes:
        offset: As given.
        rule: As given.
    """

    def __init__(self, offset: int, rule: str) -> None:
        super().__init__(f"Byte {offset} from the peer breaks the ZeroMQ protocol: {rule}.")
        self.offset = offset
        self.rule = rule


class WaitTimeout(ZmqLibraryError, TimeoutError):
    """What was waited for did not happen in time."""


class PatternTooSlow(ZmqLibraryError):
    """A pattern was not held against a message in time; the message is kept."""


class MissingPackage(ZmqLibraryError, ImportError):
    """An optional package is not installed; the message names the pip command."""

    def __init__(self, needed_for: str, package: str, extra: str) -> None:
        super().__init__(
            f"{needed_for} needs the package '{package}'. "
            f"Install it with: pip install 'robotframework-zmqlibrary[{extra}]', or only this package with: "
            f"pip install {package}"
        )


class WorkerFailed(ZmqLibraryError):
    """A background worker ended with an exception."""


class CheckFailed(ZmqLibraryError, AssertionError):
    """An assertion does not hold."""


_SHOWN = 1000
_ENDS_TEST = ("TimeoutExceeded", "ExecutionFailed")


def ends_test(error: BaseException) -> bool:
    """Whether an exception is meant to end the test, so that nothing may take it for a mistake.

    What Ctrl-C raises is an ``Exception``, and before Robot Framework 7.5 so is its timeout. A panic in a package
    written in Rust is not one, although it is a mistake.
    """
    name = type(error).__name__
    return name in _ENDS_TEST or (not isinstance(error, Exception) and name != "PanicException")


def described(error: BaseException) -> str:
    """An exception of somebody else's code as errors name it: in one short line, as its text may be from outside."""
    return printable(f"{type(error).__name__}: {shortened(str(error), _SHOWN)}")


def problem_of(error: BaseException) -> str:
    """What an exception says in the middle of a sentence: errors of this library need no class name."""
    return str(error) if isinstance(error, ZmqLibraryError) else described(error)
