*** Comments ***
# robocop: off=VAR06


*** Settings ***
Documentation    Some of many peers go.

Resource         ../resources/zmq.resource

Test Setup       Start Broker And Three Workers
Test Teardown    Stop Peers
Test Timeout     2 minutes


*** Test Cases ***
One Of Three Workers Dies
    Kill Peer    worker-2
    Wait Until Disconnected    count=1    socket=broker
    Run Keyword And Expect Error    *has not lost 1 peer in 50 milliseconds*accepted 2 peers*
    ...    Wait Until Disconnected    count=1    socket=broker    timeout=50ms
    Kill Peer    worker-1
    Kill Peer    worker-3
    Wait Until Disconnected    count=2    socket=broker
    Wait Until Disconnected    socket=broker

What Was Before The Last Connect Does Not Count
    Kill Peer    worker-1
    Wait Until Disconnected    count=1    socket=broker
    Kill Peer    worker-2
    Wait For Zmq Event    DISCONNECTED    socket=broker
    Wait For Zmq Event    DISCONNECTED    socket=broker
    Start Peer    request    DEALER    ${ADDRESS}    worker-4    hello    alias=worker-4
    Wait Until Connected    count=2    socket=broker
    Run Keyword And Expect Error    *has not lost 1 peer*
    ...    Wait Until Disconnected    count=1    socket=broker    timeout=50ms

Only At One Endpoint
    ${second}=    Bind To Endpoint    tcp://127.0.0.1:*    socket=broker
    Start Peer    request    DEALER    ${second}    other    hello    alias=other
    Wait Until Connected    endpoint=${second}    socket=broker
    Kill Peer    other
    Wait Until Disconnected    endpoint=${second}    socket=broker
    Run Keyword And Expect Error    *still has peers at ${ADDRESS}*
    ...    Wait Until Disconnected    endpoint=${ADDRESS}    socket=broker    timeout=50ms

A Wrong Count
    Run Keyword And Expect Error    count=0 cannot be used: give 1 or more.
    ...    Wait Until Disconnected    count=0    socket=broker


*** Keywords ***
Start Broker And Three Workers
    Bind Zmq Socket    tcp://127.0.0.1:*    ROUTER    broker
    ${bound}=    Get Zmq Endpoint
    VAR    ${ADDRESS}=    ${bound}    scope=TEST
    FOR    ${n}    IN RANGE    1    4
        Start Peer    request    DEALER    ${bound}    worker-${n}    hello    alias=worker-${n}
    END
    Wait Until Connected    count=3    socket=broker
