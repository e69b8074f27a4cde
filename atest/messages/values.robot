*** Settings ***
Documentation    Failures and the log show values, not bytes, and where they differ, for every structured format.

Resource         ../resources/zmq.resource

Test Setup       Open Sockets    PULL    sink    PUSH    source
Test Timeout     1 minute


*** Variables ***
&{FIVE}         seq=${5}    sym=EURUSD
&{SIX}          seq=${6}    sym=EURUSD
@{DOCUMENTS}    JSON    MSGPACK    CBOR    PROTOBUF:google.protobuf.struct_pb2.Struct


*** Test Cases ***
Assertions Name The Path Of The First Difference
    FOR    ${format}    IN    @{DOCUMENTS}
        Send Multipart    tick    ${FIVE}    format=TEXT,${format}    socket=source
        Receive Multipart    format=TEXT,${format}    socket=sink
        Run Keyword And Expect Error    *$.seq: expected 6*, received 5*
        ...    Received Message Should Equal    tick    ${SIX}    format=TEXT,${format}
        Run Keyword And Expect Error    *$.seq: expected 6*, received 5*
        ...    Received Frame Should Equal    1    ${SIX}    format=TEXT,${format}
        Run Keyword And Expect Error    *$.seq: expected 6*, received 5*
        ...    Received Message Should Match    tick    {"seq": 6}    format=TEXT,${format}
        Run Keyword And Expect Error    *$.seq: expected 6*, received 5*
        ...    Get Received Frame    1    ==    ${SIX}    format=TEXT,${format}
        Received Message Should Contain    {"seq": 5}    format=TEXT,${format}
        Received Message Should Contain    tick    format=TEXT,${format}
        Run Keyword And Expect Error    No frame of the message received by 'sink' (PULL) contains*6*
        ...    Received Message Should Contain    {"seq": 6}    format=TEXT,${format}
    END

Waits Name The Path Of The First Difference
    FOR    ${format}    IN    @{DOCUMENTS}
        Send Multipart    tick    ${FIVE}    format=TEXT,${format}    socket=source
        Message Should Come    sink
        Run Keyword And Expect Error    *$.seq: expected 6, received 5*
        ...    Wait For Message    tick    {"seq": 6}    format=TEXT,${format}    socket=sink    timeout=50ms
        Run Keyword And Expect Error    *$.seq: expected 6*, received 5*    Wait For Message    tick    ${SIX}
        ...    match=EXACT    format=TEXT,${format}    socket=sink    timeout=50ms
        Run Keyword And Expect Error    *EURUSD*$.seq: expected 6, received 5*
        ...    Wait For Json Message    {"seq": 6}    format=${format}    socket=sink    timeout=50ms
        ${message}=    Wait For Json Message    {"seq": 5}    format=${format}    socket=sink
        Should Be Equal    ${message}[sym]    EURUSD
    END

Numbers And Structs Are Shown
    Send Multipart    tick    1    format=TEXT,U32LE    socket=source
    Message Should Come    sink
    Run Keyword And Expect Error    *Frame 1: 1 is not like '2'*
    ...    Wait For Message    tick    2    format=TEXT,U32LE    socket=sink    timeout=50ms
    Receive Multipart    format=TEXT,U32LE    socket=sink
    Run Keyword And Expect Error    *expected: 2*received: 1*
    ...    Received Message Should Equal    tick    2    format=TEXT,U32LE
    Send Message    ${{[1, 2]}}    format=STRUCT:<HB    socket=source
    Receive Message    format=STRUCT:<HB    socket=sink
    Run Keyword And Expect Error    *expected: [[]1, 3]*received: [[]1, 2]*$[[]1]: expected 3, received 2*
    ...    Received Message Should Equal    [1, 3]    format=STRUCT:<HB

Collectors Use The Format Of Their Socket
    Set Default Zmq Format    TEXT,MSGPACK    sink
    Start Collecting Messages    sink
    Send Multipart    tick    ${FIVE}    format=TEXT,MSGPACK    socket=source
    Wait For Collected Message
    Run Keyword And Expect Error    *'tick' | {'seq': 5, 'sym': 'EURUSD'}*
    ...    Collected Message Count Should Be    ==    2    timeout=50ms
    Run Keyword And Expect Error    *$.seq: expected 6, received 5*
    ...    Collected Messages Should Contain    tick    {"seq": 6}
    Run Keyword And Expect Error    *'seq': 5*    Collected Messages Should Not Contain    tick

What Came Is Shown Beside What Is Missing
    Send Message    {"error": {"code": 7, "text": "no such order"}}    socket=source
    Receive Message    socket=sink
    Run Keyword And Expect Error    *$.code is missing*no such order*    Received Json Should Contain    {"code": 7}
    Run Keyword And Expect Error    *$.code*no such order*    Received Json Should Equal    {"code": 7}

The Log Has Values
    [Documentation]    LOG 1.1 INFO Sent from 'source' (PUSH): 'tick' | {'seq': 5, 'sym': 'EURUSD'}
    ...                LOG 2.1 INFO Received by 'sink' (PULL): 'tick' | {'seq': 5, 'sym': 'EURUSD'}
    Send Multipart    tick    ${FIVE}    format=TEXT,MSGPACK    socket=source
    Receive Multipart    format=TEXT,MSGPACK    socket=sink
