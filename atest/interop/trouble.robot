*** Comments ***
# robocop: off=VAR02,VAR06


*** Settings ***
Documentation    Peers that do not use libzmq and break the protocol, stall, or leave in the middle.

Resource         ../resources/zmq.resource

Test Setup       Bind A Sink
Test Teardown    Stop Peers
Test Timeout     1 minute

Test Tags        peer


*** Variables ***
${PEERS}          ${CURDIR}/peers
${FIRST FRAME}    010141    # MORE, one byte, A
${HALF}           000541    # one of five bytes
${BYTES}          ${{bytes(range(256)).hex()}}
${TWO GB}         02 0000000080000000 4142    # LONG, its size, and two bytes of it
${TOO LONG}       02 ffffffffffffffff 4142
${NOT READY}      04 04 03414243    # a command ABC


*** Test Cases ***
Half A Message That Stalls Does Not Hold Up Others
    Send To Sink    send=whole    raw=${FIRST FRAME}    raw=${HALF}    wait    alias=slow
    Next Message Should Be    whole
    No Message Should Be Received    within=50ms
    Send To Sink    send=another|one    wait
    Next Message Should Be    another    one

Half A Message Is Never Received
    [Template]    What Is Cut Off Is Not Received
    close
    reset

Half A Message Is Never Collected
    Start Collecting Messages    sink
    Send To Sink    send=whole|one    raw=${FIRST FRAME}    close    alias=rude
    Send To Sink    send=another|one    wait
    Wait For Collected Message    another    one
    Wait For Collected Message    whole    one
    Collected Message Count Should Be    ==    2

A Size Of Two Gigabytes Costs No Memory
    ${before}=    Peak Memory
    Send To Sink    send=whole    raw=${TWO GB}    wait    alias=huge
    Next Message Should Be    whole
    Send To Sink    send=another    raw=${TOO LONG}    wait    alias=absurd
    Next Message Should Be    another
    Peer Should Be Dropped    absurd
    Send To Sink    send=last    wait
    Next Message Should Be    last
    ${after}=    Peak Memory
    Should Be True    ${after} - ${before} < 100_000    It took ${after} - ${before} kB.

A Message Over The Limit Of The Socket Drops The Peer
    Bind Zmq Socket    tcp://127.0.0.1:*    PULL    small    maxmsgsize=1000
    ${address}=    Get Zmq Endpoint
    Start Peer    zmtp    3.1    PUSH    ${address}    handshake    big=1000    big=1001    wait
    Receive Message
    Peer Should Be Dropped    zmtp
    Wait Until Disconnected
    No Message Should Be Received    within=20ms
    Run Keyword And Expect Error    No message*the peer disconnected*1 message came before.\nMAXMSGSIZE is 1000: *
    ...    Receive Message    timeout=20ms

Handshakes Fail At A Bound Socket
    [Template]    Handshake Fails
    INCOMPATIBLE_TYPE    REQ    handshake    wait
    UNEXPECTED_COMMAND    PUSH    greet    raw=${NOT READY}    wait
    MECHANISM_MISMATCH    PUSH    plain=Bob:secret    greet    wait
    NOT_ZEROMQ    PUSH    close
    NOT_ZEROMQ    PUSH    greet    close
    NOT_ZEROMQ    PUSH    raw=ff0000    wait
    INCOMPATIBLE_TYPE: *may not speak ZeroMQ*    PUSH    raw=${BYTES}    wait

Handshakes Fail At A Connecting Socket
    [Template]    Eager Connect Fails
    INCOMPATIBLE_TYPE    REQ    handshake    wait
    UNEXPECTED_COMMAND    PULL    greet    raw=${NOT READY}    wait
    MECHANISM_MISMATCH    PULL    plain=Bob:secret    greet    wait
    NOT_ZEROMQ    PULL    close
    no ZeroMQ handshake    PULL    greet    wait

Garbage After The Handshake Harms Nobody Else
    FOR    ${garbage}    IN    ffffffff    00    04ff00    0403414243    0c0000000000000000    ${TOO LONG}
        Send To Sink    raw=${garbage}    close    alias=${garbage}
    END
    Send To Sink    send=whole    wait
    Wait For Message    whole
    Wait Until Connected

PLAIN Is Spoken Without Libzmq
    Start Authenticator
    Allow Plain User    Bob    secret    user_id=builder
    Bind Zmq Socket    tcp://127.0.0.1:*    PULL    secure    plain_server=yes
    ${address}=    Get Zmq Endpoint
    Start Peer    zmtp    3.0    PUSH    ${address}    plain=Bob:secret    handshake    send=hello    wait
    Receive Message
    Received Message Should Come From User    builder
    Start Peer    zmtp    3.0    PUSH    ${address}    plain=Bob:wrong    handshake    alias=wrong
    Handshake Should Fail    reason=AUTH 400
    ${line}=    Next Line Of Peer    wrong
    Should Be Equal    ${line}    refused RROR\x03400    # libzmq 4.3.5 sends ^RROR where RFC 24 wants ERROR
    Start Peer    zmtp    3.0    PUSH    ${address}    greet    wait    alias=plain
    Handshake Should Fail    reason=MECHANISM_MISMATCH

A Peer That Comes And Goes Loses Nothing
    Send To Sink    send=hello    close    times=300    alias=restless
    Receive Messages    300
    Peer Should Be Done    restless
    Wait Until Disconnected
    State Should Be    DISCONNECTED
    Send To Sink    send=last    wait
    Next Message Should Be    last
    State Should Be    CONNECTED

A Peer That Leaves In The Handshake Again And Again
    [Template]    Peer Leaves Again And Again
    close
    reset
    greet    close
    greet    reset

A Connecting Socket Comes Back To A Restless Server
    ${address}=    Start Peer    zmtp    3.1    PULL    *    handshake    receive    close
    Connect Zmq Socket    ${address}    PUSH    source    reconnect_ivl=1ms
    FOR    ${number}    IN RANGE    20
        Wait Until Connected    socket=source
        Send Message    job ${number}
        ${line}=    Next Line Of Peer    zmtp
        Should Be Equal    ${line}    received job ${number}
        Wait For Zmq Event    DISCONNECTED
    END

A Mock Server Outlives Its Clients
    Start Mock Server    tcp://127.0.0.1:*    REP    mock
    When Mock Receives    hello    reply=world
    ${address}=    Get Mock Endpoint
    Start Peer    zmtp    3.1    REQ    ${address}    again=50    handshake    send=|hello    close    alias=impatient
    Peer Should Be Done    impatient
    Start Peer    zmtp    3.1    REQ    ${address}    handshake    raw=0100    raw=${HALF}    close    alias=rude
    Start Peer    zmtp    3.1    REQ    ${address}    handshake    send=|hello    receive
    ${line}=    Next Line Of Peer    zmtp
    Should Be Equal    ${line}    received |world
    Mock Should Have Received    hello    times=51
    Mock Should Have No Unexpected Requests


*** Keywords ***
Bind A Sink
    Bind Zmq Socket    tcp://127.0.0.1:*    PULL    sink
    ${address}=    Get Zmq Endpoint
    VAR    ${SINK}=    ${address}    scope=TEST

Send To Sink
    [Arguments]    @{steps}    ${times}=1    ${alias}=zmtp
    Start Peer    zmtp    3.1    PUSH    ${SINK}    handshake    @{steps}    again=${times}    alias=${alias}

Next Message Should Be
    [Arguments]    @{frames}
    Receive Multipart    socket=sink
    Received Message Should Equal    @{frames}

What Is Cut Off Is Not Received
    [Arguments]    ${end}
    Send To Sink    raw=${FIRST FRAME}    raw=${HALF}    ${end}    alias=${end}
    Peer Should Be Done    ${end}
    Send To Sink    send=whole|one    wait    alias=after-${end}
    Next Message Should Be    whole    one

Handshake Fails
    [Arguments]    ${reason}    ${type}    @{steps}
    Start Peer    zmtp    3.1    ${type}    ${SINK}    @{steps}    alias=peer
    Keyword Should Pass Once In Several Tries
    ...    Handshake Should Fail    reason=${reason}    timeout=500ms    socket=sink
    Kill Peer    peer

Eager Connect Fails
    [Arguments]    ${reason}    ${type}    @{steps}
    ${address}=    Start Peer    zmtp    3.1    ${type}    *    @{steps}    alias=peer
    Keyword Should Pass Once In Several Tries
    ...    Run Keyword And Expect Error    Cannot connect 'source' (PUSH) to ${address}*${reason}*
    ...    Connect Zmq Socket    ${address}    PUSH    source    timeout=300ms
    Kill Peer    peer

Peer Leaves Again And Again
    [Arguments]    @{steps}
    Start Peer    zmtp    3.1    PUSH    ${SINK}    again=200    @{steps}    alias=restless
    Peer Should Be Done    restless
    Handshake Should Fail    reason=NOT_ZEROMQ    socket=sink
    Start Peer    zmtp    3.1    PUSH    ${SINK}    handshake    send=hello    wait    alias=patient
    Next Message Should Be    hello
    Wait Until Connected    socket=sink
    Kill Peer    patient
    Wait Until Disconnected    socket=sink

Peer Should Be Dropped
    [Arguments]    ${alias}
    ${line}=    Next Line Of Peer    ${alias}
    Should Start With    ${line}    closed    The peer was not dropped: ${line}

Peer Should Be Done
    [Arguments]    ${alias}
    ${line}=    Next Line Of Peer    ${alias}
    Should Be Equal    ${line}    done

State Should Be
    [Arguments]    ${expected}
    ${state}=    Get Connection State    socket=sink
    Should Be Equal    ${state}    ${expected}

Peak Memory
    [Documentation]    Of this process, in kB.
    ${memory}=    Evaluate    resource.getrusage(resource.RUSAGE_SELF).ru_maxrss    modules=resource
    RETURN    ${memory}
