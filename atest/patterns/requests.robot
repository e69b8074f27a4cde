*** Settings ***
Documentation    Requests and replies: REQ, REP, DEALER and ROUTER.

Resource         ../resources/zmq.resource

Test Teardown    Stop Peers
Test Timeout     1 minute


*** Test Cases ***
A Request Gets Its Reply
    Open Sockets    REP    service    REQ    client
    Send Message    ping
    ${request}=    Receive Message    socket=service
    Should Be Equal    ${request}    ping
    Reply    pong
    ${reply}=    Receive Message    socket=client
    Should Be Equal    ${reply}    pong

Several Requests In Turn
    Open Sockets    REP    service    REQ    client
    FOR    ${n}    IN RANGE    10
        Send Multipart    ping    ${n}    socket=client
        Receive Multipart    socket=service
        Reply    pong    ${n}    socket=service
        ${reply}=    Receive Multipart    socket=client
        Should Be Equal    ${reply}    ${{['pong', '${n}']}}
    END

Sending A Request Returns The Reply
    [Tags]    peer
    ${endpoint}=    Free Endpoint
    ${address}=    Start Peer    echo    REP    ${endpoint}
    Connect Zmq Socket    ${address}    REQ    client
    ${reply}=    Send Request    {"command": "list"}    format=JSON
    Should Be Equal    ${reply}[0]    ${{{'command': 'list'}}}
    ${reply}=    Send Request    one    ${2}    reply_format=BYTES
    Should Be Equal    ${reply}    ${{[b'one', b'2']}}
    Received Message Should Equal    one    2

A Dealer Sends Requests As Well
    [Tags]    peer
    ${endpoint}=    Free Endpoint
    ${address}=    Start Peer    echo    ROUTER    ${endpoint}
    Connect Zmq Socket    ${address}    DEALER    client
    ${reply}=    Send Request    one    two
    Should Be Equal    ${reply}    ${{['one', 'two']}}

A Dealer Has Several Requests On The Way
    [Tags]    peer
    ${endpoint}=    Free Endpoint
    ${address}=    Start Peer    echo    ROUTER    ${endpoint}
    Connect Zmq Socket    ${address}    DEALER    client
    FOR    ${n}    IN RANGE    10
        Send Message    ${n}
    END
    ${replies}=    Receive Messages    10
    Should Be Equal    ${replies}    ${{[[str(n)] for n in range(10)]}}

A Dealer Talks To A Rep With An Empty Frame
    [Tags]    peer
    ${endpoint}=    Free Endpoint
    ${address}=    Start Peer    echo    REP    ${endpoint}
    Connect Zmq Socket    ${address}    DEALER    client
    ${reply}=    Send Request    ${EMPTY}    hello
    Should Be Equal    ${reply}    ${{['', 'hello']}}

A Router Replies With The Envelope Of A Req
    [Tags]    peer
    ${endpoint}=    Free Endpoint
    Bind Zmq Socket    ${endpoint}    ROUTER    service
    ${address}=    Get Zmq Endpoint
    Start Peer    request    REQ    ${address}    client-7    ping
    ${request}=    Receive Multipart
    Should Be Equal    ${request}    ${{['client-7', '', 'ping']}}
    Reply    pong
    ${printed}=    Next Line Of Peer    request
    Should Be Equal    ${printed}    pong

A Router Replies With The Routing Id Of A Dealer
    [Tags]    peer
    ${endpoint}=    Free Endpoint
    Bind Zmq Socket    ${endpoint}    ROUTER    service
    ${address}=    Get Zmq Endpoint
    Start Peer    request    DEALER    ${address}    client-7    ping
    ${request}=    Receive Multipart
    Should Be Equal    ${request}    ${{['client-7', 'ping']}}
    Reply    pong    again
    ${printed}=    Next Line Of Peer    request
    Should Be Equal    ${printed}    pong again

A Router Replies To The Peer That Asked
    Open Sockets    ROUTER    service    DEALER    one
    ${address}=    Get Zmq Endpoint    socket=service
    Connect Zmq Socket    ${address}    DEALER    two
    Send Message    from one    socket=one
    Receive Multipart    socket=service
    Send Message    from two    socket=two
    Reply    to one    socket=service
    Receive Multipart    socket=service
    Reply    to two    socket=service
    ${text}=    Receive Message    socket=one
    Should Be Equal    ${text}    to one
    ${text}=    Receive Message    socket=two
    Should Be Equal    ${text}    to two

A Router Sees Routing Ids That Are No Text
    Open Sockets    ROUTER    service    REQ    client
    Send Message    {"n": 1}    socket=client
    ${request}=    Receive Multipart    socket=service
    Should Be Equal    ${request}[2]    {"n": 1}
    Should Be True    isinstance($request[0], bytes)
    ${request}=    Get Received Message    format=BYTES,EMPTY,JSON
    Should Be Equal    ${request}[2]    ${{{'n': 1}}}
    Reply    {"n": 2}    format=JSON
    ${reply}=    Receive Message    format=JSON    socket=client
    Should Be Equal    ${reply}    ${{{'n': 2}}}

A Routing Id Is Given When Connecting
    ${endpoint}=    Free Endpoint
    Bind Zmq Socket    ${endpoint}    ROUTER    service
    ${address}=    Get Zmq Endpoint
    Connect Zmq Socket    ${address}    DEALER    client    routing_id=client-7
    Send Message    hello
    ${message}=    Receive Multipart    socket=service
    Should Be Equal    ${message}    ${{['client-7', 'hello']}}
    Send Multipart    client-7    welcome    socket=service
    ${text}=    Receive Message    socket=client
    Should Be Equal    ${text}    welcome

A Lost Reply Is Survived By A Relaxed Req
    Open Sockets    REP    service    REQ    client    req_relaxed=yes    req_correlate=yes
    Send Message    lost
    Run Keyword And Expect Error
    ...    No message from 'client' (REQ, *) in 100 milliseconds.*The reply to the request sent *
    ...    Receive Message
    ...    timeout=100ms
    Receive Message    socket=service
    Reply    too late    socket=service
    Send Message    second    socket=client
    Receive Message    socket=service
    Reply    in time    socket=service
    ${reply}=    Receive Message    socket=client
    Should Be Equal    ${reply}    in time

Pairs Talk In Both Directions
    Open Sockets    PAIR    one    PAIR    two
    Send Message    from two    socket=two
    Send Message    from one    socket=one
    ${text}=    Receive Message    socket=one
    Should Be Equal    ${text}    from two
    Reply    back    socket=one
    ${texts}=    Receive Messages    2    socket=two
    Should Be Equal    ${texts}    ${{[['from one'], ['back']]}}

A Peer Comes Back With Its Routing Id
    ${address}=    Open Sockets    ROUTER    service    DEALER    client    routing_id=worker-1
    FOR    ${n}    IN RANGE    20
        Send Message    ping ${n}    socket=client
        ${request}=    Receive Multipart    socket=service
        Should Be Equal    ${request}    ${{['worker-1', 'ping ${n}']}}
        Reply    pong ${n}    socket=service
        ${reply}=    Receive Message    socket=client
        Should Be Equal    ${reply}    pong ${n}
        Close Zmq Socket    client
        Connect Zmq Socket    ${address}    DEALER    client    routing_id=worker-1
    END

A Stream Socket Talks To A Plain Tcp Peer
    [Tags]    peer    tcp
    ${address}=    Start Peer    not_zeromq    HTTP
    Open Zmq Socket    STREAM    web
    Connect To Endpoint    ${address}    lazy=yes
    ${connected}=    Receive Multipart
    Should Be Equal    ${connected}[1]    ${EMPTY}
    ${answer}=    Receive Multipart
    Should Start With    ${answer}[1]    HTTP/1.1 400    Not a web server: ${answer}

A Stream Socket Replies
    [Tags]    tcp
    Bind Zmq Socket    tcp://127.0.0.1:*    STREAM    service
    ${address}=    Get Zmq Endpoint
    Open Zmq Socket    STREAM    client
    Connect To Endpoint    ${address}    lazy=yes
    ${connected}=    Receive Multipart    socket=client
    Send Multipart    ${connected.frames}[0]    hello    format=BYTES    socket=client
    ${request}=    Receive Messages    2    socket=service
    Should Be Equal    ${request}[1][1]    hello
    Reply    and hello to you    socket=service
    ${answer}=    Receive Multipart    socket=client
    Should Be Equal    ${answer}[1]    and hello to you
