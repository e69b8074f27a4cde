*** Settings ***
Documentation    Wrong arguments are refused before anything is started, with the choices.

Resource         ../resources/zmq.resource

Test Timeout     1 minute
Test Template    Should Be Refused


*** Variables ***
${ANYWHERE}    tcp://127.0.0.1:5


*** Test Cases ***
A Negative Rate    rate\=-1 cannot be used*Write a number (10000), steps*    rate=-1
A Rate Of Nothing    rate\=0 cannot be used*above 0*    rate=0
A Profile Without A Time    rate\=1000:x cannot be used: 'x' is no time*    rate=1000:x
A Body Smaller Than Its Stamp    size\=10 cannot be used*28 bytes*stamp\=NONE*    size=10    stamp=PREFIX
A File That Is Not There    source\='*' cannot be read*    source=/no/such/file
A Line That Is Not Of The Format    Line 1 of source\='*cannot be sent: *HEX*    source=${SUITE_SOURCE}    format=HEX
A List Instead Of A File    source is the path of a file of lines*list of frames after the alias*    source=${{[]}}
A File Without A Name    source is empty*    source=${EMPTY}
Two Kinds Of Content    frames and size are both given*    a frame    size=100
No Messages    count\=0 cannot be used*    count=0
More Messages Than Can Be Numbered    count\=1e+22 cannot be used*up to 1e+18*    count=${{10 ** 22}}
No Time    duration\=0 cannot be used*    duration=0
No Connections    connections\=0 cannot be used*    connections=0
Connections Of One Who Listens    connections\=2 is for a pump that connects*    connections=2    bind=yes
Replies To One Who Pushes    replies\=yes is for a pump of type REQ or DEALER*    replies=yes
A Stamp That There Is Not    *'AUTO', 'FRAME', 'NONE' and 'PREFIX'*    stamp=EVERYWHERE
An Engine That There Is Not    *'AUTO', 'SOCKET' and 'WIRE'*    engine=WARP
A Name That Nothing Fills In    There is no $name here, only $n and $time*    hello $name
An Option That There Is Not    *no socket option*SNDHWM*    sndwhm=5
A Secured Client Without Its Key    A CURVE client needs curve_server_key*    curve_keypair=abc
Neither Yes Nor No    bind takes yes or no*    bind=maybe
A Format That There Is Not    *XYZ*    format=XYZ
A Format That There Is Not For Frames    *XYZ*    frame    format=XYZ
A Type That Does Not Pump
    [Template]    NONE
    Run Keyword And Expect Error    A pump cannot be of type PULL. Types are: PUSH, PUB, DEALER, REQ, PAIR.
    ...    Start Pump    ${ANYWHERE}    PULL
    Run Keyword And Expect Error    A sink cannot be of type PUB. Types are: *
    ...    Start Sink    ${ANYWHERE}    PUB
    Run Keyword And Expect Error    subscribe is for SUB*    Start Sink    ${ANYWHERE}    PULL    subscribe=a
    Run Keyword And Expect Error    *is not a JSON path*    Start Sink    ${ANYWHERE}    PULL    sequence=$.[
    Run Keyword And Expect Error    A SUB gets only what it subscribes to: give subscribe*
    ...    Start Sink    ${ANYWHERE}    SUB
    Run Keyword And Expect Error    sequence=abc cannot be used*    Start Sink    ${ANYWHERE}    PULL    sequence=abc
    Run Keyword And Expect Error    sent_at=1.5 cannot be used*    Start Sink    ${ANYWHERE}    PULL    sent_at=1.5
    Run Keyword And Expect Error    *XYZ*    Start Sink    ${ANYWHERE}    PULL    format=XYZ
    Run Keyword And Expect Error    sequence is empty*    Start Sink    ${ANYWHERE}    PULL    sequence=${EMPTY}
    Run Keyword And Expect Error    sent_at is empty*    Start Sink    ${ANYWHERE}    PULL    sent_at=${SPACE}
    Register Zmq Format    OWN    ${{lambda value: b''}}    ${{lambda frame: ''}}
    Run Keyword And Expect Error    format=OWN cannot be used with sequence: *Get Sink Messages*
    ...    Start Sink    ${ANYWHERE}    PULL    sequence=$.id    format=OWN
    Run Keyword And Expect Error    keep=-1 cannot be used*    Start Sink    ${ANYWHERE}    PULL    keep=-1
    Run Keyword And Expect Error    keep=1* cannot be used*from 0 to 1,000,000,000*
    ...    Start Sink    ${ANYWHERE}    PULL    keep=${{10 ** 22}}
    Run Keyword And Expect Error    rate=1e308 cannot be used*from 0.001 to 1,000,000,000*
    ...    Start Sink    ${ANYWHERE}    PULL    rate=1e308
    Run Keyword And Expect Error    rate=0 cannot be used*    Start Sink    ${ANYWHERE}    PULL    rate=0
    Nothing Should Be Started
Nobody Is There
    [Template]    NONE
    ${nobody}=    Address Of Nobody
    Run Keyword And Expect Error    Cannot connect 'lonely' (PUSH) to ${nobody}*refused, nobody listens there*
    ...    Start Pump    ${nobody}    PUSH    lonely    timeout=2s
    Nothing Should Be Started
An Address Where One Can Only Listen
    [Template]    NONE
    FOR    ${endpoint}    IN    tcp://127.0.0.1:*    tcp://*:5556    tcp://127.0.0.1:0    ipc://*
        Run Keyword And Expect Error    *is for bind; connect needs*Give bind=yes to listen there.*
        ...    Start Sink    ${endpoint}    PULL
        Run Keyword And Expect Error    *is for bind; connect needs*Give bind=yes to listen there.*
        ...    Start Pump    ${endpoint}    PUSH
    END
    ${problem}=    Run Keyword And Expect Error    *is for bind*    Start Sink    tcp://*:x    PULL
    Should Not Contain    ${problem}    bind=yes    msg=Nobody can listen there, either.
    Nothing Should Be Started
An Address In Use
    [Template]    NONE
    Bind Zmq Socket    tcp://127.0.0.1:*    PULL
    ${address}=    Get Zmq Endpoint
    Run Keyword And Expect Error    Cannot bind 'out' (PULL) to ${address}: the address is in use by socket 'PULL-1'*
    ...    Start Sink    ${address}    PULL    out    bind=yes
    Nothing Should Be Started
A Peer Of Another Type
    [Template]    NONE
    Bind Zmq Socket    tcp://127.0.0.1:*    REP
    ${address}=    Get Zmq Endpoint
    Run Keyword And Expect Error    Cannot connect 'source' (PUSH)*    Start Pump    ${address}    PUSH    source
    ...    timeout=1s
    Nothing Should Be Started
No Pump And No Sink
    [Template]    NONE
    Run Keyword And Expect Error    No pump is open. Use `Start Pump` first.    Wait For Pump
    Run Keyword And Expect Error    No sink is open. Use `Start Sink` first.    Get Sink Report
    Run Keyword And Expect Error    There is no pump 'x'*    Stop Pump    x
Judgements That Are None
    [Template]    NONE
    Start Sink    tcp://127.0.0.1:*    PULL    bind=yes
    Run Keyword And Expect Error    Wait For Sink needs what to wait for*    Wait For Sink
    Run Keyword And Expect Error    percentile=p98 is not known. There are: p50*    Latency Should Be    p98    <    1s
    Run Keyword And Expect Error    *has no latency*    Latency Should Be    p99    <    1s
    Run Keyword And Expect Error    lasting=-1 cannot be negative*    Wait Until Pump Is Blocked    lasting=-1s
    Run Keyword And Expect Error    lost=-1 cannot be used*    Sink Should Be Complete    lost=-1
    Run Keyword And Expect Error    idle=-1 cannot be negative*    Wait For Sink    idle=-1s
    Run Keyword And Expect Error    lost=-1 cannot be used*    Find Maximum Rate    lost=-1
    Run Keyword And Expect Error    latency=0 cannot be used*    Find Maximum Rate    latency=0s
    Run Keyword And Expect Error    Sink 'SINK-1' is not done in 300 milliseconds: 0 messages came*
    ...    Wait For Sink    count=1    timeout=300ms
    Run Keyword And Expect Error    mine\nSink 'SINK-1' has a throughput of 0.0*
    ...    Throughput Should Be    >    10    message=mine
A Sink That Reads Nothing Is Waited For
    [Template]    NONE
    Start Sink    tcp://127.0.0.1:*    PULL    out    bind=yes
    Pause Sink
    Run Keyword And Expect Error    *1 are waited for.\nThe sink is paused. Use `Resume Sink`.*
    ...    Wait For Sink    count=1    timeout=100ms
    Stop Sink
    Run Keyword And Expect Error    *1 are waited for.\nThe sink was stopped, and gets no more messages.*
    ...    Wait For Sink    count=1    timeout=100ms
A Reply That Does Not Come
    [Template]    NONE
    Bind Zmq Socket    tcp://127.0.0.1:*    REP    silent
    ${address}=    Get Zmq Endpoint
    Start Pump    ${address}    REQ    asking    replies=yes    timeout=30s
    Run Keyword And Expect Error
    ...    Pump 'asking' is not done in 1 second: it has sent 1 message and waits for the replies to 1 of them.*
    ...    Wait For Pump    timeout=1s
A Pump Without A Peer Says Why
    [Template]    Pump Without A Peer
    WIRE    no peer is connected, the last problem    Connection refused
    SOCKET    the handshake failed    refused, nobody listens there
A Sink Without A Peer Says Why
    [Template]    Sink Without A Peer
    WIRE    no peer is connected, the last problem
    SOCKET    the handshake failed


*** Keywords ***
Pump Without A Peer
    [Arguments]    ${engine}    ${wrong type}    ${nobody}
    Start Pump    tcp://127.0.0.1:*    PUSH    pump    bind=yes    engine=${engine}
    ${address}=    Get Pump Endpoint
    Connect Zmq Socket    ${address}    SUB    lazy=yes
    Handshake Should Fail
    Run Keyword And Expect Error
    ...    Pump 'pump' is not done in 500 milliseconds: it waits for its first peer.\n${address}: *${wrong type}*
    ...    Wait For Pump    timeout=500ms
    Run Keyword And Expect Error    Pump 'pump' was not blocked for *: it waits for its first peer.\n${address}: *
    ...    Wait Until Pump Is Blocked    timeout=300ms
    Stop Pump
    ${address}=    Reserve Zmq Endpoint
    Start Pump    ${address}    PUSH    pump    lazy=yes    engine=${engine}
    Run Keyword And Expect Error
    ...    *sent 0 messages and is blocked for *, because it has no peer.\n${address}: *${nobody}*
    ...    Wait For Pump    timeout=1s
    Stop Pump

Sink Without A Peer
    [Arguments]    ${engine}    ${wrong type}
    Start Sink    tcp://127.0.0.1:*    PULL    sink    bind=yes    engine=${engine}
    ${address}=    Get Sink Endpoint
    Connect Zmq Socket    ${address}    REQ    lazy=yes
    Handshake Should Fail
    Run Keyword And Expect Error    *0 messages came, and 1 are waited for.\n${address}: *${wrong type}*
    ...    Wait For Sink    count=1    timeout=500ms
    Stop Sink

Should Be Refused
    [Arguments]    ${error}    @{frames}    &{options}
    Run Keyword And Expect Error    ${error}    Start Pump    ${ANYWHERE}    PUSH    pump    @{frames}    &{options}
    Nothing Should Be Started

Nothing Should Be Started
    @{workers}=    Get Workers
    Should Be Empty    ${workers}
