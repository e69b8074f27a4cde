*** Settings ***
Documentation    Messages that are picked out of a stream, while the others stay in their order.

Resource         ../resources/zmq.resource

Test Setup       Open Sockets    PULL    events    PUSH    service
Test Timeout     1 minute


*** Test Cases ***
A Message Is Picked By A Pattern
    Send Three Messages
    ${event}=    Wait For Message    job.8    socket=events
    Should Be Equal    ${event}    ${{['job.8', '{"job": 8, "state": "done"}']}}
    Two Messages Should Be Left

A Message Is Picked By Its Json
    Send Three Messages
    ${event}=    Wait For Json Message    {"state": "done", "job": 8}    socket=events
    Should Be Equal    ${event}[0]    job.8
    Should Be Equal    ${event}[1]    ${{{'job': 8, 'state': 'done'}}}
    Should Be Equal    ${event}[state]    done
    Should Be Equal    ${event.frames}[1]    ${{b'{"job": 8, "state": "done"}'}}
    Received Frame Should Equal    0    job.8
    Two Messages Should Be Left

The Json Frame Is Chosen
    Send Multipart    {"n": 1}    {"n": 2}
    Send Multipart    {"n": 2}    {"n": 1}
    ${message}=    Wait For Json Message    {"n": 2}    frame=0    socket=events
    Should Be Equal    ${message}[n]    ${2}
    Should Be Equal    ${message}[1]    {"n": 1}

A Router Picks By Json
    Open Sockets    ROUTER    requests    DEALER    client
    Send Message    {"n": 1}    socket=client
    ${request}=    Wait For Json Message    {"n": 1}    socket=requests
    Should Be Equal    ${request}[1]    ${{{'n': 1}}}
    Length Should Be    ${request}[0]    5    The routing id that libzmq made is not there as bytes.

Json That Does Not Come
    Three Messages Have Come
    ${error}=    Run Keyword And Expect Error    No message whose last frame contains '{"job":9}' from 'events'*
    ...    Wait For Json Message    ${{{'job': 9}}}    socket=events    timeout=50ms
    Should Contain    ${error}    $.job: expected 9, received 8
    @{left}=    Receive Messages    3    socket=events
    Should Be Equal    ${left}[0][0]    job.7

Silence Is Broken By What Matches Only
    Three Messages Have Come
    No Message Should Be Received    job.9    within=50ms    socket=events
    Run Keyword And Expect Error    Socket 'events' (PULL) received a message that matches*
    ...    No Message Should Be Received    job.8    within=10s    socket=events
    @{left}=    Receive Messages    3    socket=events
    Should Be Equal    ${left}[1][0]    job.8


*** Keywords ***
Send Three Messages
    Send Multipart    job.7    {"job": 7, "state": "running"}
    Send Multipart    job.8    {"job": 8, "state": "done"}
    Send Multipart    job.9x    {"job": 7, "state": "done"}

Three Messages Have Come
    Send Three Messages
    Send Message    end
    Wait For Message    end    socket=events

Two Messages Should Be Left
    @{left}=    Receive Messages    2    socket=events
    Should Be Equal    ${left}[0][0]    job.7
    Should Be Equal    ${left}[1][0]    job.9x
