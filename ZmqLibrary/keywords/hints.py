"""What to do about an error, in keywords."""

from __future__ import annotations

from types import MappingProxyType

from ..errors import Hint

KEYWORD_HINTS = MappingProxyType(
    {
        Hint.OPEN_SOCKET: "Use `Connect Zmq Socket` first.",
        Hint.START_COLLECTOR: "Use `Start Collecting Messages` first.",
        Hint.START_MOCK_SERVER: "Use `Start Mock Server` first.",
        Hint.START_PUMP: "Use `Start Pump` first.",
        Hint.START_SINK: "Use `Start Sink` first.",
        Hint.START_PROXY: "Use `Start Proxy` first.",
        Hint.START_ODD_PEER: "Use `Start Odd Peer` first.",
        Hint.HOLD_MESSAGES: "Use `Proxy Holds Messages` first.",
        Hint.REMOVE_FAULT: "Use `Remove Proxy Fault`.",
        Hint.START_RELAY: "Use `Mock Forwards To` first.",
        Hint.START_AUTHENTICATOR: "Use `Start Authenticator` first.",
        Hint.START_SEQUENCE_CHECK: "Use `Start Sequence Check` first.",
        Hint.START_RECORDING: "Use `Start Recording` or `Load Recording` first.",
        Hint.GIVE_OWN_PATH: "Parallel runs (pabot) share ${TEMPDIR}, but not ${OUTPUT DIR}.",
        Hint.GIVE_ENDPOINT: "Use `Bind To Endpoint` or `Connect To Endpoint` first.",
        Hint.ADDRESS_A_PEER: "Use `Send Multipart` with it, or `Reply`.",
        Hint.CLOSE_SOCKETS: "Close sockets with `Close Zmq Socket`.",
        Hint.SUBSCRIBE: "Use `Subscribe To Topics`.",
        Hint.RECEIVE_FIRST: "Use `Receive Multipart` or another receiving keyword first.",
        Hint.READ_AS_BYTES: "The message is kept: read it with `Get Received Message    format=BYTES`.",
        Hint.READ_COLLECTED: "The messages are kept: `Get Collected Messages    format=BYTES` returns them.",
        Hint.READ_REQUESTS: "The requests are kept: `Get Mock Requests    format=BYTES` returns them.",
        Hint.READ_RECORDED: "`Get Recorded Messages    format=BYTES` returns all of them.",
        Hint.GET_ENDPOINT: "`Get Zmq Endpoint` of the bound socket returns where to connect.",
        Hint.CLEAR_COLLECTED: "Give it a higher limit= or use `Clear Collected Messages`.",
        Hint.DEFINE_LAYOUT: "Use `Define Message Layout` first.",
        Hint.LOAD_PUBLIC_KEY: "`Load Curve Public Key` reads such files.",
        Hint.IMPORT_ALIKE: "Import the library everywhere with the same arguments, or give one import a name with AS.",
        Hint.GENERATE_KEYS: "`Generate Curve Keypair` makes keys, `Load Curve Public Key` reads them from files.",
    }
)
