*** Settings ***
Documentation    A proxy makes connections slow, silent, short-lived or impossible, over tcp and ipc.

Resource         ../resources/zmq.resource

Test Setup       Start Service Behind Proxy
Test Timeout     1 minute


*** Test Cases ***
Latency Is Added In One Direction
    Ask    warm up
    Proxy Adds Latency    200ms    jitter=50ms    direction=TO_CLIENT    name=slow
    ${began}=    Now
    Ask    hello
    ${now}=    Now
    Should Be True    ${now} - ${began} >= 0.15
    Proxy Fault Should Have Acted    slow    times=1

Silence Ends And Nothing Is Lost
    Ask    warm up
    Proxy Goes Silent    lasting=300ms    name=dark
    Ask    hello
    @{faults}=    Get Proxy Faults
    Should Be True    ${faults[0].over}

Connections Are Cut And Come Back
    Ask    warm up
    ${count}=    Proxy Cuts Connections
    Should Be Equal    ${count}    ${1}
    Wait For Zmq Event    DISCONNECTED    socket=client
    Wait For Zmq Event    HANDSHAKE_SUCCEEDED    socket=client
    Ask    hello
    @{connections}=    Get Proxy Connections
    Should Be Equal    ${{[connection.open for connection in $connections]}}    ${{[False, True]}}

Slow Thin And Sliced All At Once
    Proxy Limits Bandwidth    50_000
    Proxy Slices Data    size=5    pause=1ms
    Proxy Adds Latency    10ms
    Ask    ${{'x' * 500}}
    @{faults}=    Get Proxy Faults
    Should Be True    all(fault.acted for fault in $faults)

A Fault Is For Some Clients Only
    ${address}=    Get Proxy Endpoint
    Connect Zmq Socket    ${address}    DEALER    slow    routing_id=slow-1
    Proxy Goes Silent    client=slow-*    name=dark
    Send Multipart    ${EMPTY}    hello    socket=slow
    Ask    hello
    Remove Proxy Fault    dark
    Switch Zmq Socket    slow
    ${reply}=    Receive Multipart
    Should Be Equal    ${reply}[1]    hello

Errors Say That The Target Is Not There
    Start Proxy    tcp://127.0.0.1:1    alias=gone
    ${address}=    Get Proxy Endpoint    gone
    Connect Zmq Socket    ${address}    SUB    waiting    subscribe=a    lazy=yes
    VAR    ${gone}=    *${\n}The target tcp://127.0.0.1:1 cannot be reached (Connection refused).*
    Wait Until Keyword Succeeds    30s    10ms
    ...    Run Keyword And Expect Error    ${gone}    Proxy Should Have Seen    a
    Run Keyword And Expect Error    ${gone}    Wait For Proxy Message    a    timeout=0s
    Run Keyword And Expect Error    ${gone}    Wait For Subscription At Proxy    a    timeout=0s

Wrong Values Are Refused
    [Template]    Run Keyword And Expect Error
    latency=-1*    Proxy Adds Latency    -1s
    jitter=*    Proxy Adds Latency    1s    jitter=2s
    bytes_per_second=0*    Proxy Limits Bandwidth    0
    size=0*    Proxy Slices Data    0
    bytes=-1*    Proxy Closes After    -1
    reset takes yes or no, not 'perhaps'.    Proxy Cuts Connections    reset=perhaps
    *TO_CLIENT*    Proxy Goes Silent    direction=SIDEWAYS
    *inproc*    Start Proxy    inproc://x
    *has no port*    Start Proxy    tcp://127.0.0.1
    *it is the target*    Start Proxy    tcp://127.0.0.1:5555    tcp://127.0.0.1:5555
    *There is no proxy 'none'*    Proxy Goes Silent    proxy=none
    topic takes one topic, not 2.    Wait For Subscription At Proxy    ${{['a', 'b']}}
    times=-1*    Proxy Fault Should Have Acted    none    times=-1
    direction=BOTH*    Proxy Injects Message    x    direction=BOTH
    *'type' got value 'KIND' *'DEALER'*    Start Odd Peer    tcp://127.0.0.1:5555    HTTP    type=KIND


*** Keywords ***
Start Service Behind Proxy
    ${endpoint}=    Free Endpoint
    Start Mock Server    ${endpoint}    REP    service
    Mock Replies By Default    $frame0
    ${target}=    Get Mock Endpoint
    ${listen}=    Free Endpoint
    Start Proxy    ${target}    ${listen}    link
    ${address}=    Get Proxy Endpoint
    Connect Zmq Socket    ${address}    REQ    client

Ask
    [Arguments]    ${text}
    ${reply}=    Send Request    ${text}    socket=client
    Should Be Equal    ${reply}[0]    ${text}
