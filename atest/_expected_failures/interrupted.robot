*** Comments ***
# robocop: off=VAR06


*** Settings ***
Documentation    A test's own [Timeout] interrupts the keyword that waits, and the teardown runs at once.

Resource         ../resources/zmq.resource

Test Teardown    Less Time Should Have Passed Than    0.8    ${START}
Test Timeout     0.3 seconds


*** Variables ***
${START}    ${0}


*** Test Cases ***
Receiving
    [Documentation]    FAIL Test timeout 300 milliseconds exceeded.
    [Setup]    Open And Begin    PULL    inproc://timeout
    Receive Message

Receiving Several
    [Documentation]    FAIL Test timeout 300 milliseconds exceeded.
    [Setup]    Open And Begin    PULL    inproc://timeout
    Receive Messages    5

Sending
    [Documentation]    FAIL Test timeout 300 milliseconds exceeded.
    [Setup]    Open And Begin    PUSH    inproc://timeout
    Send Message    hello

Waiting For A Peer
    [Documentation]    FAIL Test timeout 300 milliseconds exceeded.
    [Setup]    Open And Begin    PULL    tcp://127.0.0.1:*
    Wait Until Connected

Waiting For A Subscriber
    [Documentation]    FAIL Test timeout 300 milliseconds exceeded.
    [Setup]    Open And Begin    PUB    tcp://127.0.0.1:*
    Wait For Subscriber

Connecting
    [Documentation]    FAIL Test timeout 300 milliseconds exceeded.
    [Setup]    Open And Begin    PULL    tcp://127.0.0.1:*
    ${address}=    Get Zmq Endpoint
    Close Zmq Socket
    Connect Zmq Socket    ${address}    PUSH


*** Keywords ***
Open And Begin
    [Arguments]    ${type}    ${endpoint}
    Bind Zmq Socket    ${endpoint}    ${type}
    ${start}=    Now
    VAR    ${START}=    ${start}    scope=TEST
