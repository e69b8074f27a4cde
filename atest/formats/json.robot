*** Settings ***
Documentation    Checking the JSON in the message received last.

Resource         ../resources/zmq.resource

Test Setup       Document Is Received
Test Timeout     1 minute


*** Variables ***
${DOCUMENT}    {"id": 7, "ok": true, "rate": 1.0, "tags": ["a", "b"], "items": [{"n": 1, "t": 5}, {"n": 2, "t": 6}]}


*** Test Cases ***
Equal
    Received Json Should Equal    ${DOCUMENT}
    ${value}=    Evaluate    json.loads($DOCUMENT)
    Received Json Should Equal    ${value}
    Received Json Should Equal
    ...    {"rate": 1, "id": 7, "ok": true, "tags": ["b", "a"], "items": [{"n": 2}, {"n": 1}]}
    ...    ignore=$.items[*].t    ignore_order=yes

Paths To Ignore Are A List Or A Text
    VAR    ${expected}=    {"rate": 2, "id": 8, "ok": true, "tags": ["b", "a"], "items": [{"n": 2}, {"n": 1}]}
    VAR    @{paths}=    $..t    rate    id
    FOR    ${ignore}    IN    ${paths}    $..t, rate, id    ["$..t", "rate", "id"]
        Received Json Should Equal    ${expected}    ignore=${ignore}    ignore_order=yes
    END

Differences Are Shown By Path
    VAR    ${error}=
    ...    Frame 1 of the message received by 'sink' (PULL) is not the expected JSON:
    ...    ${SPACE}$.id: expected "7", received 7
    ...    ${SPACE}$.items[1].n: expected 3, received 2
    ...    ${SPACE}$.new: expected 1, but it is missing
    ...    ${SPACE}$.ok: expected 1, received true
    ...    ${SPACE}$.rate: not expected, received 1
    ...    separator=\n${SPACE}
    Run Keyword And Expect Error    STARTS:${error}\nReceived: {"id": 7,    Received Json Should Equal
    ...    {"id": "7", "ok": 1, "new": 1, "tags": ["a", "b"], "items": [{"n": 1, "t": 5}, {"n": 3, "t": 6}]}

Order And Repetition
    Send Message    [1, 1, 2]    socket=source
    Receive Message    socket=sink
    Received Json Should Equal    [2, 1, 1]    ignore_order=yes
    Run Keyword And Expect Error    *expected * 2 times, received 1 times*
    ...    Received Json Should Equal    [1, 2, 2]    ignore_order=yes
    Run Keyword And Expect Error    *expected 2, received 1*    Received Json Should Equal    [2, 1, 1]

Contain
    Received Json Should Contain    {"items": [{"n": 2}], "tags": ["b"]}
    Run Keyword And Expect Error    Mine!\n*does not contain the expected JSON:\n*$.id: expected 8, received 7*
    ...    Received Json Should Contain    {"id": 8}    message=Mine!
    Run Keyword And Expect Error    The expected value is not JSON: Expecting value (byte offset 0)*
    ...    Received Json Should Contain    nonsense

Schema
    VAR    &{integer}=    type=integer
    VAR    &{properties}=    id=${integer}
    VAR    &{schema}=    properties=${properties}    required=${{['id']}}
    Received Json Should Match Schema    ${schema}
    Create File    ${OUTPUT DIR}/zmq schema.json    {"properties": {"id": {"$ref": "zmq%20part.json"}}}
    Create File    ${OUTPUT DIR}/zmq part.json    {"type": "string"}
    Run Keyword And Expect Error    *does not fit the schema:\n*$.id: 7 is not of type 'string'\nReceived: {"id": 7,*
    ...    Received Json Should Match Schema    ${OUTPUT DIR}/zmq schema.json
    [Teardown]    Remove Files    ${OUTPUT DIR}/zmq schema.json    ${OUTPUT DIR}/zmq part.json

What Is No Schema
    [Template]    Run Keyword And Expect Error
    The schema is not a JSON schema: $.type: *    Received Json Should Match Schema    {"type": "strin"}
    The schema file nowhere.json cannot be read: *    Received Json Should Match Schema    nowhere.json
    *http://example.com/x*    Received Json Should Match Schema    {"$ref": "http://example.com/x"}

Reading By Path
    Get Received Json    $.id    ==    7
    Get Received Json    $.ok    ==    true
    Get Received Json    $.tags[0]    ==    a
    Get Received Json    $.tags    contains    b
    Get Received Json    $.items[*].n    ==    [1, 2]
    Get Received Json    $.items[?(@.n > 1)].t    ==    [6]
    ${sum}=    Get Received Json    $.items    then    sum(item["t"] for item in value)
    Should Be Equal    ${sum}    ${11}
    Run Keyword And Expect Error    There is nothing at $.nowhere in *    Get Received Json    $.nowhere
    Run Keyword And Expect Error    '$.[' is not a JSONPath: *    Get Received Json    $.[
    Run Keyword And Expect Error    $.id in Frame 1 of * '7' (int) should be '8' (int)
    ...    Get Received Json    $.id    ==    8

True Is Not The Number One
    Send Message    {"count": true, "flags": [true, false], "n": 1}    socket=source
    Receive Message    socket=sink
    FOR    ${path}    ${operator}    ${expected}    IN
    ...    $.count    ==    1
    ...    $.flags    ==    [1, 0]
    ...    $    ==    {"count": 1, "flags": [true, false], "n": 1}
    ...    $.flags    contains    1
    ...    $.count    >=    1
        Run Keyword And Expect Error    ${path} in Frame 0 of * should *
        ...    Get Received Json    ${path}    ${operator}    ${expected}
    END
    Get Received Json    $.count    !=    1
    Get Received Json    $.flags    not contains    1
    Get Received Json    $.n    ==    1.0
    Get Received Json    $    ==    {"n": 1.0, "flags": [true, false], "count": true}

A Frame That Is Not Json
    Run Keyword And Expect Error    Frame 0 is not JSON: *    Get Received Json    frame=0
    Run Keyword And Expect Error    *there is no frame 2*    Get Received Json    frame=2

Other Formats Are Compared In The Same Way
    Send Message    ${{{'a': [1]}}}    format=MSGPACK    socket=source
    Receive Message    format=MSGPACK    socket=sink
    Received Json Should Equal    {"a": [1]}    format=MSGPACK


*** Keywords ***
Document Is Received
    Open Sockets    PULL    sink    PUSH    source
    Send Multipart    document    ${DOCUMENT}    socket=source
    Receive Multipart    socket=sink
