*** Settings ***
Documentation    Mock servers that keep silent, drop connections, are stopped and started again.

Resource         ../resources/zmq.resource

Test Timeout     1 minute


*** Test Cases ***
Silence For Some Requests
    Start Client And Server    req_relaxed=yes    req_correlate=yes
    Mock Keeps Silent    times=2
    No Answer Should Come    ping
    No Answer Should Come    ping
    Answer Should Be    ping    pong
    Mock Should Have No Unexpected Requests

Silence Until It Ends
    Start Client And Server    req_relaxed=yes    req_correlate=yes
    Mock Keeps Silent
    When Mock Receives    later    reply=rules made later go first
    No Answer Should Come    ping
    Answer Should Be    later    rules made later go first
    Mock Keeps Silent    times=0
    Answer Should Be    ping    pong

Silence To Some Requests
    Start Client And Server    req_relaxed=yes    req_correlate=yes
    Mock Keeps Silent    secret *
    No Answer Should Come    secret question
    Answer Should Be    ping    pong

Silence To One Client Does Not Hold Up Another One
    ${address}=    Start Client And Server
    Mock Keeps Silent    times=1
    Send Message    ping
    Mock Should Have Received    ping
    Connect Zmq Socket    ${address}    REQ
    Answer Should Be    ping    pong

Peers See That The Connection Was Dropped And Come Back
    FOR    ${type}    IN    REP    ROUTER
        ${address}=    Start Client And Server    ${type}    req_relaxed=yes    req_correlate=yes
        Mock Disconnects    crash
        Answer Should Be    ping    pong
        Wait For Zmq Event    HANDSHAKE_SUCCEEDED
        Send Message    crash
        Wait For Zmq Event    DISCONNECTED
        Wait For Zmq Event    HANDSHAKE_SUCCEEDED
        Answer Should Be    ping    pong
        ${same}=    Get Mock Endpoint
        Should Be Equal    ${same}    ${address}
        Stop Mock Server
        Close Zmq Socket    client
    END

Each Request Drops The Connection
    Start Client And Server    REP    req_relaxed=yes    req_correlate=yes
    Mock Disconnects    times=5
    FOR    ${_}    IN RANGE    5
        Wait For Zmq Event    HANDSHAKE_SUCCEEDED
        Send Message    ping
        Wait For Zmq Event    DISCONNECTED
    END
    Wait For Zmq Event    HANDSHAKE_SUCCEEDED
    Answer Should Be    ping    pong

A Stopped Server Frees Its Port
    ${address}=    Start Client And Server
    FOR    ${_}    IN RANGE    10
        Stop Mock Server    mock=server
        Start Mock Server    ${address}    REP    server
    END
    When Mock Receives    ping    reply=back again
    Answer Should Be    ping    back again
    Stop Mock Server
    Bind Zmq Socket    ${address}    REP

An Alias And Its Address Can Be Used Again
    [Documentation]    LOG 2:1 WARN Mock server 'server' is still running: stopping it, because its alias is used again.
    ${address}=    Start Client And Server
    Start Mock Server    ${address}    REP    server
    Mock Replies By Default    the new one
    Answer Should Be    ping    the new one

Stopped Servers Are Told Apart From Unknown Ones
    Run Keyword And Expect Error    There is no mock server 'nobody'. No mock server is open.
    ...    Stop Mock Server    mock=nobody
    Start Client And Server
    Stop Mock Server
    Stop Mock Server
    Stop Mock Server    mock=server
    Run Keyword And Expect Error    Mock server 'server' was closed.*    When Mock Receives    mock=server

The Address Of A Mock Server Is Taken
    ${address}=    Start Client And Server
    Run Keyword And Expect Error    *socket 'server'*    Start Mock Server    ${address}
    Run Keyword And Expect Error    *held by mock server 'server'*    Receive Message    socket=server

A Server That Is Flooded Stops At Once
    Keyword Should Pass Once In Several Tries    A Flooded Server Stops At Once

A Client That Is Gone Harms Nobody
    ${address}=    Start Client And Server
    When Mock Receives    slow    reply=too late    delay=100ms
    Connect Zmq Socket    ${address}    REQ    short
    Send Message    slow
    Mock Should Have Received    slow
    Close Zmq Socket    short
    Start Mock Server    tcp://127.0.0.1:*    REP    clock
    When Mock Receives    reply=tick    delay=150ms
    ${clock}=    Get Mock Endpoint
    Connect Zmq Socket    ${clock}    REQ    ticking
    Answer Should Be    wait    tick    ticking
    Answer Should Be    ping    pong    client

Clients With A Fixed Routing Id Reconnect
    [Tags]    slow
    ${address}=    Start Client And Server    ROUTER
    FOR    ${_}    IN RANGE    100
        Connect Zmq Socket    ${address}    DEALER    fixed    routing_id=fixed    linger=0
        ${answer}=    Send Request    ping
        Should Be Equal    ${answer}    ${{['pong']}}
        Close Zmq Socket    fixed
    END
    Mock Should Have Received    ping    times=100

Servers Of A Test Are Stopped At Its End
    Run Keyword And Expect Error    No mock server is open.*    Get Mock Endpoint

A Reset Server Knows Nothing Any More
    Start Client And Server    req_relaxed=yes    req_correlate=yes
    Answer Should Be    ping    pong
    Reset Mock Server
    Mock Should Not Have Received    ping
    No Answer Should Come    ping
    When Mock Receives    ping    reply=new life
    Answer Should Be    ping    new life


*** Keywords ***
A Flooded Server Stops At Once
    Start Mock Server    tcp://127.0.0.1:*    PULL
    When Mock Receives    x
    ${address}=    Get Mock Endpoint
    Start Process    ${PYTHON}    ${PEERS}/send.py    ${address}    100000000    x    y
    Wait For Mock Request    x
    ${start}=    Now
    Stop Mock Server
    Less Time Should Have Passed Than    1    ${start}
    Bind Zmq Socket    ${address}    PULL
    [Teardown]    Stop Peers

Start Client And Server
    [Arguments]    ${type}=REP    &{options}
    ${endpoint}=    Free Endpoint
    Start Mock Server    ${endpoint}    ${type}    server
    When Mock Receives    ping    reply=pong
    ${address}=    Get Mock Endpoint
    Connect Zmq Socket    ${address}    REQ    client    &{options}
    RETURN    ${address}

Answer Should Be
    [Arguments]    ${request}    ${expected}    ${client}=${None}
    ${answer}=    Send Request    ${request}    socket=${client}
    Should Be Equal    ${answer}    ${{[$expected]}}

No Answer Should Come
    [Arguments]    ${request}
    Run Keyword And Expect Error    No message from 'client'*    Send Request    ${request}    timeout=50ms
