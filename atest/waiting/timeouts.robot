*** Comments ***
# robocop: off=VAR05,VAR06


*** Settings ***
Documentation    Robot's timeouts interrupt every keyword that waits, and never tear a message of many frames.

Resource         ../resources/zmq.resource

Test Teardown    Stop Peers
Test Timeout     3 minutes


*** Variables ***
${DUE}    ${0.8}    # a timeout of 0.3 s and the 0.5 s in which it has to be there


*** Test Cases ***
Every Waiting Keyword Is Interrupted
    [Setup]    Open Sockets Where Nothing Happens
    [Template]    Keyword Is Interrupted
    Receive Message    socket=sink
    Receive Multipart    socket=sink
    Receive Messages    3    socket=sink
    Send Message    hello    socket=lonely
    Send Multipart    hello    again    socket=lonely
    Send Request    hello    socket=client
    Wait Until Connected    count=2    socket=sink
    Wait Until Disconnected    socket=sink
    Wait For Subscriber    socket=feed
    Wait For Zmq Event    MONITOR_STOPPED    socket=sink
    Handshake Should Fail    socket=sink
    Connect Zmq Socket    ${NOBODY}    PUSH
    Connect To Endpoint    ${NOBODY}    socket=lonely

A Connect That Was Interrupted Leaves No Socket Behind
    [Setup]    Find An Address Of Nobody
    Keyword Is Interrupted    Connect Zmq Socket    ${NOBODY}    PUSH    new
    ${names}=    Get Zmq Sockets
    Should Be Empty    ${names}

A Connect To A Further Endpoint That Was Interrupted Leaves The Socket As It Was
    [Setup]    Find An Address Of Nobody
    Open Zmq Socket    PUSH    source
    Keyword Is Interrupted    Connect To Endpoint    ${NOBODY}
    &{endpoints}=    Get Zmq Endpoints
    Should Be Empty    ${endpoints.connected}

Every Message Is Whole After 200 Interrupted Receives
    [Tags]    peer    slow
    ${endpoint}=    Free Endpoint
    ${address}=    Start Peer    push    ${endpoint}    10000000    20
    Connect Zmq Socket    ${address}    PULL
    VAR    ${INTERRUPTED}=    ${0}    scope=TEST
    VAR    ${LAST}=    ${-1}    scope=TEST
    WHILE    ${INTERRUPTED} < 220    limit=150 seconds
        Receive Until Interrupted    Receive One
        Receive Until Interrupted    Receive Many
        Message Should Be Whole
    END

Every Message Is Whole After Interrupted Sends
    [Tags]    peer    slow
    ${endpoint}=    Free Endpoint
    ${address}=    Start Peer    echo    DEALER    ${endpoint}
    Connect Zmq Socket    ${address}    DEALER    client
    ${frames}=    Evaluate    [str(n) for n in range(20)]
    FOR    ${_}    IN RANGE    50
        TRY
            Send Again And Again    ${frames}
        EXCEPT    Keyword timeout*    type=GLOB
            No Operation
        END
        Send Multipart    ${frames}
        ${messages}=    Receive Messages    1
        Should Be Equal    ${messages}[0]    ${frames}
    END

Waits End In Time
    [Setup]    Open Sockets Where Nothing Happens
    [Template]    Keyword Fails In Time
    Receive Message    socket=sink
    Receive Multipart    socket=sink
    Receive Messages    3    socket=sink
    Send Message    hello    socket=lonely
    Send Multipart    hello    again    socket=lonely
    Send Request    hello    socket=client
    Wait Until Connected    count=2    socket=sink
    Wait Until Disconnected    socket=sink
    Wait For Subscriber    socket=feed
    Wait For Zmq Event    MONITOR_STOPPED    socket=sink
    Handshake Should Fail    socket=sink
    Connect Zmq Socket    ${NOBODY}    PUSH
    Connect To Endpoint    ${NOBODY}    socket=lonely


*** Keywords ***
Find An Address Of Nobody
    ${address}=    Address Of Nobody
    VAR    ${NOBODY}=    ${address}    scope=SUITE

Open Sockets Where Nothing Happens
    Find An Address Of Nobody
    Bind Zmq Socket    tcp://127.0.0.1:*    PULL    sink
    ${address}=    Get Zmq Endpoint
    Connect Zmq Socket    ${address}    PUSH    source
    Wait Until Connected    socket=sink
    Open Sockets    ROUTER    service    DEALER    client
    Open Zmq Socket    PUSH    lonely
    Open Zmq Socket    PUB    feed
    Bind To Endpoint    tcp://127.0.0.1:*

Keyword Is Interrupted
    [Arguments]    ${keyword}    @{arguments}    &{named}
    Keyword Should Pass Once In Several Tries    Keyword Is Interrupted Soon    ${keyword}    @{arguments}    &{named}

Keyword Is Interrupted Soon
    [Arguments]    ${keyword}    @{arguments}    &{named}
    ${start}=    Now
    TRY
        With Timeout    ${keyword}    @{arguments}    &{named}
    EXCEPT    Keyword timeout 300 milliseconds exceeded.
        Less Time Should Have Passed Than    ${DUE}    ${start}
    ELSE
        Fail    ${keyword} was not interrupted.
    END

With Timeout
    [Arguments]    ${keyword}    @{arguments}    &{named}
    [Timeout]    0.3 seconds
    Run Keyword    ${keyword}    @{arguments}    &{named}

Keyword Fails In Time
    [Arguments]    ${keyword}    @{arguments}    &{named}
    Keyword Should Pass Once In Several Tries    Keyword Fails Soon    ${keyword}    @{arguments}    &{named}

Keyword Fails Soon
    [Arguments]    ${keyword}    @{arguments}    &{named}
    ${start}=    Now
    Run Keyword And Expect Error    REGEXP:(?s).* (in|after) 200 milliseconds[.;].*
    ...    ${keyword}    @{arguments}    &{named}    timeout=200ms
    Less Time Should Have Passed Than    0.7    ${start}

Receive Until Interrupted
    [Arguments]    ${receiving}
    TRY
        Run Keyword    ${receiving}
    EXCEPT    Keyword timeout*    type=GLOB
        VAR    ${INTERRUPTED}=    ${${INTERRUPTED} + 1}    scope=TEST
    END

Receive One
    [Timeout]    10 milliseconds
    WHILE    True    limit=NONE
        Receive Multipart
    END

Receive Many
    [Timeout]    10 milliseconds
    WHILE    True    limit=NONE
        Receive Messages    7
    END

Message Should Be Whole
    ${message}=    Receive Multipart
    Should Be True    len($message) == 20 and len(set($message)) == 1    Not whole: ${message}
    Should Be True    ${message}[0] > ${LAST}    ${message}[0] came after ${LAST}.
    VAR    ${LAST}=    ${message}[0]    scope=TEST

Send Again And Again
    [Arguments]    ${frames}
    [Timeout]    10 milliseconds
    WHILE    True    limit=NONE
        Send Multipart    ${frames}
    END
