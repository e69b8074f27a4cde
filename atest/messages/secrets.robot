*** Settings ***
Documentation    A Secret is sent by its value and shown nowhere.

Resource         ../resources/zmq.resource

Test Setup       Open Sockets    PULL    sink    PUSH    source
Test Timeout     1 minute


*** Variables ***
${SECRET: Secret}    %{ZMQ_ATEST_SECRET=sesame}


*** Test Cases ***
A Secret Is Sent By Its Value
    [Documentation]    LOG 1.1 INFO GLOB: Sent from 'source' (PUSH): <secret>
    ...    LOG 1.2 NONE
    Send Message    ${SECRET}
    ${text}=    Receive Message    socket=sink
    Should Be Equal    ${text}    sesame

A Secret Among Other Frames
    [Documentation]    LOG 1.1 INFO Sent from 'source' (PUSH): 'login' | <secret>
    Send Multipart    login    ${SECRET}
    ${message}=    Receive Multipart    socket=sink
    Should Be Equal    ${message}    ${{['login', 'sesame']}}

A Secret In Json Hides The Frame
    [Documentation]    LOG 2.1 INFO Sent from 'source' (PUSH): <secret>
    VAR    &{login}=    name=alice    password=${SECRET}
    Send Message    ${login}    format=JSON
    ${value}=    Receive Message    format=JSON    socket=sink
    Should Be Equal    ${value}    ${{{'name': 'alice', 'password': 'sesame'}}}

Errors Do Not Show A Secret
    [Template]    Error Hides The Secret
    Send Message    ${SECRET}    format=HEX
    Send Message    ${SECRET}    format=JSON
    Send Message    ${SECRET}    format=U32LE
    Send Multipart    x    ${SECRET}    format=TEXT,HEX
    Send Message    ${{{'password': $SECRET, 'other': object()}}}    format=JSON

Assertions Do Not Show A Secret They Expect
    Send Message    other
    Receive Message    socket=sink
    Error Hides The Secret    Received Message Should Equal    ${SECRET}
    Error Hides The Secret    Received Message Should Contain    ${SECRET}
    Error Hides The Secret    Received Frame Should Equal    ${0}    ${SECRET}
    Error Hides The Secret    Received Message Should Match    ${SECRET}
    Error Hides The Secret    Received Message Should Match Regexp    ${SECRET}
    Error Hides The Secret    Get Received Frame    ${0}    equal    ${SECRET}
    Error Hides The Secret    Get Received Frame    0    contains    ${SECRET}

Waiting For Json Does Not Show A Secret
    Send Message    {"password": "other"}
    Message Should Come    sink
    Error Hides The Secret    Wait For Json Message    ${{{'password': $SECRET}}}    socket=sink    timeout=50ms

A Frame That Is The Secret Is Not Shown Beside Another That Differs
    Send Multipart    sesame    other
    Receive Multipart    socket=sink
    Error Hides The Secret    Received Message Should Equal    ${SECRET}    something

Assertions Compare With The Value Of A Secret
    Send Message    sesame
    Receive Message    socket=sink
    Received Message Should Equal    ${SECRET}
    Received Message Should Contain    ${SECRET}
    Received Frame Should Equal    0    ${SECRET}
    Get Received Frame    0    ==    ${SECRET}

A Secret Is A Topic
    Bind Zmq Socket    inproc://secret-topic    PUB    feed
    Connect Zmq Socket    inproc://secret-topic    SUB    reader
    Subscribe To Topics    ${SECRET}
    Wait For Subscriber    ${SECRET}    socket=feed
    Send Multipart    sesame    open    socket=feed
    ${message}=    Receive Multipart    socket=reader
    Should Be Equal    ${message}    ${{['sesame', 'open']}}


*** Keywords ***
Error Hides The Secret
    [Arguments]    ${keyword}    @{arguments}    &{named}
    ${error}=    Run Keyword And Expect Error    *    ${keyword}    @{arguments}    &{named}
    Should Not Contain    ${error}    sesame
    Should Not Contain    ${error}    ses
    Should Contain    ${error}    secret
