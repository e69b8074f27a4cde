*** Settings ***
Documentation    Patterns: texts like themselves, lists like objects, fields of layouts, and one rule for JSON text.

Resource         ../resources/zmq.resource

Test Setup       Open Sockets    PULL    sink    PUSH    source
Test Timeout     1 minute


*** Test Cases ***
A Text Is Always Like Itself
    FOR    ${text}    IN    [1, 2]    [ERROR] disk full    a[b-a]c    *[!
        Send Message    ${text}    socket=source
        Wait For Message    ${text}    socket=sink
    END
    Send Message    [ERROR] disk full    socket=source
    Wait For Message    [ERROR]*    socket=sink

A Glob With Brackets That Fails Says How It Is Read
    Send Message    [DEBUG] all is well    socket=source
    Message Should Come    sink
    Run Keyword And Expect Error    *is not like '[[]ERROR]?'*one of the characters*match=EXACT*
    ...    Wait For Message    [ERROR]*    socket=sink    timeout=50ms

Lists Are Patterns
    FOR    ${format}    IN    JSON    MSGPACK    CBOR
        Send Message    ["spawn", "worker", {"n": 1, "m": 2}]    format=${format}    socket=source
        Wait For Message    ["spawn", "*", "*"]    format=${format}    socket=sink
        Received Message Should Match    ["s*", "worker", {"n": 1}]    format=${format}
        Run Keyword And Expect Error    *$[[]0]: expected "stop", received "spawn"*
        ...    Received Message Should Match    ["stop", "*", "*"]    format=${format}
        Run Keyword And Expect Error    *2 items*3 items*
        ...    Received Message Should Match    ["spawn", "*"]    format=${format}
    END

One Rule For Json Text
    FOR    ${format}    IN    JSON    MSGPACK    CBOR
        Send Message    {"a": 1}    format=${format}    socket=source
        Wait For Message    {"a": 1}    format=${format}    socket=sink
        ${value}=    Get Received Message    format=${format}
        Should Be Equal    ${value}[0]    ${{ {'a': 1} }}
        Send Message    {"a": 1}    format=${format}:TEXT    socket=source
        Wait For Message    {"a": *}    format=${format}:TEXT    socket=sink
        ${value}=    Get Received Message    format=${format}
        Should Be Equal    ${value}[0]    {"a": 1}
    END

Mock Servers Have The Same Rule
    Start Mock Server    inproc://rule    REP    rule    format=MSGPACK
    When Mock Receives    {"cmd": "add"}    reply={"ok": true, "id": "$id"}
    When Mock Receives    ["echo", "*"]    reply=["echo", {"n": $n}]
    When Mock Receives    reply=$text
    Connect Zmq Socket    inproc://rule    REQ
    ${reply}=    Send Request    {"cmd": "add", "id": 4}    format=MSGPACK
    Should Be Equal    ${reply}[0]    ${{ {'ok': True, 'id': 4} }}
    ${reply}=    Send Request    ["echo", 5]    format=MSGPACK
    Should Be Equal    ${reply}[0]    ${{ ['echo', {'n': 1}] }}
    ${reply}=    Send Request    {"text": "{\\"a\\": 1}"}    format=MSGPACK
    Should Be Equal    ${reply}[0]    {"a": 1}

Fields Of A Layout
    Define Message Layout    job    ids=BYTES...    delimiter=EMPTY    header=JSON    body=MSGPACK
    FOR    ${ids}    IN    ${{[]}}    ${{['a']}}    ${{['a', 'b', 'c']}}
        Send Multipart    layout=job    ids=${ids}    header={"msg_type": "other"}    body=1    socket=source
        Send Multipart    layout=job    ids=${ids}    header={"msg_type": "status", "n": 1}    body=2    socket=source
        ${message}=    Wait For Message    layout=job    header={"msg_type": "status"}    socket=sink
        Should Be Equal    ${message.body}    2
        No Message Should Be Received    layout=job    header={"msg_type": "status"}    socket=sink    within=10ms
        Run Keyword And Expect Error
        ...    *of layout 'job' with header*Field 'header' (frame *$.msg_type: expected "error"*
        ...    Wait For Message
        ...    layout=job
        ...    header={"msg_type": "error"}
        ...    socket=sink
        ...    timeout=10ms
        Receive Multipart    layout=job    socket=sink
    END
    Set Default Zmq Format    job    sink
    Start Collecting Messages    sink
    Send Multipart    layout=job    ids=${{['a', 'b']}}    header={"n": 1}    body={"x": 1}    socket=source
    ${message}=    Wait For Collected Message    body={"x": 1}    ids=b
    Should Be Equal    ${message.header}[n]    ${1}
    Collected Messages Should Contain    layout=job    header={"n": 1}
    Collected Messages Should Not Contain    layout=job    header={"n": 2}
    @{messages}=    Get Collected Messages    layout=job    body={"x": 1}
    Length Should Be    ${messages}    1

Fields Of The Received Message
    Define Message Layout    job    ids=BYTES...    delimiter=EMPTY    header=JSON    name=TEXT
    Send Multipart    layout=job    ids=${{['a', 'b']}}    header={"n": 1}    name=job-17    socket=source
    Receive Multipart    socket=sink
    Received Message Should Match    layout=job    header={"n": 1}    name=job-??    ids=b
    Received Message Should Match    format=job    name=*7
    Received Message Should Match Regexp    layout=job    name=^job-[0-9]+$
    Run Keyword And Expect Error    *Field 'header' (frame 3): *$.n: expected 2, received 1*
    ...    Received Message Should Match    layout=job    header={"n": 2}
    Run Keyword And Expect Error    *has no field 'heeder'. Did you mean 'header'?*
    ...    Received Message Should Match    layout=job    heeder={"n": 1}
    Run Keyword And Expect Error    Give all patterns by their position, or all as field=pattern.*
    ...    Received Message Should Match    a    layout=job    name=a
    Send Message    a=1    socket=source
    Receive Message    socket=sink
    Received Message Should Match    a=?

Mock Servers Reply By Field
    Define Message Layout    task    ids=TEXT...    delimiter=EMPTY    header=JSON
    Start Mock Server    inproc://tasks    PAIR    tasks    format=task
    Connect Zmq Socket    inproc://tasks    PAIR    client
    Mock Replies By Default    {"header": {"type": "$type", "n": "$n"}, "ids": ["z"]}
    When Mock Receives    header={"type": "dict"}    reply=${{ {'header': {'type': 'by field'}} }}
    FOR    ${type}    ${n}    IN    any    ${1}    dict    ${None}    many    ${2}
        Send Multipart    layout=task    header={"type": "${type}"}
        ${reply}=    Receive Multipart    layout=task
        Should Be Equal    ${reply.header.get('n')}    ${n}
    END
    When Mock Receives    header={"type": "echo"}    reply={"header": {"type": "reply", "of": "$header"}}
    Send Multipart    layout=task    header={"type": "echo", "id": 5}
    ${reply}=    Receive Multipart    layout=task
    Should Be Equal    ${reply.header}[of]    ${{ {'type': 'echo', 'id': 5} }}
    Run Keyword And Expect Error    Layout 'task' has no field 'heeder'. Did you mean 'header'?*
    ...    When Mock Receives    header={"type": "x"}    reply={"heeder": {}}

Mock Servers Know Fields
    Define Message Layout    task    ids=TEXT...    delimiter=EMPTY    header=JSON
    Start Mock Server    inproc://tasks    PAIR    tasks    format=task
    When Mock Receives    header={"type": "ping"}    reply=${{ ['', '{"type": "pong"}'] }}
    When Mock Receives    layout=task    ids=b    reply=${{ ['b', '', '{"n": "$n"}'] }}
    Connect Zmq Socket    inproc://tasks    PAIR    client
    Send Multipart    layout=task    ids=${{['x', 'y']}}    header={"type": "ping"}
    ${reply}=    Receive Multipart    layout=task
    Should Be Equal    ${reply.header}[type]    pong
    Send Multipart    layout=task    ids=${{['a', 'b']}}    header={"type": "other"}
    ${reply}=    Receive Multipart    layout=task
    Should Be Equal    ${reply.header}[n]    ${1}
    Mock Should Have Received    header={"type": "p*"}    times=1
    Mock Should Not Have Received    header={"type": "q*"}
    ${request}=    Wait For Mock Request    header={"type": "ping"}
    Should Be Equal    ${request.ids}    ${{['x', 'y']}}
    Run Keyword And Expect Error    *Field 'header'*expected "q", received "ping"*
    ...    Mock Should Have Received    header={"type": "q"}    timeout=0
