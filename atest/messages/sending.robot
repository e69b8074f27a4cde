*** Settings ***
Documentation    Sending messages and receiving them.

Resource         ../resources/zmq.resource

Test Setup       Open Sockets    PULL    sink    PUSH    source
Test Teardown    Stop Peers
Test Timeout     1 minute


*** Test Cases ***
One Frame
    Send Message    hello
    ${text}=    Receive Message    socket=sink
    Should Be Equal    ${text}    hello

An Empty Frame
    Send Message    ${EMPTY}
    ${text}=    Receive Message    socket=sink
    Should Be Equal    ${text}    ${EMPTY}

Several Frames
    Send Multipart    weather    sunny    ${25}
    ${message}=    Receive Multipart    socket=sink
    Should Be Equal    ${message}    ${{['weather', 'sunny', '25']}}
    ${topic}    @{rest}=    Get Received Message
    Should Be Equal    ${topic}    weather
    Should Be Equal    ${rest}    ${{['sunny', '25']}}
    Should Be Equal    ${message}[1]    sunny
    Should Be Equal    ${message.frames}    ${{[b'weather', b'sunny', b'25']}}
    Should Be Equal    ${message.socket}    sink
    Length Should Be    ${message}    3

A Single List Is The List Of Frames
    VAR    @{frames}=    weather    sunny
    Send Multipart    ${frames}
    Receive Multipart    socket=sink
    Received Message Should Equal    weather    sunny
    Received Message Should Equal    ${frames}

A Received Message Can Be Sent On
    Send Multipart    weather    sunny
    ${message}=    Receive Multipart    socket=sink
    Send Multipart    ${message}    socket=source
    ${again}=    Receive Multipart    socket=sink
    Should Be Equal    ${again}    ${message}

A Message Cannot Be Changed
    Send Multipart    weather    sunny
    ${message}=    Receive Multipart    socket=sink
    Run Keyword And Expect Error    *AttributeError*    Evaluate    $message.__setitem__(0, 'other')
    Run Keyword And Expect Error    *Error*    Evaluate    setattr($message, 'socket', 'other')

A Message Has A Time
    Send Message    hello
    ${message}=    Receive Multipart    socket=sink
    ${ago}=    Evaluate    datetime.datetime.now($message.received_at.tzinfo) - $message.received_at
    Should Be True    0 <= ${ago.total_seconds()} < 60

A Message Over Tcp Has A Peer Address
    [Tags]    tcp
    IF    $TRANSPORT != 'tcp'    Skip    Only tcp has peer addresses.
    Send Message    hello
    ${message}=    Receive Multipart    socket=sink
    Should Start With    ${message.peer_address}    127.0.0.1    Not the peer: ${message.peer_address}

Trying To Send Tells Whether It Was Queued
    ${sent}=    Try To Send Message    hello
    Should Be Equal    ${sent}    ${True}
    ${sent}=    Try To Send Multipart    hello    again
    Should Be Equal    ${sent}    ${True}
    Open Zmq Socket    PUSH    lonely
    ${sent}=    Try To Send Message    hello
    Should Be Equal    ${sent}    ${False}
    ${sent}=    Try To Send Multipart    hello    again
    Should Be Equal    ${sent}    ${False}

Trying To Receive Gives None When Nothing Is There
    ${nothing}=    Try To Receive Message    socket=sink
    Should Be Equal    ${nothing}    ${None}
    ${nothing}=    Try To Receive Multipart    socket=sink
    Should Be Equal    ${nothing}    ${None}
    Send Message    one
    Wait Until Keyword Succeeds    20 s    1 ms    Trying Should Give    one

A Timeout Of Zero Does Not Wait
    Keyword Should Pass Once In Several Tries    Timeout Of Zero Should Not Wait

A Timeout Is In Robot's Form
    [Template]    Keyword Should Pass Once In Several Tries
    Receiving Fails Within    100ms    100 milliseconds    0.1    1
    Receiving Fails Within    0.2 s    200 milliseconds    0.2    1.2
    Receiving Fails Within    ${0.1}    100 milliseconds    0.1    1

A Message With More Frames Than One Stays Available
    Send Multipart    weather    sunny
    Run Keyword And Expect Error
    ...    The message received by 'sink' (PULL) has 2 frames, not one: 'weather' | 'sunny'. Use `Receive Multipart`; *
    ...    Receive Message
    ...    socket=sink
    ${message}=    Get Received Message
    Should Be Equal    ${message}    ${{['weather', 'sunny']}}

Many Messages At Once
    FOR    ${n}    IN RANGE    30
        Send Message    ${n}
    END
    ${messages}=    Receive Messages    20    socket=sink
    Length Should Be    ${messages}    20
    Should Be Equal    ${messages}[19]    ${{['19']}}
    ${next}=    Receive Message    socket=sink
    Should Be Equal    ${next}    20

Too Few Messages Are Not Lost
    Send Message    one
    Send Message    two
    Keyword Should Pass Once In Several Tries    Run Keyword And Expect Error
    ...    Only 2 of 3 messages came from 'sink' (PULL, *) in 200 milliseconds; they can be received again.*
    ...    Receive Messages    3    socket=sink    timeout=200ms
    ${messages}=    Receive Messages    2    socket=sink
    Should Be Equal    ${messages}[0][0]    one
    Should Be Equal    ${messages}[1][0]    two

What Is Queued Can Be Thrown Away
    FOR    ${n}    IN RANGE    30
        Send Message    ${n}
    END
    Receive Message    socket=sink
    Open Sockets    PULL    other    PUSH    other source
    ${none}=    Discard Messages    socket=other
    Should Be Equal    ${none}    ${0}
    VAR    ${count}=    ${0}
    WHILE    ${count} < 29    limit=20 seconds
        ${more}=    Discard Messages    sink
        VAR    ${count}=    ${${count} + ${more}}
    END
    Should Be Equal    ${count}    ${29}

The Message Received Last Is Returned In Any Format
    Send Message    {"n": 1}
    Receive Message    socket=sink
    ${text}=    Get Received Message
    Should Be Equal    ${text}[0]    {"n": 1}
    ${value}=    Get Received Message    format=JSON
    Should Be Equal    ${value}[0]    ${{{'n': 1}}}
    ${hex}=    Get Received Message    format=HEX
    Should Be Equal    ${hex}[0]    7b 22 6e 22 3a 20 31 7d
    ${bytes}=    Get Received Message    format=BYTES    socket=sink
    Should Be Equal    ${bytes}[0]    ${{b'{"n": 1}'}}

Each Socket Keeps Its Last Message
    Open Sockets    PULL    other sink    PUSH    other source
    Send Message    one    socket=source
    Send Message    two    socket=other source
    Receive Message    socket=sink
    Receive Message    socket=other sink
    Received Message Should Equal    two
    Received Message Should Equal    one    socket=sink
    Received Message Should Equal    two

A Conflating Socket Does Not Lose Frames Without A Word
    [Documentation]    LOG 1.1 WARN    Socket 'last' (PULL) has CONFLATE: it gets only the last frame of a message.
    [Tags]    tcp
    Bind Zmq Socket    tcp://127.0.0.1:*    PULL    last    conflate=yes
    ${address}=    Get Zmq Endpoint
    Connect Zmq Socket    ${address}    PUSH    first    conflate=yes
    Run Keyword And Expect Error    Socket 'first' (PUSH) has CONFLATE*    Send Multipart    one    two

A Large Message
    ${payload}=    Evaluate    bytes(range(256)) * 4096 * 16
    Send Message    ${payload}    format=BYTES
    ${received}=    Receive Message    format=BYTES    socket=sink
    Should Be True    $received == $payload

Messages Of Another Process
    [Tags]    peer
    ${endpoint}=    Free Endpoint
    ${address}=    Start Peer    push    ${endpoint}    100    3
    Connect Zmq Socket    ${address}    PULL
    ${messages}=    Receive Messages    100
    ${expected}=    Evaluate    [[str(n)] * 3 for n in range(100)]
    Should Be Equal    ${messages}    ${expected}


*** Keywords ***
Trying Should Give
    [Arguments]    ${text}
    ${received}=    Try To Receive Message    socket=sink
    Should Be Equal    ${received}    ${text}

Timeout Of Zero Should Not Wait
    ${start}=    Now
    Run Keyword And Expect Error    No message from 'sink'*    Receive Message    socket=sink    timeout=0
    Run Keyword And Expect Error    No message from 'sink'*    Receive Multipart    socket=sink    timeout=0
    Less Time Should Have Passed Than    0.5    ${start}

Receiving Fails Within
    [Arguments]    ${timeout}    ${shown}    ${at least}    ${at most}
    ${start}=    Now
    Run Keyword And Expect Error    No message from 'sink' (PULL, *) in ${shown}.*
    ...    Receive Message    socket=sink    timeout=${timeout}
    Less Time Should Have Passed Than    ${at most}    ${start}
    ${passed}=    Evaluate    time.monotonic() - $start
    Should Be True    ${passed} >= ${at least} - 0.01
