*** Settings ***
Documentation    Mock servers between a client and a real server.

Resource         ../resources/zmq.resource

Test Teardown    Stop Peers
Test Timeout     1 minute


*** Test Cases ***
A Spy Sees What Goes To The Real Server
    ${real}=    Start Peer    echo    REP    tcp://127.0.0.1:*
    ${address}=    Start Spy    REP
    Mock Forwards To    ${real}
    Connect Zmq Socket    ${address}    REQ    client
    FOR    ${n}    IN RANGE    20
        ${answer}=    Send Request    request    ${n}
        Should Be Equal    ${answer}    ${{['request', str($n)]}}
    END
    Mock Should Have Received    request    times=20
    Mock Should Have No Unexpected Requests

Some Requests Are Answered By The Spy Itself
    ${real}=    Start Peer    echo    REP    tcp://127.0.0.1:*
    ${address}=    Start Spy    ROUTER
    When Mock Receives    fake    reply=faked
    Mock Forwards To    ${real}
    Connect Zmq Socket    ${address}    REQ    client
    ${answer}=    Send Request    fake
    Should Be Equal    ${answer}    ${{['faked']}}
    ${answer}=    Send Request    true
    Should Be Equal    ${answer}    ${{['true']}}

An Open Socket Is Taken And Given Back
    ${real}=    Start Peer    echo    REP    tcp://127.0.0.1:*
    FOR    ${type}    IN    REQ    DEALER
        Connect Zmq Socket    ${real}    ${type}    upstream
        ${address}=    Start Spy    REP
        Mock Forwards To    upstream
        Run Keyword And Expect Error    *held by mock server 'spy'*    Send Message    x    socket=upstream
        Connect Zmq Socket    ${address}    REQ    one
        Connect Zmq Socket    ${address}    REQ    two
        Send Message    1    socket=one
        Send Message    2    socket=two
        ${answer}=    Receive Message    socket=two
        Should Be Equal    ${answer}    2
        ${answer}=    Receive Message    socket=one
        Should Be Equal    ${answer}    1
        Stop Mock Server
        Try To Send Multipart    ${EMPTY}    mine again    socket=upstream
        Close All Zmq Sockets
    END

A Dealer Without Delimiter
    ${real}=    Start Peer    echo    ROUTER    tcp://127.0.0.1:*
    ${address}=    Start Spy    ROUTER
    Mock Forwards To    ${real}
    Connect Zmq Socket    ${address}    DEALER    client
    ${answer}=    Send Request    {"id": 1}
    Should Be Equal    ${answer}    ${{['{"id": 1}']}}

The Real Server Dies
    ${real}=    Start Peer    echo    REP    tcp://127.0.0.1:*
    ${address}=    Start Spy    REP
    Mock Forwards To    ${real}
    Connect Zmq Socket    ${address}    REQ    client
    Send Request    alive
    Kill Peer    echo
    Run Keyword And Expect Error    No message*    Send Request    dead    timeout=100ms
    Mock Should Have Received    dead

Pipelines And Publishers
    Bind Zmq Socket    inproc://sink    PULL    sink
    Start Mock Server    inproc://spy    PULL    spy
    Mock Forwards To    inproc://sink
    Connect Zmq Socket    inproc://spy    PUSH
    Send Multipart    job    1
    ${job}=    Receive Multipart    socket=sink
    Should Be Equal    ${job}    ${{['job', '1']}}
    Start Mock Server    inproc://pub    PUB
    Run Keyword And Expect Error    *receives no messages*    Mock Forwards To    inproc://sink
    Run Keyword And Expect Error    Socket 'sink' (PULL) cannot forward requests.*
    ...    Mock Forwards To    sink    mock=spy


*** Keywords ***
Start Spy
    [Arguments]    ${type}
    Start Mock Server    tcp://127.0.0.1:*    ${type}    spy
    ${address}=    Get Mock Endpoint
    RETURN    ${address}
