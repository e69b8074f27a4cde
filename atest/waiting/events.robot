*** Settings ***
Documentation    What has happened to connections is kept, and can be asked for and waited for.

Resource         ../resources/zmq.resource

Test Setup       Open Sockets    PULL    sink    PUSH    source
Test Timeout     1 minute


*** Variables ***
${MANY}      250    # retries, with more than 500 events: of all events only the last 200 are kept
${NOBODY}    tcp://127.0.0.1:9


*** Test Cases ***
The History Is In Order
    Wait Until Connected    socket=sink
    ${events}=    Get Zmq Events    socket=sink
    ${names}=    Evaluate    [event.name for event in $events]
    Should Be Equal    ${names}    ${{['LISTENING', 'ACCEPTED', 'HANDSHAKE_SUCCEEDED']}}
    ${address}=    Get Zmq Endpoint    socket=sink
    Should Be Equal    ${{$events[0].endpoint}}    ${address}

One Kind Of Event Is Asked For
    Close Zmq Socket    source
    Wait Until Disconnected    socket=sink
    ${events}=    Get Zmq Events    event=DISCONNECTED    socket=sink
    Length Should Be    ${events}    1
    Zmq Event Should Have Happened    DISCONNECTED    socket=sink
    Zmq Event Should Not Have Happened    BIND_FAILED    socket=sink
    Run Keyword And Expect Error    *BIND_FAILED*    Zmq Event Should Have Happened    BIND_FAILED    socket=sink
    Run Keyword And Expect Error    *DISCONNECTED*
    ...    Zmq Event Should Not Have Happened    DISCONNECTED    socket=sink

An Event Is Waited For Once
    ${event}=    Wait For Zmq Event    ACCEPTED    HANDSHAKE_SUCCEEDED    socket=sink
    Should Be Equal    ${event.name}    ACCEPTED
    ${event}=    Wait For Zmq Event    ACCEPTED    HANDSHAKE_SUCCEEDED    socket=sink
    Should Be Equal    ${event.name}    HANDSHAKE_SUCCEEDED
    Run Keyword And Expect Error    *ACCEPTED*
    ...    Wait For Zmq Event    ACCEPTED    HANDSHAKE_SUCCEEDED    socket=sink    timeout=50ms

A Peer That Came Is Still Known After Many Refused Attempts
    [Setup]    NONE
    ${address}=    Open Sockets    PULL    sink    PUSH    source    reconnect_ivl=1ms
    Connect To Endpoint    ${NOBODY}    lazy=yes
    Repeat Keyword    ${MANY} times    Wait For Zmq Event    CONNECT_RETRIED
    @{events}=    Get Zmq Events
    Should Be Empty    ${{[e for e in $events if e.name == 'HANDSHAKE_SUCCEEDED']}}
    @{events}=    Get Zmq Events    event=HANDSHAKE_SUCCEEDED
    Should Be Equal    ${events[0].endpoint}    ${address}
    Zmq Event Should Have Happened    HANDSHAKE_SUCCEEDED
    Run Keyword And Expect Error    On socket 'source' (PUSH) this has happened: HANDSHAKE_SUCCEEDED at ${address}.
    ...    Zmq Event Should Not Have Happened    HANDSHAKE_SUCCEEDED
