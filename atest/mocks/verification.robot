*** Settings ***
Documentation    What mock servers have received, and what failures tell of it.

Resource         ../resources/zmq.resource

Test Setup       Start Sink
Test Timeout     1 minute


*** Test Cases ***
Requests Are Waited For
    Send Multipart    job    1
    Send Multipart    job    2
    Mock Should Have Received    job    times=2
    Mock Should Have Received    job    2
    Mock Should Not Have Received    other
    Mock Should Have No Unexpected Requests

Each Wait Returns Another Request
    FOR    ${n}    IN RANGE    3
        Send Multipart    job    ${n}
    END
    ${request}=    Wait For Mock Request    job    1
    Should Be Equal    ${request}    ${{['job', '1']}}
    ${request}=    Wait For Mock Request    job
    Should Be Equal    ${request}    ${{['job', '0']}}
    ${request}=    Wait For Mock Request
    Should Be Equal    ${request}    ${{['job', '2']}}
    Run Keyword And Expect Error    Mock server 'sink' has received no new request in 50 milliseconds*
    ...    Wait For Mock Request    timeout=50ms

Failures Tell The First Differences
    Send Multipart    job    17
    Wait For Mock Request
    Run Keyword And Expect Error
    ...    Mock server 'sink' has not received this in *: like 'job' | like '18'.*Frame 1: '17' is not like '18'
    ...    Mock Should Have Received
    ...    job
    ...    18
    ...    timeout=50ms
    Run Keyword And Expect Error
    ...    My words\nMock server 'sink' should not have received like 'job', but it has:\n*'17'
    ...    Mock Should Not Have Received
    ...    job
    ...    message=My words
    Run Keyword And Expect Error    *has received this 1 time, not 0: like 'job'*
    ...    Mock Should Have Received    job    times=0
    Run Keyword And Expect Error    *has received this 1 of 3 times in 0 seconds*
    ...    Mock Should Have Received    job    times=3    timeout=0

Json Is Compared Part By Part
    Send Multipart    job    {"n": 1, "tags": ["a", "b"], "who": {"name": "Ann"}}
    Mock Should Have Received    job    {"who": {"name": "A*"}, "tags": ["b"]}    format=TEXT,JSON
    Run Keyword And Expect Error    *: $.who.name: expected "Bob", received "Ann"
    ...    Mock Should Have Received    job    {"n": 1, "who": {"name": "Bob"}}    format=TEXT,JSON    timeout=0
    @{requests}=    Get Mock Requests    job    format=TEXT,JSON
    Should Be Equal    ${requests}[0][1][n]    ${1}


*** Keywords ***
Start Sink
    ${endpoint}=    Free Endpoint
    Start Mock Server    ${endpoint}    PULL    sink
    When Mock Receives    job
    ${address}=    Get Mock Endpoint
    Connect Zmq Socket    ${address}    PUSH
