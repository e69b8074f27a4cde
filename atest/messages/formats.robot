*** Settings ***
Documentation    How values become frames and frames values.

Resource         ../resources/zmq.resource

Test Setup       Open Sockets    PULL    sink    PUSH    source
Test Timeout     1 minute


*** Test Cases ***
What Goes In Comes Out
    [Template]    Value Comes Out As
    TEXT    hello    hello
    TEXT    Grüße € 日本 🎉    Grüße € 日本 🎉
    TEXT    ${42}    42
    TEXT    ${1.5}    1.5
    TEXT    ${{b'raw'}}    raw
    TEXT    ${EMPTY}    ${EMPTY}
    BYTES    ${{b'\x00\xff'}}    ${{b'\x00\xff'}}
    BYTES    ${{bytearray(b'\x01')}}    ${{b'\x01'}}
    BYTES    ${{memoryview(b'\x01')}}    ${{b'\x01'}}
    BYTES    text    ${{b'text'}}
    HEX    00 ff a1    00 ff a1
    HEX    00FFA1    00 ff a1
    HEX    0 0 f F    00 ff
    HEX    ${{b'\x00\xff'}}    00 ff
    BASE64    AP+h    AP+h
    JSON    {"command": "list"}    ${{{'command': 'list'}}}
    JSON    ${{{'command': 'list', 'n': [1, 2.5, None, True]}}}    ${{{'command': 'list', 'n': [1, 2.5, None, True]}}}
    JSON    ${{['a', 1]}}    ${{['a', 1]}}
    JSON    ${None}    ${None}
    JSON    ${True}    ${True}
    JSON    ${7}    ${7}
    JSON    "text"    text

Json Text Is Sent As It Is
    Send Message    { "b":1,\n"a" : 2 }    format=JSON
    ${text}=    Receive Message    socket=sink
    Should Be Equal    ${text}    { "b":1,\n"a" : 2 }

A Format Is Written In Any Case
    Send Message    00 ff    format=hex
    ${bytes}=    Receive Message    format=Bytes    socket=sink
    Should Be Equal    ${bytes}    ${{b'\x00\xff'}}

One Format For Each Frame
    Send Multipart    job    {"n": 1}    00 ff    format=TEXT,JSON,HEX
    ${name}    ${job}    ${data}=    Receive Multipart    format=TEXT,JSON,BYTES    socket=sink
    Should Be Equal    ${name}    job
    Should Be Equal    ${job}    ${{{'n': 1}}}
    Should Be Equal    ${data}    ${{b'\x00\xff'}}

One Format For All Frames
    Send Multipart    00    ff    a1    format=HEX
    ${message}=    Receive Multipart    format=BYTES    socket=sink
    Should Be Equal    ${message}    ${{[b'\x00', b'\xff', b'\xa1']}}

The Last Format Is Repeated
    Send Multipart    job    00    ff    format=TEXT,HEX,...
    ${message}=    Receive Multipart    format=TEXT,BYTES,...    socket=sink
    Should Be Equal    ${message}    ${{['job', b'\x00', b'\xff']}}

A List Of Formats
    VAR    @{formats}=    TEXT    JSON
    Send Multipart    job    {"n": 1}    format=${formats}
    ${message}=    Receive Multipart    format=${formats}    socket=sink
    Should Be Equal    ${message}    ${{['job', {'n': 1}]}}

Values That Do Not Fit Are Refused And Nothing Is Sent
    [Template]    Value Is Refused
    TEXT    ${True}    Frame 0 (a bool) cannot be sent as TEXT: *
    TEXT    ${None}    Frame 0 (None) cannot be sent as TEXT: *
    TEXT    ${{['a']}}    Frame 0 (a list) cannot be sent as TEXT: *
    TEXT    ${{{'a': 1}}}    Frame 0 (a dict) cannot be sent as TEXT: *
    BYTES    ${65}    Frame 0 (an int) cannot be sent as BYTES: *
    BYTES    ${None}    Frame 0 (None) cannot be sent as BYTES: *
    HEX    0g    Frame 0 (a str) cannot be sent as HEX: *
    HEX    abc    Frame 0 (a str) cannot be sent as HEX: *
    BASE64    a    Frame 0 (a str) cannot be sent as BASE64: *
    JSON    {"a": }    Frame 0 (a str) cannot be sent as JSON: *
    JSON    ${{object()}}    Frame 0 (an object) cannot be sent as JSON: *
    NOSUCH    hello    *NOSUCH*TEXT*

No Frame Is Sent If A Later One Is Refused
    Run Keyword And Expect Error    Frame 2 (a bool) cannot be sent as TEXT: *Nothing was sent.
    ...    Send Multipart    one    two    ${True}
    Send Message    whole
    ${text}=    Receive Message    socket=sink
    Should Be Equal    ${text}    whole

What Cannot Be Decoded Is Not Lost
    Send Multipart    fine    ${{b'abc\xff'}}
    Run Keyword And Expect Error    Frame 1 is not TEXT: *offset 3*HEX*BYTES*`Get Received Message*format=BYTES`.
    ...    Receive Multipart    socket=sink
    ${message}=    Get Received Message    format=BYTES
    Should Be Equal    ${message}    ${{[b'fine', b'abc\xff']}}
    ${message}=    Get Received Message    format=HEX    socket=sink
    Should Be Equal    ${message}[1]    61 62 63 ff

Messages In Bulk That Cannot Be Decoded Are Not Lost
    Send Message    fine
    Send Message    ${{b'\xff'}}
    Run Keyword And Expect Error    Frame 0 is not TEXT*    Receive Messages    2    socket=sink
    ${messages}=    Receive Messages    2    format=BYTES    socket=sink
    Should Be Equal    ${messages}[0]    ${{[b'fine']}}
    Should Be Equal    ${messages}[1]    ${{[b'\xff']}}

Another Encoding For The Library
    Import Library    ZmqLibrary    encoding=Latin-1    AS    Latin
    Latin.Bind Zmq Socket    inproc://latin    PULL    latin sink
    Latin.Connect Zmq Socket    inproc://latin    PUSH
    Latin.Send Message    Grüße
    ${bytes}=    Latin.Receive Message    format=BYTES    socket=latin sink
    Should Be Equal    ${bytes}    ${{'Grüße'.encode('latin-1')}}
    Run Keyword And Expect Error    Frame 0 (a str) cannot be sent as TEXT: *€*    Latin.Send Message    5 €


*** Keywords ***
Value Comes Out As
    [Arguments]    ${format}    ${value}    ${expected}
    Send Message    ${value}    format=${format}    socket=source
    ${received}=    Receive Message    format=${format}    socket=sink
    Should Be Equal    ${received}    ${expected}
    Should Be True    type($received) is type($expected)
    Received Frame Should Equal    0    ${value}    format=${format}

Value Is Refused
    [Arguments]    ${format}    ${value}    ${error}
    Run Keyword And Expect Error    ${error}    Send Message    ${value}    format=${format}    socket=source
    Run Keyword And Expect Error    ${error}    Try To Send Message    ${value}    format=${format}    socket=source
    ${nothing}=    Discard Messages    socket=sink
    Should Be Equal    ${nothing}    ${0}
