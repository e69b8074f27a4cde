*** Settings ***
Documentation    Troubles come when they are asked for, and what was prepared and not used is told.

Resource         ../resources/zmq.resource

Test Setup       Start Server
Test Timeout     1 minute


*** Test Cases ***
Silence Before The Rule Is There All The Same
    Mock Keeps Silent    times=1
    When Mock Receives    ping    reply=pong
    Run Keyword And Expect Error    No message*    Send Request    ping    timeout=100ms
    ${reply}=    Send Request    ping
    Should Be Equal    ${reply}[0]    pong
    Mock Should Have Used All Rules

A Disconnect Before The Rule Is There All The Same
    Mock Disconnects    times=1
    When Mock Receives    ping    reply=pong
    Send Message    ping
    Wait For Zmq Event    DISCONNECTED
    Wait For Zmq Event    HANDSHAKE_SUCCEEDED
    ${reply}=    Send Request    ping
    Should Be Equal    ${reply}[0]    pong

Silence For Certain Requests Goes Before The Default
    Mock Keeps Silent    ping    times=1
    Mock Replies By Default    $frame0
    ${reply}=    Send Request    other
    Should Be Equal    ${reply}[0]    other
    Run Keyword And Expect Error    No message*    Send Request    ping    timeout=100ms
    ${reply}=    Send Request    ping
    Should Be Equal    ${reply}[0]    ping

Troubles Come In Their Order
    Mock Keeps Silent    times=1
    Mock Disconnects    times=1
    When Mock Receives    reply=pong
    Run Keyword And Expect Error    No message*    Send Request    ping    timeout=100ms
    Zmq Event Should Not Have Happened    DISCONNECTED
    Send Message    ping
    Wait For Zmq Event    DISCONNECTED
    Wait For Zmq Event    HANDSHAKE_SUCCEEDED
    Send Request    ping

Rules That Were Not Used Are Named
    When Mock Receives    list    reply=a
    When Mock Receives    cancel*    ${{ {'n': 1} }}    reply=b
    Send Request    list
    ${error}=    Run Keyword And Expect Error    *    Mock Should Have Used All Rules    message=My words
    Should Start With    ${error}    My words\nMock server 'server' has 1 rule that no request has met:\n    ${error}
    Should Contain    ${error}    `When Mock Receives${SPACE * 4}cancel*${SPACE * 4}{'n': 1}`
    Should Contain    ${error}    It has received 1 message:

What Was Waited For Is Not Unexpected
    Send Message    job
    Wait For Mock Request    job
    Mock Should Have No Unexpected Requests
    Send Message    other
    Mock Should Have Received    other
    Run Keyword And Expect Error    *not expected, 1 request:*'other'    Mock Should Have No Unexpected Requests


*** Keywords ***
Start Server
    Start Mock Server    tcp://127.0.0.1:*    REP    server
    ${address}=    Get Mock Endpoint
    Connect Zmq Socket    ${address}    REQ    client    req_relaxed=yes    req_correlate=yes    reconnect_ivl=10ms
