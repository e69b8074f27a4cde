*** Comments ***
# robocop: off=VAR05,LEN08


*** Settings ***
Documentation     What users do wrong, and the whole message that they get: it names the socket, the endpoint or
...               argument, the cause, and the way out.

Resource          ../resources/zmq.resource

Suite Setup       Open Sockets To Go Wrong With
Suite Teardown    Stop Peers
Test Timeout      1 minute
Test Template     Mistake


*** Variables ***
${BIND}       Write for example tcp://127.0.0.1:* or tcp://*:5555.
${CONNECT}    Write for example tcp://127.0.0.1:5555 or tcp://[::1]:5555.
${TOLD BY}    `Get Zmq Endpoint` of the bound socket returns where to connect.
${OPEN}       Open: pull, push, sub, pub, rep, req, router, dealer, lonely.
${HALF}       cannot be used: character 1 is U+D800, half of a surrogate pair, which is not text. Give the whole character.
${LONG}       ipc:///${{'x' * 120}}


*** Test Cases ***
Unknown Alias
    There is no socket 'nobody'. ${OPEN}    Send Message    hello    socket=nobody
    There is no socket 'nobody'. ${OPEN}    Switch Zmq Socket    nobody
Closed Socket
    Socket 'closed' was closed. ${OPEN}    Receive Message    socket=closed
    Socket 'closed' was closed. ${OPEN}    Close Zmq Socket    closed
Empty Alias
    The alias of a socket cannot be empty. Omit it to get a generated name.
    ...    Open Zmq Socket    PUSH    ${EMPTY}
Half Of A Character
    The alias of a socket 'a\\ud800' ${HALF}    Open Zmq Socket    PUSH    ${{'a' + chr(0xD800)}}
    Topic 'a\\ud800' ${HALF}    Subscribe To Topics    ${{'a' + chr(0xD800)}}    socket=sub
    Pattern 'a\\ud800' ${HALF}    Wait For Message    ${{'a' + chr(0xD800)}}    socket=pull
    There is no socket 'a\\ud800'. ${OPEN}    Switch Zmq Socket    ${{'a' + chr(0xD800)}}
Unknown Type
    ValueError: Argument 'type' got value 'CLIENT' that cannot be converted to SocketType: SocketType does not have member 'CLIENT'. Available: 'DEALER', 'PAIR', 'PUB', 'PULL', 'PUSH', 'REP', 'REQ', 'ROUTER', 'STREAM', 'SUB', 'XPUB', 'XREP', 'XREQ' and 'XSUB'
    ...    Open Zmq Socket    CLIENT
Sending On A Type That Only Receives
    Socket 'sub' (SUB) cannot send: SUB sockets only receive. Send with a PUB or XPUB socket.
    ...    Send Message    hello    socket=sub
    Socket 'pull' (PULL) cannot send: PULL sockets only receive. Send with a PUSH socket.
    ...    Try To Send Message    hello    socket=pull
Receiving On A Type That Only Sends
    Socket 'push' (PUSH) cannot receive: PUSH sockets only send. Receive with a PULL socket.
    ...    Receive Message    socket=push
    Socket 'pub' (PUB) cannot receive: PUB sockets only send. Receive with a SUB or XSUB socket.
    ...    Receive Multipart    socket=pub
    Socket 'push' (PUSH) cannot receive: PUSH sockets only send. Receive with a PULL socket.
    ...    Discard Messages    socket=push
Receiving A Reply Before The Request
    REQ socket 'req' has not sent a request yet, so there is no reply to receive. Send a request first.
    ...    Receive Message    socket=req
Replying Before The Request
    REP socket 'rep' has not received a request to reply to. Receive a request first.
    ...    Send Message    hello    socket=rep
A Second Request Before The Reply
    REGEXP:REQ socket 'twice' still waits for the reply to its request, sent \\d+\\.\\d s ago\\. Receive the reply first; after a lost reply, close the socket and open a new one, or open it with req_relaxed\=yes and req_correlate\=yes\\.
    ...    Request Twice
A Second Request Received Before The Reply
    REP socket 'server' has not replied to the request it received. Send the reply first.    Receive Twice
Replying To Nothing
    Socket 'dealer' (DEALER) has not received a message yet. Use `Receive Multipart` or another receiving keyword first.
    ...    Reply    hello    socket=dealer
Asking For A Message That Never Came
    Socket 'pull' (PULL) has not received a message yet. Use `Receive Multipart` or another receiving keyword first.
    ...    Received Message Should Equal    hello    socket=pull
    Socket 'pull' (PULL) has not received a message yet. Use `Receive Multipart` or another receiving keyword first.
    ...    Get Received Message    socket=pull
A Request From A Type That Gets No Replies
    Socket 'push' (PUSH) cannot send a request: only REQ and DEALER sockets do.    Send Request    hello    socket=push
Subscribing With Another Type
    Socket 'pull' (PULL) has no subscriptions: only SUB and XSUB sockets subscribe to topics.
    ...    Subscribe To Topics    news    socket=pull
Ending A Subscription That There Is Not
    Socket 'sub' (SUB) has no subscription to 'news'. Subscribed to: 'weather'.
    ...    Unsubscribe From Topics    news    socket=sub
Subscribers Of Another Type
    Socket 'push' (PUSH) has no subscribers: only PUB and XPUB sockets have.    Wait For Subscriber    socket=push
An Unknown Routing Id
    Socket 'router' (ROUTER) knows no peer with the routing id 'nobody'. Routing ids seen: none.\nSet router_mandatory\=no to let libzmq drop such messages silently.\n${ROUTER}: listening, no peer has connected.
    ...    Send Multipart    nobody    hello    socket=router
No Routing Id
    Socket 'router' (ROUTER) cannot send a message of 1 frame: the first frame is the routing id of the peer. Use `Send Multipart` with it, or `Reply`.
    ...    Send Message    hello    socket=router
An Address That A Socket Of The Library Has
    Cannot bind 'new' (PULL) to ${PULL}: the address is in use by socket 'pull'. Take another port, or `tcp://127.0.0.1:*` for a free one.
    ...    Bind Zmq Socket    ${PULL}    PULL    new
    Cannot bind 'new' (PULL) to inproc://taken: the address is in use by socket 'pull'. Take another name.
    ...    Bind Zmq Socket    inproc://taken    PULL    new
An Address That Another Program Has
    Cannot bind 'new' (PULL) to ${SILENT}: the address is in use by another program. Take another port, or `tcp://127.0.0.1:*` for a free one.
    ...    Bind Zmq Socket    ${SILENT}    PULL    new
A Path That A Socket Of The Library Has
    [Tags]    ipc
    Cannot bind 'new' (PULL) to ${IPC}: socket 'pull' is bound to that path and would lose it. Close that first, or use another path.
    ...    Bind Zmq Socket    ${IPC}    PULL    new
A Directory That Does Not Exist
    [Tags]    ipc
    Cannot bind 'new' (PULL) to ipc:///no/such/directory/x: the directory does not exist. Create it, or use another path.
    ...    Bind Zmq Socket    ipc:///no/such/directory/x    PULL    new
A Path That Is Too Long
    [Tags]    ipc
    Cannot bind to '${LONG}': the path has 121 bytes, and the system takes at most 107; use a shorter directory. Write for example ipc:///tmp/service.
    ...    Bind Zmq Socket    ${LONG}    PULL    new
An Address Of Another Machine
    Cannot bind 'new' (PULL) to tcp://192.0.2.1:5555: this machine does not have that address. Use 127.0.0.1 or an address of this machine.
    ...    Bind Zmq Socket    tcp://192.0.2.1:5555    PULL    new
An Unknown Network Interface
    Cannot bind 'new' (PULL) to tcp://nosuch0:5555: there is no such network interface, and no host of that name was found. Use 127.0.0.1.
    ...    Bind Zmq Socket    tcp://nosuch0:5555    PULL    new
No Port
    Cannot bind to 'tcp://host': the address has no port. ${BIND}    Bind Zmq Socket    tcp://host    PULL
    Cannot connect to 'tcp://127.0.0.1': the address has no port. ${CONNECT}
    ...    Connect Zmq Socket    tcp://127.0.0.1    PUSH
A Port That There Is Not
    Cannot bind to 'tcp://127.0.0.1:70000': port 70000 is too large, ports end at 65535. ${BIND}
    ...    Bind Zmq Socket    tcp://127.0.0.1:70000    PULL
    Cannot connect to 'tcp://127.0.0.1:70000': port 70000 is too large, ports end at 65535. ${CONNECT}
    ...    Connect Zmq Socket    tcp://127.0.0.1:70000    PUSH
    Cannot connect to 'tcp://127.0.0.1:http': the port 'http' is not a number. ${CONNECT}
    ...    Connect Zmq Socket    tcp://127.0.0.1:http    PUSH
A Port That Only Bind Takes
    Cannot connect to 'tcp://127.0.0.1:0': port 0 is for bind; connect needs the number. ${CONNECT} ${TOLD BY}
    ...    Connect Zmq Socket    tcp://127.0.0.1:0    PUSH
    Cannot connect to 'tcp://127.0.0.1:*': port * is for bind; connect needs the number. ${CONNECT} ${TOLD BY}
    ...    Connect Zmq Socket    tcp://127.0.0.1:*    PUSH
    Cannot connect to 'tcp://*:5555': host * is for bind; connect needs a host. ${CONNECT}
    ...    Connect Zmq Socket    tcp://*:5555    PUSH
No Or Another Transport
    Cannot connect to '127.0.0.1:5555': it has no transport (tcp://, ipc:// or inproc://). ${CONNECT}
    ...    Connect Zmq Socket    127.0.0.1:5555    PUSH
    Cannot connect to 'http://127.0.0.1:5555': there is no transport 'http'; there are tcp, ipc and inproc. ${CONNECT}
    ...    Connect Zmq Socket    http://127.0.0.1:5555    PUSH
    Cannot connect to 'udp://127.0.0.1:5555': the transport udp is not supported by this library, which has tcp, ipc and inproc. ${CONNECT}
    ...    Connect Zmq Socket    udp://127.0.0.1:5555    PUSH
    Cannot connect to 'TCP://127.0.0.1:5555': the transport is written in small letters, tcp://. ${CONNECT}
    ...    Connect Zmq Socket    TCP://127.0.0.1:5555    PUSH
A Host That Is Not Ascii
    Cannot connect to 'tcp://größe.example:5555': host names must be ASCII (xn--grsse-kua.example). ${CONNECT}
    ...    Connect Zmq Socket    tcp://größe.example:5555    PUSH
An IPv6 Address Without Brackets
    Cannot connect to 'tcp://::1:5555': an IPv6 address goes in brackets, [::1]. ${CONNECT}
    ...    Connect Zmq Socket    tcp://::1:5555    PUSH
Nobody Listens
    [Template]    Mistake In One Of Several Tries
    REGEXP:Cannot connect 'new' \\(PUSH\\) to ${NOBODY} in 300 milliseconds\\.\n${NOBODY}: refused, nobody listens there \\(tried again \\d times?\\)\\.\nStart the peer first, give it more time with timeout\=, or connect without waiting with lazy\=yes\\.
    ...    Connect Zmq Socket    ${NOBODY}    PUSH    new    timeout=0.3s
A Host That There Is Not
    REGEXP:(?s)Cannot connect 'new' \\(PUSH\\) to tcp://no-such-host.invalid:5555 in 500 milliseconds\\.\ntcp://no-such-host.invalid:5555: (the host cannot be resolved or is not reachable|no answer yet).*\\.
    ...    Connect Zmq Socket    tcp://no-such-host.invalid:5555    PUSH    new    timeout=0.5s
Types That Do Not Go Together
    GLOB:Cannot connect 'new' (REP) to ${PULL}.\n${PULL}: the handshake failed: INCOMPATIBLE_TYPE: *REP*REQ*DEALER*
    ...    Connect Zmq Socket    ${PULL}    REP    new
A Peer That Is Not Zeromq
    [Template]    Mistake In One Of Several Tries
    GLOB:Cannot connect 'new' (REQ) to ${HTTP} in 300 milliseconds.\n${HTTP}: the connection is there but no ZeroMQ handshake: it is not a ZeroMQ peer, or it speaks ZMTP 2.0 or older, whose handshake libzmq does not report.\n*
    ...    Connect Zmq Socket    ${HTTP}    REQ    new    timeout=0.3s
    GLOB:Cannot connect 'new' (REQ) to ${SILENT} in 300 milliseconds.\n${SILENT}: the connection is there but no ZeroMQ handshake: it is not a ZeroMQ peer, or it speaks ZMTP 2.0 or older, whose handshake libzmq does not report.\n*
    ...    Connect Zmq Socket    ${SILENT}    REQ    new    timeout=0.3s
No Message Comes
    No message from 'pull' (PULL, ${PULL}, inproc://taken, ${IPC}) in 50 milliseconds.\n${PULL}: accepted 1 peer.\n${IPC}: listening, no peer has connected.\ninproc://taken: inproc, which reports no connections.
    ...    Receive Message    socket=pull    timeout=50ms
Nobody To Send To
    Cannot send from 'lonely' (PUSH, no endpoint) in 50 milliseconds.\nThere is no peer to send to.\nIt has no endpoint: it is neither bound nor connected.
    ...    Send Message    hello    socket=lonely    timeout=50ms
A Time That Is In The Past
    The timeout cannot be negative. Use 0 to not wait at all.    Receive Message    socket=pull    timeout=-1s
No Endpoint Yet
    Socket 'lonely' (PUSH) has no endpoint. Use `Bind To Endpoint` or `Connect To Endpoint` first.    Get Zmq Endpoint    socket=lonely
An Endpoint That The Socket Does Not Have
    Socket 'push' (PUSH) is not connected to tcp://127.0.0.1:1. Connected to: ${PULL}.
    ...    Disconnect From Endpoint    tcp://127.0.0.1:1    socket=push
    Socket 'push' (PUSH) is not connected to tcp://127.0.0.1:1. Connected to: ${PULL}.
    ...    Zmq Socket Should Be Connected To    tcp://127.0.0.1:1    socket=push
    Socket 'lonely' (PUSH) is not bound to tcp://127.0.0.1:1. It has no endpoint.
    ...    Unbind From Endpoint    tcp://127.0.0.1:1    socket=lonely
An Option That There Is Not
    There is no socket option 'reconect_ivl'. Did you mean RECONNECT_IVL or RECONNECT_IVL_MAX or RECOVERY_IVL?
    ...    Connect Zmq Socket    ${PULL}    PUSH    reconect_ivl=1s
    There is no socket option 'timout'. Did you mean timeout\=?
    ...    Connect Zmq Socket    ${PULL}    PUSH    timout=1s
A Value That An Option Does Not Take
    Socket option LINGER takes a time such as 500ms or 2s (or -1: no limit), not 'soon'.
    ...    Set Zmq Socket Option    linger    soon    socket=pull
    Socket option IPV6 takes yes or no, not 'maybe'.
    ...    Set Zmq Socket Option    ipv6    maybe    socket=pull
    Socket option XPUB_NODROP does nothing on a PULL socket: it is for PUB, XPUB.
    ...    Set Zmq Socket Option    xpub_nodrop    yes    socket=pull
    Socket option LAST_ENDPOINT can be read, but not set.
    ...    Set Zmq Socket Option    last_endpoint    x    socket=pull
    Socket option CURVE_SERVERKEY takes a key of 40 Z85 characters or 32 bytes, not what was given.
    ...    Set Zmq Socket Option    curve_serverkey    secret    socket=lonely
Neither Yes Nor No
    lazy takes yes or no, not 'maybe'.    Connect Zmq Socket    ${PULL}    PUSH    lazy=maybe
    GLOB:Initializing library 'ZmqLibrary' with arguments ? lazy_connect\=maybe ? failed: *lazy_connect takes yes or no, not 'maybe'.*
    ...    Import With    lazy_connect=maybe
An Encoding That There Is Not
    GLOB:Initializing library 'ZmqLibrary' with arguments ? encoding\=UTF-88 ? failed: *Encoding 'UTF-88' is not known. *
    ...    Import With    encoding=UTF-88
No Frames
    A message has at least one frame, and none was given. Send an empty frame with \${EMPTY}.
    ...    Send Multipart    socket=push
    A message has at least one frame, and none was given. Send an empty frame with \${EMPTY}.
    ...    Send Multipart    ${{[]}}    socket=push
A Value That Is No Text
    Frame 0 (a bool) cannot be sent as TEXT: a bool is not text. Use format\=JSON to send a bool, or give the text to send. Nothing was sent.
    ...    Send Message    ${True}    socket=push
Another Number Of Formats Than Frames
    The message has 3 frames, but format\=TEXT,JSON is for 2 frames. Name one format for all frames, one per frame, or end with ',...' to repeat the last. Nothing was sent.
    ...    Send Multipart    a    b    c    format=TEXT,JSON    socket=push
A Format That There Is Not
    GLOB:Format 'JASON' is not known. Did you mean JSON? The formats are: BASE64, BYTES, *
    ...    Send Message    hello    format=JASON    socket=push
An Event That There Is Not
    GLOB:There is no event 'CONECTED'. Events are: ACCEPTED, *, MONITOR_STOPPED.
    ...    Wait For Zmq Event    CONECTED    socket=pull
A Capability That There Is Not
    There is no capability 'nosuch'. Use one of curve, ipc, draft, gssapi, norm, pgm, vmci, ws, wss, or a version such as libzmq>\=4.2.
    ...    Zmq Should Support    nosuch
A Frame That There Is Not
    The message received by 'server' has 1 frame, numbered from 0: there is no frame 3.    Ask For Frame 3


*** Keywords ***
Open Sockets To Go Wrong With
    ${http}=    Start Peer    not_zeromq    HTTP    alias=http
    ${silent}=    Start Peer    not_zeromq    SILENT    alias=silent
    VAR    ${HTTP}=    ${http}    scope=SUITE
    VAR    ${SILENT}=    ${silent}    scope=SUITE
    Bind Zmq Socket    tcp://127.0.0.1:*    PULL    pull
    ${address}=    Get Zmq Endpoint
    VAR    ${PULL}=    ${address}    scope=SUITE
    Bind To Endpoint    inproc://taken
    VAR    ${IPC}=    ipc://${{tempfile.gettempdir()}}/zmq-${{uuid.uuid4().hex}}    scope=SUITE
    Bind To Endpoint    ${IPC}
    Connect Zmq Socket    ${PULL}    PUSH    push
    Wait Until Connected    socket=pull
    Open Zmq Socket    SUB    sub
    Subscribe To Topics    weather
    Bind Zmq Socket    tcp://127.0.0.1:*    PUB    pub
    Bind Zmq Socket    tcp://127.0.0.1:*    REP    rep
    ${address}=    Get Zmq Endpoint
    Connect Zmq Socket    ${address}    REQ    req
    Bind Zmq Socket    tcp://127.0.0.1:*    ROUTER    router
    ${address}=    Get Zmq Endpoint
    VAR    ${ROUTER}=    ${address}    scope=SUITE
    Open Zmq Socket    DEALER    dealer
    Open Zmq Socket    PUSH    lonely
    ${address}=    Address Of Nobody
    VAR    ${NOBODY}=    ${address}    scope=SUITE
    Open Zmq Socket    PULL    closed
    Close Zmq Socket

Mistake
    [Documentation]    The message is compared as a whole, unless it begins with GLOB: or REGEXP:.
    [Arguments]    ${message}    ${keyword}    @{arguments}    &{named}
    IF    $message.startswith(('GLOB:', 'REGEXP:'))
        Run Keyword And Expect Error    ${message}    ${keyword}    @{arguments}    &{named}
    ELSE
        Run Keyword And Expect Error    EQUALS:${message}    ${keyword}    @{arguments}    &{named}
    END

Mistake In One Of Several Tries
    [Documentation]    Its short timeout may come before what is expected has happened.
    [Arguments]    ${message}    ${keyword}    @{arguments}    &{named}
    Keyword Should Pass Once In Several Tries    Mistake    ${message}    ${keyword}    @{arguments}    &{named}

Import With
    [Arguments]    &{arguments}
    Import Library    ZmqLibrary    &{arguments}

Request Twice
    Open Sockets    REP    server    REQ    twice
    Send Message    one
    Send Message    two

Receive Twice
    Open Sockets    REP    server    REQ    twice
    Send Message    one
    Receive Message    socket=server
    Receive Message    socket=server

Ask For Frame 3
    Open Sockets    PULL    server    PUSH    source
    Send Message    one
    Receive Message    socket=server
    Get Received Frame    3
