*** Settings ***
Documentation    Values of every format through real sockets, and what bad input gets.

Resource         ../resources/zmq.resource

Test Setup       Open Sockets    PULL    sink    PUSH    source
Test Timeout     1 minute


*** Test Cases ***
Values Keep Their Types
    [Template]    Value Should Arrive As It Was Sent
    U8    ${255}
    I16BE    ${-32768}
    U32LE    ${4294967295}
    U64BE    ${18446744073709551615}
    F64LE    ${0.1}
    STRUCT:<IHH    ${{[1, 2, 3]}}
    JSON    ${{{'a': [1, None, 'ä']}}}
    MSGPACK    ${{{'a': b'\xff', 1: [True, 2.5]}}}
    CBOR    ${{{'a': b'\xff', 1: [True, 2.5]}}}
    PROTOBUF:google.protobuf.struct_pb2.Struct    ${{{'a': [1.0, 'b']}}}

One Format For Each Frame
    Send Multipart    topic    ${17}    {"n": 1}    format=TEXT,U32LE,JSON
    ${message}=    Receive Multipart    format=SKIP,U32LE,JSON    socket=sink
    Should Be Equal    ${message}[1]    ${17}
    Should Be Equal    ${message}[2][n]    ${1}
    ${raw}=    Get Received Frame    1    format=HEX
    Should Be Equal    ${raw}    11 00 00 00

A Value That Does Not Fit Is Not Sent
    [Template]    Sending Should Fail
    U8    ${256}    Frame 0 (an int) cannot be sent as U8: 256 is out of range: U8 holds 0 to 255.*Nothing was sent.
    U32LE    1.5    Frame 0 (a str) cannot be sent as U32LE: '1.5' is not a whole number.*Nothing was sent.
    STRUCT:<IH    ${{[1]}}    *it has 1 values, but STRUCT:<IH has 2*Nothing was sent.
    JSON    ${{float('nan')}}    *NaN and Infinity are not JSON values*Nothing was sent.
    JSON    {"a": 1, "a": 2}    *key 'a' is there twice*Nothing was sent.
    CBOR    ${{object()}}    Frame 0 (an object) cannot be sent as CBOR*Nothing was sent.
    LITERAL:END    end    *it is another value. Give 'END'.*Nothing was sent.
    EMPTY    x    *its length is 1, but an EMPTY frame has none*Nothing was sent.

A Frame That Does Not Fit Is Kept
    [Template]    Receiving Should Fail
    ${{b'\x01'}}    U32LE    Frame 0 is not U32LE: it has 1 byte, but U32LE has exactly 4 (byte offset 1)*
    ${{b'12345'}}    U32LE    Frame 0 is not U32LE: it has 5 bytes, but U32LE has exactly 4 (byte offset 4)*
    ${{b'{"a": NaN}'}}    JSON    Frame 0 is not JSON: NaN is not a JSON value (byte offset 6)*
    ${{b'[' * 10000}}    JSON    Frame 0 is not JSON: it is nested more than 500 deep (byte offset 500)*
    ${{b'\xc1'}}    MSGPACK    Frame 0 is not MSGPACK*(byte offset 0)*
    ${{b'\x01\x02'}}    MSGPACK    Frame 0 is not MSGPACK: 1 more byte follows the MessagePack value (byte offset 1)*
    ${{b'\x82\x01'}}    CBOR    Frame 0 is not CBOR: it ends in the middle of a CBOR value*
    ${{b'\x0f'}}    PROTOBUF:google.protobuf.struct_pb2.Struct    Frame 0 is not PROTOBUF:*
    ${{b'x'}}    EMPTY    Frame 0 is not EMPTY: it has 1 byte, but must be empty (byte offset 0)*
    ${{b'<IDS|MS>'}}    LITERAL:<IDS|MSG>    Frame 0 is not LITERAL:<IDS|MSG>: *(byte offset 7)*

A Format Of The Suite
    Register Zmq Format    REVERSED    ${{ lambda text: text[::-1] }}    ${{ lambda frame: frame.decode()[::-1] }}
    Value Should Arrive As It Was Sent    REVERSED    abc
    Received Message Should Equal    cba    format=TEXT
    Run Keyword And Expect Error
    ...    Frame 0 (an int) cannot be sent as REVERSED: its encode function failed: TypeError:*
    ...    Send Message
    ...    ${1}
    ...    format=REVERSED
    Run Keyword And Expect Error    Format 'JSON' cannot be registered: it is built in. Choose another name.
    ...    Register Zmq Format    JSON    ${{str}}    ${{str}}
    Run Keyword And Expect Error    Format 'X' cannot be registered: encode is a str, not callable.
    ...    Register Zmq Format    X    nothing    ${{str}}

The Default Of A Socket
    ${old}=    Set Default Zmq Format    JSON    socket=sink
    Should Be Equal    ${old}    TEXT
    Send Message    {"n": 1}    socket=source
    ${value}=    Receive Message    socket=sink
    Should Be Equal    ${value}[n]    ${1}
    ${json}=    Set Default Zmq Format    ${old}    socket=sink
    Should Be Equal    ${json}    JSON


*** Keywords ***
Value Should Arrive As It Was Sent
    [Arguments]    ${format}    ${value}
    Send Message    ${value}    format=${format}    socket=source
    ${received}=    Receive Message    format=${format}    socket=sink
    Should Be Equal    ${received}    ${value}

Sending Should Fail
    [Arguments]    ${format}    ${value}    ${error}
    Run Keyword And Expect Error    ${error}    Send Message    ${value}    format=${format}    socket=source
    ${nothing}=    Try To Receive Message    socket=sink
    Should Be Equal    ${nothing}    ${None}

Receiving Should Fail
    [Arguments]    ${frame}    ${format}    ${error}
    Send Message    ${frame}    format=BYTES    socket=source
    Run Keyword And Expect Error    ${error}    Receive Message    format=${format}    socket=sink
    ${kept}=    Get Received Message    format=BYTES
    Should Be Equal    ${kept}[0]    ${frame}
