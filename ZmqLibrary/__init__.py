from __future__ import annotations

from datetime import timedelta

from robot.api.deco import library

from .errors import InvalidValue
from .introduction import INTRODUCTION
from .keywords.admission import AdmissionKeywords
from .keywords.assertions import AssertionKeywords
from .keywords.authentication import AuthenticationKeywords
from .keywords.collected import CollectedKeywords
from .keywords.collectors import CollectorKeywords
from .keywords.concealment import ConvertersAtTrace
from .keywords.endpoints import EndpointKeywords
from .keywords.envelopes import EnvelopeKeywords
from .keywords.events import EventKeywords
from .keywords.exposing import exposed_keywords
from .keywords.formats import FormatKeywords
from .keywords.json_assertions import JsonKeywords
from .keywords.mock_checks import MockCheckKeywords
from .keywords.mock_handlers import MockHandlerKeywords
from .keywords.mock_rules import MockRuleKeywords
from .keywords.mock_sending import MockSendingKeywords
from .keywords.mocks import MockKeywords
from .keywords.options import OptionKeywords
from .keywords.receiving import ReceivingKeywords
from .keywords.security import SecurityKeywords
from .keywords.sending import SendingKeywords
from .keywords.sequences import SequenceKeywords
from .keywords.sockets import SocketKeywords
from .keywords.subscriptions import SubscriptionKeywords
from .keywords.waiting import WaitingKeywords
from .keywords.workers import WorkerKeywords
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
    ) -> None:
        """Takes the defaults for all keywords.

        Args:
            timeout: How long keywords wait that are given no ``timeout``.
            linger: How long unsent messages are kept when a socket is closed.
            encoding: Of TEXT frames.
            lazy_connect: Whether connecting does not wait for the handshake.
            auto_close: When sockets are closed automatically.
            log_limit: How many bytes of a frame are shown in the log.
        """
        if log_limit < 0 or timeout.total_seconds() < 0 or linger.total_seconds() < 0:
            raise InvalidValue("timeout, linger and log_limit cannot be negative.")
        require_yes_or_no("lazy_connect", lazy_connect)
        self.session = Session(
            Settings(timeout.total_seconds(), linger.total_seconds(), encoding, lazy_connect, auto_close, log_limit)
        )
        self.session.lifetimes.at_end.append(self.session.end)
        self.ROBOT_LIBRARY_LISTENER = self.session.lifetimes
        for name, keyword in exposed_keywords(self):
            setattr(self, name, keyword)
