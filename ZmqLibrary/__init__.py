from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from inspect import Parameter, signature

from robot.api.deco import library
from robot.libraries.BuiltIn import BuiltIn
from robotlibcore import DynamicCore

from .errors import InvalidValue
from .evidence import logging_failures
from .formats import Hidden
from .introduction import INTRODUCTION
from .keywords.admission import AdmissionKeywords
from .keywords.assertions import AssertionKeywords
from .keywords.authentication import AuthenticationKeywords
from .keywords.collected import CollectedKeywords
from .keywords.collectors import CollectorKeywords
from .keywords.concealment import to_hidden
from .keywords.endpoints import EndpointKeywords
from .keywords.envelopes import EnvelopeKeywords
from .keywords.events import EventKeywords
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
from .lifetimes import AutoClose
from .session import Session
from .settings import Settings
from .version import __version__

__all__ = ["ZmqLibrary", "__version__"]


@library(scope="GLOBAL", version=__version__, doc_format="ROBOT", converters={Hidden: to_hidden})
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
    DynamicCore,  # type: ignore[misc]  # it has no types
):
    __doc__ = INTRODUCTION

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
        self.session = Session(
            Settings(timeout.total_seconds(), linger.total_seconds(), encoding, lazy_connect, auto_close, log_limit)
        )
        self.session.lifetimes.at_end.append(self.session.end)
        self.ROBOT_LIBRARY_LISTENER = self.session.lifetimes
        DynamicCore.__init__(self, [])

    def get_keyword_documentation(self, name: str) -> str:
        """Called by Robot for each keyword, once: the docstring without its tags.

        At each call of a keyword Robot searches its docstring for tags and parses one that has some. Therefore they are
        given apart, and while tests run only the first paragraph is given: no more of it gets into the log.
        """
        text, _ = _split_tags(DynamicCore.get_keyword_documentation(self, name))
        return text.partition("\n\n")[0] if BuiltIn().robot_running else text

    def get_keyword_arguments(self, name: str) -> list[object]:
        """Called by Robot for each keyword, once: PythonLibCore does not mark positional-only ones."""
        arguments: list[object] = DynamicCore.get_keyword_arguments(self, name)
        method = self.keywords.get(name)
        kinds = [item.kind for item in signature(method).parameters.values()] if method else []
        count = kinds.count(Parameter.POSITIONAL_ONLY)
        return [*arguments[:count], "/", *arguments[count:]] if count else arguments

    def get_keyword_types(self, name: str) -> dict[str, object]:
        """Called by Robot for each keyword, once.

        For a type that stands for any value, Robot makes a converter at each call that converts nothing. Therefore such
        types are given only to Libdoc.
        """
        types: dict[str, object] = DynamicCore.get_keyword_types(self, name)
        return {arg: hint for arg, hint in types.items() if hint is not object} if BuiltIn().robot_running else types

    def get_keyword_tags(self, name: str) -> list[str]:
        """Called by Robot for each keyword, once: the tags from the last line of the docstring."""
        return _split_tags(DynamicCore.get_keyword_documentation(self, name))[1]

    def run_keyword(self, name: str, args: Sequence[object], kwargs: Mapping[str, object] | None = None) -> object:
        """Called by Robot for each keyword; what failed leaves its evidence in the log."""
        with logging_failures(self.session):
            return DynamicCore.run_keyword(self, name, args, kwargs)


def _split_tags(documentation: str) -> tuple[str, list[str]]:
    text, _, tags = documentation.rpartition("\nTags: ")
    return (text.rstrip(), tags.split(", ")) if text else (documentation, [])
