*** Settings ***
Documentation    What failing checks of collected messages look like.

Resource         ../resources/zmq.resource

Test Setup       Collect
Test Timeout     1 minute


*** Test Cases ***
Not Collected
    [Documentation]    FAIL GLOB: Collector 'feed' has no message like 'closed'*3 messages*'price' is not like 'closed'*
    ...    LOG 1.1 INFO GLOB: <details><summary>Evidence: socket &#x27;sink&#x27; (PULL)*LISTENING*
    Collected Messages Should Contain    closed

Not In Order
    [Documentation]    FAIL GLOB: Message 2 of 2 in the order, like 'open', did not come after message 1*It came before*
    Collected Messages Should Be In Order    price    open

Wrong Count
    [Documentation]    FAIL GLOB: Collector 'feed' has 3 messages, expected == 4 in 50 milliseconds.\nThe last ones:*
    Collected Message Count Should Be    ==    4    timeout=50ms

Nothing Comes
    [Documentation]    FAIL GLOB: Collector 'feed' has no message like 'x' in 50 milliseconds.*has 0 messages*tcp://127.0.0.1:*: accepted 1 peer.*
    Clear Collected Messages
    Wait For Collected Message    x    timeout=50ms

Interrupted While Waiting
    [Documentation]    FAIL Test timeout 1 second exceeded.
    [Timeout]    1 second
    [Setup]    NONE
    Collect
    Wait For Collected Message    x    timeout=20s


*** Keywords ***
Collect
    Open Sockets    PULL    sink    PUSH    source
    Start Collecting Messages    sink    alias=feed
    Send Message    open
    Send Multipart    price    41
    Send Multipart    price    42
    Collected Message Count Should Be    ==    3
