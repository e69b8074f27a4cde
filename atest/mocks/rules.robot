*** Settings ***
Documentation    What mock servers answer.

Resource         ../resources/zmq.resource

Test Teardown    Stop Peers
Test Timeout     1 minute


*** Test Cases ***
A Client In Another Process Is Answered
    ${address}=    Start Server    REP
    When Mock Receives    one    reply=first
    When Mock Receives    two    reply=second
    Start Peer    request    REQ    ${address}    client-1    one    two
    ${line}=    Next Line Of Peer    request
    Should Be Equal    ${line}    first
    ${line}=    Next Line Of Peer    request
    Should Be Equal    ${line}    second
    Mock Should Have No Unexpected Requests

Rules Are Tried In Order
    Start Client And Server    REP    REQ
    When Mock Receives    a*    reply=first
    When Mock Receives    ab*    reply=second
    When Mock Receives    reply=any
    Answer Should Be    abc    first
    Answer Should Be    b    any

Times That Are Used Up Fall Through
    Start Client And Server    REP    REQ
    When Mock Receives    ping    reply=busy    times=2
    When Mock Receives    ping    reply=pong
    Answer Should Be    ping    busy
    Answer Should Be    ping    busy
    Answer Should Be    ping    pong
    Answer Should Be    ping    pong

A Rule For The Same Requests Takes The Place Of The Older One
    Start Client And Server    REP    REQ
    When Mock Receives    ping    reply=old
    Answer Should Be    ping    old
    When Mock Receives    ping    reply=new
    Answer Should Be    ping    new

The Default Is For What No Rule Takes
    Start Client And Server    REP    REQ
    Mock Replies By Default    what?
    When Mock Receives    ping    reply=pong
    Answer Should Be    ping    pong
    Answer Should Be    pang    what?
    Mock Should Have No Unexpected Requests

Groups And Names Of Regular Expressions
    Start Client And Server    REP    REQ
    When Mock Receives    ^(?P<verb>[A-Z]+) (.+)$    match=REGEXP    reply=$verb done: $2, $$1 each, no. $n
    Answer Should Be    ADD two apples    ADD done: two apples, $1 each, no. 1
    Answer Should Be    DEL it    DEL done: it, $1 each, no. 2

Json Keeps Types
    Start Client And Server    REP    REQ    format=JSON
    VAR    &{reply}=    id=$id    items=$items    text=no. $id of \${order.name}    time=$time
    Set To Dictionary    ${reply}    total=\${order.total}
    When Mock Receives    {"command": "l*"}    reply=${reply}
    ${answer}=    Send Request
    ...    {"command": "list", "id": 7, "items": [1, true], "order": {"total": 1.5, "name": "x"}}
    ...    format=JSON
    Should Be Equal    ${answer}[0][id]    ${7}
    Should Be Equal    ${answer}[0][items]    ${{[1, True]}}
    Should Be Equal    ${answer}[0][total]    ${1.5}
    Should Be Equal    ${answer}[0][text]    no. 7 of x
    Should Match Regexp    ${answer}[0][time]    ^\\d{4}-\\d\\d-\\d\\dT

Json Text May Have Names Without Quotes
    Start Client And Server    REP    REQ    format=JSON
    When Mock Receives    reply={"id": $id, "price": "$$5", "echo": "$frame0"}
    ${answer}=    Send Request    {"id": [1]}    format=JSON
    Should Be Equal    ${answer}[0][id]    ${{[1]}}
    Should Be Equal    ${answer}[0][price]    $5

An Error Is A Reply
    Start Client And Server    REP    REQ    format=JSON
    When Mock Receives    error=not found
    ${answer}=    Send Request    {}    format=JSON
    Should Be Equal    ${answer}[0]    ${{{'error': 'not found'}}}

Frames Go Back As They Came
    Start Client And Server    REP    REQ
    When Mock Receives    echo    reply=$frames
    VAR    @{swapped}=    $frame1    $frame0
    When Mock Receives    swap    reply=${swapped}
    ${answer}=    Send Request    echo    ${{b'\xff\x00'}}    ${EMPTY}    reply_format=BYTES
    Should Be Equal    ${answer}    ${{[b'echo', b'\xff\x00', b'']}}
    ${answer}=    Send Request    swap    b
    Should Be Equal    ${answer}    ${{['b', 'swap']}}

A Slow Answer Holds Up Nobody
    ${address}=    Start Server    REP
    When Mock Receives    slow    reply=late    delay=2s
    When Mock Receives    fast    reply=early
    Connect Zmq Socket    ${address}    REQ    first
    Connect Zmq Socket    ${address}    REQ    second
    Send Message    slow    socket=first
    Mock Should Have Received    slow
    Send Request    fast    socket=second
    ${nothing}=    Try To Receive Message    socket=first
    Should Be Equal    ${nothing}    ${None}
    ${answer}=    Receive Message    socket=first
    Should Be Equal    ${answer}    late

A Router Keeps The Envelope
    ${address}=    Start Server    ROUTER
    When Mock Receives    hello *    reply=hello, client
    Connect Zmq Socket    ${address}    DEALER    dealer    routing_id=dealer
    Connect Zmq Socket    ${address}    REQ    requester    routing_id=requester
    ${answer}=    Send Request    hello from REQ    socket=requester
    Should Be Equal    ${answer}    ${{['hello, client']}}
    ${answer}=    Send Request    hello from DEALER    socket=dealer
    Should Be Equal    ${answer}    ${{['hello, client']}}
    @{requests}=    Get Mock Requests
    Should Be Equal    ${requests}[0]    ${{['hello from REQ']}}
    Should Be Equal    ${requests[0].routing_id}    ${{b'requester'}}
    Should Be Equal    ${requests[1].envelope}    ${{(b'dealer',)}}

A Request Without Delimiter Is Ignored By A Rep As Always
    Start Client And Server    REP    DEALER
    When Mock Receives    reply=never
    Send Message    no delimiter
    Wait For Mock Request
    Run Keyword And Expect Error    *a REP ignores it*    Mock Should Have No Unexpected Requests
    Send Multipart    ${EMPTY}    with delimiter
    ${answer}=    Receive Multipart
    Should Be Equal    ${answer}    ${{['', 'never']}}

Pair Dealer And Pull
    Start Client And Server    PAIR    PAIR
    When Mock Receives    ping    reply=pong
    Answer Of Pair Should Be    ping    pong
    Start Client And Server    DEALER    DEALER
    When Mock Receives    ping    reply=pong
    Answer Of Pair Should Be    ping    pong
    Start Client And Server    PULL    PUSH
    When Mock Receives    job *
    Send Message    job 1
    Mock Should Have Received    job 1
    Run Keyword And Expect Error    A mock server of type PULL cannot reply*    When Mock Receives    job    reply=no

A Subscription Is A Request
    ${address}=    Start Server    XPUB
    When Mock Receives    \x01prices    match=EXACT    reply=prices are here
    Connect Zmq Socket    ${address}    SUB    subscribe=prices
    ${text}=    Receive Message
    Should Be Equal    ${text}    prices are here
    Connect Zmq Socket    ${address}    SUB    subscribe=other
    Wait For Mock Peer    topic=other
    Mock Should Have No Unexpected Requests

A Function Answers
    Start Client And Server    REP    REQ
    Mock Calls    ${{lambda request: [request[0].upper(), len(request)]}}
    ${answer}=    Send Request    abc
    Should Be Equal    ${answer}    ${{['ABC', '1']}}

A Function Is Named
    Start Client And Server    REP    REQ
    Mock Calls    builtins.len
    ${answer}=    Send Request    a    b
    Should Be Equal    ${answer}    ${{['2']}}
    Run Keyword And Expect Error
    ...    *not 'no.such'. It cannot be imported: ModuleNotFoundError*
    ...    Mock Calls
    ...    no.such

Functions That Raise Or Hang Harm Nobody
    Keyword Should Pass Once In Several Tries    Functions Raise And Hang And Harm Nobody

What Nobody Wants Is Kept And Warned About
    Start Client And Server    REP    REQ    req_relaxed=yes
    When Mock Receives    ping    reply=pong
    Send Message    pang
    Mock Should Have Received    pang
    Run Keyword And Expect Error    GLOB:Mock server 'server' has received what was not expected*'pang'*
    ...    Mock Should Have No Unexpected Requests
    Answer Should Be    ping    pong

Names That A Request Does Not Have Are Told
    Start Client And Server    REP    REQ    req_relaxed=yes    req_correlate=yes
    When Mock Receives    reply=$name
    Send Message    {"n": 1}
    Wait For Mock Request
    Run Keyword And Expect Error    *the request has no field $name*    Mock Should Have No Unexpected Requests
    Answer Should Be    {"name": "x"}    x

Rules Without Patterns Fit A Layout
    Define Message Layout    cmd    magic=LITERAL:CMD    seq=U32LE    body=JSON
    Start Client And Server    ROUTER    DEALER    format=cmd
    When Mock Receives    CMD    1
    Mock Keeps Silent    times=0
    Mock Disconnects    times=0
    Mock Calls    ${{lambda request: ['CMD', request.seq + 1, {'got': request.body}]}}
    ${answer}=    Send Request    layout=cmd    seq=6    body={"op": "add"}
    Should Be Equal    ${answer.seq}    ${7}
    Should Be Equal    ${answer.body}    ${{{'got': {'op': 'add'}}}}
    Mock Replies By Default    CMD    9    {"of": "$op"}
    ${answer}=    Send Request    layout=cmd    seq=6    body={"op": "add"}
    Should Be Equal    ${answer.body}    ${{{'of': 'add'}}}
    When Mock Receives    reply=${{['CMD', 2, {}]}}
    ${answer}=    Send Request    layout=cmd    seq=6    body={"op": "add"}
    Should Be Equal    ${answer.seq}    ${2}

A Spy Of Messages With A Layout
    Define Message Layout    cmd    magic=LITERAL:CMD    seq=U32LE    body=JSON
    Start Mock Server    inproc://real    REP    real    format=cmd
    Mock Replies By Default    CMD    5    {}
    Start Client And Server    ROUTER    REQ    format=cmd
    Mock Forwards To    inproc://real    mock=server
    ${answer}=    Send Request    layout=cmd    seq=6    body={}
    Should Be Equal    ${answer.seq}    ${5}

Mistakes In Rules Are Told At Once
    Start Server    REP
    Run Keyword And Expect Error    The reply names $1, but the patterns have no groups.*
    ...    When Mock Receives    a(b)    reply=$1
    Run Keyword And Expect Error    The reply names $2, but the patterns have 1 group. Groups are parts of patterns*
    ...    When Mock Receives    a(b)    reply=$2    match=REGEXP
    Run Keyword And Expect Error    Give either reply= or error=*    When Mock Receives    a    reply=1    error=2
    Run Keyword And Expect Error    '(' is not a regular expression*    When Mock Receives    (    match=REGEXP
    Run Keyword And Expect Error    times=-1 cannot be used*    When Mock Receives    a    times=-1
    Run Keyword And Expect Error    *cannot be sent as JSON*    When Mock Receives    reply=no json    format=JSON
    Run Keyword And Expect Error
    ...    Mock Calls takes a function, such as \${{my_module.answer}}*
    ...    Mock Calls
    ...    a name
    Run Keyword And Expect Error    A mock server cannot be of type REQ*    Start Mock Server    inproc://x    REQ
    Run Keyword And Expect Error    There is no mock server 'nobody'. Open: server.    Mock Keeps Silent    mock=nobody
    Start Server    PUB
    Run Keyword And Expect Error    A mock server of type PUB receives no messages*    When Mock Receives    a


*** Keywords ***
Functions Raise And Hang And Harm Nobody
    ${address}=    Start Server    REP
    VAR    ${hang}=    ${{threading.Event()}}
    Mock Calls    ${{lambda request: 1/0}}    raise
    Mock Calls    ${{functools.partial(lambda event, _: event.wait(), $hang)}}    hang    timeout=50ms
    Mock Calls    ${{lambda request: 'fine'}}
    Connect Zmq Socket    ${address}    REQ    client    req_relaxed=yes    req_correlate=yes
    Run Keyword And Expect Error    No message*    Send Request    raise    timeout=100ms
    Run Keyword And Expect Error    No message*    Send Request    hang    timeout=100ms
    Answer Should Be    other    fine
    Run Keyword And Expect Error    *'raise'*ZeroDivisionError*'hang'*has not returned in 50 milliseconds*
    ...    Mock Should Have No Unexpected Requests
    ${start}=    Now
    Stop Mock Server
    Less Time Should Have Passed Than    0.5    ${start}
    [Teardown]    Evaluate    $hang.set()

Start Server
    [Arguments]    ${type}    &{options}
    ${endpoint}=    Free Endpoint
    Start Mock Server    ${endpoint}    ${type}    server    &{options}
    ${address}=    Get Zmq Endpoint    socket=server
    RETURN    ${address}

Start Client And Server
    [Arguments]    ${server type}    ${client type}    ${format}=${None}    &{options}
    ${address}=    Start Server    ${server type}    format=${format}
    Connect Zmq Socket    ${address}    ${client type}    client    &{options}

Answer Should Be
    [Arguments]    ${request}    ${expected}
    ${answer}=    Send Request    ${request}
    Should Be Equal    ${answer}    ${{[$expected]}}

Answer Of Pair Should Be
    [Arguments]    ${request}    ${expected}
    Send Message    ${request}
    ${answer}=    Receive Message
    Should Be Equal    ${answer}    ${expected}
