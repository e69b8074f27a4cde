*** Comments ***
# robocop: off=VAR05


*** Settings ***
Documentation    A test's own [Timeout] interrupts the keyword that waits, and the teardown runs at once.

Resource         ../resources/zmq.resource

Suite Setup      Open Sockets Where Nothing Happens
Test Teardown    Test Should Have Been Interrupted
Test Timeout     0.3 seconds


*** Test Cases ***
Receiving
    [Documentation]    FAIL Test timeout 300 milliseconds exceeded.
    Receive Message    socket=sink

Receiving Several
    [Documentation]    FAIL Test timeout 300 milliseconds exceeded.
    Receive Messages    5    socket=sink

Sending
    [Documentation]    FAIL Test timeout 300 milliseconds exceeded.
    Send Message    hello    socket=lonely

Waiting For A Peer
    [Documentation]    FAIL Test timeout 300 milliseconds exceeded.
    Wait Until Connected    socket=sink

Waiting For A Subscriber
    [Documentation]    FAIL Test timeout 300 milliseconds exceeded.
    Wait For Subscriber    socket=feed

Connecting
    [Documentation]    FAIL Test timeout 300 milliseconds exceeded.
    Connect Zmq Socket    ${NOBODY}    PUSH


*** Keywords ***
Open Sockets Where Nothing Happens
    [Documentation]    Before the tests, whose timeouts are for their one keyword only.
    Bind Zmq Socket    tcp://127.0.0.1:*    PULL    sink
    Open Zmq Socket    PUSH    lonely
    Bind Zmq Socket    tcp://127.0.0.1:*    PUB    feed
    ${address}=    Address Of Nobody
    VAR    ${NOBODY}=    ${address}    scope=SUITE
    Begin

Begin
    ${start}=    Now
    VAR    ${START}=    ${start}    scope=SUITE

Test Should Have Been Interrupted
    [Documentation]    Without the interrupt the keyword would have waited 20 seconds.
    Less Time Should Have Passed Than    15    ${START}
    [Teardown]    Begin
