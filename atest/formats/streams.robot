*** Settings ***
Documentation    Many messages: sequences, bulk reading and envelopes.

Resource         ../resources/zmq.resource

Test Timeout     2 minutes


*** Test Cases ***
A Complete Sequence
    Open Sockets    PULL    sink    PUSH    source
    Start Sequence Check    ticks    format=TEXT    socket=sink
    Send Numbers    ${{range(20)}}
    Receive Messages    20    socket=sink
    Sequence Should Be Complete    ticks

Gaps Duplicates And Late Messages Are Told By Topic
    Open Sockets    PULL    sink    PUSH    source
    Start Sequence Check    ticks    format=TEXT    socket=sink
    Send Numbers    ${{[1, 2, 6, 4, 2, 7]}}    a
    Send Numbers    ${{[1, 2, 3]}}    b
    Receive Messages    9    socket=sink
    Run Keyword And Expect Error
    ...    *Topic 'a': 2 messages missing: 3, 5; 1 duplicate: 2; 1 message out of order: 4.
    ...    Sequence Should Be Complete    ticks
    ${report}=    Get Sequence Report    ticks
    Should Be Equal    ${report}[topics][a][gaps][1][first]    ${5}
    Should Be Equal    ${report}[topics][b][missing]    ${0}
    Should Be Equal    ${report}[complete]    ${False}

A Counter In Json That Wraps
    Open Sockets    PULL    sink    PUSH    source
    Start Sequence Check    ticks    path=$.header.seq    step=2    wrap=256    socket=sink
    FOR    ${number}    IN    252    254    0    2
        Send Multipart    topic    {"header": {"seq": ${number}}}    socket=source
    END
    Receive Messages    4    socket=sink
    Sequence Should Be Complete    ticks

A Message Without A Counter Is Not Complete
    Open Sockets    PULL    sink    PUSH    source
    Start Sequence Check    ticks    socket=sink
    Send Message    hi    socket=source
    Receive Message    socket=sink
    Run Keyword And Expect Error    *1 message without a counter, the first in a message of 1 frame: it has 2 bytes*
    ...    Sequence Should Be Complete    ticks

A Check Without Messages Is Not Complete
    Open Sockets    PULL    sink    PUSH    source
    Start Sequence Check    ticks    socket=sink
    Run Keyword And Expect Error
    ...    *No message has come since the check was started.
    ...    Sequence Should Be Complete
    ...    ticks
    Run Keyword And Expect Error
    ...    There is no sequence check 'tocks'. Open: ticks.
    ...    Sequence Should Be Complete
    ...    tocks

Messages Up To A Certain One
    Open Sockets    PULL    sink    PUSH    source
    Send Numbers    ${{range(5)}}    part
    Send Multipart    end    of file    socket=source
    Send Multipart    part    next    socket=source
    @{messages}=    Receive Messages    until=end    socket=sink
    Length Should Be    ${messages}    6
    Received Message Should Equal    end    of file
    ${next}=    Receive Multipart    socket=sink
    Should Be Equal    ${next}[1]    next

Too Few Messages Stay
    Open Sockets    PULL    sink    PUSH    source
    Send Numbers    ${{range(2)}}
    Keyword Should Pass Once In Several Tries    Run Keyword And Expect Error    Only 2 of 3 messages came*
    ...    Receive Messages    3    socket=sink    timeout=50ms
    Run Keyword And Expect Error    Only 2 messages came*
    ...    Receive Messages    until=${{['tick', '9']}}    socket=sink    timeout=50ms
    @{messages}=    Receive Messages    2    until=nothing    socket=sink
    Length Should Be    ${messages}    2
    Run Keyword And Expect Error    Receive Messages needs a count*    Receive Messages    socket=sink

A Bulk That Does Not Fit Stays
    Open Sockets    PULL    sink    PUSH    source
    Send Numbers    ${{[1, 'x', 3]}}
    Run Keyword And Expect Error    Frame 1 is not JSON*    Receive Messages    3    format=TEXT,JSON    socket=sink
    @{messages}=    Receive Messages    3    socket=sink
    Should Be Equal    ${messages}[1][1]    x

A Hundred Thousand Messages
    Bind Zmq Socket    tcp://127.0.0.1:*    PULL    sink    receive_hwm=0
    ${address}=    Start Peer    push    tcp://127.0.0.1:*    100000    2
    Start Sequence Check    numbers    format=TEXT    per_topic=no    socket=sink
    Connect To Endpoint    ${address}    socket=sink
    @{messages}=    Receive Messages    100000    socket=sink    timeout=100s
    Length Should Be    ${messages}    100000
    Sequence Should Be Complete    numbers
    [Teardown]    Stop Peers

Envelopes Of Any Depth
    Open Sockets    ROUTER    service    DEALER    proxy    routing_id=proxy-1
    Send Multipart    client-9    ${EMPTY}    question    socket=proxy
    Receive Multipart    socket=service
    @{envelope}=    Get Envelope
    Should Be Equal    ${envelope}    ${{['proxy-1', 'client-9', '']}}
    Received Message Should Come From    proxy-1
    Received Message Should Come From    client-9
    Run Keyword And Expect Error    *comes from 'proxy-1' for 'client-9', expected 'client-1'.
    ...    Received Message Should Come From    client-1
    Reply    answer    socket=service
    ${reply}=    Receive Multipart    socket=proxy
    Should Be Equal    ${reply}    ${{['client-9', '', 'answer']}}
    @{envelope}=    Get Envelope    socket=proxy
    Should Be Equal    ${envelope}    ${{['client-9', '']}}

A Message Without An Envelope
    Open Sockets    PULL    sink    PUSH    source
    Send Message    hi
    Receive Message    socket=sink
    @{envelope}=    Get Envelope
    Should Be Empty    ${envelope}
    Run Keyword And Expect Error    *has no envelope: only ROUTER sockets know routing ids.
    ...    Received Message Should Come From    somebody


*** Keywords ***
Send Numbers
    [Arguments]    ${numbers}    ${topic}=tick
    FOR    ${number}    IN    @{numbers}
        Send Multipart    ${topic}    ${number}    socket=source
    END
