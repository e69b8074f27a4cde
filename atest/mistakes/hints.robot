*** Settings ***
Documentation    Hints where newcomers have missed them.

Resource         ../resources/zmq.resource

Test Timeout     1 minute


*** Test Cases ***
A List Of A Structured Format Is Several Frames
    Start Mock Server    inproc://sums    REP    sums
    Connect Zmq Socket    inproc://sums    REQ
    VAR    @{list}=    add    ${1}    ${2}
    ${error}=    Run Keyword And Expect Error    *    Send Request    ${list}    format=MSGPACK    timeout=50ms
    Should Contain
    ...    ${error}
    ...    The list of 3 items was taken for 3 frames, each MSGPACK. One frame that holds the list is \${{[$list]}}
    ${error}=    Run Keyword And Expect Error    *
    ...    Send Request    ${{[1, 2]}}    format=STRUCT:<HH    socket=REQ-1    timeout=50ms
    Should Contain    ${error}    was taken for 2 frames

One Frame That Holds A List
    Start Mock Server    inproc://sums    REP    sums    format=MSGPACK
    When Mock Receives    ["add", 1, 2]    reply=3
    Connect Zmq Socket    inproc://sums    REQ
    VAR    @{list}=    add    ${1}    ${2}
    ${reply}=    Send Request    ${{[$list]}}    format=MSGPACK
    Should Be Equal    ${reply}[0]    3
    ${reply}=    Send Request    ["add", 1, 2]    format=MSGPACK
    Should Be Equal    ${reply}[0]    3

A Frame That Looks Like An Argument
    Define Message Layout    order    id=TEXT    count=U8
    Open Sockets    PULL    sink    PUSH    source
    Run Keyword And Expect Error    *has no field 'a'*written a\\=…*    Send Multipart    layout=order    a=1
    Run Keyword And Expect Error    *written id\\=…*    Send Multipart    x    id=1    layout=order
    Send Multipart    x    a\=1
    Send Multipart    x    a=1
    Wait For Message    x    a\=1    socket=sink
    Wait For Message    x    a=1    socket=sink

A Topic Is A Prefix
    Bind Zmq Socket    tcp://127.0.0.1:*    PUB    feed
    ${address}=    Get Zmq Endpoint
    Connect Zmq Socket    ${address}    SUB    reader    subscribe=*
    Wait For Subscriber    socket=feed
    Send Message    EUR 1.07    socket=feed
    Run Keyword And Expect Error    *Subscribed to: '?'. Topics are prefixes, not patterns*
    ...    Receive Message    socket=reader    timeout=50ms
