from __future__ import annotations

import sys
from datetime import timedelta
from typing import Literal

from robot.api.deco import library

from .errors import InvalidValue
from .keywords.introduction import INTRODUCTION
from .keywords.messages.assertions import AssertionKeywords
from .keywords.messages.envelopes import EnvelopeKeywords
from .keywords.messages.formats import FormatKeywords
from .keywords.messages.json_assertions import JsonKeywords
from .keywords.messages.receiving import ReceivingKeywords
from .keywords.messages.sending import SendingKeywords
from .keywords.messages.sequences import SequenceKeywords
from .keywords.messages.waiting import WaitingKeywords
from .keywords.mocks.checks import MockCheckKeywords
from .keywords.mocks.handlers import MockHandlerKeywords
from .keywords.mocks.rules import MockRuleKeywords
from .keywords.mocks.sending import MockSendingKeywords
from .keywords.mocks.servers import MockKeywords
from .keywords.secret_converter import ConvertersAtTrace
from .keywords.security.admission import AdmissionKeywords
from .keywords.security.authentication import AuthenticationKeywords
from .keywords.security.keys import SecurityKeywords
from .keywords.sockets.endpoints import EndpointKeywords
from .keywords.sockets.events import EventKeywords
from .keywords.sockets.opening import SocketKeywords
from .keywords.sockets.options import OptionKeywords
from .keywords.sockets.subscriptions import SubscriptionKeywords
from .keywords.workers.collected import CollectedKeywords
from .keywords.workers.collecting import CollectorKeywords
from .keywords.workers.stopping import WorkerKeywords
from .keywords.wrapping import exposed_keywords
from .session.lifetimes import AutoClose
from .session.session import Session
from .session.settings import Settings
from .surrogates import require_yes_or_no
from .version import __version__

__all__ = ["ZmqLibrary", "__version__"]


@library(scope="GLOBAL", version=__version__, doc_format="ROBOT")
class ZmqLibrary(
    SocketKeywords,
    EndpointKeywords,
    OptionKeywords,
    SendingKeywords,
    ReceivingKeywords,
    SubscriptionKeywords,
    WaitingKeywords,
    AssertionKeywords,
    JsonKeywords,
    EnvelopeKeywords,
    FormatKeywords,
    SequenceKeywords,
    EventKeywords,
    CollectorKeywords,
    CollectedKeywords,
    WorkerKeywords,
    SecurityKeywords,
    AuthenticationKeywords,
    AdmissionKeywords,
    MockKeywords,
    MockRuleKeywords,
    MockHandlerKeywords,
    MockSendingKeywords,
    MockCheckKeywords,
):
    __doc__ = INTRODUCTION
    ROBOT_LIBRARY_CONVERTERS = ConvertersAtTrace()

    def __init__(
        self,
        timeout: timedelta = timedelta(seconds=5),
        linger: timedelta = timedelta(seconds=1),
        encoding: str = "UTF-8",
        lazy_connect: bool = False,
        auto_close: AutoClose = AutoClose.TEST,
        log_limit: int = 512,
        log_messages: int | Literal["ALL"] = 200,
    ) -> None:
        """Takes the defaults for all keywords.

        Args:
            timeout: How long keywords wait that are given no ``timeout``.
            linger: How long unsent messages are kept when a socket is closed.
            encoding: Of TEXT frames.
            lazy_connect: Whether connecting does not wait for the handshake.
            auto_close: When sockets are closed automatically.
            log_limit: How many bytes of a frame are shown in the log.
            log_messages: How many messages of a test have a line in the log: a number, ``ALL`` or ``0``. See `Log`.
        """
        logged = sys.maxsize if log_messages == "ALL" else log_messages
        times = timeout.total_seconds(), linger.total_seconds()
        if min(*times, log_limit, logged) < 0:
            raise InvalidValue("timeout, linger, log_limit and log_messages cannot be negative.")
        require_yes_or_no("lazy_connect", lazy_connect)
        self.session = Session(Settings(*times, encoding, lazy_connect, auto_close, log_limit, logged))
        self.session.lifetimes.at_end.append(self.session.end)
        self.ROBOT_LIBRARY_LISTENER = self.session.lifetimes
        for name, keyword in exposed_keywords(self):
            setattr(self, name, keyword)
