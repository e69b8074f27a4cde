*** Settings ***
Documentation    Mock servers with two sockets: requests come on one, replies go out on another.

Resource         ../resources/zmq.resource

Test Timeout     1 minute


*** Test Cases ***
A Handler As Of Mongrel2
    [Documentation]    The web server pushes requests, and gets the replies on a SUB.
    Bind Zmq Socket    tcp://127.0.0.1:*    PUSH    requests
    ${requests}=    Get Zmq Endpoint
    Bind Zmq Socket    tcp://127.0.0.1:*    SUB    replies    subscribe=server-1
    ${replies}=    Get Zmq Endpoint
    Connect Zmq Socket    ${replies}    PUB    out
    Wait For Subscriber    server-1    socket=out
    Start Mock Server    ${requests}    PULL    handler    connect=yes    format=JSON
    Run Keyword And Expect Error    *PULL cannot reply*`Mock Replies Through`*    When Mock Receives    reply=1
    Mock Replies Through    out
    When Mock Receives
    ...    {"path": "/a"}
    ...    reply=${{ ['server-1', {'id': '$id', 'body': 'A'}] }}
    ...    reply_format=TEXT,JSON
    Mock Replies By Default    server-1    {"id": "$id", "status": 404}    format=TEXT,JSON
    Send Messages    ${{ [{'id': 1, 'path': '/a'}, {'id': 2, 'path': '/b'}] }}    format=JSON    socket=requests
    @{answers}=    Receive Messages    2    format=TEXT,JSON    socket=replies
    Should Be Equal    ${answers}[0]    ${{ ['server-1', {'id': 1, 'body': 'A'}] }}
    Should Be Equal    ${answers}[1]    ${{ ['server-1', {'id': 2, 'status': 404}] }}
    Run Keyword And Expect Error    *held by mock server 'handler'*    Send Message    x    socket=out
    Reset Mock Server
    Send Multipart    server-1    from the test    socket=out
    ${message}=    Receive Multipart    socket=replies
    Should Be Equal    ${message}    ${{ ['server-1', 'from the test'] }}

A Function Answers On Another Socket
    Open Sockets    PULL    results    PUSH    out
    Start Mock Server    inproc://jobs    PULL    worker
    Mock Replies Through    out
    Mock Calls    ${{ lambda job: ['done', job[0]] }}
    Connect Zmq Socket    inproc://jobs    PUSH    jobs
    Send Messages    ${{ ['1', '2', '3'] }}    socket=jobs
    @{results}=    Receive Messages    3    socket=results
    Should Be Equal    ${results}    ${{ [['done', '1'], ['done', '2'], ['done', '3']] }}

What Only Receives Takes No Replies
    Open Sockets    PULL    sink    PUSH    out
    Start Mock Server    inproc://jobs    PULL    worker
    Run Keyword And Expect Error    *'sink' (PULL) cannot send replies*    Mock Replies Through    sink
