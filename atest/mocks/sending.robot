*** Settings ***
Documentation    Mock servers that publish, keep heartbeats, and send on demand.

Resource         ../resources/zmq.resource

Test Teardown    Stop Peers
Test Timeout     1 minute


*** Test Cases ***
A Feed Ticks
    Start Feed    PUB    EUR
    ${start}=    Now
    Mock Publishes    EUR    {"n": "$n", "text": "no. $n at $time"}    every=20ms    count=5    format=TEXT,JSON
    @{ticks}=    Receive Messages    5    format=TEXT,JSON
    ${time}=    Evaluate    time.monotonic() - $start
    Should Be True    0.08 <= ${time} < 10
    FOR    ${n}    IN RANGE    5
        Should Be Equal    ${ticks}[${n}][1][n]    ${{$n + 1}}
        Should Start With    ${ticks}[${n}][1][text]    no. ${{$n + 1}} at 2    Its text has the number and the time.
    END
    No Message Should Be Received    within=50ms

Several Feeds At A Time
    Start Feed    XPUB    ${EMPTY}
    Mock Publishes    EUR    $n    every=10ms
    Mock Publishes    USD    $n    every=10ms
    FOR    ${n}    IN RANGE    1    4
        Wait For Message    EUR    ${n}
        Wait For Message    USD    ${n}
    END
    Mock Stops Sending
    Mock Sends    end
    Wait For Message    end
    Discard Messages
    No Message Should Be Received    within=50ms

A Subscriber In Another Process
    Start Mock Server    tcp://127.0.0.1:*    PUB    feed
    ${address}=    Get Mock Endpoint
    Start Peer    subscribe    ${address}    EUR
    Wait For Mock Peer    topic=EUR
    Mock Sends    EUR    1.07
    ${line}=    Next Line Of Peer    subscribe
    Should Be Equal    ${line}    EUR 1.07

On Demand To One Client
    ${address}=    Start Router
    Connect Zmq Socket    ${address}    DEALER    one    routing_id=one
    Connect Zmq Socket    ${address}    REQ    two    routing_id=two
    Send Message    hello    socket=one
    Send Message    hello    socket=two
    Mock Should Have Received    hello    times=2
    Mock Sends    job    1    to=one
    Mock Sends    answer    to=two
    ${job}=    Receive Multipart    socket=one
    Should Be Equal    ${job}    ${{['job', '1']}}
    ${answer}=    Receive Message    socket=two
    Should Be Equal    ${answer}    answer
    Run Keyword And Expect Error    *no peer with the routing id 'three'*    Mock Sends    job    to=three

Heartbeats To All Clients Until They Are Gone
    ${address}=    Start Router
    Mock Sends Heartbeat    beat    every=10ms
    FOR    ${name}    IN    one    two
        Connect Zmq Socket    ${address}    DEALER    ${name}    routing_id=${name}
        Send Message    hello
    END
    Receive Messages    3    socket=one
    Receive Messages    3    socket=two
    Close Zmq Socket    two
    Receive Messages    10    socket=one
    Mock Should Have No Unexpected Requests

A Pusher Waits For Its Peer
    Start Mock Server    tcp://127.0.0.1:*    PUSH    source
    Mock Sends    job 1
    Mock Sends    job 2
    ${address}=    Get Mock Endpoint
    Connect Zmq Socket    ${address}    PULL
    @{jobs}=    Receive Messages    2
    Should Be Equal    ${jobs}    ${{[['job 1'], ['job 2']]}}

What Is Sent On Demand Is Sent As It Is
    Start Mock Server    tcp://127.0.0.1:*    DEALER    source
    ${address}=    Get Mock Endpoint
    Connect Zmq Socket    ${address}    DEALER
    Mock Sends    costs $5    $price    $$    $n at $time
    ${frames}=    Receive Multipart
    Should Be Equal    ${frames}    ${{['costs $5', '$price', '$$', '$n at $time']}}
    Mock Sends    {"$set": {"a": 1}}    format=JSON
    ${update}=    Receive Message    format=JSON
    Should Be Equal    ${update}    ${{{'$set': {'a': 1}}}}

A Mock Server Can Connect
    Bind Zmq Socket    tcp://127.0.0.1:*    ROUTER    broker
    ${address}=    Get Zmq Endpoint
    Start Mock Server    ${address}    DEALER    worker    connect=yes    routing_id=worker-1
    When Mock Receives    job *    reply=done
    Mock Sends    READY
    ${ready}=    Receive Multipart
    Should Be Equal    ${ready}    ${{['worker-1', 'READY']}}
    Reply    job 1
    ${done}=    Receive Multipart
    Should Be Equal    ${done}    ${{['worker-1', 'done']}}

Connecting To Nobody Fails At Once
    ${address}=    Address Of Nobody
    Run Keyword And Expect Error    Cannot connect*    Start Mock Server    ${address}    DEALER    connect=yes
    ...    timeout=50ms
    Start Mock Server    ${address}    DEALER    connect=yes    lazy=yes

Mistakes Are Told At Once
    Start Mock Server    inproc://rep    REP    rep
    Run Keyword And Expect Error    Mock server 'rep' is a REP, which only replies.*    Mock Sends    x
    Start Mock Server    inproc://pub    PUB    pub
    Run Keyword And Expect Error    There is no $name here, only $n and $time.*    Mock Publishes    $name
    Run Keyword And Expect Error    to= is for a ROUTER*    Mock Sends    x    to=one
    Run Keyword And Expect Error    every=0 seconds cannot be used*    Mock Publishes    x    every=0
    Run Keyword And Expect Error    *has not had 1 peer of topic 'x' in 50 milliseconds; it has 0.
    ...    Wait For Mock Peer    topic=x    timeout=50ms
    Start Mock Server    inproc://router    ROUTER    router
    Run Keyword And Expect Error    *has no client to send to*    Mock Sends    x


*** Keywords ***
Start Feed
    [Arguments]    ${type}    ${topic}
    ${endpoint}=    Free Endpoint
    Start Mock Server    ${endpoint}    ${type}    feed
    ${address}=    Get Mock Endpoint
    Connect Zmq Socket    ${address}    SUB    subscribe=${topic}
    Wait For Mock Peer    topic=${topic}

Start Router
    ${endpoint}=    Free Endpoint
    Start Mock Server    ${endpoint}    ROUTER    router
    When Mock Receives    hello
    ${address}=    Get Mock Endpoint
    RETURN    ${address}
