*** Settings ***
Documentation    Many messages at a time, and which of them is wrong.

Resource         ../resources/zmq.resource

Test Timeout     2 minutes


*** Test Cases ***
A Hundred Thousand Messages
    Open Sockets    PULL    sink    PUSH    source    send_hwm=0
    Start Collecting Messages    sink
    Start Sequence Check    ticks    format=U32LE    socket=sink
    ${sent}=    Send Messages    ${{ [['tick', n] for n in range(100_000)] }}    format=TEXT,U32LE    socket=source
    Should Be Equal    ${sent}    ${100_000}
    Collected Message Count Should Be    ==    100000    collector=sink    timeout=100s
    Sequence Should Be Complete    ticks

A Peer That Takes Only Some
    Open Sockets    PULL    sink    PUSH    source    send_hwm=5    sndbuf=4096
    ${error}=    Run Keyword And Expect Error    *    Send Messages    ${{ ['x' * 10_000] * 20_000 }}    timeout=200ms
    Should Match Regexp    ${error}    ^[0-9,]+ messages of 20,000 were sent\\.\nCannot send from 'source'

Which Of Many Messages Cannot Be Decoded
    Open Sockets    PULL    sink    PUSH    source
    Send Messages    ${{ ['m0', 'm1', b'\x08\x97\xff\x80', 'm3', 'm4'] }}    socket=source
    Run Keyword And Expect Error
    ...    Frame 0 is not TEXT:*It is message 3 of 5 (index 2). All 5 messages stay to be received.*
    ...    Receive Messages
    ...    5
    ...    socket=sink
    ${bad}=    Get Received Message    format=BYTES
    Should Be Equal    ${bad}[0]    ${{ b'\x08\x97\xff\x80' }}
    ${next}=    Receive Message    socket=sink
    Should Be Equal    ${next}    m0
    Receive Message    socket=sink
    Start Collecting Messages    sink
    Collected Message Count Should Be    ==    3    collector=sink
    Run Keyword And Expect Error
    ...    Frame 0 is not TEXT*It is message 1 of 3 (index 0).*Get Collected Messages${SPACE*4}format=BYTES*
    ...    Get Collected Messages
    ...    collector=sink

Formats That Would Work Are Named
    Open Sockets    PULL    sink    PUSH    source
    Send Message    {"n": 200, "s": "é"}    format=MSGPACK    socket=source
    Run Keyword And Expect Error    *It can be read as MSGPACK or HEX or BYTES.*
    ...    Receive Message    format=JSON    socket=sink
    Send Message    {"n": -1}    format=CBOR    socket=source
    Run Keyword And Expect Error    *It can be read as *CBOR*    Receive Message    format=JSON    socket=sink
    Set Default Zmq Format    STRUCT:<HB    sink
    Send Message    [1, 255]    format=STRUCT:<HB    socket=source
    Run Keyword And Expect Error    *It has the format of the socket, STRUCT:<HB*
    ...    Receive Message    format=JSON    socket=sink
