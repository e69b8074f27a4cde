*** Comments ***
# robocop: off=VAR02


*** Settings ***
Documentation    Peers that do not use libzmq and speak one version of ZMTP each: 3.1, 3.0, 2.0 (JeroMQ 0.3) or 1.0.

Resource         ../resources/zmq.resource

Test Teardown    Stop Peers
Test Timeout     1 minute

Test Tags        peer


*** Variables ***
${PEERS}    ${CURDIR}/peers


*** Test Cases ***
Messages Come From Peers Of Every Version
    [Template]    Messages Come From A Peer
    3.1
    3.0
    2.0
    1.0

Messages Go To Peers Of Every Version
    [Template]    Messages Go To A Peer
    3.1
    3.0
    2.0
    1.0

Requests Are Answered By Peers Of Every Version
    [Template]    A Request Is Answered
    3.1
    3.0
    2.0
    1.0

Requests Of Peers Of Every Version Are Answered
    [Template]    A Request Is Replied To
    REP    3.1
    REP    3.0
    REP    2.0
    REP    1.0
    ROUTER    3.1
    ROUTER    2.0

Subscribers Of Every Version Are Waited For
    [Documentation]    ZMTP 3.1 subscribes with a command, versions before with a message.
    [Template]    A Subscriber Is Waited For
    PUB    3.1
    PUB    3.0
    PUB    2.0
    XPUB    3.1

A Subscriber Of ZMTP 1 Gets Everything
    [Documentation]    Its subscriptions are not known to the publisher, so libzmq subscribes it to all topics.
    Bind Zmq Socket    tcp://127.0.0.1:*    PUB    feed
    ${address}=    Get Zmq Endpoint
    Start Peer    zmtp    1.0    SUB    ${address}    handshake    receive
    Wait For Subscriber    any topic
    ${subscribers}=    Get Subscribers
    Should Be Equal    ${subscribers}    ${{ {'': 1} }}
    Send Multipart    weather    sunny
    Peer Should Say    received weather|sunny

Publishers Of Every Version Are Subscribed To
    [Template]    A Publisher Is Subscribed To
    3.1    command
    3.0    message
    2.0    message

A Subscriber That Subscribes Twice Counts Once
    Bind Zmq Socket    tcp://127.0.0.1:*    PUB    feed
    ${address}=    Get Zmq Endpoint
    Start Peer    zmtp    3.1    SUB    ${address}    handshake    subscribe=a    subscribe=a    subscribe=b    wait
    Wait For Subscriber    b
    ${subscribers}=    Get Subscribers
    Should Be Equal    ${subscribers}    ${{ {'a': 1, 'b': 1} }}
    Kill Peer    zmtp
    Wait Until Disconnected
    Wait Until Keyword Succeeds    20 s    1 ms    Nobody Should Be Subscribed

A Handshake Is Waited For
    [Template]    A Handshake Is Seen
    3.1
    3.0

An Eager Connect Says What Old Versions Do Not Tell
    [Template]    An Eager Connect Fails
    2.0
    1.0

Mock Servers Answer Peers Of Every Version
    [Template]    A Mock Answers
    3.1
    3.0
    2.0
    1.0

Mock Publishers Serve Subscribers
    [Template]    A Mock Publishes
    3.1
    3.0

Collectors Keep What Peers Of Every Version Send
    Bind Zmq Socket    tcp://127.0.0.1:*    PULL    sink
    ${address}=    Get Zmq Endpoint
    Start Collecting Messages    sink
    FOR    ${version}    IN    3.1    3.0    2.0    1.0
        Start Peer    zmtp    ${version}    PUSH    ${address}    handshake    send=from ${version}|1
        ...    big=70000    wait    alias=${version}
        Wait For Collected Message    from ${version}    1
    END
    Collected Message Count Should Be    ==    8
    Collected Messages Should Be Complete

A Peer Has Its Routing Id And Properties Of Its Own
    Bind Zmq Socket    tcp://127.0.0.1:*    ROUTER    broker
    ${address}=    Get Zmq Endpoint
    Start Peer    zmtp    3.1    DEALER    ${address}    property=Identity:worker-1    property=X-Version:7
    ...    property=X-Empty:    handshake    send=READY    receive
    Receive Multipart
    Received Message Should Come From    worker-1
    Reply    JOB
    Peer Should Say    received JOB

Names Of Properties In Lower Case Are Understood
    [Documentation]    libzmq writes `Socket-Type`, RFC 23 says that case does not matter.
    Bind Zmq Socket    tcp://127.0.0.1:*    ROUTER    broker
    ${address}=    Get Zmq Endpoint
    Start Peer    zmtp    3.0    DEALER    ${address}    lower    handshake    send=READY    receive
    Wait Until Connected
    Receive Multipart
    Reply    JOB
    Peer Should Say    received JOB

Heartbeats Go Both Ways
    ${address}=    Start Peer    zmtp    3.1    DEALER    *    handshake    ping    receive
    Connect Zmq Socket    ${address}    DEALER    client    heartbeat_ivl=20ms    heartbeat_timeout=30s
    VAR    @{lines}=    @{EMPTY}
    WHILE    not {'ping', 'pong hello'} <= {*$lines}    limit=1000
        ${line}=    Next Line Of Peer    zmtp
        Should Contain    ${{['ping', 'pong hello']}}    ${line}
        VAR    @{lines}=    ${line}    @{lines}
    END
    Send Message    bye
    Wait Until Disconnected

A Peer That Does Not Answer Heartbeats Is Disconnected
    ${address}=    Start Peer    zmtp    3.1    DEALER    *    handshake    silent
    Connect Zmq Socket    ${address}    DEALER    client    heartbeat_ivl=20ms    heartbeat_timeout=60ms
    Wait Until Disconnected


*** Keywords ***
Messages Come From A Peer
    [Arguments]    ${version}
    Bind Zmq Socket    tcp://127.0.0.1:*    PULL    sink-${version}
    ${address}=    Get Zmq Endpoint
    Start Peer    zmtp    ${version}    PUSH    ${address}    handshake    send=a||c    big=254    big=255    big=256
    ...    big=3000000    wait    alias=${version}
    Receive Multipart
    Received Message Should Equal    a    ${EMPTY}    c
    FOR    ${size}    IN    ${254}    ${255}    ${256}    ${3000000}
        ${text}=    Receive Message
        Length Should Be    ${text}    ${size}
    END
    Kill Peer    ${version}
    Wait For Zmq Event    DISCONNECTED

Messages Go To A Peer
    [Arguments]    ${version}
    ${address}=    Start Peer    zmtp    ${version}    PULL    *    handshake    receive    receive    receive    wait
    ...    alias=${version}
    Connect Zmq Socket    ${address}    PUSH    source-${version}    lazy=yes
    Send Multipart    a    ${EMPTY}    c
    Send Message    ${{'x' * 256}}
    Send Message    ${{'x' * 3000000}}
    Peer Should Say    received a||c    ${version}
    Peer Should Say    received ${{'x' * 256}}    ${version}
    Peer Should Say    received 3000000 bytes    ${version}

A Request Is Answered
    [Arguments]    ${version}
    ${address}=    Start Peer    zmtp    ${version}    REP    *    handshake    echo    alias=${version}
    Connect Zmq Socket    ${address}    REQ    client-${version}    lazy=yes
    ${reply}=    Send Request    hello    again
    Should Be Equal    ${reply}    ${{['hello', 'again']}}
    ${reply}=    Send Request    ${{'x' * 70000}}
    Length Should Be    ${reply}[0]    70000

A Request Is Replied To
    [Arguments]    ${type}    ${version}
    Bind Zmq Socket    tcp://127.0.0.1:*    ${type}    ${type}-${version}
    ${address}=    Get Zmq Endpoint
    Start Peer    zmtp    ${version}    REQ    ${address}    handshake    send=|hello|again    receive
    ...    alias=${type}-${version}
    ${request}=    Receive Multipart
    Should Be Equal    ${request[-2:]}    ${{['hello', 'again']}}
    Reply    to you    too
    Peer Should Say    received |to you|too    ${type}-${version}

A Subscriber Is Waited For
    [Arguments]    ${type}    ${version}
    Bind Zmq Socket    tcp://127.0.0.1:*    ${type}    ${type}-${version}
    ${address}=    Get Zmq Endpoint
    Start Peer    zmtp    ${version}    SUB    ${address}    handshake    subscribe=weather    receive
    ...    subscribe=wind    cancel=weather    wait    alias=${type}-${version}
    Wait For Subscriber    weather
    ${subscribers}=    Get Subscribers
    Should Be Equal    ${subscribers}    ${{ {'weather': 1} }}
    Send Multipart    nobody wants    this
    Send Multipart    weather    sunny
    Peer Should Say    received weather|sunny    ${type}-${version}
    Wait For Subscriber    wind
    Kill Peer    ${type}-${version}
    Wait For Zmq Event    DISCONNECTED
    Wait Until Keyword Succeeds    20 s    1 ms    Nobody Should Be Subscribed

A Publisher Is Subscribed To
    [Arguments]    ${version}    ${how}
    ${address}=    Start Peer    zmtp    ${version}    PUB    *    handshake    subscription    send=weather|sunny
    ...    subscription    send=wind|none    wait    alias=${version}
    Connect Zmq Socket    ${address}    SUB    reader-${version}    lazy=yes    subscribe=weather
    Receive Multipart
    Received Message Should Equal    weather    sunny
    Peer Should Say    ${how} weather    ${version}
    Subscribe To Topics    wind
    Receive Multipart
    Received Message Should Equal    wind    none
    Peer Should Say    ${how} wind    ${version}

A Handshake Is Seen
    [Arguments]    ${version}
    ${address}=    Start Peer    zmtp    ${version}    REP    *    handshake    echo    alias=${version}
    Connect Zmq Socket    ${address}    REQ    client-${version}
    State Should Be    CONNECTED
    Kill Peer    ${version}
    Wait Until Disconnected
    State Should Be    DISCONNECTED

An Eager Connect Fails
    [Arguments]    ${version}
    ${address}=    Start Peer    zmtp    ${version}    REP    *    handshake    echo    alias=${version}
    Keyword Should Pass Once In Several Tries    Run Keyword And Expect Error
    ...    Cannot connect 'client' (REQ) to ${address} in 200 milliseconds.*ZMTP 2.0 or older*lazy\=yes*
    ...    Connect Zmq Socket    ${address}    REQ    client    timeout=200ms

A Mock Answers
    [Arguments]    ${version}
    Start Mock Server    tcp://127.0.0.1:*    REP    mock-${version}
    When Mock Receives    hello    reply=world
    ${address}=    Get Mock Endpoint
    Start Peer    zmtp    ${version}    REQ    ${address}    handshake    send=|hello    receive    alias=${version}
    Mock Should Have Received    hello    times=1
    Peer Should Say    received |world    ${version}
    Mock Should Have No Unexpected Requests

A Mock Publishes
    [Arguments]    ${version}
    Start Mock Server    tcp://127.0.0.1:*    PUB    mock-${version}
    ${address}=    Get Mock Endpoint
    Start Peer    zmtp    ${version}    SUB    ${address}    handshake    subscribe=tick    receive    receive
    ...    alias=${version}
    Wait For Mock Peer    topic=tick
    Mock Publishes    tick    $n    every=10ms    count=2
    Peer Should Say    received tick|1    ${version}
    Peer Should Say    received tick|2    ${version}

Peer Should Say
    [Arguments]    ${expected}    ${alias}=zmtp
    ${line}=    Next Line Of Peer    ${alias}
    Should Be Equal    ${line}    ${expected}

State Should Be
    [Arguments]    ${expected}
    ${state}=    Get Connection State
    Should Be Equal    ${state}    ${expected}
