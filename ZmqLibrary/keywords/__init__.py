"""All keywords, group by group. A group has no state of its own and calls no other group.

sockets/ opens, watches and closes sockets; messages/ sends, receives and checks; workers/ collects in the background;
mocks/ plays the other end; network/ breaks connections and messages; pipelines/ pumps, sinks and judges; recording/
records, compares and replays; security/ has keys and admission. What all groups share is in base and arguments.
"""

from .messages.assertions import AssertionKeywords
from .messages.envelopes import EnvelopeKeywords
from .messages.formats import FormatKeywords
from .messages.json_assertions import JsonKeywords
from .messages.receiving import ReceivingKeywords
from .messages.sending import SendingKeywords
from .messages.sequences import SequenceKeywords
from .messages.waiting import WaitingKeywords
from .mocks.checks import MockCheckKeywords
from .mocks.handlers import MockHandlerKeywords
from .mocks.rules import MockRuleKeywords
from .mocks.sending import MockSendingKeywords
from .mocks.servers import MockKeywords
from .network.connection_faults import ConnectionFaultKeywords
from .network.fault_control import FaultControlKeywords
from .network.message_faults import MessageFaultKeywords
from .network.odd_peers import OddPeerKeywords
from .network.passed import PassedKeywords
from .network.proxies import ProxyKeywords
from .pipelines.checks import PipelineCheckKeywords
from .pipelines.pumps import PumpKeywords
from .pipelines.sinks import SinkKeywords
from .recording.checking import RecordingCheckKeywords
from .recording.flow import FlowKeywords
from .recording.recording import RecordingKeywords
from .recording.replaying import ReplayKeywords
from .security.admission import AdmissionKeywords
from .security.authentication import AuthenticationKeywords
from .security.keys import SecurityKeywords
from .sockets.endpoints import EndpointKeywords
from .sockets.events import EventKeywords
from .sockets.opening import SocketKeywords
from .sockets.options import OptionKeywords
from .sockets.subscriptions import SubscriptionKeywords
from .workers.collected import CollectedKeywords
from .workers.collecting import CollectorKeywords
from .workers.stopping import WorkerKeywords


class AllKeywords(
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
    ProxyKeywords,
    ConnectionFaultKeywords,
    MessageFaultKeywords,
    FaultControlKeywords,
    PassedKeywords,
    PumpKeywords,
    SinkKeywords,
    PipelineCheckKeywords,
    OddPeerKeywords,
    RecordingKeywords,
    RecordingCheckKeywords,
    ReplayKeywords,
    FlowKeywords,
):
    """Every keyword of the library."""
