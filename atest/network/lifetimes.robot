*** Settings ***
Documentation    Proxies live as sockets do; faults end with the test that made them, also on a proxy of the suite.

Resource         ../resources/zmq.resource

Suite Setup      Start Service Behind Proxy
Test Timeout     1 minute


*** Test Cases ***
A Fault Is Made In A Test
    Proxy Drops Messages    name=lost
    Send Message    lost    socket=client
    Wait For Proxy Message    lost
    Proxy Fault Should Have Acted    lost

The Fault Is Gone In The Next Test
    @{faults}=    Get Proxy Faults
    Should Be Empty    ${faults}
    Send Message    found    socket=client
    ${text}=    Receive Message    socket=service
    Should Be Equal    ${text}    found

Proxies Are Among The Workers
    Start Proxy    tcp://127.0.0.1:5555    alias=other
    @{workers}=    Get Workers
    @{names}=    Evaluate    [worker.name for worker in $workers]
    Should Be Equal    ${names}    ${{['link', 'other']}}
    Should Be Equal    ${workers[1].kind}    proxy
    ${before}=    Switch Proxy    link
    Should Be Equal    ${before}    other
    Stop Proxy    other
    Stop Proxy    other

The Proxy Of A Test Is Gone
    [Documentation]    Also where no test was before this one: in a process of its own.
    Run Keyword And Expect Error    *'other'*    Get Proxy Connections    proxy=other

A Suite Proxy Is The Current One Again
    ${address}=    Get Proxy Endpoint
    Should Contain    ${address}    ://

An Alias That Is Used Again Stops The Older Proxy
    [Documentation]    LOG 2:* WARN Proxy 'twice' is still running: stopping it, because its alias is used again.
    Start Proxy    tcp://127.0.0.1:5555    alias=twice
    Start Proxy    tcp://127.0.0.1:5555    alias=twice
    Stop Proxy    twice


*** Keywords ***
Start Service Behind Proxy
    Bind Zmq Socket    tcp://127.0.0.1:*    PULL    service
    ${target}=    Get Zmq Endpoint
    Start Proxy    ${target}    alias=link
    ${address}=    Get Proxy Endpoint
    Connect Zmq Socket    ${address}    PUSH    client
