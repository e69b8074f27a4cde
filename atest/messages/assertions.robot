*** Settings ***
Documentation    Checking the message received last.

Resource         ../resources/zmq.resource

Test Setup       Open Sockets    PULL    sink    PUSH    source
Test Timeout     1 minute


*** Test Cases ***
Equal
    Message Is Received    weather    sunny
    Received Message Should Equal    weather    sunny
    Received Message Should Not Equal    weather    rainy
    Received Message Should Not Equal    weather
    Run Keyword And Expect Error    The message received by 'sink' (PULL) should not equal 'weather' | 'sunny'.
    ...    Received Message Should Not Equal    weather    sunny

The First Difference Is Shown
    Message Is Received    weather    sunny
    VAR    ${error}=
    ...    The message received by 'sink' (PULL) is not as expected.
    ...    Frame 0 ${SPACE} expected: 'weather'
    ...    ${SPACE * 10}received: 'weather'
    ...    Frame 1 ≠ expected: 'sultry'
    ...    ${SPACE * 10}received: 'sunny'
    ...    ${SPACE * 10}first difference at offset 2: 'l' ≠ 'n'
    ...    separator=\n
    Run Keyword And Expect Error    EQUALS:${error}    Received Message Should Equal    weather    sultry

A Message Of One's Own Comes First
    [Setup]    Message Is Received Between New Sockets    weather    sunny
    [Template]    Run Keyword And Expect Error
    Wrong!\nThe message received by*    Received Message Should Equal    a    message=Wrong!
    Wrong!\nThe message received by*    Received Message Should Not Equal    weather    sunny    message=Wrong!
    Wrong!\nNo frame of the message*    Received Message Should Contain    rain    message=Wrong!
    Wrong!\nThe message received by*    Received Message Should Match    a    message=Wrong!
    Wrong!\nThe message received by*    Received Message Should Match Regexp    a    message=Wrong!
    Wrong!\nThe message received by*    Received Message Should Have Frames    1    message=Wrong!
    Wrong!\nFrame 0 of the message*    Received Frame Should Equal    0    a    message=Wrong!

Too Many Or Too Few Frames
    Message Is Received    weather    sunny
    Run Keyword And Expect Error    *Expected 1 frame, received 2 frames.*Frame 1 ≠ not expected: 'sunny'
    ...    Received Message Should Equal    weather
    Run Keyword And Expect Error
    ...    *Expected 3 frames, received 2 frames.*Frame 2 ≠ expected: 'x', but the message ends
    ...    Received Message Should Equal
    ...    weather
    ...    sunny
    ...    x

What Is Not Printable Is Shown As Escapes
    Message Is Received    ${{b'a\x00\n\xffb'}}
    Run Keyword And Expect Error    *received: 'a\\x00\\n\\xffb'*    Received Message Should Equal    a

Json Compares Values
    Message Is Received    {"b": [1, 2], "a": 1.0}
    Received Message Should Equal    {"a":1,"b":[1,2]}    format=JSON
    Received Message Should Equal    ${{{'a': 1, 'b': [1, 2]}}}    format=JSON
    Received Message Should Not Equal    {"a": 1, "b": [2, 1]}    format=JSON
    Received Message Should Not Equal    {"a":1,"b":[1,2]}

Text Compares Bytes
    Message Is Received    00 ff
    Received Message Should Not Equal    00FF
    Received Message Should Equal    30 30 20 66 66    format=HEX
    Received Message Should Equal    ${{b'00 ff'}}    format=BYTES

Containing
    Message Is Received    weather    {"state": "sunny", "degrees": {"day": 25, "night": 12}}
    Received Message Should Contain    eath
    Received Message Should Contain    "sunny"
    Received Message Should Contain    {"degrees": {"day": 25}}    format=JSON
    Received Message Should Contain    77 65    format=HEX
    Run Keyword And Expect Error
    ...    No frame of the message received by 'sink' (PULL) contains 'rain'.*Received: 'weather'*
    ...    Received Message Should Contain
    ...    rain

Matching
    Message Is Received    job-17    done in 25 ms
    Received Message Should Match    job-??    done*
    Received Message Should Match    *    *
    Received Message Should Match Regexp    ^job-[0-9]+$    \\d+ ms$
    Run Keyword And Expect Error    The message received by 'sink' (PULL) does not match.*
    ...    Received Message Should Match    job-?    *
    Run Keyword And Expect Error    The message received by 'sink' (PULL) does not match.*
    ...    Received Message Should Match    job-*
    Run Keyword And Expect Error    The message received by 'sink' (PULL) does not match.*
    ...    Received Message Should Match Regexp    ^ob    *

Number Of Frames
    Message Is Received    a    b    c
    Received Message Should Have Frames    3
    Run Keyword And Expect Error    The message received by 'sink' (PULL) has 3 frames, expected 2.*
    ...    Received Message Should Have Frames    2

One Frame
    Message Is Received    a    {"n": 1}    ${{b'\xff'}}
    Received Frame Should Equal    0    a    format=BYTES
    Received Frame Should Equal    1    { "n":1 }    format=TEXT,JSON,BYTES
    Received Frame Should Equal    -1    ff    format=HEX
    Run Keyword And Expect Error    Frame 0 of the message received by 'sink' (PULL) is not as expected.*
    ...    Received Frame Should Equal    0    b

Assertion Engine
    Message Is Received    job-17    {"n": 1, "tags": ["a", "b"]}    25
    ${name}=    Get Received Frame    0
    Should Be Equal    ${name}    job-17
    Get Received Frame    0    ==    job-17
    Get Received Frame    0    !=    job-18
    Get Received Frame    0    contains    17
    Get Received Frame    0    not contains    18
    Get Received Frame    0    *=    17
    Get Received Frame    0    ^=    job
    Get Received Frame    0    $=    17
    Get Received Frame    0    matches    job-\\d+
    Get Received Frame    0    validate    value.startswith("job")
    ${number}=    Get Received Frame    0    then    int(value[4:])
    Should Be Equal    ${number}    ${17}
    Get Received Frame    1    ==    {"tags": ["a", "b"], "n": 1}    format=JSON
    Get Received Frame    -1    ==    ${25}    format=JSON
    Get Received Frame    2    >    20    format=JSON
    Run Keyword And Expect Error    Frame 0 of 'sink' (PULL)*'job-17'*'job-18'*
    ...    Get Received Frame    0    ==    job-18
    Run Keyword And Expect Error    My own text*    Get Received Frame    0    ==    job-18    message=My own text

Assertion Engine On Bytes
    Message Is Received    ${{b'\x00ab\xff'}}
    Get Received Frame    0    ==    ${{b'\x00ab\xff'}}    format=BYTES
    Get Received Frame    0    contains    ab    format=BYTES
    Get Received Frame    0    ^=    ${{b'\x00'}}    format=BYTES
    Get Received Frame    0    $=    ${{b'\xff'}}    format=BYTES
    Get Received Frame    0    ==    00 61 62 FF    format=HEX

Failures Are Explained In The Log
    [Documentation]    LOG 2.1.1 INFO GLOB: *<details><summary>Evidence: socket &#x27;sink&#x27; (PULL), *weather*sunny*
    Message Is Received    weather    sunny
    Run Keyword And Expect Error    *    Received Message Should Equal    other


*** Keywords ***
Message Is Received Between New Sockets
    [Arguments]    @{frames}
    Open Sockets    PULL    sink    PUSH    source
    Message Is Received    @{frames}

Message Is Received
    [Arguments]    @{frames}
    Send Multipart    @{frames}    socket=source
    Receive Multipart    format=BYTES    socket=sink
